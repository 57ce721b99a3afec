"""`make generate`: everything that is committed and made from something else in the repository."""

from pathlib import Path

from devstack.chart import golden, readme, schemas
from devstack.chart.rendering import Refused
from devstack.tools.compiled import NotCompiled
from devstack.tools.supply import ToolMissing, obtain


def command(_name: str, root: Path, _folder: Path, _env_file: Path) -> int:
    """Make the chart's schemas, golden manifests and README; return the exit code."""
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
