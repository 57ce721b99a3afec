"""A streamed turn that is stopped by way of another gateway: what its readers see, and retry."""

import asyncio
import json
from typing import Any

from chat_gateway.turns.runner import TurnContext
from servicekit.identifiers import new_id

from ..equipment.gateway import Gateway
from ..equipment.scripted_agent import Gate, buy, groceries
from ..equipment.streams import checked, events_of, items_of, opened, retried, said, streamed


def stopping(context: TurnContext) -> dict[str, object]:
    action = {"type": "turn.stop", "payload": {"turn_id": str(context.turn_id)}}
    params = {"thread_id": str(context.conversation_id), "action": action}
    return {"type": "threads.custom_action", "params": params}


async def test_text_goes_calls_stay_and_the_item_goes_on(gateway: Gateway, other: Gateway) -> None:
    gate, user_id = Gate(), new_id()

    async def slow(context: TurnContext) -> str:
        await buy(context, "milk")
        context.voice.say("Added mi")
        return await gate(context)

    gateway.agent.script = slow
    turn = asyncio.create_task(streamed(gateway, user_id, said("buy milk"), idempotency_key="key"))
    await asyncio.wait_for(gate.reached.wait(), 60)

    stop = await streamed(other, user_id, stopping(gateway.agent.contexts[0]))

    assert stop.events[-1]["data"]["stopped"] is True
    stream = await asyncio.wait_for(turn, 60)
    last = stream.events[-1]
    assert (last["type"], last["allow_retry"]) == ("error", True)
    assert last["message"].startswith(
        "The turn was stopped. 1 change was made before that: add task. Your message is kept."
    )
    assert stream.kinds.count("removed") == 1
    assert [item["type"] for item in stream.items] == ["user_message", "workflow"]
    assert stream.items == await items_of(other, user_id, stream.turn["conversation_id"])

    other.agent.script = groceries
    resumed = await streamed(other, user_id, retried(stream))

    assert resumed.kinds[-1] == "done assistant_message"
    assert resumed.turn["turn_id"] == stream.turn["turn_id"]


async def test_stopped_and_deleted_at_once_the_stream_says_that_it_is_gone(
    gateway: Gateway, other: Gateway
) -> None:
    gate, user_id = Gate(), new_id()
    gateway.agent.script = gate
    turn = asyncio.create_task(streamed(gateway, user_id, said("buy milk")))
    await asyncio.wait_for(gate.reached.wait(), 60)
    (context,) = gateway.agent.contexts

    await streamed(other, user_id, stopping(context))
    params = {"thread_id": str(context.conversation_id)}
    deleted = await other.post(user_id, {"type": "threads.delete", "params": params})

    assert deleted.status_code == 200
    last = (await asyncio.wait_for(turn, 60)).events[-1]
    assert (last["type"], last["allow_retry"]) == ("error", False)
    assert last["message"] == "You have deleted this conversation. Nothing was changed."


async def test_who_follows_it_is_told_too(gateway: Gateway, other: Gateway) -> None:
    gate, user_id = Gate(), new_id()
    gateway.agent.script = gate
    turn = asyncio.create_task(streamed(gateway, user_id, said("buy milk"), idempotency_key="key"))
    await asyncio.wait_for(gate.reached.wait(), 60)
    (context,) = gateway.agent.contexts
    (message,) = await items_of(other, user_id, str(context.conversation_id))
    params = {"thread_id": message["thread_id"], "item_id": message["id"]}
    told: list[Any] = []
    async with opened(
        other, user_id, {"type": "threads.retry_after_item", "params": params}
    ) as following:
        async for _, data in events_of(following):
            told.append(checked(data))
            if told[-1].get("name") == "turn":
                await streamed(other, user_id, stopping(context))
    await asyncio.wait_for(turn, 60)
    assert (told[-1]["type"], told[-1]["allow_retry"]) == ("error", True)
    assert "stopped" in json.dumps(told[-1])
