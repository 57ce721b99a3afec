"""Servers under supervision: they come back, and what cannot come up is said once."""

import io
import os
import signal
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from devstack.console import Console
from devstack.guardian import Guardian
from devstack.ports import free_port
from devstack.processes import ManagedProcess
from devstack.supervisor import Supervisor

SERVES = """
    import http.server, sys

    class Probe(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Probe).serve_forever()
"""
WRONG_SETTINGS = "import sys; print('AUTH_ISSUER is missing', flush=True); sys.exit(2)"
DIES_AT_ONCE = "import sys; print('no luck', flush=True); sys.exit(1)"
LIMIT_SECONDS = 15.0
Make = Callable[[str], ManagedProcess]


class Watched:
    """A supervisor, what it printed and why it gave up."""

    def __init__(self) -> None:
        self.terminal = io.StringIO()
        self.failures: list[str] = []
        self.failed = threading.Event()
        console = Console(self.terminal, raw=False)
        self.supervisor = Supervisor(console, self._fail)

    def until_said(self, text: str) -> str:
        """Wait until a line holds this text; return all lines."""
        deadline = time.monotonic() + LIMIT_SECONDS
        while text not in (said := self.terminal.getvalue()):
            assert time.monotonic() < deadline, f"not said within {LIMIT_SECONDS} s: {text}\n{said}"
            time.sleep(0.005)
        return said

    def _fail(self, reason: str) -> None:
        self.failures.append(reason)
        self.failed.set()


@pytest.fixture
def guardian() -> Iterator[Guardian]:
    guardian = Guardian()
    yield guardian
    guardian.dismiss()


@pytest.fixture
def watched(guardian: Guardian) -> Iterator[Watched]:
    watched = Watched()
    yield watched
    watched.supervisor.stop()


@pytest.fixture
def make(tmp_path: Path, guardian: Guardian) -> Make:
    def make_one(script: str, name: str = "tiny") -> ManagedProcess:
        port = free_port()
        return ManagedProcess(
            name,
            [sys.executable, "-c", textwrap.dedent(script), str(port)],
            {"PATH": os.environ["PATH"]},
            cwd=tmp_path,
            log_path=tmp_path / f"{name}.log",
            ready_url=f"http://127.0.0.1:{port}/readyz",
            guardian=guardian,
        )

    return make_one


def test_server_with_wrong_settings_is_given_up_at_once(watched: Watched, make: Make) -> None:
    watched.supervisor.keep(make(WRONG_SETTINGS))
    assert watched.failed.wait(LIMIT_SECONDS)
    assert "AUTH_ISSUER is missing" in watched.failures[0]
    assert "starting it again" not in watched.terminal.getvalue()


def test_server_that_never_comes_up_is_given_up_after_three_attempts(
    watched: Watched, make: Make
) -> None:
    watched.supervisor.keep(make(DIES_AT_ONCE))
    assert watched.failed.wait(LIMIT_SECONDS)
    said = watched.terminal.getvalue()
    assert "tiny ended with code 1; starting it again in 0.5 s" in said
    assert "tiny ended with code 1; starting it again in 1 s" in said
    assert len(watched.failures) == 1


def test_program_that_is_not_there_is_given_up(
    watched: Watched, make: Make, tmp_path: Path
) -> None:
    process = make(SERVES)
    process.argv = (str(tmp_path / "nowhere"),)
    watched.supervisor.keep(process)
    assert watched.failed.wait(LIMIT_SECONDS)
    assert "tiny cannot be started" in watched.failures[0]


def test_killed_server_is_started_again_with_a_back_off(watched: Watched, make: Make) -> None:
    process = make(SERVES)
    keeper = watched.supervisor.keep(process)
    assert keeper.ready.wait(LIMIT_SECONDS)
    os.kill(process.pid, signal.SIGKILL)
    watched.until_said("tiny was killed by SIGKILL; starting it again in 0.5 s")
    watched.until_said("tiny is ready again")
    os.kill(process.pid, signal.SIGKILL)
    watched.until_said("starting it again in 1 s")


def test_stop_does_not_wait_for_a_back_off(watched: Watched, make: Make) -> None:
    process = make(SERVES)
    assert watched.supervisor.keep(process).ready.wait(LIMIT_SECONDS)
    os.kill(process.pid, signal.SIGKILL)
    watched.until_said("starting it again")
    started_at = time.monotonic()
    watched.supervisor.stop()
    assert time.monotonic() - started_at < 0.4
    assert not process.alive


def test_first_server_outlives_the_others(watched: Watched, make: Make, tmp_path: Path) -> None:
    says_its_end = """
        import pathlib, signal, sys, time
        def end(*_):
            with pathlib.Path("ends").open("a") as ends:
                ends.write(sys.argv[2] + "\\n")
            sys.exit(0)
        signal.signal(signal.SIGTERM, end)
    """
    for name in ("database", "service"):
        process = make(textwrap.dedent(says_its_end) + textwrap.dedent(SERVES))
        process.argv = (*process.argv, name)
        assert watched.supervisor.keep(process).ready.wait(LIMIT_SECONDS)
    watched.supervisor.stop()
    assert (tmp_path / "ends").read_text().split() == ["service", "database"]
