"""Ends the processes that we started when we are killed and cannot do it ourselves.

Ctrl-C and SIGTERM can be handled, `kill -9` cannot. So a small process of its own session holds the
other end of a pipe: when we die, however it happens, the kernel closes our end, and the guardian
stops what we told it to watch. A pipe works on Linux and macOS; PR_SET_PDEATHSIG does not, and a
change of user (as for Postgres) clears it.

The guardian runs this file by itself, with the standard library only: 15 ms and 9 MB.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable

GRACE_SECONDS = 3.0
POLL_SECONDS = 0.02


class Guardian:
    """The watched process groups of this process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def watch(self, group: int, stop_signal: signal.Signals = signal.SIGTERM) -> None:
        """End this process group when we die: by this signal, after 3 s by SIGKILL."""
        self._tell(f"watch {group} {stop_signal.value}")

    def forget(self, group: int) -> None:
        """Leave a group alone: it has ended, and its number may go to a stranger."""
        self._tell(f"forget {group}")

    def dismiss(self) -> None:
        """End the guardian and, should we have left any, the processes that it watches."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        if self._process.stdin is None:
            return
        # Without its guardian the stack still runs and stops; only kill -9 would leave it behind.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()


def keep_watch(lines: Iterable[str]) -> None:
    """Follow `watch` and `forget` until the pipe closes, then end what is still watched."""
    watched: dict[int, int] = {}
    for line in lines:
        match line.split():
            case ["watch", group, stop_signal]:
                watched[int(group)] = int(stop_signal)
            case ["forget", group]:
                watched.pop(int(group), None)
    end_groups(watched)


def end_groups(watched: dict[int, int]) -> None:
    """Send each group its signal, and SIGKILL to those that are still there after 3 s."""
    for group, stop_signal in watched.items():
        signal_group(group, stop_signal)
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and any(signal_group(group, 0) for group in watched):
        time.sleep(POLL_SECONDS)
    for group in watched:
        signal_group(group, signal.SIGKILL)


def signal_group(group: int, number: int) -> bool:
    """Send a signal to a process group; return whether there was one."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        # macOS answers EPERM for a group of zombies.
        return False
    return True


if __name__ == "__main__":
    keep_watch(sys.stdin)
