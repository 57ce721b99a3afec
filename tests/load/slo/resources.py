"""What a stage costs: CPU and memory of each process, the load generator among them, on its own."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import psutil

from tests.load.measure import cpu_seconds, rss_mb


@dataclass(frozen=True, slots=True)
class Used:
    """One process over a stage. cores: CPU seconds a second. memory_mb: the most that was seen."""

    cores: float
    memory_mb: float


@dataclass(frozen=True, slots=True)
class Machine:
    """The whole machine over a stage, in cores: how many there are, how many were busy."""

    cores: int
    busy: float


class Meter:
    """Measures processes from when it is made. Args: pids: name → process id."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = dict(pids)
        self._began = time.monotonic()
        self._cpu = {name: cpu_seconds(pid) for name, pid in self._pids.items()}
        self._memory: dict[str, float] = {}
        psutil.cpu_percent()  # begins its interval
        self.look()

    def look(self) -> None:
        """Take the memory of this moment into account."""
        for name, pid in self._pids.items():
            self._memory[name] = max(self._memory.get(name, 0.0), rss_mb(pid))

    def read(self) -> tuple[Mapping[str, Used], Machine]:
        """What was used until now."""
        seconds = time.monotonic() - self._began
        used = {
            name: Used((cpu_seconds(pid) - self._cpu[name]) / seconds, self._memory[name])
            for name, pid in self._pids.items()
        }
        cores = psutil.cpu_count() or 1
        return used, Machine(cores, psutil.cpu_percent() / 100 * cores)
