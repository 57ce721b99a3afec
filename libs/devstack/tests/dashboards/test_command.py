"""`make dashboards` from outside: a real process that starts another and says where it is."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from devstack.dashboards.command import chosen
from devstack.ports import free_port
from devstack.stack import checkout

STAND_IN = """#!{python}
# Stands in for Grafana: answers its health check on its port, and nothing else.
import http.server, os, sys

class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/api/health" else 404)
        self.end_headers()

    def log_message(self, *_):
        pass

if sys.argv[1:3] != ["server", "--homepath"] or "{breaks}":
    sys.exit("cannot start")
port = int(os.environ["GF_SERVER_HTTP_PORT"])
http.server.HTTPServer(("127.0.0.1", port), Health).serve_forever()
"""


def stand_in(folder: Path, breaks: str = "") -> Path:
    """A Grafana that is none, as an archive unpacks. Args: breaks: anything: it ends at once."""
    (folder / "conf").mkdir(parents=True)
    (folder / "conf" / "defaults.ini").touch()
    (folder / "bin").mkdir()
    path = folder / "bin" / "grafana"
    path.write_text(STAND_IN.format(python=sys.executable, breaks=breaks))
    path.chmod(0o755)
    return path.parent


@contextmanager
def dashboards(path: Path, folder: Path, port: int) -> Iterator["subprocess.Popen[str]"]:
    """`python -m devstack dashboards` with this PATH alone."""
    argv = [sys.executable, "-m", "devstack", "dashboards", "--folder", str(folder)]
    nothing = f"http://127.0.0.1:{free_port()}"
    environ = {
        **os.environ,
        "PATH": str(path),
        "GRAFANA_PORT": str(port),
        "PROMETHEUS_URL": nothing,
        "TRACES_URL": f"http://127.0.0.1:{port}",
    }
    with subprocess.Popen(
        argv, cwd=checkout(), env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_no_grafana_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with dashboards(tmp_path, tmp_path, free_port()) as process:
        _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert said.startswith("No Grafana can be started here")
    assert "Traceback" not in said


def test_grafana_that_ends_at_once_is_an_error(tmp_path: Path) -> None:
    path = stand_in(tmp_path / "grafana", breaks="yes")
    with dashboards(path, tmp_path, free_port()) as process:
        _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "cannot start" in said
    assert "Grafana ended before it answered" in said


def test_address_is_printed_and_interrupt_ends_both(tmp_path: Path) -> None:
    port = free_port()
    with dashboards(stand_in(tmp_path / "grafana"), tmp_path, port) as process:
        assert process.stdout is not None
        said = ""
        while "Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 0
    assert f"http://localhost:{port}/d/taskchat-promise" in said
    assert "(PROMETHEUS_URL)" in said
    assert "port-forward service/prometheus" in said
    assert "TRACES_URL" not in said, "something answers there"


@pytest.mark.parametrize(
    ("name", "value"),
    [("TRACES_TYPE", "zipkin"), ("GRAFANA_PORT", "3001x"), ("GRAFANA_PORT", "65536")],
)
def test_variable_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is '{value}'"):
        chosen({name: value})


def test_variable_that_is_empty_is_not_set() -> None:
    assert chosen({"GRAFANA_PORT": "", "PROMETHEUS_URL": ""}) == chosen({})
