"""`make dashboards`: a Grafana on this machine that shows the dashboards, until Ctrl-C."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from devstack.dashboards.grafana import NoGrafana, Sources, way
from devstack.deployment import local_url
from devstack.ports import PortTaken, require_free

PORT_VARIABLE: Final = "GRAFANA_PORT"
PORT: Final = 3001
"""3000 is the page's."""
FIRST: Final = "/d/taskchat-promise"
START_SECONDS: Final = 90.0
STOP_SECONDS: Final = 20.0
LOOK_SECONDS: Final = 0.5
ANSWER_SECONDS: Final = 2.0


def command(_name: str, root: Path, folder: Path, _env_file: Path) -> int:
    """Show the dashboards; return the exit code: 1 when no Grafana can be started."""
    try:
        sources, port = chosen(os.environ)
        require_free(PORT_VARIABLE, port, "make dashboards")
        start = way(root, folder / "grafana", sources, port)
    except (NoGrafana, PortTaken, ValueError) as failure:
        print(failure, file=sys.stderr, flush=True)
        return 1
    with subprocess.Popen(start.argv, env={**os.environ, **start.variables}) as grafana:
        try:
            return show(grafana, sources, local_url(port))
        except KeyboardInterrupt:
            return 0
        finally:
            stop(grafana)


def chosen(environ: Mapping[str, str]) -> tuple[Sources, int]:
    """Where the data is and where Grafana shall listen, as the environment says.

    Raises: ValueError: a variable cannot be used; names it.
    """

    def value(name: str, default: str) -> str:
        return environ.get(name) or default

    kind = value("TRACES_TYPE", "jaeger")
    if kind not in {"jaeger", "tempo"}:
        raise ValueError(f"TRACES_TYPE is {kind!r}: it must be jaeger or tempo.")
    port = value(PORT_VARIABLE, str(PORT))
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"{PORT_VARIABLE} is {port!r}: it must be a port, for example {PORT}.")
    sources = Sources(
        prometheus=value("PROMETHEUS_URL", local_url(9090)),
        traces=value("TRACES_URL", local_url(16686)),
        traces_type=kind,
        scrape_interval=value("SCRAPE_INTERVAL", "5s"),
    )
    return sources, int(port)


def show(grafana: "subprocess.Popen[bytes]", sources: Sources, url: str) -> int:
    """Wait until Grafana answers, say where, and stay until it ends; return its exit code."""
    deadline = time.monotonic() + START_SECONDS
    while status(f"{url}/api/health") != HTTPStatus.OK:
        if grafana.poll() is not None:
            print("Grafana ended before it answered; its reason is above.", file=sys.stderr)
            return 1
        if time.monotonic() > deadline:
            print(f"Grafana does not answer after {START_SECONDS:.0f} s.", file=sys.stderr)
            return 1
        time.sleep(LOOK_SECONDS)
    print(f"\nGrafana shows the dashboards: {url}{FIRST}\n{hint(sources)}", flush=True)
    return grafana.wait()


def hint(sources: Sources) -> str:
    """What is still missing before the person sees something."""
    asked = (
        (sources.prometheus, "prometheus", "PROMETHEUS_URL"),
        (sources.traces, sources.traces_type, "TRACES_URL"),
    )
    missing = [
        f"nothing answers at {url} ({variable}); in the development cluster:\n"
        f"  kubectl --namespace observability port-forward service/{service} {url.rsplit(':')[-1]}"
        for url, service, variable in asked
        if status(url) is None
    ]
    return "\n".join([*missing, "Ctrl-C ends it."])


def status(url: str) -> int | None:
    """The status with which a GET is answered; None without an answer."""
    try:
        # Never by way of a proxy: what we ask is on this machine or in its cluster.
        with build_opener(ProxyHandler({})).open(url, timeout=ANSWER_SECONDS) as answer:
            return int(answer.status)
    except HTTPError as refused:
        return refused.code
    except OSError:
        return None


def stop(grafana: "subprocess.Popen[bytes]") -> None:
    """End it, gently at first."""
    if grafana.poll() is None:
        grafana.terminate()
        try:
            grafana.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            grafana.kill()
