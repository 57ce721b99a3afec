"""A tool from its Go module: for machines that reach a module proxy but not the release."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from devstack.tools.catalogue import Source, Tool


class NotCompiled(Exception):
    """The tool could not be built; the message says why."""


def build(tool: Tool, target: Path) -> None:
    """Put the program, compiled from its module, at `target`.

    Built inside the module's own folder, so that the replacements of its go.mod hold: `go install`
    refuses a module that has some.

    Raises: NotCompiled: no Go, no module, or an error of the compiler.
    """
    if tool.source is None:
        raise NotCompiled("it cannot be built from a module")
    go = shutil.which("go")
    if go is None:
        raise NotCompiled("go is not installed")
    with tempfile.TemporaryDirectory() as nowhere:
        folder = module_folder(go, tool.source, tool.version, Path(nowhere))
    stamp = f"-X {tool.source.stamp}=v{tool.version}" if tool.source.stamp else ""
    options = ["-trimpath", "-buildvcs=false", f"-ldflags=-s -w {stamp}", "-o", str(target)]
    run([go, "build", *options, tool.source.package], folder)


def module_folder(go: str, source: Source, version: str, nowhere: Path) -> Path:
    """Download a module; where its sources are. `nowhere`: a folder outside of any module."""
    said = run([go, "mod", "download", "-json", f"{source.module}@v{version}"], nowhere)
    return Path(json.loads(said)["Dir"])


def run(argv: list[str], folder: Path) -> str:
    """Run Go and return what it prints.

    Raises: NotCompiled: with the last lines of what it said.
    """
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "", "GOWORK": "off"}
    done = subprocess.run(
        argv, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip().splitlines()[-5:]
        raise NotCompiled(f"{' '.join(argv[:3])}: {' / '.join(words)}")
    return done.stdout
