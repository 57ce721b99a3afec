"""Streamed turns over HTTP: what is told, in which order, and what is left when nobody reads."""

import json
from dataclasses import replace
from itertools import groupby

import pytest
from chat_gateway.errors import DatabaseUnavailable, ModelError, ModelUnavailable, ToolsUnavailable
from chat_gateway.turns.events import BEFORE_CALLS, Asked, Came
from chat_gateway.turns.journal import ToolError
from chat_gateway.turns.runner import TurnContext
from servicekit.identifiers import new_id

from ..equipment.gateway import ORIGIN, Gateway
from ..equipment.scripted_agent import Gate, buy, groceries, result, step
from ..equipment.storage import Storage
from ..equipment.streams import checked, events_of, items_of, opened, said, streamed

DELTA = "assistant_message.content_part.text_delta"
PART = "assistant_message.content_part.added"


class TestOrder:
    async def test_a_turn_with_a_call(self, gateway: Gateway) -> None:
        gateway.agent.script = groceries
        user_id = new_id()

        stream = await streamed(gateway, user_id, said("buy milk"))

        # Pieces of a text may come in one event.
        assert [kind for kind, _ in groupby(stream.kinds)] == [
            "thread.created", "done user_message", "stream_options", "effect turn",
            "progress_update", "added workflow", "workflow.task.added", "workflow.task.updated",
            "effect tool_result", "done workflow", "added assistant_message", PART, DELTA,
            "done assistant_message",
        ]  # fmt: skip
        assert stream.of("stream_options") == [
            {"type": "stream_options", "stream_options": {"allow_cancel": True}}
        ]
        (created,) = stream.of("thread.created")
        assert created["thread"]["title"] == "buy milk"
        assert created["thread"]["id"] == stream.turn["conversation_id"]
        _, effect = stream.of("client_effect")
        assert effect["data"]["tool"] == "add_task"
        assert effect["data"]["output"] == {"task": {"title": "milk"}}
        assert stream.items[-1]["content"] == [
            {"annotations": [], "text": "Added milk.", "type": "output_text"}
        ]
        assert stream.items == await items_of(gateway, user_id, stream.turn["conversation_id"])

    async def test_a_turn_without_a_call_or_a_piece(self, gateway: Gateway) -> None:
        stream = await streamed(gateway, new_id(), said("hi"))
        assert stream.kinds == [
            "thread.created", "done user_message", "stream_options", "effect turn",
            "progress_update", "done assistant_message",
        ]  # fmt: skip

    async def test_headers_let_every_piece_through(self, gateway: Gateway) -> None:
        stream = await streamed(gateway, new_id(), said("hi"))
        assert stream.headers["cache-control"] == "no-store, no-transform"
        assert stream.headers["x-accel-buffering"] == "no"
        assert stream.headers["access-control-allow-origin"] == ORIGIN
        assert "content-length" not in stream.headers
        assert "idempotency-replayed" not in stream.headers

    async def test_pieces_come_while_the_turn_runs_and_the_end_after_it_is_stored(
        self, gateway: Gateway, storage: Storage
    ) -> None:
        gate, user_id = Gate(), new_id()

        async def slow(context: TurnContext) -> str:
            context.voice.say("Wait")
            return await gate(context)

        gateway.agent.script = slow
        async with opened(gateway, user_id, said("hi")) as response:
            kinds: list[str] = []
            async for _, data in events_of(response):
                event = checked(data)
                kinds.append(event["type"])
                if event.get("update", {}).get("type") == DELTA:
                    (turn,) = await storage.turns(user_id)
                    assert turn["state"] == "running"
                    gate.opened.set()
                if event["type"] == "thread.item.done" and len(kinds) > 3:
                    (turn,) = await storage.turns(user_id)
                    assert turn["state"] == "completed"
                    assert str(turn["answer_message_id"]) == event["item"]["id"]
        assert kinds[-1] == "thread.item.done"


class TestTextThatDoesNotStand:
    async def test_calls_after_text_are_in_the_one_workflow(self, gateway: Gateway) -> None:
        async def thinks_aloud(context: TurnContext) -> str:
            await buy(context, "milk")
            context.voice.say("Done? No: ")
            context.voice.retract(BEFORE_CALLS)
            await buy(context, "eggs", first=1)
            context.voice.say("Done.")
            return "Done."

        gateway.agent.script = thinks_aloud
        user_id = new_id()
        stream = await streamed(gateway, user_id, said("milk and eggs"))

        assert "removed" in stream.kinds
        assert "replaced workflow" in stream.kinds
        _, workflow, answer = stream.items
        titles = [task["title"] for task in workflow["workflow"]["tasks"]]
        assert titles == ["Added “milk”", "Added “eggs”"]
        assert workflow["workflow"]["summary"]["title"] == "2 steps"
        assert answer["content"][0]["text"] == "Done."
        assert stream.items == await items_of(gateway, user_id, stream.turn["conversation_id"])

    async def test_nonsense_is_removed_before_the_next_text(self, gateway: Gateway) -> None:
        async def stammers(context: TurnContext) -> str:
            context.voice.say("Garb")
            context.voice.retract("nonsense")
            context.voice.say("Hello.")
            return "Hello."

        gateway.agent.script = stammers
        stream = await streamed(gateway, new_id(), said("hi"))
        kinds = stream.kinds
        assert kinds.index("removed") < len(kinds) - 1 - kinds[::-1].index(
            "added assistant_message"
        )
        assert len(stream.items) == 2


