"""A turn asked for again: replayed, followed, gone on with or taken over; never done twice."""

import asyncio
from typing import Any

from chat_gateway.errors import ModelUnavailable
from chat_gateway.turns.events import Asked, Came
from chat_gateway.turns.runner import TurnContext
from servicekit.identifiers import new_id

from ..equipment.gateway import Gateway
from ..equipment.scripted_agent import Gate, buy, groceries, say_hello, unavailable
from ..equipment.storage import Storage
from ..equipment.streams import checked, events_of, items_of, opened, retried, said, streamed


class TestRetries:
    async def test_the_same_key_replays_what_is_stored(self, gateway: Gateway) -> None:
        gateway.agent.script = groceries
        user_id = new_id()
        first = await streamed(gateway, user_id, said("buy milk"), idempotency_key="key")
        again = await streamed(gateway, user_id, said("buy milk"), idempotency_key="key")

        assert again.headers["idempotency-replayed"] == "true"
        assert again.items == first.items
        assert again.kinds == [
            "thread.created", "done user_message", "effect turn", "done workflow",
            "done assistant_message",
        ]  # fmt: skip
        assert len(gateway.agent.contexts) == 1

    async def test_either_body_retries_the_other_and_goes_on_with_it(
        self, gateway: Gateway
    ) -> None:
        gateway.agent.script = groceries
        user_id = new_id()
        stream = await streamed(gateway, user_id, said("buy milk"), idempotency_key="a")
        plain = await gateway.post(user_id, {"message": "buy milk"}, idempotency_key="a")
        assert plain.headers["idempotency-replayed"] == "true"
        thread_id = stream.turn["conversation_id"]
        assert plain.json()["conversation_id"] == thread_id

        asked: dict[str, object] = {"message": "and eggs", "conversation_id": thread_id}
        on = await gateway.post(user_id, asked, idempotency_key="b")
        assert on.status_code == 200
        replayed = await streamed(
            gateway, user_id, said("and eggs", thread_id), idempotency_key="b"
        )
        assert replayed.headers["idempotency-replayed"] == "true"
        assert "thread.created" not in replayed.kinds
        items = await items_of(gateway, user_id, thread_id)
        assert [item["type"] for item in items] == [
            "user_message", "workflow", "assistant_message",
        ] * 2  # fmt: skip
        other = await gateway.post(user_id, said("other"), idempotency_key="a")
        assert other.json()["code"] == "idempotency_key_reused"

    async def test_while_it_runs_the_key_is_refused_and_the_item_is_followed(
        self, gateway: Gateway
    ) -> None:
        gate, user_id = Gate(), new_id()

        async def slow(context: TurnContext) -> str:
            text = await groceries(context)
            await gate(context)
            return text

        gateway.agent.script = slow
        running = asyncio.create_task(
            streamed(gateway, user_id, said("buy milk"), idempotency_key="key")
        )
        await asyncio.wait_for(gate.reached.wait(), 60)
        refused = await gateway.post(user_id, said("buy milk"), idempotency_key="key")
        assert (refused.status_code, refused.json()["code"]) == (409, "turn_in_progress")
        (context,) = gateway.agent.contexts
        rows = await items_of(gateway, user_id, str(context.conversation_id))
        ask = {
            "type": "threads.retry_after_item",
            "params": {"thread_id": str(context.conversation_id), "item_id": rows[0]["id"]},
        }
        kinds: list[Any] = []
        async with opened(gateway, user_id, ask) as response:
            assert response.status_code == 200
            async for _, data in events_of(response):
                kinds.append(checked(data))
                if kinds[-1].get("name") == "tool_result":
                    gate.opened.set()
        first = await running
        assert first.items[-1] == kinds[-1]["item"]
        assert len(gateway.agent.contexts) == 1

    async def test_a_failed_turn_goes_on_by_its_item(
        self, gateway: Gateway, storage: Storage
    ) -> None:
        async def fails(context: TurnContext) -> str:
            await buy(context, "milk")
            raise ModelUnavailable()

        async def goes_on(context: TurnContext) -> str:
            for one in context.journal.steps:
                context.listener(Asked(one.calls))
            for came in context.journal.results:
                context.listener(Came(came))
            return "Added milk."

        gateway.agent.script = fails
        user_id = new_id()
        first = await streamed(gateway, user_id, said("buy milk"))
        gateway.agent.script = goes_on
        again = await streamed(gateway, user_id, retried(first))

        assert again.turn == first.turn
        assert "thread.created" not in again.kinds
        assert again.items[:2] == first.items
        assert again.items == await items_of(gateway, user_id, first.turn["conversation_id"])
        (turn,) = await storage.turns(user_id)
        assert (turn["state"], turn["attempt"]) == ("completed", 2)
        replayed = await streamed(gateway, user_id, retried(first))
        assert replayed.headers["idempotency-replayed"] == "true"
        assert replayed.items == again.items

    async def test_an_abandoned_turn_is_taken_over_by_its_item(
        self, gateway: Gateway, storage: Storage
    ) -> None:
        gate, user_id = Gate(), new_id()
        gateway.agent.script = gate
        lost = asyncio.create_task(streamed(gateway, user_id, said("hi")))
        await asyncio.wait_for(gate.reached.wait(), 60)
        await storage.abandon_turn(user_id)
        (context,) = gateway.agent.contexts
        (item,) = await items_of(gateway, user_id, str(context.conversation_id))

        async def answers(_: TurnContext) -> str:
            return "Here."

        gateway.agent.script = answers
        params = {"thread_id": str(context.conversation_id), "item_id": item["id"]}
        ask: dict[str, object] = {"type": "threads.retry_after_item", "params": params}
        stream = await streamed(gateway, user_id, ask)
        assert stream.items[-1]["content"][0]["text"] == "Here."
        gate.opened.set()
        first = await lost
        assert first.events[-1]["type"] == "error"
        assert first.events[-1]["allow_retry"]

    async def test_only_a_persons_own_message_of_that_thread_is_retried(
        self, gateway: Gateway
    ) -> None:
        user_id, other = new_id(), new_id()
        mine = await streamed(gateway, user_id, said("hi"))
        elsewhere = await streamed(gateway, user_id, said("hi"))
        theirs = await streamed(gateway, other, said("hi"))
        thread_id = mine.turn["conversation_id"]
        items = (
            str(new_id()),
            mine.items[-1]["id"],
            mine.turn["turn_id"],
            elsewhere.turn["item_id"],
            theirs.turn["item_id"],
        )
        answers = []
        for item_id in items:
            params = {"thread_id": thread_id, "item_id": item_id}
            body: dict[str, object] = {"type": "threads.retry_after_item", "params": params}
            answers.append(await gateway.post(user_id, body))
        assert {answer.status_code for answer in answers} == {422}
        assert len({answer.content for answer in answers}) == 1
        assert answers[0].json()["errors"][0]["pointer"] == "/params/item_id"
        for stranger in (retried(theirs), retried(theirs) | {"metadata": {}}):
            refused = await gateway.post(user_id, stranger)
            assert (refused.status_code, refused.json()["code"]) == (404, "conversation_not_found")

    async def test_those_who_retry_at_once_all_get_the_one_answer(self, gateway: Gateway) -> None:
        gateway.agent.script = unavailable
        user_id, gate = new_id(), Gate()
        first = await streamed(gateway, user_id, said("buy milk"))
        gateway.agent.script = gate
        retries = [
            asyncio.create_task(streamed(gateway, user_id, retried(first))) for _ in range(4)
        ]
        await asyncio.wait_for(gate.reached.wait(), 60)
        gate.opened.set()

        streams = await asyncio.gather(*retries)
        items = await items_of(gateway, user_id, first.turn["conversation_id"])
        assert [stream.items for stream in streams] == [items] * 4
        assert len(gateway.agent.contexts) == 2

    async def test_a_thread_is_told_as_it_is_stored_however_often(self, gateway: Gateway) -> None:
        user_id = new_id()
        first = await streamed(gateway, user_id, said("buy milk"), idempotency_key="key")
        thread_id = first.turn["conversation_id"]
        read: dict[str, object] = {
            "type": "threads.update",
            "params": {"thread_id": thread_id, "title": "Shopping"},
        }
        stored = (await gateway.post(user_id, read)).json()
        again = await streamed(gateway, user_id, said("buy milk"), idempotency_key="key")
        (begun,), (told,) = first.of("thread.created"), again.of("thread.created")
        assert told["thread"] == stored
        assert begun["thread"] == stored | {"title": "buy milk"}

    async def test_a_new_thread_that_goes_on_is_told_with_its_title(self, gateway: Gateway) -> None:
        gateway.agent.script = unavailable
        user_id = new_id()
        first = await streamed(gateway, user_id, said("buy milk"), idempotency_key="key")
        params = {"thread_id": first.turn["conversation_id"], "title": "Shopping"}
        stored = await gateway.post(user_id, {"type": "threads.update", "params": params})
        gateway.agent.script = say_hello
        again = await streamed(gateway, user_id, said("buy milk"), idempotency_key="key")
        assert again.kinds[-1] == "done assistant_message"
        (told,) = again.of("thread.created")
        assert told["thread"] == stored.json()
