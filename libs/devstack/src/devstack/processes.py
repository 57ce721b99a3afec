"""One server process: started, waited for, stopped, killed, started again."""

import contextlib
import http.client
import json
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from devstack.guardian import Guardian, signal_group
from devstack.output import OnLine, follow, tail

STOP_LIMIT_SECONDS = 10.0
END_LIMIT_SECONDS = 3.0
# What a shell answers when there is no such program.
NO_PROGRAM = 127
PROBE_LIMIT_SECONDS = 2.0
POLL_SECONDS = 0.05


class ProcessFailed(Exception):
    """A process ended, or was not ready in time; the message ends with its last lines."""


class ManagedProcess:
    """A server in a process group of its own, whose output goes to a log file.

    Args: ready_url: answers 200 when the server is ready. on_line: also sees each line of output,
        in a thread of its own. guardian: ends the process when we are killed.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        env: Mapping[str, str],
        *,
        cwd: Path,
        log_path: Path,
        ready_url: str,
        guardian: Guardian,
        on_line: OnLine | None = None,
    ) -> None:
        self.name = name
        self.argv = tuple(argv)
        self.env = dict(env)
        self.log_path = log_path
        self.ready_url = ready_url
        self._cwd = cwd
        self._guardian = guardian
        self._on_line = on_line
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None

    def start(self) -> None:
        """Start the process; it may take a while until it is ready.

        Raises: ProcessFailed: its program cannot be run.
        """
        if self.alive:
            raise RuntimeError(f"{self.name} runs already (pid {self.pid})")
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as log:
            try:
                self._process = subprocess.Popen(
                    self.argv,
                    env=self.env,
                    cwd=self._cwd,
                    stdin=subprocess.DEVNULL,
                    stdout=log if self._on_line is None else subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise ProcessFailed(f"{self.name} cannot be started: {error}") from error
        self._guardian.watch(self._process.pid)
        if self._on_line is not None:
            self._reader = follow(self._process, self.log_path, self._on_line)

    def wait_ready(self, timeout: float = 30.0) -> None:
        """Wait until the readiness probe answers 200.

        Raises: ProcessFailed: it ended first, or was not ready in time; says what the probe said.
        """
        deadline = time.monotonic() + timeout
        said = "it never answered"
        while time.monotonic() < deadline:
            if (code := self.exit_code) is not None:
                raise ProcessFailed(f"{self.name} ended with code {code}; {tail(self.log_path)}")
            ready, said = probe(self.ready_url)
            if ready:
                return
            time.sleep(POLL_SECONDS)
        raise ProcessFailed(
            f"{self.name} was not ready within {timeout:g} s: {said}; {tail(self.log_path)}"
        )

    def stop(self, timeout: float = STOP_LIMIT_SECONDS) -> int:
        """Send SIGTERM, after the timeout SIGKILL; return the exit code."""
        process = self._started()
        signal_group(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout)
        return self.kill()

    def end(self) -> None:
        """Stop it in whatever state it is, within three seconds."""
        if self._process is not None:
            self.stop(END_LIMIT_SECONDS)

    def kill(self) -> int:
        """Send SIGKILL to the whole group; return the exit code (negative: the signal's number)."""
        process = self._started()
        signal_group(process.pid, signal.SIGKILL)
        code = process.wait()
        self._ended()
        return code

    def restart(self, timeout: float = 30.0) -> None:
        """Stop it when it runs, start it and wait until it is ready."""
        if self.alive:
            self.stop()
        self.start()
        self.wait_ready(timeout)

    def wait_for_exit(self) -> int:
        """Block until the process ends; return its exit code."""
        if self._process is None:
            return NO_PROGRAM
        code = self._process.wait()
        signal_group(self._process.pid, signal.SIGKILL)
        self._ended()
        return code

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """Exit code of the process that was started last; None while it runs, 127 without one."""
        return NO_PROGRAM if self._process is None else self._process.poll()

    @property
    def pid(self) -> int:
        """Process id, and process group, of the process that was started last."""
        return self._started().pid

    def _ended(self) -> None:
        self._guardian.forget(self.pid)
        if self._reader is not None:
            self._reader.join(timeout=1)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError(f"{self.name} was never started")
        return self._process


def probe(url: str) -> tuple[bool, str]:
    """Ask a readiness probe once; return whether it is ready, and what it said when it is not.

    http.client, because it looks at no HTTP_PROXY and builds no SSL context.
    """
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.netloc, timeout=PROBE_LIMIT_SECONDS)
    try:
        connection.request("GET", address.path)
        answer = connection.getresponse()
        said = f"{url} answered {answer.status}: {_detail(answer.read())}"
        return answer.status == http.client.OK, said
    except (OSError, http.client.HTTPException) as error:
        return False, f"{url} did not answer: {error}"
    finally:
        connection.close()


def _detail(body: bytes) -> str:
    """The `detail` of a problem+json body, or the body's beginning."""
    try:
        problem = json.loads(body)
    except ValueError:
        return body[:200].decode(errors="replace")
    return str(problem.get("detail", problem) if isinstance(problem, dict) else problem)
