"""What people, model and tools say is nowhere but in the database, unless it is switched on.

A canary goes through everything that can hold words: e-mail address, message, title, history, tool
arguments and results, the model's answers, its errors, its nonsense, bodies and headers that are
refused, a statement's parameters in an exception. Then every exported byte is searched, every log
line and every metrics page.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from devstack.people import PASSWORD, Person

from tests.equipment.actions import act, called
from tests.equipment.chat import User, answer, post, say
from tests.equipment.database import DatabaseView
from tests.equipment.raw_http import Header, RawResponse, send
from tests.equipment.simulator import Simulator, calls, text
from tests.equipment.telemetry_schema import attribute_schema, span_schema
from tests.telemetry.emitted_spans import Comparison
from tests.telemetry.traced import Caller, Traced, taken_away

SWITCH = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"


@dataclass
class Canary:
    """A word that nobody else says, and who says it where."""

    traced: Traced
    model: Simulator
    user: User
    word: str
    callers: list[Caller] = field(default_factory=list)

    def headers(self, *others: Header) -> list[Header]:
        """Those of a request under a caller's span of its own."""
        self.callers.append(Caller())
        return [self.callers[-1].header, *others]

    async def say(self, message: str, **more: str) -> RawResponse:
        """Say something with the word in it."""
        return await say(
            self.traced.gateway,
            self.user,
            f"{message} {self.word}",
            headers=self.headers(),
            **more,
        )

    async def go_everywhere(self, database: DatabaseView) -> None:
        """Be said by everybody, to everybody, well and badly."""
        word, gateway = self.word, self.traced.gateway
        told = answer(await self.say("add a task to feed the", key=word))
        assert word in told["tool_calls"][0]["arguments"]["title"]
        answer(await self.say("show my tasks", conversation_id=told["conversation_id"]))
        clicked = await act(
            gateway, self.user, "tasks.add", {"title": word}, key=f"a{word}", headers=self.headers()
        )
        assert called(clicked)["arguments"] == {"title": word}
        await self.model.script(
            f"script {word}", calls(("complete_task", {"task_id": word})), text(f"No {word}.")
        )
        assert word in answer(await self.say("script"))["response"]
        await self.model.script(f"nonsense {word}", calls(("add_task", word)), text(f"So {word}."))
        answer(await self.say("nonsense"))
        refusal = {"kind": "status", "match": f"refuse {word}", "status": 400, "message": word}
        await self.model.order(refusal)
        assert (await self.say("refuse")).status == 502
        await self.fail_after_adding(f"broken {word}")
        async with taken_away(database, "INSERT ON chat.message"):
            assert (await self.say("hello")).status == 500
        body = json.dumps({"message": "hello", word: word}).encode()
        assert (await post(gateway, self.user, body, headers=self.headers())).status == 422
        stranger = User(self.user.user_id, word)
        assert (await say(gateway, stranger, word, headers=self.headers())).status == 401

    async def fail_after_adding(self, said: str) -> None:
        """The problem and the next turn's history tell of what was done; nothing else does."""
        failing = {"kind": "status", "match": said, "step": 1, "status": 503, "count": 100}
        await self.model.order({**failing, "message": self.word})
        await self.model.script(said, calls(("add_task", {"title": self.word})))
        failed = (await self.say("broken")).json()
        assert failed["tool_calls"][0]["output"]["task"]["title"] == self.word
        assert self.word not in failed["detail"]
        answer(await self.say("hello", conversation_id=failed["conversation_id"]))

    async def found_in(self, secret: str) -> list[str]:
        """Where a secret can be read, once everything has been exported."""
        for caller in self.callers:
            await self.traced.trace_of(caller)
        places = {
            "spans": b"".join(self.traced.receiver.received),
            "logs": self.traced.logs,
            "metrics": b"".join(
                [(await send(f"{url}/metrics", "GET")).body for url in self.traced.scraped]
            ),
        }
        for caller in self.callers:
            assert caller.trace_id.encode() in places["logs"], "the logs may be those of others"
        assert b"taskchat_turn_duration_seconds_count" in places["metrics"]
        return [place for place, found in places.items() if secret.encode() in found]

    @property
    def never_told(self) -> tuple[str, ...]:
        """What nothing may hold, whatever is switched on."""
        signature = self.user.token.split(".")[2]
        return self.user.token, signature, PASSWORD, f"{self.word}@example.com"


@pytest.fixture(scope="module")
def telling(traced: Traced) -> Iterator[Traced]:
    """A gateway whose spans hold contents."""
    name = "chat-gateway-telling"
    yield traced.with_gateway(name, **{SWITCH: "SPAN_ONLY"})
    traced.stack.process(name).stop()


async def canary_of(traced: Traced, model: Simulator) -> Canary:
    """Somebody whose very address is the word."""
    word = f"canary{uuid4().hex}"
    person = await Person.sign_up(traced.auth, email=f"{word}@example.com")
    return Canary(traced, model, User(person.user_id, await person.token()), word)


async def test_by_default_nothing_that_is_said_can_be_read_anywhere(
    traced: Traced, model: Simulator, database: DatabaseView
) -> None:
    canary = await canary_of(traced, model)

    await canary.go_everywhere(database)

    assert await canary.found_in(canary.word) == []
    for secret in canary.never_told:
        assert await canary.found_in(secret) == []


async def test_with_the_switch_contents_are_on_the_spans_listed_for_them_and_nowhere_else(
    telling: Traced, model: Simulator, database: DatabaseView
) -> None:
    canary = await canary_of(telling, model)

    await canary.go_everywhere(database)

    assert await canary.found_in(canary.word) == ["spans"]
    for secret in canary.never_told:
        assert await canary.found_in(secret) == []
    spans = [span for caller in canary.callers for span in telling.receiver.trace(caller.trace_id)]
    told = {
        name
        for span in spans
        for name, value in span.attributes.items()
        if canary.word in str(value)
    }
    schema = Comparison.of(span_schema(), attribute_schema())
    assert schema.problems(spans) == set()
    listed = {
        name
        for span in schema.spans.spans
        for name, when in span.attributes.items()
        if when == "contents"
    }
    assert told == listed - {"gen_ai.system_instructions"}
    assert "gen_ai.system_instructions" in schema.seen["chat"]
    assert not any(canary.word in str(event) for span in spans for event in span.events)
