"""`python -m devstack tools`: put the pinned programs in place and say where they are."""

from pathlib import Path

from devstack.tools.catalogue import TOOLS
from devstack.tools.supply import ToolMissing, obtain


def command(_name: str, _root: Path, _folder: Path, _env_file: Path) -> int:
    """Obtain every tool, also after one could not be had; return the exit code."""
    missing = 0
    for name, tool in TOOLS.items():
        try:
            where = str(obtain(name)[name])
        except ToolMissing as failure:
            where = f"MISSING: {failure}"
            missing += 1
        print(f"{name:<14} {tool.version:<8} {where}", flush=True)
    return 1 if missing else 0
