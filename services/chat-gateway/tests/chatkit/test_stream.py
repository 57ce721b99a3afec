"""What a turn tells → events of the protocol, from events of our own."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from chat_gateway.chatkit.stream import ThreadStream
from chat_gateway.errors import DeadlineExceeded, InternalError, Problem, TurnInProgress
from chat_gateway.turns.chat_answer import render_answer
from chat_gateway.turns.events import Asked, Came, Closed, Event, Opened, Retracted, Said
from chat_gateway.turns.journal import ToolResult
from hypothesis import given, settings
from hypothesis import strategies as st

from ..equipment.scripted_agent import result, step
from ..equipment.streams import checked, kind_of, standing

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
OPENED = Opened(uuid4(), uuid4(), uuid4(), "milk", NOW, created=None)
TEXT = uuid4()
CALLS = step(0, "milk", "eggs").calls
RESULTS = (result(0, "milk"), result(1, "eggs"))


def closed(text: str, results: Sequence[ToolResult] = ()) -> Closed:
    body = render_answer(
        conversation_id=OPENED.conversation_id,
        turn_id=OPENED.turn_id,
        message_id=TEXT,
        response=text,
        results=results,
        created_at=NOW,
    )
    return Closed(body, replayed=False)


def told(*events: Event, problem: Problem | None = None) -> list[dict[str, Any]]:
    """What is written for events, and for the problem in which they end."""
    stream = ThreadStream()
    written = b"".join(map(stream.told, events))
    if problem is not None:
        written += stream.failed(problem)
    *blocks, rest = written.decode().split("\n\n")
    assert rest == ""
    return [checked(block.removeprefix("data: ")) for block in blocks]


def test_what_is_told_again_is_written_once() -> None:
    once: list[Event] = [OPENED, Asked(CALLS), Came(RESULTS[0])]
    again = [*once, replace(OPENED, resumed=True), *once[1:]]
    assert [kind_of(one) for one in told(*again)] == [kind_of(one) for one in told(*once)]


def test_a_call_that_was_repeated_shows_its_last_result() -> None:
    other = replace(RESULTS[0], id=uuid4(), output={"task": {"title": "oat milk"}})
    events = told(OPENED, Asked(CALLS[:1]), Came(RESULTS[0]), Came(other), closed("a", [other]))
    assert standing(events)[1]["workflow"]["tasks"][0]["title"] == "Added “oat milk”"


def test_results_in_any_order_stand_in_that_of_their_calls() -> None:
    events = told(OPENED, Asked(CALLS), Came(RESULTS[1]), Came(RESULTS[0]), closed("a", RESULTS))
    titles = [task["title"] for task in standing(events)[1]["workflow"]["tasks"]]
    assert titles == ["Added “milk”", "Added “eggs”"]


def test_calls_that_nobody_told_of_are_shown_at_the_end() -> None:
    kinds = [kind_of(one) for one in told(OPENED, closed("a", RESULTS))]
    assert kinds[-2:] == ["done workflow", "done assistant_message"]


def test_a_result_without_its_neighbour_keeps_its_place() -> None:
    events = told(OPENED, Asked(CALLS), Came(RESULTS[1]), closed("a", RESULTS[1:]))
    first, second = standing(events)[1]["workflow"]["tasks"]
    assert "before it was known" in first["content"]
    assert second["title"] == "Added “eggs”"


def test_text_of_another_id_than_the_stored_one_is_removed() -> None:
    events = told(OPENED, Said(uuid4(), "a"), closed("b"))
    assert [item["type"] for item in standing(events)] == ["user_message", "assistant_message"]
    assert "removed" in [kind_of(one) for one in events]


@pytest.mark.parametrize(
    ("problem", "again"),
    [(TurnInProgress(), True), (DeadlineExceeded(), True), (InternalError(), False)],
)
def test_an_error_says_whether_to_try_again(problem: Problem, again: bool) -> None:
    events = told(OPENED, Said(TEXT, "a"), problem=problem)
    assert [kind_of(one) for one in events[-2:]] == ["removed", "error"]
    assert events[-1]["allow_retry"] is again
    assert events[-1]["message"]


EVENTS = st.lists(
    st.sampled_from(
        [
            Asked(CALLS[:1]), Asked(CALLS[1:]), Came(RESULTS[0]), Came(RESULTS[1]),
            Said(TEXT, "a\u2028b\x85"), Said(other := uuid4(), "b"), Retracted(TEXT, "cut"),
            Retracted(other, "cut"), OPENED,
        ]
    ),
    max_size=12,
)  # fmt: skip


@settings(deadline=None)
@given(events=EVENTS, fails=st.booleans())
def test_whatever_is_told_the_end_is_what_is_stored(events: list[Event], fails: bool) -> None:
    if fails:
        written = told(OPENED, *events, problem=DeadlineExceeded())
        items = standing(written)
        assert written[-1]["type"] == "error"
    else:
        items = standing(told(OPENED, *events, closed("a", RESULTS)))
        (answer,) = [item for item in items if item["type"] == "assistant_message"]
        assert answer["content"][0]["text"] == "a"
        (workflow,) = [item for item in items if item["type"] == "workflow"]
        assert [task["title"] for task in workflow["workflow"]["tasks"]] == [
            "Added “milk”", "Added “eggs”",
        ]  # fmt: skip
    assert [item["type"] for item in items].count("assistant_message") == int(not fails)
    json.dumps(items)
