"""What Helm makes of the chart: the manifests, or why it refuses."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CHART = Path("charts/taskchat")
RELEASE = "taskchat"
NAMESPACE = "taskchat"
KUBERNETES = "1.34.4"
"""Version that Helm is told; one that was compiled without its makefile believes in 1.20."""
SECONDS = 120


class Refused(Exception):
    """Helm does not render these values; the message is what it says to the person."""


@dataclass(frozen=True)
class Manifest:
    """One object. Attributes: text: as Helm wrote it, with the line that names its template."""

    text: str
    content: Mapping[str, Any]

    @property
    def identity(self) -> str:
        """Kind and name, unique in a release."""
        return f"{self.content['kind']}/{self.content['metadata']['name']}"


def render(
    helm: Path,
    root: Path,
    values: Sequence[Path] = (),
    settings: Sequence[str] = (),
    kubernetes: str = KUBERNETES,
) -> str:
    """All manifests of a first installation with these values, hooks among them.

    Args: values: files, the later wins. settings: further arguments of Helm, such as `--set a=b`.
    Raises: Refused
    """
    argv = [str(helm), "template", RELEASE, str(CHART), "--namespace", NAMESPACE]
    argv += ["--kube-version", kubernetes, *settings]
    argv += [word for path in values for word in ("--values", str(path))]
    done = subprocess.run(
        argv, cwd=root, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if done.returncode != 0:
        raise Refused(done.stderr.strip())
    return done.stdout


def manifests(rendered: str) -> list[Manifest]:
    """The objects of a rendering, in Helm's order."""
    return list(split(rendered))


def split(rendered: str) -> Iterator[Manifest]:
    """Each document that holds an object; a switched-off template leaves an empty one."""
    for text in f"\n{rendered}".split("\n---\n"):
        content = yaml.load(text, Loader=yaml.CSafeLoader)
        if content:
            yield Manifest(text.strip() + "\n", content)
