"""Where test runs keep what they leave behind: one directory each, so that runs never meet."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from tests.equipment.documents import ROOT

RUNS = ROOT / ".taskchat" / "test-logs"
KEPT_RUNS = 10


def new_directory(name: str) -> Path:
    """Make a directory for one stack of this run; the oldest runs' directories are removed.

    Args: name: of the stack; two stacks of one run have different names.
    """
    directory = RUNS / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}-{name}"
    directory.mkdir(parents=True)
    for old in sorted(path for path in RUNS.iterdir() if path.is_dir())[:-KEPT_RUNS]:
        shutil.rmtree(old, ignore_errors=True)
    return directory


def keep_logs_only(directory: Path) -> None:
    """Remove the data of a stack that has stopped; its logs stay."""
    shutil.rmtree(directory / "postgres", ignore_errors=True)
