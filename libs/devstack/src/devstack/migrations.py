"""Bring the schemas of all services up to date, all at once: each has its own history."""

import subprocess
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from devstack.deployment import Deployment, Kind

LIMIT_SECONDS = 120.0
TAIL_CHARACTERS = 1500


class MigrationFailed(Exception):
    """A migration ended with an error; the message ends with what it said."""


def migrate(deployment: Deployment, kind: Kind) -> str:
    """Run one service's migration to its end; return what it printed.

    Raises: MigrationFailed: it failed, or took longer than two minutes.
    """
    try:
        done = subprocess.run(
            deployment.migration_argv(kind),
            env=deployment.migration_env(kind),
            cwd=deployment.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=LIMIT_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise MigrationFailed(f"migration of {kind} took more than {LIMIT_SECONDS:g} s") from error
    if done.returncode != 0:
        tail = done.stdout[-TAIL_CHARACTERS:].rstrip()
        raise MigrationFailed(f"migration of {kind} failed ({done.returncode}):\n{tail}")
    return done.stdout


def migrate_all(
    deployment: Deployment, kinds: Iterable[Kind], done: Callable[[Kind, str], object]
) -> None:
    """Run the migrations of these services at once; tell `done` what each printed.

    Raises: MigrationFailed: of the first that failed.
    """
    kinds = tuple(kinds)
    with ThreadPoolExecutor(len(kinds)) as pool:
        outputs = pool.map(lambda kind: migrate(deployment, kind), kinds)
        for kind, output in zip(kinds, outputs, strict=True):
            done(kind, output)
