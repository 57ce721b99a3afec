"""`make trace`: the last turn of the running system, or the one that TRACE names, as a tree."""

import os
import sys
from pathlib import Path

from rich.console import Console

from devstack.local_traces.trace_file import Trace, TraceFile
from devstack.local_traces.tree import table, title

NONE_YET = """\
No turn has been traced yet. In one terminal:  make run TELEMETRY=1
In another:                                    make chat MESSAGE="add a task to buy groceries"
then:                                          make trace"""
# A pipe gets whole lines: 80 columns would break the names.
PIPE_COLUMNS = 140


def command(_name: str, _root: Path, folder: Path, _env_file: Path) -> int:
    """Print a turn's trace; return the exit code: 1 when there is none."""
    turns = TraceFile(folder).turns()
    wanted = os.environ.get("TRACE", "")
    trace = chosen(turns, wanted)
    if trace is None:
        known = "\n".join(f"  {title(one)}" for one in turns[-10:])
        sys.stderr.write(
            f"No turn with a trace id that begins with {wanted}. The last ones:\n{known}\n"
            if turns
            else f"{NONE_YET}\n"
        )
        return 1
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PIPE_COLUMNS
    console.print(title(trace), style="bold")
    console.print(table(trace))
    return 0


def chosen(turns: list[Trace], wanted: str) -> Trace | None:
    """The newest turn whose trace id begins like this; an empty beginning fits all."""
    for trace in reversed(turns):
        if trace[0].trace_id.startswith(wanted.lower()):
            return trace
    return None
