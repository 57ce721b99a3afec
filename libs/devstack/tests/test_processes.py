"""Server processes: health gate, groups, ends of every kind. The servers are real ones."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from devstack.guardian import Guardian
from devstack.ports import PortTaken, free_port, require_free
from devstack.process_tree import wait_until_ended
from devstack.processes import ManagedProcess, ProcessFailed

READY_AFTER_TWO_PROBES = """
    import http.server, json, sys

    class Probe(http.server.BaseHTTPRequestHandler):
        seen = 0

        def do_GET(self):
            Probe.seen += 1
            ready = Probe.seen > 2
            body = json.dumps({"detail": "keys were never loaded"}).encode()
            self.send_response(200 if ready else 503)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            print("probe", Probe.seen, flush=True)

    http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Probe).serve_forever()
"""
NEVER_READY = READY_AFTER_TWO_PROBES.replace("> 2", "> 10**9")
ENDS_WITH_TWO = "import sys; print('GEMINI_API_KEY is missing', flush=True); sys.exit(2)"
DEAF_WITH_A_CHILD = """
    import signal, subprocess, sys, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print(child.pid, flush=True)
    time.sleep(600)
"""
Make = Callable[[str], ManagedProcess]


@pytest.fixture(scope="module")
def guardian() -> Iterator[Guardian]:
    guardian = Guardian()
    yield guardian
    guardian.dismiss()


@pytest.fixture
def make(tmp_path: Path, guardian: Guardian) -> Iterator[Make]:
    made: list[ManagedProcess] = []

    def make_one(script: str) -> ManagedProcess:
        port = free_port()
        process = ManagedProcess(
            "tiny",
            [sys.executable, "-c", textwrap.dedent(script), str(port)],
            {"PATH": os.environ["PATH"]},
            cwd=tmp_path,
            log_path=tmp_path / "tiny.log",
            ready_url=f"http://127.0.0.1:{port}/readyz",
            guardian=guardian,
        )
        made.append(process)
        process.start()
        return process

    yield make_one
    for process in made:
        process.kill()


def first_line(process: ManagedProcess) -> str:
    """What the process printed first, waited for."""
    while "\n" not in (text := process.log_path.read_text()):
        assert process.alive, text
    return text.splitlines()[0]


def test_taken_port_names_its_variable() -> None:
    port = free_port()
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as taker:
        while taker.poll() is None:
            try:
                require_free("AUTH_PORT", port)
            except PortTaken as refusal:
                assert f"port {port} (AUTH_PORT) is in use" in str(refusal)
                assert f"AUTH_PORT={port + 100} make run" in str(refusal)
                break
        taker.kill()


def test_process_that_ends_before_it_is_ready_fails_with_its_last_words(make: Make) -> None:
    with pytest.raises(ProcessFailed, match=r"tiny ended with code 2(.|\n)*GEMINI_API_KEY"):
        make(ENDS_WITH_TWO).wait_ready(10)


def test_process_that_is_not_ready_in_time_fails_with_what_its_probe_said(make: Make) -> None:
    with pytest.raises(ProcessFailed, match=r"within 1 s: .* answered 503: keys were never loaded"):
        make(NEVER_READY).wait_ready(1)


def test_process_is_ready_when_its_probe_says_so(make: Make) -> None:
    process = make(READY_AFTER_TWO_PROBES)
    process.wait_ready(10)
    assert "probe 3" in process.log_path.read_text()


def test_killed_process_starts_again_on_its_port(make: Make) -> None:
    process = make(READY_AFTER_TWO_PROBES)
    process.wait_ready(10)
    first = process.pid
    assert process.kill() == -signal.SIGKILL
    process.restart(10)
    assert process.alive
    assert process.pid != first


def test_deaf_process_is_killed_with_its_children(make: Make) -> None:
    process = make(DEAF_WITH_A_CHILD)
    child = psutil.Process(int(first_line(process)))
    assert process.stop(timeout=0.2) == -signal.SIGKILL
    assert wait_until_ended([child], 5)


def test_killed_supervisor_takes_its_processes_with_it(tmp_path: Path) -> None:
    script = f"""
        import sys, time
        from pathlib import Path
        from devstack.guardian import Guardian
        from devstack.processes import ManagedProcess
        sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
        log = Path({str(tmp_path / "child.log")!r})
        process = ManagedProcess(
            "child", sleeper, {{}}, cwd=log.parent, log_path=log, ready_url="", guardian=Guardian()
        )
        process.start()
        print(process.pid, flush=True)
        time.sleep(600)
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        child = psutil.Process(int(supervisor.stdout.readline()))
        supervisor.kill()
    assert wait_until_ended([child], 5)
