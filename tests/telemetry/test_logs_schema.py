"""otel/schema against sources and real lines: what is logged is listed, and the reverse."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from devstack.stack import Stack

from tests.equipment.chat import User, answer, say
from tests.equipment.documents import ROOT
from tests.equipment.log_lines import SECURITY_EVENT, Line, log_lines
from tests.equipment.simulator import Simulator
from tests.equipment.telemetry_schema import (
    LogEvent,
    Service,
    field_schema,
    log_schema,
    security_schema,
)

PACKAGES: dict[Service, str] = {
    "chat-gateway": "services/chat-gateway/src",
    "mcp-tools": "services/mcp-tools/src",
    "gemini-simulator": "services/gemini-simulator/src",
}
SHARED = "libs/servicekit/src"
LEVELS = {"exception": "ERROR"}
METHODS = {"debug", "info", "warning", "error", "exception"}
IN_EVERY_LINE = {"ts", "level", "logger", "message", "service"}
IN_EVERY_AUDIT = {"event", "outcome"}
WHERE_WE_ARE = {"trace_id", "span_id", "user_id", "turn_id", "tool"}
"""Of the trace, and what `bind_log_fields` adds inside a turn or a tool call."""
OURS = ("chat_gateway", "mcp_tools", "gemini_simulator", "servicekit")


@dataclass(frozen=True, slots=True)
class Spoken:
    """One call of a logger in the sources. fields: None where they are made elsewhere."""

    folder: str
    message: str
    level: str
    fields: frozenset[str] | None


def spoken() -> list[Spoken]:
    """Every call of a logger."""
    folders = (*PACKAGES.values(), SHARED)
    return [
        found
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        for found in _calls(folder, path)
    ]


def _calls(folder: str, path: Path) -> Iterator[Spoken]:
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="logger" | "_logger"), attr=method),
                args=[ast.Constant(value=str(message)), *_],
            ) if method in METHODS:
                level = LEVELS.get(method, method.upper())
                yield Spoken(folder, message, level, _fields(node, method))


def _fields(call: ast.Call, method: str) -> frozenset[str] | None:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    error = {"error"} if method == "exception" or "exc_info" in given else set()
    match given.get("extra"):
        case None:
            return frozenset(error)
        case ast.Dict(keys=keys) if all(isinstance(key, ast.Constant) for key in keys):
            return frozenset(
                error | {str(key.value) for key in keys if isinstance(key, ast.Constant)}
            )
        case _:
            return None


def events() -> dict[str, LogEvent]:
    return {event.message: event for event in log_schema().events}


def always(event: LogEvent) -> set[str]:
    return {name for name, when in event.fields.items() if when == "always"}


def test_every_message_of_the_sources_is_listed_with_its_level_and_fields() -> None:
    listed, seen = events(), spoken()
    assert len(seen) > len(listed) / 2, "the sources were not found"
    wrong: list[str] = []
    for one in seen:
        event = listed.get(one.message)
        if event is None or event.level != one.level:
            wrong.append(f"{one.message}: not listed as {one.level}")
        elif one.fields is not None and not one.fields <= event.fields.keys():
            wrong.append(f"{one.message}: has {set(one.fields - event.fields.keys())} too")
    assert wrong == []


def test_every_listed_event_is_in_the_sources_of_its_services() -> None:
    seen = {(one.folder, one.message) for one in spoken()}
    missing = [
        event.message
        for event in log_schema().events
        if (SHARED, event.message) not in seen
        and any((PACKAGES[service], event.message) not in seen for service in event.services)
    ]
    assert missing == []


def test_every_listed_field_is_one_of_some_event() -> None:
    used = {name for event in log_schema().events for name in event.fields}
    used |= {name for event in security_schema().events for name in event.fields}
    listed = {field.name for field in field_schema().fields}
    assert listed - used - IN_EVERY_LINE - IN_EVERY_AUDIT - WHERE_WE_ARE == set()


async def test_real_lines_have_listed_fields_of_the_listed_types(
    stack: Stack, alice: User, simulator: Simulator
) -> None:
    failing = f"show my tasks {alice.user_id}"
    await simulator.fail(failing, 503, count=1)
    answer(await say(stack.urls.gateway, alice, failing))
    answer(await say(stack.urls.gateway, alice, "add a task to buy milk"))

    fields = {field.name: field for field in field_schema().fields}
    listed, told = events(), set[str]()
    for service in PACKAGES:
        for line in log_lines(stack.process(service)):
            assert line.keys() >= IN_EVERY_LINE
            if line["message"] == SECURITY_EVENT:
                continue  # test_security_events.py
            if line["logger"].startswith(OURS):
                told.add(line["message"])
                _check(line, listed)
            unknown = line.keys() - fields.keys()
            assert not unknown, (unknown, line)
            wrong = [
                name
                for name, value in line.items()
                if value is not None and not fields[name].holds(value)
            ]
            assert not wrong, (wrong, line)
    assert told >= {"turn ended", "tool call", "model unavailable"}


def _check(line: Line, listed: dict[str, LogEvent]) -> None:
    event = listed[line["message"]]
    assert line["level"] == event.level
    assert line["service"] in event.services
    assert always(event) <= line.keys()
    assert line.keys() <= event.fields.keys() | IN_EVERY_LINE | WHERE_WE_ARE, line