ERRORS: list[tuple[Exception, bool]] = [
    (ModelError(), True),
    (ModelUnavailable(), True),
    (ToolsUnavailable(), True),
    (DatabaseUnavailable(), True),
    (RuntimeError("a secret"), False),
]


class TestErrors:
    @pytest.mark.parametrize(("error", "again"), ERRORS, ids=lambda one: type(one).__name__)
    async def test_text_is_removed_calls_stay_and_the_problem_is_said(
        self,
        gateway: Gateway,
        caplog: pytest.LogCaptureFixture,
        error: Exception,
        again: bool,
    ) -> None:
        async def fails(context: TurnContext) -> str:
            await buy(context, "milk")
            context.voice.say("Added mi")
            raise error

        gateway.agent.script = fails
        user_id = new_id()
        stream = await streamed(gateway, user_id, said("buy milk"))

        last = stream.events[-1]
        assert (last["type"], last["code"], last["allow_retry"]) == ("error", "custom", again)
        assert "1 change was made before that: add task." in last["message"]
        assert "Try again to go on from there." in last["message"]
        assert "secret" not in json.dumps(stream.events)
        assert ("a turn broke while it was streamed" in caplog.text) is not again
        assert [item["type"] for item in stream.items] == ["user_message", "workflow"]
        assert stream.items == await items_of(gateway, user_id, stream.turn["conversation_id"])

    async def test_a_call_without_a_result_is_in_doubt(self, gateway: Gateway) -> None:
        async def cut_off(context: TurnContext) -> str:
            asked = step(0, "milk")
            await context.journal.record_step(asked)
            context.listener(Asked(asked.calls))
            raise ToolsUnavailable()

        gateway.agent.script = cut_off
        user_id = new_id()
        stream = await streamed(gateway, user_id, said("buy milk"))
        (task,) = stream.items[1]["workflow"]["tasks"]
        assert "before it was known" in task["content"]
        assert stream.items == await items_of(gateway, user_id, stream.turn["conversation_id"])

    async def test_a_failed_call_says_why_and_has_no_effect(self, gateway: Gateway) -> None:
        async def missing(context: TurnContext) -> str:
            asked = step(0, "milk")
            await context.journal.record_step(asked)
            context.listener(Asked(asked.calls))
            why = ToolError(code="invalid_arguments", message="No such task.")
            came = replace(result(0, "milk"), status="error", output=None, error=why)
            await context.journal.record_result(came)
            context.listener(Came(came))
            return "There is none."

        gateway.agent.script = missing
        user_id = new_id()
        stream = await streamed(gateway, user_id, said("buy milk"))
        assert "effect tool_result" not in stream.kinds
        assert stream.items[1]["workflow"]["tasks"][0]["content"] == "No such task."
        assert stream.items == await items_of(gateway, user_id, stream.turn["conversation_id"])

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            (said("", None), 422, "invalid_request"),
            (said("hi", str(new_id())), 404, "conversation_not_found"),
            (said("hi", "7"), 404, "conversation_not_found"),
            ({"type": "attachments.create"}, 422, "unsupported_request"),
            ({"type": "threads.burn"}, 422, "invalid_request"),
        ],
    )
    async def test_what_is_known_before_the_turn_opens_is_a_problem(
        self, gateway: Gateway, body: dict[str, object], status: int, code: str
    ) -> None:
        refused = await gateway.post(new_id(), body)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
        assert refused.headers["content-type"] == "application/problem+json"

    async def test_it_is_checked_in_the_same_order_as_the_plain_body(
        self, gateway: Gateway
    ) -> None:
        body = said("hi")
        user_id = new_id()
        for headers, code in (
            ({"origin": "https://evil.example", "authorization": "x"}, "origin_not_allowed"),
            ({"authorization": "Bearer x"}, "unauthenticated"),
            ({"path_user": str(new_id())}, "wrong_user"),
            ({"content_type": "text/plain"}, "unsupported_media_type"),
            ({"idempotency_key": "a b"}, "invalid_request"),
            ({"time_zone": "Mars/Olympus"}, "invalid_request"),
        ):
            refused = await gateway.post(user_id, body, **headers)
            assert refused.json()["code"] == code
        assert gateway.agent.contexts == []
