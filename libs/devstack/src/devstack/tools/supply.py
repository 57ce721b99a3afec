"""The pinned programs, wherever they come from.

`find` only looks; `obtain` also downloads or compiles what is missing, which may take minutes, once
per machine. `environment` is for calling programs that call each other, as skaffold calls helm.
"""

import contextlib
import fcntl
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from devstack.tools import packaged
from devstack.tools.catalogue import TOOLS, Packages, Source, Tool
from devstack.tools.compiled import NotCompiled, build
from devstack.tools.packaged import NotPackaged
from devstack.tools.presence import cache_folder, kept, present
from devstack.tools.released import NotDownloaded, download


class ToolMissing(Exception):
    """A tool is not on this machine; the message says what to do."""


def find(name: str) -> Path:
    """The program of a tool that is there already: on PATH in a version that fits, or obtained.

    Args: name: a key of `catalogue.TOOLS`.
    Raises: ToolMissing
    """
    tool = TOOLS[name]
    path = present(tool)
    if path is None:
        raise ToolMissing(
            f"{tool.name} {tool.version} is not here. Run `make tools`, "
            f"or put {tool.program} {tool.version} on PATH."
        )
    return path


def obtain(*names: str) -> dict[str, Path]:
    """The programs of these tools; missing ones are downloaded, else compiled, and kept for ever.

    Raises: ToolMissing: with both reasons.
    """
    return {name: obtain_one(TOOLS[name]) for name in names}


def environment(*names: str) -> dict[str, str]:
    """Variables for a process that calls these tools by name: ours, with a PATH that has them.

    Raises: ToolMissing
    """
    folder = linked(obtain(*names))
    before = os.environ.get("PATH", os.defpath)
    return {**os.environ, "PATH": os.pathsep.join([str(folder), before])}


def linked(programs: Mapping[str, Path]) -> Path:
    """A folder with these programs alone: where one lies, an old version of another may lie too."""
    wanted = {TOOLS[name].program: path for name, path in programs.items()}
    folder = (
        cache_folder() / "sets" / sha256(repr(sorted(wanted.items())).encode()).hexdigest()[:16]
    )
    folder.mkdir(parents=True, exist_ok=True)
    for program, path in wanted.items():
        with contextlib.suppress(FileExistsError):
            (folder / program).symlink_to(path)
    return folder


def obtain_one(tool: Tool) -> Path:
    """The program of a tool; see `obtain`."""
    path = present(tool)
    if path is not None:
        return path
    target = kept(tool)
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / "lock").open("w") as lock:
        # Two makes at once, of one checkout or of two, would compile it twice.
        fcntl.flock(lock, fcntl.LOCK_EX)
        path = present(tool)
        if path is None:
            path = install(tool, target)
    return path


def install(tool: Tool, target: Path) -> Path:
    """Download or make it, and put it into place; nobody ever sees half of a program.

    Raises: ToolMissing
    """
    started = time.monotonic()
    with tempfile.TemporaryDirectory(dir=target.parent) as unfinished:
        program = Path(unfinished) / tool.program
        say(f"{tool.name} {tool.version}: installing …")
        try:
            download(tool, program)
        except NotDownloaded as unreachable:
            make(tool, target.parent, program, str(unreachable))
        program.replace(target)
    say(f"{tool.name} {tool.version}: ready ({time.monotonic() - started:.0f} s)")
    return target


def make(tool: Tool, home: Path, program: Path, unreachable: str) -> None:
    """Make a program whose release cannot be had.

    Raises: ToolMissing: with both reasons.
    """
    try:
        match tool.source:
            case Source():
                say(f"{tool.name} {tool.version}: compiling, once, for up to minutes …")
                build(tool.source, tool.version, program)
            case Packages():
                packaged.install(tool.source, home, program)
            case None:
                raise NotCompiled("it cannot be made from a module")
    except (NotCompiled, NotPackaged) as failure:
        raise ToolMissing(
            f"{tool.name} {tool.version} could not be had: {unreachable}; {failure}. "
            f"Put {tool.program} {tool.version} on PATH."
        ) from failure


def say(text: str) -> None:
    """One line of progress, on standard error like every tool's."""
    print(f"tools {text}", file=sys.stderr, flush=True)
