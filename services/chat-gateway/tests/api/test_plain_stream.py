"""The plain body, answered in server-sent events."""

import json

import pytest
from chat_gateway.errors import ModelUnavailable
from chat_gateway.turns.runner import TurnContext
from servicekit.identifiers import new_id

from ..equipment.gateway import Gateway
from ..equipment.scripted_agent import groceries
from ..equipment.storage import Storage
from ..equipment.streams import events_of, opened


class TestPlainStream:
    async def test_its_last_event_is_the_stored_body(
        self, gateway: Gateway, storage: Storage
    ) -> None:
        gateway.agent.script = groceries
        user_id = new_id()
        body: dict[str, object] = {"message": "buy milk"}
        async with opened(gateway, user_id, body, accept="text/event-stream") as response:
            events = [one async for one in events_of(response)]
        names = [name for name, _ in events]
        assert names[0] == "tool_call"
        assert set(names[1:-1]) == {"text"}
        assert names[-1] == "answer"
        (turn,) = await storage.turns(user_id)
        assert events[-1][1] == turn["answer"]
        assert json.loads(events[0][1]) == json.loads(turn["answer"])["tool_calls"][0]
        pieces = [json.loads(data) for name, data in events if name == "text"]
        assert "".join(piece["delta"] for piece in pieces) == "Added milk. "
        assert {piece["text_id"] for piece in pieces} == {str(turn["answer_message_id"])}

    async def test_its_error_is_the_problem(self, gateway: Gateway) -> None:
        async def fails(context: TurnContext) -> str:
            context.voice.say("Hel")
            raise ModelUnavailable()

        gateway.agent.script = fails
        body: dict[str, object] = {"message": "hi"}
        async with opened(gateway, new_id(), body, accept="text/event-stream") as response:
            events = [one async for one in events_of(response)]
        assert [name for name, _ in events] == ["text", "retracted", "error"]
        problem = json.loads(events[-1][1])
        assert (problem["status"], problem["code"]) == (503, "model_unavailable")
        assert {"turn_id", "conversation_id", "tool_calls", "instance", "detail"} <= problem.keys()

    @pytest.mark.parametrize(
        ("accept", "streams"),
        [
            (None, False),
            ("*/*", False),
            ("application/json", False),
            ("application/json, text/event-stream", False),
            ("text/event-stream", True),
            ("TEXT/event-stream;q=0.5 , */*", True),
            ("text/event-stream, application/json;q=0.9", True),
            ("text/event-stream;q=0", False),
            ("text/event-stream;q=x", False),
            ("text/*", False),
            (";;,,q=", False),
        ],
    )
    async def test_it_has_to_be_liked_best(
        self, gateway: Gateway, accept: str | None, streams: bool
    ) -> None:
        answer = await gateway.post(new_id(), {"message": "hi"}, accept=accept or "")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream") is streams
