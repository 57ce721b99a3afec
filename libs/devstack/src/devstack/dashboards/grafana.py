"""How a Grafana with our dashboards is started: the one on PATH, else its image."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from devstack.ports import LOOPBACK

IMAGE: Final = "docker.io/grafana/grafana:13.2.3"
SOURCES: Final = Path("otel/dashboards")
PROVISIONING: Final = SOURCES / "provisioning"
IN_IMAGE: Final = Path("/etc/taskchat")
HOST_OF_CONTAINERS: Final = "host.docker.internal"
ENGINE_SECONDS: Final = 20
PULL_SECONDS: Final = 900


class NoGrafana(Exception):
    """No Grafana can be started here; the message says what to do instead."""


@dataclass(frozen=True)
class Sources:
    """Where the data is.

    Attributes: prometheus, traces: URLs as this machine reaches them. traces_type: `jaeger` or
        `tempo`. scrape_interval: of that Prometheus, such as `15s`.
    """

    prometheus: str
    traces: str
    traces_type: str
    scrape_interval: str

    def variables(self) -> dict[str, str]:
        """What the provisioning files ask for."""
        return {
            "PROMETHEUS_URL": self.prometheus,
            "TRACES_URL": self.traces,
            "TRACES_TYPE": self.traces_type,
            "SCRAPE_INTERVAL": self.scrape_interval,
        }

    def seen_from(self, host: str) -> "Sources":
        """The same for a process to which this machine is another host."""
        prometheus, traces = (
            url.replace("//localhost", f"//{host}").replace(f"//{LOOPBACK}", f"//{host}")
            for url in (self.prometheus, self.traces)
        )
        return Sources(prometheus, traces, self.traces_type, self.scrape_interval)


@dataclass(frozen=True)
class Start:
    """One way to start it. Attributes: variables: of its environment, beside ours."""

    argv: tuple[str, ...]
    variables: Mapping[str, str]


def settings(port: int) -> dict[str, str]:
    """Settings of a Grafana for one person on one machine: nobody signs in, nothing is sent."""
    return {
        "GF_SERVER_HTTP_ADDR": LOOPBACK,
        "GF_SERVER_HTTP_PORT": str(port),
        "GF_AUTH_ANONYMOUS_ENABLED": "true",
        # Looking at a trace is "exploring", which viewers may not.
        "GF_AUTH_ANONYMOUS_ORG_ROLE": "Editor",
        "GF_AUTH_DISABLE_LOGIN_FORM": "true",
        "GF_ANALYTICS_REPORTING_ENABLED": "false",
        "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
        "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
        "GF_NEWS_NEWS_FEED_ENABLED": "false",
        "GF_LOG_LEVEL": "warn",
    }


def way(root: Path, data: Path, sources: Sources, port: int) -> Start:
    """The way that works here.

    Args: data: a folder for what Grafana keeps. port: where it shall listen, on this machine alone.
    Raises: NoGrafana
    """
    installed = shutil.which("grafana")
    if installed is not None:
        return from_path(Path(installed), root, data, sources, port)
    if shutil.which("docker") is None or not succeeds("docker", "version", seconds=ENGINE_SECONDS):
        raise NoGrafana(instead("there is no `grafana` on PATH, and no docker engine answers"))
    if not succeeds("docker", "image", "inspect", IMAGE, seconds=ENGINE_SECONDS) and not succeeds(
        "docker", "pull", IMAGE, seconds=PULL_SECONDS
    ):
        raise NoGrafana(
            instead(f"there is no `grafana` on PATH, and the image {IMAGE} cannot be pulled")
        )
    return from_image(root, sources, port, sys.platform)


def from_path(program: Path, root: Path, data: Path, sources: Sources, port: int) -> Start:
    """A Grafana that is installed. Raises: NoGrafana: its own files are not found."""
    return Start(
        (str(program), "server", "--homepath", str(home(program))),
        {
            **settings(port),
            **sources.variables(),
            "DASHBOARDS_FOLDER": str(root / SOURCES),
            "GF_PATHS_PROVISIONING": str(root / PROVISIONING),
            "GF_PATHS_DATA": str(data),
            "GF_PATHS_LOGS": str(data / "logs"),
            "GF_PATHS_PLUGINS": str(data / "plugins"),
        },
    )


def home(program: Path) -> Path:
    """Where an installed Grafana keeps its own files: beside it, or where packages put them."""
    unpacked = program.resolve().parent.parent
    candidates = (unpacked, unpacked / "share" / "grafana", Path("/usr/share/grafana"))
    for candidate in candidates:
        if (candidate / "conf" / "defaults.ini").is_file():
            return candidate
    tried = ", ".join(map(str, candidates))
    raise NoGrafana(instead(f"{program} has no conf/defaults.ini in any of {tried}"))


def from_image(root: Path, sources: Sources, port: int, platform: str) -> Start:
    """A container: on Linux in this machine's network, where ports are forwarded to; elsewhere not.

    Args: platform: as `sys.platform`.
    """
    variables = {
        "DASHBOARDS_FOLDER": str(IN_IMAGE / "dashboards"),
        "GF_PATHS_PROVISIONING": str(IN_IMAGE / "dashboards" / "provisioning"),
    }
    if platform == "linux":
        network = ["--network=host"]
        variables |= settings(port) | sources.variables()
    else:
        network = [f"--publish={LOOPBACK}:{port}:3000"]
        inside = {"GF_SERVER_HTTP_ADDR": "0.0.0.0", "GF_SERVER_HTTP_PORT": "3000"}
        variables |= settings(port) | inside | sources.seen_from(HOST_OF_CONTAINERS).variables()
    argv = ["docker", "run", "--rm", "--init", *network]
    argv += [f"--env={name}={value}" for name, value in sorted(variables.items())]
    argv += [f"--volume={root / SOURCES}:{IN_IMAGE / 'dashboards'}:ro", IMAGE]
    return Start(tuple(argv), {})


def succeeds(*argv: str, seconds: float) -> bool:
    """Whether a command ends well in time."""
    try:
        done = subprocess.run(argv, capture_output=True, timeout=seconds, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def instead(reason: str) -> str:
    """What to tell a person without a Grafana."""
    return (
        f"No Grafana can be started here: {reason}.\n"
        f"The dashboards are {SOURCES}/*.json: import them into a Grafana of yours, or let the\n"
        "chart bring them to its sidecar (telemetry.dashboards.enabled). Its data source needs\n"
        f"the link from exemplars to traces, as in {PROVISIONING}/datasources/taskchat.yaml."
    )
