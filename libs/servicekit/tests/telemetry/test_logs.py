"""Logs: one JSON line per event, with its trace and bound fields, and never anybody's words."""

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from servicekit.telemetry.logs import JsonLines, bind_log_fields
from servicekit.telemetry.trace_context import remember_trace

from ..programs import Program


def line(message: str, *arguments: object, **options: Any) -> dict[str, Any]:
    """What a logger would write, as `logger.warning(message, *arguments, **options)`."""
    error = options.get("exc_info")
    record = logging.getLogger("kit").makeRecord(
        "kit",
        logging.WARNING,
        "file.py",
        1,
        message,
        arguments,
        (type(error), error, error.__traceback__) if error else None,
        extra=options.get("extra"),
    )
    text = JsonLines("service").format(record)
    assert "\n" not in text
    parsed = json.loads(text)
    assert isinstance(parsed, dict)
    return parsed


def test_line_has_the_fixed_fields_first() -> None:
    told = line("hello %s", "you")
    assert list(told) == ["ts", "level", "logger", "message", "service"]
    assert told["ts"].endswith("Z")
    assert (told["level"], told["message"], told["service"]) == ("WARNING", "hello you", "service")


def test_exception_is_told_without_its_words() -> None:
    def fail(note: str) -> None:
        try:
            raise KeyError(note)
        except KeyError as error:
            raise ValueError(f"cannot store {note}") from error

    with pytest.raises(ValueError, match="diary") as caught:
        fail("dear diary")
    told = line("it broke", exc_info=caught.value)
    assert told["error"]["type"] == "builtins.ValueError"
    assert told["error"]["caused_by"] == ["builtins.KeyError"]
    assert told["error"]["stack"][-1].endswith(" fail")
    assert "diary" not in json.dumps(told)


def test_error_that_is_logged_after_its_span_is_told_with_its_trace() -> None:
    error = ValueError()
    with TracerProvider().get_tracer("test").start_as_current_span("request") as span:
        remember_trace(error)
    told = line("it broke", exc_info=error)
    assert told["trace_id"] == f"{span.get_span_context().trace_id:032x}"
    assert told["span_id"] == f"{span.get_span_context().span_id:016x}"


def test_line_break_in_a_message_stays_in_its_line() -> None:
    assert line("one\ntwo")["message"] == "one\ntwo"


def test_line_inside_a_trace_names_it() -> None:
    with TracerProvider().get_tracer("test").start_as_current_span("work") as span:
        told = line("hello")
    assert told["trace_id"] == f"{span.get_span_context().trace_id:032x}"
    assert told["span_id"] == f"{span.get_span_context().span_id:016x}"


def test_bound_fields_end_with_their_block() -> None:
    with bind_log_fields(turn_id="t1"), bind_log_fields(user_id="u1"):
        told = line("hello", extra={"attempt": 2})
    assert (told["turn_id"], told["user_id"], told["attempt"]) == ("t1", "u1", 2)
    assert "turn_id" not in line("hello")


def test_extra_never_overwrites_what_we_say() -> None:
    told = line("hello", extra={"service": "other", "level": "x", "color_message": "blue"})
    assert (told["service"], told["level"]) == ("service", "WARNING")
    assert "color_message" not in told


async def test_tasks_have_their_own_fields() -> None:
    both_bound = asyncio.Barrier(2)

    async def speak(turn_id: str) -> str:
        with bind_log_fields(turn_id=turn_id):
            await both_bound.wait()
            return str(line("hello")["turn_id"])

    first, second = await asyncio.gather(speak("t1"), speak("t2"))
    assert (first, second) == ("t1", "t2")


PROGRAM = """
    import logging
    import warnings

    early = logging.getLogger("early")
    early.addHandler(logging.StreamHandler())
    early.propagate = False

    from servicekit.database.pool import WatchedPool
    from servicekit.telemetry.setup import set_up_telemetry

    telemetry = set_up_telemetry("service", log_level="INFO")
    assert not telemetry.tracing
    early.info("early library")
    logging.getLogger("uvicorn.error").info("uvicorn")
    logging.getLogger("mine").debug("too quiet")
    logging.getLogger("httpx2").info("GET https://host/?token=hush")
    logging.getLogger("openai").debug("the person said hush")
    logging.getLogger("sqlalchemy.engine").info("INSERT hush")
    WatchedPool(lambda: None).dispose()
    warnings.warn("a warning", stacklevel=1)
    telemetry.shutdown()
"""


def test_every_logger_of_a_process_writes_json_on_stdout(tmp_path: Path) -> None:
    program = Program(PROGRAM, tmp_path, LOG_LEVEL="INFO")
    assert program.ended() == 0
    assert program.errors == ""
    assert [told["logger"] for told in program.log] == ["early", "uvicorn.error", "py.warnings"]
    assert {told["service"] for told in program.log} == {"service"}
    assert "hush" not in json.dumps(program.log)


UNHANDLED = """
    import asyncio
    import sys
    import threading

    from servicekit.telemetry.setup import set_up_telemetry

    set_up_telemetry("service", log_level="INFO")


    async def fail():
        raise ValueError("hush in a task")


    async def forget_a_task():
        task = asyncio.create_task(fail())
        await asyncio.wait([task])
        del task


    class Broken:
        def __del__(self):
            raise ValueError("hush in a destructor")


    def fail_in_a_thread():
        raise ValueError("hush in a thread")


    asyncio.run(forget_a_task())
    Broken()
    thread = threading.Thread(target=fail_in_a_thread)
    thread.start()
    thread.join()
    raise ValueError("hush at the end")
"""


def test_what_nobody_catches_is_told_as_json_without_its_words(tmp_path: Path) -> None:
    program = Program(UNHANDLED, tmp_path)
    assert program.ended() == 1
    assert program.errors == ""
    assert [told["message"] for told in program.log] == [
        "Task exception was never retrieved",
        "exception that could not be raised",
        "uncaught exception in a thread",
        "uncaught exception",
    ]
    assert {told["error"]["type"] for told in program.log} == {"builtins.ValueError"}
    assert all(told["error"]["stack"] for told in program.log)
    assert "hush" not in json.dumps(program.log)
