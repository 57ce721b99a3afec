"""Processes that are not our children, so that the kernel does not tell us when they end."""

import time
from collections.abc import Sequence

import psutil

POLL_SECONDS = 0.005


def descendants(pid: int) -> list[psutil.Process]:
    """Every process below this one; none when it has ended."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def has_ended(process: psutil.Process) -> bool:
    """Whether a process runs no more; a zombie that nobody has reaped yet does not run."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def kill_all(processes: Sequence[psutil.Process]) -> None:
    """Send SIGKILL to those that still run; never to a stranger who got the same number."""
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


def wait_until_ended(processes: Sequence[psutil.Process], limit_seconds: float) -> bool:
    """Wait until all have ended; return False when one still runs after the limit."""
    deadline = time.monotonic() + limit_seconds
    while not all(has_ended(process) for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True
