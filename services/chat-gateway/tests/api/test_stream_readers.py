"""Readers that leave, and one that does not read: the turn does not mind."""

import asyncio
import json

import pytest
from chat_gateway.turns.runner import TurnContext
from servicekit.identifiers import new_id

from ..equipment.gateway import ORIGIN, Gateway
from ..equipment.scripted_agent import Gate, groceries
from ..equipment.storage import Storage
from ..equipment.streams import checked, events_of, items_of, opened, said, streamed
from ..equipment.waiting import wait_until

FOLLOW_ENDS_SECONDS = 15
"""On a busy machine."""


class TestReaderThatLeaves:
    @pytest.mark.parametrize("count", range(1, 13))
    async def test_the_turn_runs_to_its_end(
        self, gateway: Gateway, storage: Storage, count: int
    ) -> None:
        gate, user_id = Gate(), new_id()

        async def slow(context: TurnContext) -> str:
            text = await groceries(context)
            await gate(context)
            return text

        gateway.agent.script = slow
        async with opened(gateway, user_id, said("buy milk")) as response:
            read = 0
            async for _, data in events_of(response):
                checked(data)
                read += 1
                if read == count:
                    break
        assert read == count
        gate.opened.set()
        await asyncio.wait_for(gateway.app._in_flight.ended(), 60)
        (turn,) = await storage.turns(user_id)
        assert turn["state"] == "completed"
        assert await storage.messages(user_id) == [
            ("user", "buy milk"),
            ("assistant", "Added milk."),
        ]

    async def test_a_follow_ends_with_its_reader(self, gateway: Gateway, other: Gateway) -> None:
        gate, user_id = Gate(), new_id()
        gateway.agent.script = gate
        turn = asyncio.create_task(streamed(gateway, user_id, said("buy milk")))
        await asyncio.wait_for(gate.reached.wait(), 60)
        (context,) = gateway.agent.contexts
        (message,) = await items_of(gateway, user_id, str(context.conversation_id))
        params = {"thread_id": message["thread_id"], "item_id": message["id"]}
        ask = {"type": "threads.retry_after_item", "params": params}

        async with opened(other, user_id, ask) as response:
            assert "user_message" in (await anext(events_of(response)))[1]

        assert other.app.settings.turn_deadline_seconds > FOLLOW_ENDS_SECONDS
        await asyncio.wait_for(other.app._in_flight.ended(), FOLLOW_ENDS_SECONDS)
        gate.opened.set()
        assert (await turn).kinds[-1] == "done assistant_message"

    async def test_one_that_reads_nothing_costs_nobody_anything(
        self, gateway: Gateway, storage: Storage
    ) -> None:
        user_id = new_id()

        async def talks(context: TurnContext) -> str:
            for _ in range(2_000):
                context.voice.say("x" * 1_000)
                await asyncio.sleep(0)
            return "x"

        gateway.agent.script = talks
        body = json.dumps(said("hi")).encode()
        head = (
            f"POST /api/{user_id}/chat HTTP/1.1\r\nHost: x\r\nOrigin: {ORIGIN}\r\n"
            f"Authorization: Bearer {gateway.issuer.token(user_id)}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        _, writer = await asyncio.open_connection("127.0.0.1", gateway.port, limit=1)
        writer.write(head.encode() + body)
        await writer.drain()

        async def completed() -> bool:
            turns = await storage.turns(user_id)
            return [turn["state"] for turn in turns] == ["completed"]

        await wait_until("the turn of the deaf reader is completed", completed)
        assert len((await streamed(gateway, new_id(), said("hi"))).events) > 5
        writer.transport.abort()
        await asyncio.wait_for(gateway.app._in_flight.ended(), 60)
