"""Bring the schemas of the services up to date: each has its own history, all run at once."""

from pathlib import Path

from devstack.deployment import Deployment, Kind
from devstack.guardian import Guardian
from devstack.output import OnLine, tail
from devstack.processes import ManagedProcess


class MigrationFailed(Exception):
    """A migration ended with an error; the message ends with what it said."""


def start_migration(
    deployment: Deployment,
    kind: Kind,
    *,
    log_dir: Path,
    guardian: Guardian,
    on_line: OnLine | None = None,
) -> ManagedProcess:
    """Start one service's migration; its log is `<service>.migrate.log`."""
    process = ManagedProcess(
        f"migration of {kind}",
        deployment.migration_argv(kind),
        deployment.migration_env(kind),
        cwd=deployment.root,
        log_path=log_dir / f"{kind}.migrate.log",
        ready_url="",
        guardian=guardian,
        on_line=on_line,
    )
    process.start()
    return process


def finish_migration(process: ManagedProcess) -> None:
    """Wait for the end of a migration.

    Raises: MigrationFailed: it ended with an error.
    """
    code = process.wait_for_exit()
    if code != 0:
        raise MigrationFailed(f"{process.name} failed ({code}); {tail(process.log_path)}")
