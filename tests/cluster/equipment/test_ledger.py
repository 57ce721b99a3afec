"""The verdict itself: books that agree, and one test for each way in which they can disagree."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.cluster.equipment.ledger import Stored, discrepancies
from tests.cluster.equipment.turns import Attempt, SentTurn

USER, TURN, MESSAGE, ANSWER, CALL = (str(uuid4()) for _ in range(5))
TITLE = "file report 7"
BODY = {"turn_id": TURN, "message_id": ANSWER, "tool_calls": [{"id": CALL}]}
ATTEMPT = Attempt(datetime(2026, 11, 21, tzinfo=UTC), 0.1, 200)
SENT = SentTurn(
    UUID(USER), "key", f"add a task to {TITLE}", None, (ATTEMPT,), json.dumps(BODY).encode()
)


def turn_row(**other: object) -> dict[str, Any]:
    return {
        "user_id": UUID(USER),
        "id": UUID(TURN),
        "idempotency_key": "key",
        "state": "completed",
        "answer": json.dumps(BODY),
        **other,
    }


def message_row(role: str, content: str, row_id: str) -> dict[str, Any]:
    return {"user_id": UUID(USER), "id": UUID(row_id), "role": role, "content": content}


def call_row(row_id: str = CALL, ordinal: int = 0) -> dict[str, Any]:
    return {"id": UUID(row_id), "turn_id": UUID(TURN), "ordinal": ordinal}


SAID = message_row("user", SENT.message, MESSAGE)
TOLD = message_row("assistant", "I added it.", ANSWER)
TASK = {"user_id": UUID(USER), "id": uuid4(), "title": TITLE}
AGREED = Stored([turn_row()], [SAID, TOLD], [TASK], [call_row()])
NOTHING = Stored([], [], [], [])


def test_books_that_agree() -> None:
    assert discrepancies([SENT], AGREED) == []


def test_turn_that_was_not_answered_may_be_there_or_not() -> None:
    unanswered = replace(SENT, answer=None)
    assert discrepancies([unanswered], AGREED) == []
    assert discrepancies([unanswered], NOTHING) == []


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        (replace(AGREED, turns=[]), "no turn is stored"),
        (replace(AGREED, messages=[TOLD]), "no message is stored"),
        (replace(AGREED, tasks=[]), "no task is stored"),
        (replace(AGREED, turns=[turn_row(state="running")]), "its state is running"),
        (replace(AGREED, turns=[turn_row(answer="{}")]), "another answer is stored: {}"),
        (replace(AGREED, messages=[SAID]), "its answer is no message"),
        (replace(AGREED, tool_calls=[]), "recorded are []"),
    ],
)
def test_lost(stored: Stored, said: str) -> None:
    assert [said in sentence for sentence in discrepancies([SENT], stored)] == [True]


@pytest.mark.parametrize("sent", [SENT, replace(SENT, answer=None)], ids=["answered", "not"])
@pytest.mark.parametrize(
    ("stored", "said"),
    [
        (replace(AGREED, turns=[turn_row(), turn_row()]), "turn stored 2 times"),
        (replace(AGREED, messages=[SAID, SAID, TOLD]), "message stored 2 times"),
        (replace(AGREED, tasks=[TASK, TASK]), "task stored 2 times"),
        (replace(AGREED, tool_calls=[call_row(), call_row()]), "2 rows"),
    ],
)
def test_twice(sent: SentTurn, stored: Stored, said: str) -> None:
    assert any(said in sentence for sentence in discrepancies([sent], stored))


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        (replace(NOTHING, turns=[turn_row(idempotency_key="other")]), "nobody sent its key other"),
        (replace(NOTHING, tasks=[{**TASK, "title": "rob a bank"}]), "nobody asked for it"),
        (replace(NOTHING, tasks=[{**TASK, "user_id": uuid4()}]), "nobody asked for it"),
        (replace(NOTHING, messages=[{**SAID, "content": "hello"}]), "nobody sent it"),
    ],
)
def test_from_nowhere(stored: Stored, said: str) -> None:
    (sentence,) = discrepancies([replace(SENT, answer=None)], stored)
    assert said in sentence


def test_further_tool_call_of_an_answered_turn_is_told() -> None:
    stored = replace(AGREED, tool_calls=[call_row(), call_row(str(uuid4()), ordinal=1)])
    (sentence,) = discrepancies([SENT], stored)
    assert "told of tool calls" in sentence
