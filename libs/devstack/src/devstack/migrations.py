"""Bring the schemas of the services up to date: each has its own history, all run at once."""

import hashlib
from pathlib import Path

from devstack.deployment import PYTHON_PACKAGES, ROLES, Deployment, Kind
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


def migrations_digest(deployment: Deployment) -> str:
    """Hash of everything that decides what the migrations would do.

    Two runs with one digest on one database: the second changes nothing, and three programs that
    find this out take two seconds of the start. The passwords of the roles belong to it.
    """
    folders = [
        deployment.root / "libs/servicekit/src",
        *(deployment.root / f"services/{kind}/src" for kind in ROLES if kind in PYTHON_PACKAGES),
    ]
    files = [path for folder in folders for path in folder.rglob("*.py")]
    files += [*(deployment.root / "services/auth/dist").glob("*.js"), deployment.root / "uv.lock"]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path.relative_to(deployment.root)}\0".encode())
        digest.update(path.read_bytes())
    for kind in ROLES:
        digest.update(deployment.role_url(kind).encode())
    return digest.hexdigest()
