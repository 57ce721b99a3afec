"""The collector of otel/collector, as its image runs it."""

import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import yaml

from tests.cluster.images import docker
from tests.equipment.documents import ROOT

FOLDER: Final = ROOT / "otel" / "collector"
IMAGE: Final = "otel/opentelemetry-collector-contrib:0.155.0"
"""k8s/README.md has a newer one; this is the oldest that the configuration must suit."""
SECONDS: Final = 60
OUTPUT: Final = "traces.jsonl"
HTTP_PORT, SPAN_METRICS_PORT, OWN_METRICS_PORT = 4318, 8889, 8888

Tree = dict[str, Any]
"""A part of YAML; the collector judges it, not we."""


def environments() -> list[str]:
    """Names of the environments that have values."""
    return sorted(path.stem.removeprefix("values-") for path in FOLDER.glob("values-*.yaml"))


def values(environment: str) -> Tree:
    """The values of an environment, as Helm merges its two files."""
    files = (FOLDER / "values.yaml", FOLDER / f"values-{environment}.yaml")
    base, own = (yaml.safe_load(file.read_text()) for file in files)
    return merged(base, own)


def configuration(environment: str) -> Tree:
    """What the collector of an environment reads."""
    found: Tree = values(environment)["alternateConfig"]
    return found


def merged(base: Tree, over: Mapping[str, Any]) -> Tree:
    """Maps key by key, everything else replaced: Helm's way."""
    found = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(found.get(key), dict)
        found[key] = merged(found[key], value) if both else value
    return found


def validated(configured: Tree, folder: Path) -> tuple[int, str]:
    """What the collector says of a configuration: exit code and words."""
    write(configured, folder)
    argv = [*_run("--rm", folder), IMAGE, "validate", "--config=/etc/collector/config.yaml"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=SECONDS, check=False)
    return done.returncode, done.stdout + done.stderr


def write(configured: Tree, folder: Path) -> None:
    """Write a configuration where the collector, which is user 10001, may read and write."""
    folder.chmod(0o777)
    (folder / "config.yaml").write_text(yaml.safe_dump(configured))


@dataclass(frozen=True, slots=True)
class RunningCollector:
    """A collector that takes spans. Attributes: name: its container. output: what it exported."""

    name: str
    output: Path

    def url(self, port: int) -> str:
        """Where one of its ports is reached."""
        return f"http://{docker('port', self.name, str(port)).split()[0]}"


@contextmanager
def running(configured: Tree, folder: Path) -> Iterator[RunningCollector]:
    """Run the collector with its traces going to a file instead of a backend, without Kubernetes.

    Nothing else of the configuration is changed.
    """
    exporters = {name: None for name in configured["exporters"]}
    (backend,) = [name for name in exporters if name.startswith("otlp_grpc")]
    alone = merged(
        configured,
        {
            "processors": {"k8s_attributes": {"passthrough": True}},
            "exporters": {"file": {"path": f"/etc/collector/{OUTPUT}", "flush_interval": "100ms"}},
        },
    )
    del alone["exporters"][backend]
    for pipeline in alone["service"]["pipelines"].values():
        pipeline["exporters"] = [
            "file" if name == backend else name for name in pipeline["exporters"]
        ]
    write(alone, folder)
    name = f"taskchat-collector-test-{uuid4().hex[:12]}"
    ports = [
        f"--publish=127.0.0.1::{port}" for port in (HTTP_PORT, SPAN_METRICS_PORT, OWN_METRICS_PORT)
    ]
    argv = [*_run("--detach", folder), f"--name={name}", *ports, IMAGE]
    docker(*argv[1:], "--config=/etc/collector/config.yaml")
    try:
        wait_until_ready(name)
        yield RunningCollector(name, folder / OUTPUT)
    finally:
        docker("rm", "--force", name)


def wait_until_ready(name: str, limit_seconds: float = 30.0) -> None:
    """Wait until it says that it is. Raises: AssertionError: not in time, with what it said."""
    end = time.monotonic() + limit_seconds
    while "Everything is ready" not in (said := _logs(name)):
        assert time.monotonic() < end, said
        time.sleep(0.1)


def _logs(name: str) -> str:
    argv = ["docker", "logs", name]
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True)
    return done.stdout.decode()


def _run(flag: str, folder: Path) -> list[str]:
    return ["docker", "run", flag, f"--volume={folder}:/etc/collector"]
