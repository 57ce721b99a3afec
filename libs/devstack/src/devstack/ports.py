"""Ports on the loopback interface."""

import socket

LOOPBACK = "127.0.0.1"


class PortTaken(Exception):
    """A port that the stack needs already has a listener."""


def free_port() -> int:
    """Return a TCP port that nothing listened on a moment ago.

    The kernel gives out another one for each call until its range is used up, so two callers
    rarely meet; a test that loses the race fails at its health gate, which names the port.
    """
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def require_free(variable: str, port: int, command: str = "make run") -> None:
    """Refuse a port that something listens on.

    Args: variable: the environment variable that moves the port, for the message. port: 1-65535.
        command: what the person has typed.
    Raises: PortTaken: naming the port, the variable and an example of another port.
    """
    with socket.socket() as probe:
        # As every server here does: a port in TIME_WAIT after a restart is not taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise PortTaken(
                f"port {port} ({variable}) is in use by another program; "
                f"stop it or move ours: {variable}={port + 100} {command}"
            ) from error
