"""A real PgBouncer in transaction mode, as Neon's pooler is one."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from devstack.ports import LOOPBACK, free_port
from devstack.unprivileged import unprivileged

READY_LIMIT_SECONDS = 60.0
MISSING = "pgbouncer is not installed (Debian and Ubuntu: apt-get install pgbouncer)"
SERVER_CONNECTIONS = 4
"""Fewer than the services open: their connections must share the server's."""


def program() -> str | None:
    """Where pgbouncer is, or None."""
    return shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")


@contextmanager
def pgbouncer(directory: Path, urls: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """Run PgBouncer in front of one database.

    Args: directory: for its configuration and log. urls: the database's URL for each user of it.
    Returns: the same keys with URLs that lead through the pooler.
    Raises: AssertionError: it did not start; ends with its log.
    """
    command = program()
    assert command is not None, MISSING
    directory.mkdir(parents=True, exist_ok=True)
    port = free_port()
    parts = {name: urlsplit(url) for name, url in urls.items()}
    target = next(iter(parts.values()))
    users = "".join(f'"{one.username}" "{unquote(one.password or "")}"\n' for one in parts.values())
    (directory / "users.txt").write_text(users)
    (directory / "pgbouncer.ini").write_text(
        f"""[databases]
* = host={target.hostname} port={target.port}
[pgbouncer]
listen_addr = {LOOPBACK}
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {directory / "users.txt"}
pool_mode = transaction
default_pool_size = {SERVER_CONNECTIONS}
max_client_conn = 200
"""
    )
    log = directory / "pgbouncer.log"
    who = unprivileged(directory)
    for path in (directory, *directory.iterdir()):
        who.give(path)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*who.prefix, command, str(directory / "pgbouncer.ini")],
            user=who.user,
            extra_groups=who.extra_groups,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_it_listens(process, port, log)
        yield {
            name: urlunsplit(
                one._replace(netloc=f"{one.netloc.rpartition('@')[0]}@{LOOPBACK}:{port}")
            )
            for name, one in parts.items()
        }
    finally:
        process.kill()
        process.wait()


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + READY_LIMIT_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"pgbouncer did not start:\n{log.read_text()}")
