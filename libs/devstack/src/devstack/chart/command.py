"""`make generate`: everything that is committed and made from something else in the repository."""

import subprocess
import sys
from pathlib import Path

from devstack.chart import golden, readme, schemas
from devstack.chart.rendering import Refused
from devstack.tools.compiled import NotCompiled
from devstack.tools.supply import ToolMissing, obtain

FROM_PYTHON = ("otel.rules", "otel.dashboards")
"""What is written as Python and read as YAML or JSON; the chart has copies, so these come first."""


def command(_name: str, root: Path, _folder: Path, _env_file: Path) -> int:
    """Make rules, dashboards and the chart's generated files; return the exit code."""
    for module in FROM_PYTHON:
        if code := subprocess.run([sys.executable, "-m", module], cwd=root, check=False).returncode:
            return code
    try:
        changed = schemas.generate(root)
        print(f"{schemas.FOLDER}  {said(changed)}", flush=True)
        tools = obtain("helm", "helm-docs")
        switches = golden.generate(tools["helm"], root)
        print(f"{golden.FOLDER}  {', '.join(switches) or said(False)}", flush=True)
        changed = readme.generate(tools["helm-docs"], root)
        print(f"{readme.README}  {said(changed)}", flush=True)
    except (NotCompiled, ToolMissing, Refused) as failure:
        print(f"{failure}", flush=True)
        return 1
    return 0


def said(changed: bool) -> str:
    """Whether a file was changed."""
    return "changed" if changed else "as it was"
