"""The file of spans and what `make trace` makes of it."""

from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from types import MappingProxyType

import pytest
from devstack.local_traces.command import chosen, command
from devstack.local_traces.spans import Span, Value
from devstack.local_traces.trace_file import NAME, TraceFile
from devstack.local_traces.tree import BAR_CELLS, bar, notes, ordered, table, title
from rich.console import Console

MILLISECOND = 1_000_000


def span(
    name: str,
    span_id: str,
    parent_id: str = "",
    *,
    at: int = 0,
    took: int = 1,
    trace: str = "a1",
    failed: bool = False,
    attributes: Mapping[str, Value] = MappingProxyType({}),
) -> Span:
    """A span of a trace. Args: at, took: milliseconds."""
    started, ended = at * MILLISECOND, (at + took) * MILLISECOND
    told = dict(attributes)
    return Span("chat-gateway", name, trace, span_id, parent_id, started, ended, failed, told)


TURN = (
    span("POST /api/{user_id}/chat", "1", "9", took=100),
    span("turn.close", "4", "2", at=80, took=10),
    span("turn", "2", "1", at=1, took=98),
    span("turn.open", "3", "2", at=2, took=10),
)


class TestFile:
    def test_without_a_run_there_is_nothing(self, tmp_path: Path) -> None:
        assert TraceFile(tmp_path).turns() == []

    def test_traces_without_a_turn_are_left_out(self, tmp_path: Path) -> None:
        file = TraceFile(tmp_path)
        file.add([span("GET /api/auth/token", "1", trace="b2"), *TURN])
        [trace] = file.turns()
        assert trace[0] == TURN[0]
        assert len(trace) == len(TURN)

    def test_newest_turn_is_the_last(self, tmp_path: Path) -> None:
        file = TraceFile(tmp_path)
        file.add([span("turn", "1", at=5, trace="b2"), span("turn", "1", at=1, trace="a1")])
        assert [trace[0].trace_id for trace in file.turns()] == ["a1", "b2"]

    def test_line_that_is_still_being_written_is_left(self, tmp_path: Path) -> None:
        file = TraceFile(tmp_path)
        file.add(TURN)
        with (tmp_path / NAME).open("a") as writing:
            writing.write('{"service": "chat-ga')
        assert len(file.turns()) == 1

    def test_file_stays_small_and_keeps_the_newest(self, tmp_path: Path) -> None:
        file = TraceFile(tmp_path, most_bytes=4000)
        for number in range(200):
            file.add([span("turn", "1", at=number, trace=f"{number:04}")])
        kept = [trace[0].trace_id for trace in file.turns()]
        assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 9000
        assert kept[-1] == "0199"
        assert kept == sorted(kept)
        assert len(kept) > 4

    def test_clear_forgets_both_files(self, tmp_path: Path) -> None:
        file = TraceFile(tmp_path, most_bytes=0)
        file.add(TURN)
        file.add(TURN)
        file.clear()
        assert list(tmp_path.iterdir()) == []


class TestTree:
    def test_children_stand_under_their_parent_by_their_start(self) -> None:
        shown = [(depth, one.name) for depth, one in ordered(TURN)]
        assert shown == [
            (0, "POST /api/{user_id}/chat"),
            (1, "turn"),
            (2, "turn.open"),
            (2, "turn.close"),
        ]

    def test_span_without_its_parent_is_not_lost(self) -> None:
        lonely = span("tools/call add_task", "7", "no such span", at=50)
        assert (0, lonely) in list(ordered([*TURN, lonely]))

    @pytest.mark.parametrize(
        ("at", "took", "first", "cells"),
        [(0, 240, 0, 24), (120, 10, 12, 2), (230, 10, 23, 1), (239, 0, 23, 1), (0, 0, 0, 1)],
    )
    def test_bar_lies_where_the_span_lies(self, at: int, took: int, first: int, cells: int) -> None:
        drawn = bar(span("x", "1", at=at, took=took), 0, 240 * MILLISECOND)
        assert len(drawn) == BAR_CELLS
        assert (drawn.find("█"), drawn.count("█")) == (first, cells)

    def test_trace_that_took_no_time_has_bars(self) -> None:
        assert bar(span("x", "1", took=0), 0, 0).count("█") == 1

    def test_what_one_expects_is_not_noted(self) -> None:
        told = {"taskchat.turn.attempt": 1, "taskchat.tool_call.replayed": False}
        assert notes(span("turn", "1", attributes=told)) == ""
        told = {"taskchat.turn.attempt": 2, "taskchat.tool_call.replayed": True}
        assert notes(span("turn", "1", attributes=told)) == "  attempt 2  replayed True"

    def test_failure_without_a_type_is_noted(self) -> None:
        assert notes(span("x", "1", failed=True)) == "  error yes"
        typed = {"error.type": "model_unavailable"}
        assert notes(span("x", "1", failed=True, attributes=typed)) == "  error model_unavailable"

    def test_table_shows_times_since_the_beginning(self) -> None:
        printed = StringIO()
        Console(file=printed, width=140).print(table(TURN))
        close = next(line for line in printed.getvalue().splitlines() if "turn.close" in line)
        assert close.split()[:2] == ["80.0", "10.0"]

    def test_title_says_how_long_it_took(self) -> None:
        assert "0.10 s  4 spans  trace a1" in title(TURN)


class TestCommand:
    def run(self, folder: Path) -> int:
        return command("trace", folder, folder, folder / ".env")

    def test_without_a_turn_it_says_what_to_type(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert self.run(tmp_path) == 1
        assert "make run TELEMETRY=1" in capsys.readouterr().err

    def test_prints_the_last_turn(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        file = TraceFile(tmp_path)
        file.add(TURN)
        file.add([span("turn", "1", at=500, trace="b2")])
        assert self.run(tmp_path) == 0
        assert "1 spans  trace b2" in capsys.readouterr().out

    def test_unknown_trace_is_answered_with_those_that_are_known(
        self,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        TraceFile(tmp_path).add(TURN)
        monkeypatch.setenv("TRACE", "ffff")
        assert self.run(tmp_path) == 1
        said = capsys.readouterr().err
        assert "begins with ffff" in said
        assert "trace a1" in said

    def test_trace_may_be_named_by_its_beginning(self) -> None:
        turns = [[span("turn", "1", trace="aa11")], [span("turn", "1", trace="bb22")]]
        assert chosen(list(turns), "AA") == turns[0]
        assert chosen(list(turns), "") == turns[1]
        assert chosen([], "") is None
