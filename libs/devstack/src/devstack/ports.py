"""Ports on the loopback interface, for servers that bind theirs later."""

import fcntl
import os
import random
import socket
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

LOOPBACK: Final = "127.0.0.1"
LOWEST: Final = 10_000
"""Below are the ports that people choose for their own programs, ours among them."""
HIGHEST: Final = 65_535
FEWEST: Final = 1_000
"""Candidates with which two test runs on one machine do not get into each other's way."""
EPHEMERAL_FILE: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
EPHEMERAL: Final = (32_768, 60_999)
"""Linux's default, for systems that do not say theirs (IANA's, RFC 6335, begins above it)."""

# Open files of the ports that this process has claimed: the kernel gives them back when it ends.
_claimed: Final[dict[int, int]] = {}


class PortTaken(Exception):
    """A port that the stack needs already has a listener."""


def free_port(candidates: Sequence[int] | None = None) -> int:
    """Claim a TCP port for a server of this process or one of its children, until the process ends.

    It is outside of the kernel's ephemeral range, because from there an outgoing connection may
    take it before the server binds it, or while the server starts again. No other call gets the
    same one, in this process or another of this user: each claim is a lock on a file.

    Args: candidates: to choose from; default: all below the ephemeral range.
    Raises: PortTaken: each of them is claimed or has a listener.
    """
    among = candidates if candidates is not None else _candidates()
    start = random.randrange(len(among)) if among else 0
    for port in (*among[start:], *among[:start]):
        if _claim(port):
            if is_free(port):
                return port
            give_back(port)
    raise PortTaken(f"all of {len(among)} ports are in use; stop other programs or test runs")


def give_back(port: int) -> None:
    """End the claim on a port before the process does. Raises: KeyError: it is not claimed."""
    os.close(_claimed.pop(port))


def is_free(port: int) -> bool:
    """Whether nothing listens on the port."""
    with socket.socket() as probe:
        # As every server here does: a port in TIME_WAIT after a restart is not taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def require_free(variable: str, port: int, command: str = "make run") -> None:
    """Refuse a port that something listens on.

    Args: variable: the environment variable that moves the port, for the message. port: 1-65535.
        command: what the person has typed.
    Raises: PortTaken: naming the port, the variable and an example of another port.
    """
    if not is_free(port):
        raise PortTaken(
            f"port {port} ({variable}) is in use by another program; "
            f"stop it or move ours: {variable}={port + 100} {command}"
        )


def ephemeral_range() -> tuple[int, int]:
    """The first and the last port that the kernel gives to outgoing connections."""
    if not EPHEMERAL_FILE.exists():
        return EPHEMERAL
    low, high = map(int, EPHEMERAL_FILE.read_text().split())
    return low, high


def _candidates() -> range:
    """The larger part of what the ephemeral range leaves; all ports where it leaves too few."""
    low, high = ephemeral_range()
    below, above = range(LOWEST, low), range(max(high + 1, LOWEST), HIGHEST + 1)
    best = max(below, above, key=len)
    return best if len(best) >= FEWEST else range(LOWEST, HIGHEST + 1)


def _claim(port: int) -> bool:
    """Lock the port's file, unless somebody has."""
    if port in _claimed:
        return False
    folder = Path(tempfile.gettempdir()) / f"taskchat-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = os.open(folder / str(port), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return False
    _claimed[port] = file
    return True
