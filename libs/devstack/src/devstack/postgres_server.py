"""The embedded Postgres as a server that the supervisor keeps running."""

from devstack.data_directory import PostgresInUse
from devstack.postgres import EmbeddedPostgres
from devstack.postgres_programs import PostgresFailed
from devstack.processes import ProcessFailed

# With the services' three seconds this stays within the five that Ctrl-C may take. A server that
# is killed after that recovers at its next start.
END_LIMIT_SECONDS = 1.5


class PostgresServer:
    """Args: postgres: made, not started. database: created once the server runs."""

    name = "postgres"

    def __init__(self, postgres: EmbeddedPostgres, database: str) -> None:
        self._postgres = postgres
        self._database = database

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._postgres.exit_code

    def start(self) -> None:
        """Start it and make the database; blocks until clients can use it.

        Raises: ProcessFailed: with the end of the log.
        """
        try:
            self._postgres.launch()
            self._postgres.create_database(self._database)
        except (PostgresFailed, PostgresInUse) as failure:
            raise ProcessFailed(str(failure)) from failure

    def wait_ready(self, timeout: float) -> None:
        """Nothing to wait for: `start` returns when it is ready."""

    def wait_for_exit(self) -> int:
        """Block until it ends; return its exit code."""
        return self._postgres.wait_for_exit()

    def end(self) -> None:
        """Stop it in whatever state it is."""
        if self._postgres.alive:
            self._postgres.stop(limit_seconds=END_LIMIT_SECONDS)
