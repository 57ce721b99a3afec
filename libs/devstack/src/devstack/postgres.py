"""Postgres from a wheel's binaries: no installation, no container, no user created."""

import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from devstack.data_directory import FAST_SHUTDOWN, STOP_LIMIT_SECONDS, DataDirectory
from devstack.guardian import Guardian
from devstack.output import OnLine, tail
from devstack.ports import LOOPBACK, free_port
from devstack.postgres_programs import PostgresFailed, PostgresPrograms
from devstack.process_tree import descendants, kill_all, wait_until_ended
from devstack.secret_store import SecretStore

SUPERUSER = "postgres"
OWNER = "taskchat_owner"
START_LIMIT_SECONDS = 30.0
POLL_SECONDS = 0.01
# postgres(1): smart waits for clients, fast ends them, immediate leaves a crash to recover from.
STOP_SIGNALS = MappingProxyType(
    {"smart": signal.SIGTERM, "fast": FAST_SHUTDOWN, "immediate": signal.SIGQUIT}
)
SETTINGS = (
    f"listen_addresses={LOOPBACK}",
    "unix_socket_directories=",
    "shared_buffers=64MB",
    "max_connections=200",
    "timezone=UTC",
    "log_line_prefix=%m ",
)
# What only a superuser can close: a role with a password could fill the disk (ADR 0002).
NO_LARGE_OBJECTS = (
    "REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea)"
    " FROM PUBLIC"
)
# The server's other databases have the same functions, and everybody may connect to them.
NO_OTHER_DATABASES = "REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC"
# For tests: a crash of the machine may lose data, a crash of Postgres must not. That is why
# synchronous_commit stays on: without it the last commits die with the server.
NOT_DURABLE = ("fsync=off", "full_page_writes=off")


