"""Several workers: one port, one set of metrics, and nothing lost when one of them is replaced."""

import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from devstack.ports import free_port

from .programs import Program, wait_until
from .test_serve import get, listens

SERVICE = """
    import os
    from contextlib import asynccontextmanager
    from pathlib import Path

    from fastapi import FastAPI
    from prometheus_client import Counter, Gauge
    from servicekit.probes import Readiness, probe_routes
    from servicekit.serve import serve
    from servicekit.settings import WorkerSettings, load
    from servicekit.telemetry.setup import set_up_telemetry
    from servicekit.workers import run

    here = Path(__file__).parent


    def serve_one(settings, place):
        set_up_telemetry("service", log_level="INFO")
        counted = Counter("things", "Things that happened.")
        Gauge("workers", "One each.").set(1)

        @asynccontextmanager
        async def lifespan(app):
            if (here / "broken").exists():
                raise RuntimeError("the lifespan is broken")
            yield
            counted.inc(1000)  # after the last request

        app = FastAPI(lifespan=lifespan)
        readiness = Readiness()
        app.router.routes.extend(probe_routes(readiness))

        @app.get("/count")
        async def count():
            counted.inc()
            return os.getpid()

        serve(app, settings, readiness, place)


    if __name__ == "__main__":
        run("service", load(WorkerSettings), serve_one)
"""

Start = Callable[..., Program]


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def metrics_port() -> int:
    return free_port()


@pytest.fixture
def start(tmp_path: Path, port: int, metrics_port: int) -> Iterator[Start]:
    programs: list[Program] = []

    def start(**variables: str) -> Program:
        given = {"PORT": str(port), "METRICS_PORT": str(metrics_port), "WORKERS": "2", **variables}
        programs.append(Program(SERVICE, tmp_path, **given))
        return programs[-1]

    yield start
    for program in programs:
        children = processes(program)
        program.kill()
        for child in children:
            if child.is_running():
                child.kill()


@pytest.fixture
def program(start: Start, port: int, metrics_port: int) -> Program:
    """Two workers that both serve."""
    program = start()
    wait_until("the service listens", lambda: listens(port))
    wait_until("both workers report", lambda: sample(metrics_port, "workers") == 2)
    return program


def processes(program: Program) -> list[psutil.Process]:
    """What it has started, if it still runs."""
    try:
        return psutil.Process(program.process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def sample(metrics_port: int, name: str) -> float:
    """A sample without labels; 0 where there is none, or nobody answers yet."""
    try:
        _, body = get(metrics_port, "/metrics")
    except OSError:
        return 0.0
    found = re.search(rf"^{name} (\S+)$", body, re.MULTILINE)
    return float(found[1]) if found else 0.0


def count(port: int) -> int:
    """Count one, on a connection of its own. Returns: the worker that did it."""
    status, body = get(port, "/count")
    assert status == 200
    return int(body)


def count_on_both(port: int) -> tuple[set[int], int]:
    """Count until two workers have. Returns: who they are, and how often was counted."""
    seen: set[int] = set()
    times = 0

    def both() -> bool:
        nonlocal times
        seen.add(count(port))
        times += 1
        return len(seen) == 2

    wait_until("both workers are given a connection", both)
    return seen, times


def test_requests_of_all_workers_are_counted_in_one_place_also_while_one_hangs(
    program: Program, port: int, metrics_port: int
) -> None:
    workers, times = count_on_both(port)

    assert program.process.pid not in workers
    assert sample(metrics_port, "things_total") == times
    assert sample(metrics_port, "process_resident_memory_bytes") > 0
    os.kill(min(workers), signal.SIGSTOP)
    assert sample(metrics_port, "things_total") == times, "its last report has to do"
    os.kill(min(workers), signal.SIGCONT)


def test_worker_that_ends_in_peace_takes_nothing_along_and_is_replaced(
    program: Program, port: int, metrics_port: int
) -> None:
    workers, times = count_on_both(port)
    first = min(workers)

    os.kill(first, signal.SIGTERM)

    # It counts 1000 when its last request is over.
    wait_until(
        "its last report is there", lambda: sample(metrics_port, "things_total") == times + 1000
    )
    wait_until("another one serves", lambda: sample(metrics_port, "workers") == 2)
    others, more = count_on_both(port)
    assert first not in others
    assert sample(metrics_port, "things_total") == times + 1000 + more


def test_killed_worker_takes_along_nothing_that_was_ever_scraped(
    program: Program, port: int, metrics_port: int
) -> None:
    workers, times = count_on_both(port)
    assert sample(metrics_port, "things_total") == times

    os.kill(min(workers), signal.SIGKILL)

    wait_until("another one is started", lambda: min(workers) not in count_on_both(port)[0])
    assert sample(metrics_port, "things_total") > times
    (told,) = [line for line in program.log if line["message"].startswith("a worker ended")]
    assert (told["level"], told["exit_code"]) == ("ERROR", -signal.SIGKILL)


def test_worker_that_dies_as_soon_as_it_serves_is_replaced(start: Start, port: int) -> None:
    program = start(METRICS_PORT="")  # nobody asks for a report
    wait_until("the service listens", lambda: listens(port))
    first = count(port)

    os.kill(first, signal.SIGKILL)

    wait_until("others serve", lambda: first not in count_on_both(port)[0])
    assert program.process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_parent_ends_with_0_after_its_workers(
    program: Program, port: int, number: signal.Signals
) -> None:
    started = processes(program)

    program.process.send_signal(number)

    assert program.ended() == 0
    wait_until("no process is left", lambda: not any(one.is_running() for one in started))
    assert not listens(port)
    assert not [line for line in program.log if line["level"] == "ERROR"]


def test_workers_without_a_parent_stop(program: Program, port: int) -> None:
    started = processes(program)

    program.process.kill()

    wait_until("no process is left", lambda: not any(one.is_running() for one in started))
    assert not listens(port)


def test_service_that_cannot_start_ends_with_3(start: Start, tmp_path: Path) -> None:
    (tmp_path / "broken").touch()
    assert start().ended() == 3


def test_taken_port_ends_with_3_and_says_so(start: Start, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        program = start()
        assert program.ended() == 3
    assert any("already in use" in line["message"] for line in program.log)
