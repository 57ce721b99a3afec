"""`make retention`, `make export PERSON=…`, `make erase PERSON=…`: in the system that runs here.

The services' own commands, with what `make run` gave to the services.
"""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from devstack.configuration import ConfigurationWrong, read_configuration
from devstack.data_directory import DataDirectory
from devstack.database_urls import DatabaseUrls, DatabaseUrlWrong
from devstack.deployment import KINDS, PYTHON_PACKAGES, ROLES, Deployment, Kind, node_binary
from devstack.postgres import EmbeddedPostgres
from devstack.run import deployment_of
from devstack.run_record import RunLock, RunRecord
from devstack.secret_store import SecretStore
from devstack.stack import DATABASE

EXIT_FAILED = 1
EXIT_WRONG_SETTINGS = 2


def command(name: str, root: Path, folder: Path, env_file: Path) -> int:
    """Run one of them; return its exit code. PERSON: a user's id or e-mail address."""
    person = os.environ.get("PERSON", "")
    if name != "retention" and not person:
        return refuse(f"say whom: make {name} PERSON=ana@example.com", EXIT_WRONG_SETTINGS)
    record = RunLock(folder).current()
    if record is None or not record.ready:
        return refuse("nothing is running; start it with: make run", EXIT_FAILED)
    try:
        deployment = running_deployment(record, root, folder, env_file)
    except (ConfigurationWrong, DatabaseUrlWrong) as refusal:
        return refuse(str(refusal), EXIT_WRONG_SETTINGS)
    if name == "retention":
        return max(let_old_things_go(deployment, kind) for kind in ROLES)
    script = root / f"services/auth/dist/{name}.js"
    return run([str(node_binary()), str(script), person], deployment.env("auth"))


def running_deployment(record: RunRecord, root: Path, folder: Path, env_file: Path) -> Deployment:
    """What a run was made of: its ports from its record, the rest as it found it itself.

    Raises: ConfigurationWrong, DatabaseUrlWrong: settings have been changed since.
    """
    chosen = read_configuration(os.environ, env_file)
    ports = {kind: urlsplit(record.urls[kind]).port or 0 for kind in KINDS if kind in record.urls}
    database = chosen.database
    if database is None:
        data = folder / "postgres"
        # Its port may have moved when it was taken.
        postgres = EmbeddedPostgres(data, port=DataDirectory(data).port, durable=True)
        url = postgres.owner_url(DATABASE)
        database = DatabaseUrls(pooled=url, direct=url)
    secrets = SecretStore(folder / "secrets.json")
    return deployment_of(replace(chosen, ports=ports), root, database, secrets)


def let_old_things_go(deployment: Deployment, kind: Kind) -> int:
    """Run one service's retention; return its exit code."""
    if kind in PYTHON_PACKAGES:
        argv = [sys.executable, "-m", f"{PYTHON_PACKAGES[kind]}.retention"]
    else:
        argv = [str(node_binary()), str(deployment.root / "services/auth/dist/retention.js")]
    days = os.environ.get("RETENTION_DAYS")
    return run(argv, deployment.migration_env(kind) | ({"RETENTION_DAYS": days} if days else {}))


def run(argv: list[str], env: dict[str, str]) -> int:
    """Run a program in this terminal; return its exit code."""
    return subprocess.run(argv, env=env, check=False).returncode


def refuse(text: str, code: int) -> int:
    """Say why not."""
    sys.stderr.write(f"{text}\n")
    return code
