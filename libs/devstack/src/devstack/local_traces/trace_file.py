"""The traces of a run on this machine: one span a line, in a file that stays small."""

import json
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from devstack.local_traces.spans import Span

NAME: Final = "traces.jsonl"
# About 50,000 spans, or 1,000 turns: as many again are in the file before.
MOST_BYTES: Final = 32 * 1024 * 1024
# The gateway's span of an attempt at a turn: what a person asks for is a turn, not a probe's trace.
TURN: Final = "turn"

Trace = Sequence[Span]


class TraceFile:
    """Where `make run TELEMETRY=1` keeps spans and `make trace` finds them.

    Args: folder: of the run. most_bytes: then a new file is begun and the one before is kept.
    """

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self._path = folder / NAME
        self._before = self._path.with_suffix(".before.jsonl")
        self._most_bytes = most_bytes
        self._writing = threading.Lock()

    def clear(self) -> None:
        """Forget the traces of an earlier run."""
        self._path.unlink(missing_ok=True)
        self._before.unlink(missing_ok=True)

    def add(self, spans: Iterable[Span]) -> None:
        """Keep these spans."""
        lines = "".join(f"{json.dumps(span.as_json())}\n" for span in spans)
        with self._writing:
            if self._path.exists() and self._path.stat().st_size > self._most_bytes:
                self._path.replace(self._before)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(lines)

    def turns(self) -> list[Trace]:
        """The traces that hold a turn, the newest last; each by the start of its spans."""
        traces: dict[str, list[Span]] = defaultdict(list)
        for span in self._spans():
            traces[span.trace_id].append(span)
        found = [
            sorted(trace, key=lambda span: span.started_at)
            for trace in traces.values()
            if any(span.name == TURN for span in trace)
        ]
        return sorted(found, key=lambda trace: trace[0].started_at)

    def _spans(self) -> Iterator[Span]:
        for path in (self._before, self._path):
            if not path.exists():
                continue
            with path.open(encoding="utf-8") as file:
                for line in file:
                    # The writer may be in the middle of the last one.
                    if line.endswith("\n"):
                        yield Span.from_json(json.loads(line))