class EmbeddedPostgres:
    """One Postgres server on a loopback port, with its data in one directory.

    Beside the data directory stand `secrets.json` (passwords of the superuser and of the owner
    role, mode 0600) and `<data directory>.log`. Every connection needs a password (SCRAM).
    The owner role has what Neon gives its owner: LOGIN, CREATEROLE, CREATEDB, no superuser.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int,
        durable: bool,
        guardian: Guardian | None = None,
        on_line: OnLine | None = None,
    ) -> None:
        data_dir.parent.mkdir(parents=True, exist_ok=True)
        self.port = port
        self.log_path = data_dir.with_name(f"{data_dir.name}.log")
        self._data = DataDirectory(data_dir)
        self._on_line = on_line
        self._settings = SETTINGS if durable else SETTINGS + NOT_DURABLE
        self._secrets = SecretStore(data_dir.with_name("secrets.json"))
        self._programs = PostgresPrograms(data_dir)
        self._guardian = guardian
        self._own_guardian: Guardian | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(
        cls,
        data_dir: Path,
        *,
        port: int = 0,
        durable: bool,
        guardian: Guardian | None = None,
        on_line: OnLine | None = None,
    ) -> "EmbeddedPostgres":
        """Start a server, making its data directory first when there is none.

        Args: data_dir: its parent holds log and secrets. port: 0 takes any free one.
            durable: False for tests (no fsync). guardian: ends the server when we are killed;
            without one the server has its own. on_line: also sees each line of its log.
        Returns: a server that accepts connections.
        Raises: PostgresInUse: another process runs this data directory.
            PostgresFailed: it did not start within 30 s; the message ends with its log.
        """
        server = cls(
            data_dir.absolute(),
            port=port or free_port(),
            durable=durable,
            guardian=guardian,
            on_line=on_line,
        )
        server.launch()
        return server

    @property
    def superuser_url(self) -> str:
        """libpq URL of the superuser on the database `postgres`."""
        return self.url(SUPERUSER, self._secrets.get(SUPERUSER), "postgres")

    def owner_url(self, database: str) -> str:
        """libpq URL of the owner role on a database."""
        return self.url(OWNER, self._secrets.get(OWNER), database)

    def url(self, role: str, password: str, database: str) -> str:
        """libpq URL of any role on a database of this server."""
        return (
            f"postgresql://{quote(role, safe='')}:{quote(password, safe='')}"
            f"@{LOOPBACK}:{self.port}/{quote(database, safe='')}?sslmode=disable"
        )

    def create_database(self, name: str) -> str:
        """Create a database of the owner role, unless it is there; return the owner's URL."""
        if not self.query(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
            self.query(f'CREATE DATABASE "{name}" OWNER {OWNER}')
        self.query(NO_LARGE_OBJECTS, database=name)
        self.query(NO_OTHER_DATABASES)
        return self.owner_url(name)

    def comment(self, database: str) -> str:
        """What was noted last about a database; empty when nothing was."""
        of = "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
        return self.query(f"{of} WHERE datname = '{database}'")

    def set_comment(self, database: str, text: str) -> None:
        """Note something about a database, in the database. Args: text: without quotes."""
        self.query(f"COMMENT ON DATABASE \"{database}\" IS '{text}'")

    def query(self, sql: str, *, database: str = "postgres") -> str:
        """Run one statement as the superuser; return psql's unaligned rows, one per line.

        Raises: PostgresFailed: the statement failed.
        """
        where = f"host={LOOPBACK} port={self.port} user={SUPERUSER} dbname={database}"
        flags = ("-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql)
        password = self._secrets.get(SUPERUSER)
        return self._programs.run("psql", *flags, where, PGPASSWORD=password).strip()

    @property
    def alive(self) -> bool:
        """Whether the server process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """None while the server runs; 1 when it never did."""
        return 1 if self._process is None else self._process.poll()

    @property
    def pid(self) -> int:
        """Process id of the server that was started last."""
        return self._started().pid

    def wait_for_exit(self) -> int:
        """Block until the server ends; return its exit code."""
        code = 1 if self._process is None else self._process.wait()
        self._let_go()
        return code

    def stop(self, mode: str = "fast", *, limit_seconds: float = STOP_LIMIT_SECONDS) -> None:
        """Stop the server in one of Postgres's own modes: smart, fast or immediate.

        Args: limit_seconds: after it the server is killed; its next start recovers.
        """
        process = self._started()
        if process.poll() is None:
            process.send_signal(STOP_SIGNALS[mode])
            try:
                process.wait(limit_seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        self._let_go()

    def kill(self) -> None:
        """Kill the server and all its backends (SIGKILL), as a power cut does."""
        process = self._started()
        if process.poll() is None:
            backends = descendants(process.pid)
            process.kill()
            process.wait(STOP_LIMIT_SECONDS)
            kill_all(backends)
            wait_until_ended(backends, STOP_LIMIT_SECONDS)
        self._let_go()

    def restart(self) -> None:
        """Start again on the same port, after a fast stop when it still runs."""
        if self.alive:
            self.stop()
        self.launch()

    def launch(self) -> None:
        """Start a server that does not run, on its port, and wait until it accepts connections."""
        self._data.hold()
        try:
            self._data.end_orphan()
            if not self._data.path.exists():
                self._initialise()
            elif SUPERUSER not in self._secrets or OWNER not in self._secrets:
                self._set_passwords()
            self._run()
        except BaseException:
            self._let_go()
            raise

    def _initialise(self) -> None:
        """initdb and the owner role, moved to their place when whole: a crash leaves no half."""
        draft = self._data.path.with_name(f"{self._data.path.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self._programs.give(draft)
        data = draft / "data"
        encoding = ("--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256")
        password = draft / "password"
        password.touch(mode=0o600)
        password.write_text(self._secrets.get(SUPERUSER))
        self._programs.give(password)
        self._programs.run(
            "initdb", "-D", str(data), "-U", SUPERUSER, f"--pwfile={password}", *encoding
        )
        self._programs.single_user(
            data,
            f"CREATE ROLE {OWNER} LOGIN CREATEROLE CREATEDB NOSUPERUSER "
            f"PASSWORD '{self._secrets.get(OWNER)}'",
        )
        data.rename(self._data.path)
        shutil.rmtree(draft)

    def _set_passwords(self) -> None:
        """Give both roles new passwords: the secret store was lost, the data were not."""
        roles = (SUPERUSER, OWNER)
        statements = [f"ALTER ROLE {role} PASSWORD '{self._secrets.get(role)}'" for role in roles]
        self._programs.single_user(self._data.path, *statements)

    def _run(self) -> None:
        flags = [flag for setting in self._settings for flag in ("-c", setting)]
        self._process = self._programs.launch(
            "-D",
            str(self._data.path),
            "-p",
            str(self.port),
            *flags,
            log_path=self.log_path,
            on_line=self._on_line,
        )
        guardian = self._guardian
        if guardian is None:
            guardian = self._own_guardian = Guardian()
        guardian.watch(self._process.pid, FAST_SHUTDOWN)
        self._wait_until_ready(self._process)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_LIMIT_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise PostgresFailed(f"Postgres ended while it started: {tail(self.log_path)}")
            if self._data.is_ready(process.pid):
                return
            time.sleep(POLL_SECONDS)
        self.kill()
        raise PostgresFailed(
            f"Postgres was not ready within {START_LIMIT_SECONDS:g} s: {tail(self.log_path)}"
        )

    def _let_go(self) -> None:
        """Give back the lock and what watches a process that has ended."""
        self._data.give_back()
        if self._guardian is not None and self._process is not None:
            self._guardian.forget(self._process.pid)
        if self._own_guardian is not None:
            self._own_guardian.dismiss()
            self._own_guardian = None

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("this Postgres was never started")
        return self._process
