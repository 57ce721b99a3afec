"""A tool from its Go module: for machines that reach a module proxy but not the release."""

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from devstack.tools.catalogue import Source


class NotCompiled(Exception):
    """The tool could not be built; the message says why."""


@dataclass(frozen=True)
class Module:
    """A downloaded Go module. Attributes: checksum: of go.sum, "h1:…"."""

    folder: Path
    checksum: str


def build(source: Source, version: str, target: Path) -> None:
    """Put the program, compiled from its module, at `target`.

    Built inside the module's own folder, so that the replacements of its go.mod hold: `go install`
    refuses a module that has some.

    Raises: NotCompiled: no Go, no module, or an error of the compiler.
    """
    folder = download_module(source.module, version).folder
    flags = ["-s", "-w", *(f"-X {variable}" for variable in source.sets)]
    linker = " ".join(flags).format(version=version)
    options = ["-trimpath", "-buildvcs=false", f"-ldflags={linker}", "-o", str(target)]
    run(["build", *options, source.package], folder)


def download_module(module: str, version: str) -> Module:
    """Have Go download a module and compare it with its checksum database.

    Args: version: without "v".
    Raises: NotCompiled: no Go, or no such module.
    """
    with tempfile.TemporaryDirectory() as outside_of_any_module:
        said = run(
            ["mod", "download", "-json", f"{module}@v{version}"], Path(outside_of_any_module)
        )
    answer = json.loads(said)
    return Module(Path(answer["Dir"]), answer["Sum"])


def run(arguments: list[str], folder: Path) -> str:
    """Run Go and return what it prints.

    Raises: NotCompiled: it is not installed, or failed; with the last lines of what it said.
    """
    go = shutil.which("go")
    if go is None:
        raise NotCompiled("go is not installed")
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "", "GOWORK": "off"}
    done = subprocess.run(
        [go, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip().splitlines()[-5:]
        raise NotCompiled(f"go {' '.join(arguments[:2])}: {' / '.join(words)}")
    return done.stdout
