"""A trace as a person reads it in a terminal: a tree with times, and bars on one clock."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from rich.table import Table
from rich.text import Text

from devstack.local_traces.spans import Span, Value
from devstack.local_traces.trace_file import Trace

BAR_CELLS: Final = 24
FAILED: Final = "error"
# What says why a span took long or failed, under the short names that a person expects.
NOTES: Final = {
    "error.type": "error",
    "http.response.status_code": "status",
    "gen_ai.usage.input_tokens": "tokens in",
    "gen_ai.usage.output_tokens": "tokens out",
    "gen_ai.response.finish_reasons": "finish",
    "taskchat.turn.attempt": "attempt",
    "taskchat.tool_call.replayed": "replayed",
    "db.response.status_code": "sqlstate",
}


def title(trace: Trace) -> str:
    """When the trace began, how long it took, how many spans it has and its id."""
    first = min(trace, key=lambda span: span.started_at)
    began = datetime.fromtimestamp(first.started_at / 1e9, UTC).astimezone()
    seconds = (max(span.ended_at for span in trace) - first.started_at) / 1e9
    when = began.strftime("%H:%M:%S")
    return f"{when}  {seconds:.2f} s  {len(trace)} spans  trace {first.trace_id}"


def table(trace: Trace) -> Table:
    """The spans under their parents, siblings by their start.

    A span whose parent was never exported stands at the top, and says so.
    """
    began = min(span.started_at for span in trace)
    ended = max(span.ended_at for span in trace)
    shown = Table(box=None, pad_edge=False, header_style="dim")
    shown.add_column("at ms", justify="right", no_wrap=True)
    shown.add_column("took ms", justify="right", no_wrap=True)
    shown.add_column("", no_wrap=True)
    shown.add_column("span")
    shown.add_column("service", style="dim", no_wrap=True)
    for depth, span in ordered(trace):
        style = "red" if span.failed else ""
        shown.add_row(
            f"{(span.started_at - began) / 1e6:.1f}",
            f"{span.milliseconds:.1f}",
            Text(bar(span, began, ended), style or "cyan"),
            Text.assemble(("  " * depth) + span.name, (notes(span), "dim"), style=style),
            span.service,
        )
    return shown


def ordered(trace: Trace) -> Iterator[tuple[int, Span]]:
    """Each span with its depth, a parent before its children."""
    known = {span.span_id for span in trace}
    children: dict[str, list[Span]] = defaultdict(list)
    for span in sorted(trace, key=lambda span: span.started_at):
        children[span.parent_id if span.parent_id in known else ""].append(span)

    def below(parent_id: str, depth: int) -> Iterator[tuple[int, Span]]:
        for span in children[parent_id]:
            yield depth, span
            yield from below(span.span_id, depth + 1)

    yield from below("", 0)


def bar(span: Span, began: int, ended: int) -> str:
    """Where the span lies within the trace; never empty. Args: began, ended: nanoseconds."""
    cell = max(ended - began, 1) / BAR_CELLS
    first = min(int((span.started_at - began) / cell), BAR_CELLS - 1)
    last = min(int((span.ended_at - began) / cell), BAR_CELLS - 1)
    return ("·" * first + "█" * (last - first + 1)).ljust(BAR_CELLS, "·")


def notes(span: Span) -> str:
    """What else counts of a span, e.g. `  status 200`."""
    found = [(short, span.attributes[name]) for name, short in NOTES.items() if _says(span, name)]
    if span.failed and "error.type" not in span.attributes:
        found.insert(0, (FAILED, "yes"))
    return "".join(f"  {short} {value}" for short, value in found)


def _says(span: Span, name: str) -> bool:
    """Whether an attribute is worth a word: a first attempt and no replay are what one expects."""
    expected: dict[str, Value] = {"taskchat.turn.attempt": 1, "taskchat.tool_call.replayed": False}
    return name in span.attributes and span.attributes[name] != expected.get(name)
