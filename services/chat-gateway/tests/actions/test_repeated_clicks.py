"""Clicks under a key: repeated, resumed, taken over, and told apart from messages."""

import asyncio
from typing import Any

import pytest
from chat_gateway.actions.clicks import ClickService
from chat_gateway.errors import IdempotencyKeyReused, TurnInProgress
from chat_gateway.turns.chat_answer import TurnAnswer
from chat_gateway.turns.service import TurnService

from ..equipment.mcp_tools import ScriptedTools, done
from ..equipment.requests import asking, clicking, conversation_of, somebody
from ..equipment.storage import Storage
from ..equipment.waiting import wait_until

AT_ONCE = 20


class Held:
    """Tools that answer the first call only when they are let."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()
        self.calls = 0

    async def __call__(self, _: dict[str, Any]) -> Any:
        self.calls += 1
        if self.calls == 1:
            await self.may_end.wait()
        return done({"task": {"title": "milk"}})

    async def called(self) -> bool:
        return self.calls > 0


async def test_twenty_at_once_with_one_key_are_one_call(
    clicks: ClickService, tools: ScriptedTools, storage: Storage
) -> None:
    identity = somebody()
    outcomes = await asyncio.gather(
        *(clicks.answer(clicking(identity, key="key")) for _ in range(AT_ONCE)),
        return_exceptions=True,
    )
    answered = [outcome for outcome in outcomes if isinstance(outcome, TurnAnswer)]
    assert [answer.replayed for answer in answered].count(False) == 1
    assert len({answer.body for answer in answered}) == 1
    assert all(
        isinstance(outcome, TurnInProgress) for outcome in outcomes if outcome not in answered
    )
    assert len(tools.calls) == 1
    assert await storage.count("turn", identity.user_id) == 1


async def test_same_key_while_the_click_runs_is_refused(
    clicks: ClickService, tools: ScriptedTools
) -> None:
    held, identity = Held(), somebody()
    tools.answer = held
    first = asyncio.create_task(clicks.answer(clicking(identity, key="key")))
    await wait_until("the call is made", held.called)
    with pytest.raises(TurnInProgress):
        await clicks.answer(clicking(identity, key="key"))
    held.may_end.set()
    await first
    assert held.calls == 1


async def test_click_whose_process_died_is_taken_over_and_its_late_answer_counts_no_more(
    clicks: ClickService, tools: ScriptedTools, storage: Storage
) -> None:
    held, identity = Held(), somebody()
    tools.answer = held
    dead = asyncio.create_task(clicks.answer(clicking(identity, key="key")))
    await wait_until("the call is made", held.called)
    await storage.abandon_turn(identity.user_id)

    answer = await clicks.answer(clicking(identity, key="key"))

    held.may_end.set()
    with pytest.raises(TurnInProgress):
        await dead
    (row,) = await storage.turns(identity.user_id)
    assert (row["answer"], row["attempt"]) == (answer.body, 2)
    keys = {str(call["_meta"]["taskchat/idempotency-key"]) for call in tools.calls}
    assert len(keys) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"arguments": {"title": "eggs"}},
        {"action": "tasks.list", "tool": "list_tasks", "arguments": {}},
        {"action": "tasks.update"},
    ],
    ids=["arguments", "tool", "action"],
)
async def test_key_of_another_click_is_refused(
    clicks: ClickService, tools: ScriptedTools, other: dict[str, Any]
) -> None:
    identity = somebody()
    await clicks.answer(clicking(identity, key="key"))
    with pytest.raises(IdempotencyKeyReused):
        await clicks.answer(clicking(identity, key="key", **other))
    assert len(tools.calls) == 1


async def test_key_of_the_same_click_in_a_conversation_is_refused(
    clicks: ClickService, service: TurnService
) -> None:
    identity = somebody()
    conversation_id = conversation_of(await service.answer(asking(identity)))
    await clicks.answer(clicking(identity, key="key"))
    with pytest.raises(IdempotencyKeyReused):
        await clicks.answer(clicking(identity, key="key", conversation_id=conversation_id))


@pytest.mark.parametrize("clicked_in", [True, False])
@pytest.mark.parametrize("said_in", [True, False])
async def test_key_of_a_click_is_no_key_for_a_message(
    clicks: ClickService, service: TurnService, storage: Storage, clicked_in: bool, said_in: bool
) -> None:
    identity = somebody()
    conversation_id = conversation_of(await service.answer(asking(identity)))
    await clicks.answer(
        clicking(identity, key="key", conversation_id=conversation_id if clicked_in else None)
    )
    with pytest.raises(IdempotencyKeyReused):
        await service.answer(
            asking(identity, key="key", conversation_id=conversation_id if said_in else None)
        )
    assert await storage.count("message", identity.user_id) == 2
    assert await storage.count("conversation", identity.user_id) == 1


async def test_key_of_a_message_is_no_key_for_a_click(
    clicks: ClickService, service: TurnService, tools: ScriptedTools
) -> None:
    identity = somebody()
    await service.answer(asking(identity, key="key"))
    with pytest.raises(IdempotencyKeyReused):
        await clicks.answer(clicking(identity, key="key"))
    assert tools.calls == []


async def test_same_key_of_two_people_is_two_clicks(
    clicks: ClickService, tools: ScriptedTools
) -> None:
    for identity in (somebody(), somebody()):
        assert not (await clicks.answer(clicking(identity, key="key"))).replayed
    assert len(tools.calls) == 2
