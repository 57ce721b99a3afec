"""What a person sees of the services' logs."""

import io
import json
import os
import pty

import pytest
from devstack.console import Console


@pytest.fixture
def terminal() -> io.StringIO:
    return io.StringIO()


def shown(terminal: io.StringIO, line: str | dict[str, object], *, raw: bool = False) -> str:
    text = line if isinstance(line, str) else json.dumps(line)
    Console(terminal, raw=raw).of("auth")(text)
    return terminal.getvalue()


def test_line_that_is_not_json_is_shown_as_it_is(terminal: io.StringIO) -> None:
    assert shown(terminal, "Traceback: {").endswith("│ Traceback: {\n")


def test_json_that_is_no_log_line_is_shown_as_it_is(terminal: io.StringIO) -> None:
    assert shown(terminal, "[1, 2]").endswith("│ [1, 2]\n")


def test_log_line_shows_time_level_message_and_fields(terminal: io.StringIO) -> None:
    line: dict[str, object] = {
        "ts": "2026-11-21T10:00:00.123456Z",
        "level": "WARNING",
        "logger": "chat_gateway.turns",
        "message": "turn failed",
        "service": "chat-gateway",
        "span_id": "00f067aa0ba902b7",
        "retryable": True,
        "code": "model_error",
    }
    said = shown(terminal, line)
    assert said.startswith("auth             │ ")
    assert ":00:00.123 WARNING turn failed retryable=true code=model_error\n" in said


def test_error_shows_types_and_our_own_frames(terminal: io.StringIO) -> None:
    line: dict[str, object] = {
        "message": "failed",
        "error": {
            "type": "a.Outer",
            "caused_by": ["b.Inner"],
            "stack": ["/x/site-packages/lib.py:1 f", "/x/src/ours.py:2 g"],
        },
    }
    said = shown(terminal, line)
    assert "error=a.Outer ← b.Inner" in said
    assert "at /x/src/ours.py:2 g" in said
    assert "lib.py" not in said


def test_raw_lines_stay_json(terminal: io.StringIO) -> None:
    assert shown(terminal, {"message": "m"}, raw=True).endswith('│ {"message": "m"}\n')


def test_each_line_of_a_text_has_the_prefix(terminal: io.StringIO) -> None:
    Console(terminal, raw=False).say("one\ntwo")
    assert [line.partition("│")[0].strip() for line in terminal.getvalue().splitlines()] == [
        "taskchat",
        "taskchat",
    ]


def test_colours_stay_out_of_files(terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    assert "\033" not in shown(terminal, {"message": "m", "level": "ERROR"})


def test_colours_can_be_forced_and_refused(
    terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\033[35m" in shown(terminal, "line")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\033" not in shown(io.StringIO(), "line")


def test_closed_pipe_is_noticed_and_printed_to_without_an_error() -> None:
    reading, writing = os.pipe()
    with open(writing, "w") as stream:
        console = Console(stream, raw=False)
        console.say("anybody?")
        closed = [console.is_closed]
        os.close(reading)
        closed.append(console.is_closed)
        console.say("anybody?")
        assert closed == [False, True]
        with pytest.raises(BrokenPipeError):
            stream.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), writing)


def test_closed_terminal_is_noticed() -> None:
    master, terminal = pty.openpty()
    with open(terminal, "w") as stream:
        console = Console(stream, raw=False)
        closed = [console.is_closed]
        os.close(master)
        assert [*closed, console.is_closed] == [False, True]
