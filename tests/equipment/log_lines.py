"""What a process has logged: every line of it is JSON, or the test fails."""

import json
from typing import Any

from devstack.processes import ManagedProcess

ENDED = "turn ended"
SECURITY_EVENT = "security event"
Line = dict[str, Any]


def log_lines(process: ManagedProcess) -> list[Line]:
    """All lines so far. Raises: AssertionError: one that is no JSON object."""
    found: list[Line] = []
    for text in process.log_path.read_text().splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            line = None
        assert isinstance(line, dict), f"{process.name} wrote a line that is no JSON: {text!r}"
        found.append(line)
    return found


def endings(process: ManagedProcess, trace_id: str) -> list[Line]:
    """The summary lines of the turns of a trace."""
    return [
        line
        for line in log_lines(process)
        if line["message"] == ENDED and line.get("trace_id") == trace_id
    ]


def security_events(process: ManagedProcess, *names: str) -> list[Line]:
    """The audit's lines. Args: names: of the events that are looked for; none: all of them."""
    return [
        line
        for line in log_lines(process)
        if line["message"] == SECURITY_EVENT and (not names or line["event"] in names)
    ]
