"""One measurement: a closed loop of turns against one gateway, and what it cost each process."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import psutil

Turn = Callable[[int], Awaitable[None]]
"""Runs one turn of the caller with this number, from 0; raises when it was not a 200."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process spent: CPU in ms per turn (user, system, children), memory in MB."""

    cpu_ms_per_turn: float
    rss_mb: float


@dataclass(frozen=True, slots=True)
class Measurement:
    """Durations are sorted, in ms, one per turn; wall time is of the whole loop, in seconds."""

    durations_ms: tuple[float, ...]
    wall_seconds: float
    costs: Mapping[str, Cost]

    @property
    def turns_per_second(self) -> float:
        return len(self.durations_ms) / self.wall_seconds

    def percentile_ms(self, share: float) -> float:
        """Nearest-rank percentile. Args: share: 0 < share ≤ 1."""
        return percentile(self.durations_ms, share)


def percentile(ordered: Sequence[float], share: float) -> float:
    """Nearest-rank percentile. Args: ordered: ascending, not empty. share: 0 < share ≤ 1."""
    return ordered[max(1, round(share * len(ordered) + 0.4999)) - 1]


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its living children, in seconds."""
    return sum(_own_cpu_seconds(process) for process in _tree(pid))


def rss_mb(pid: int) -> float:
    """Resident memory of a process and its living children, in MB (10⁶ bytes)."""
    return sum(_own_rss(process) for process in _tree(pid)) / 1e6


async def measure(
    turn: Turn, *, turns: int, in_flight: int, processes: Mapping[str, int]
) -> Measurement:
    """Run `turns` turns, never more than `in_flight` at once, each caller one after another.

    Args: processes: name → pid of what is charged for the work.
    Raises: what a turn raises; a benchmark with failed turns measures nothing.
    """
    before = {name: cpu_seconds(pid) for name, pid in processes.items()}
    durations: list[float] = []
    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for caller in range(in_flight):
            share = turns // in_flight + (1 if caller < turns % in_flight else 0)
            group.create_task(_call(turn, caller, share, durations))
    wall = time.perf_counter() - started
    costs = {
        name: Cost((cpu_seconds(pid) - before[name]) * 1000 / turns, rss_mb(pid))
        for name, pid in processes.items()
    }
    return Measurement(tuple(sorted(durations)), wall, costs)


async def _call(turn: Turn, caller: int, turns: int, durations: list[float]) -> None:
    for _ in range(turns):
        started = time.perf_counter()
        await turn(caller)
        durations.append((time.perf_counter() - started) * 1000)


def _tree(pid: int) -> Iterable[psutil.Process]:
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def _own_rss(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0  # a Postgres backend that has just closed


def _own_cpu_seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    # children_* holds what ended children spent: a Postgres backend that closed during the run.
    return float(times.user + times.system + times.children_user + times.children_system)
