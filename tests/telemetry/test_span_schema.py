"""otel/schema and the spans that real turns make, compared both ways.

The turns: a good one, its replay, a click, refused ones, one with a tool that says no, one whose
model fails and recovers, fails for good, or talks nonsense; one that is streamed; one without
mcp-tools, one whose statement Postgres refuses.
"""

import re
from uuid import uuid4

from devstack.people import Person
from pydantic import JsonValue

from tests.equipment.actions import act, called
from tests.equipment.chat import User, answer, refusal, say
from tests.equipment.database import DatabaseView
from tests.equipment.documents import ROOT
from tests.equipment.simulator import Simulator, calls, text
from tests.equipment.telemetry_schema import attribute_schema, span_schema
from tests.telemetry.emitted_spans import Comparison
from tests.telemetry.traced import Caller, Traced, taken_away

GOLDEN = ROOT / "charts" / "taskchat" / "golden" / "traces.manifests.yaml"


class Turns:
    """Turns of one person, each under a caller's span of its own."""

    def __init__(self, traced: Traced, model: Simulator, user: User) -> None:
        self.traced = traced
        self.model = model
        self.user = user
        self.callers: list[Caller] = []

    async def say(self, message: str, status: int = 200, code: str = "", key: str = "") -> str:
        """Say something. Returns: the conversation's id, if there is one."""
        caller = Caller()
        self.callers.append(caller)
        response = await say(
            self.traced.gateway, self.user, message, key=key or None, headers=[caller.header]
        )
        if status != 200:
            refusal(response, status, code)
            return ""
        return str(answer(response)["conversation_id"])

    async def all_kinds(self, database: DatabaseView) -> None:
        """Turns of every kind that leaves another trace."""
        word = uuid4().hex
        conversation = await self.say(f"add a task to feed the {word}", key=word)
        await self.say(f"add a task to feed the {word}", key=word)
        await self.in_conversation(conversation)
        await self.click(conversation)
        await self.without_right("SELECT ON chat.message", database, conversation)
        await self.without_right("INSERT ON chat.turn", database)
        await self.without_right("UPDATE ON chat.turn", database)
        await self.in_conversation(str(uuid4()), status=404)
        task: dict[str, JsonValue] = {"task_id": str(uuid4())}
        await self.model.script(
            f"no {word}", calls(("complete_task", task)), text("There is none.")
        )
        await self.say(f"no {word}")
        await self.model.fail(f"once {word}", 503, count=1)
        await self.say(f"once {word}")
        await self.model.fail(f"never {word}", 400)
        await self.say(f"never {word}", 502, "model_error")
        await self.model.script(
            f"nonsense {word}", calls(("drop_table", {})), text(" "), text("Sorry.")
        )
        await self.say(f"nonsense {word}")
        await self.streamed()
        await self.without_tools(f"add {word}")

    async def streamed(self) -> None:
        """Say hello and listen."""
        caller = Caller()
        self.callers.append(caller)
        headers = [caller.header, ("Accept", "text/event-stream")]
        response = await say(self.traced.gateway, self.user, "hello", headers=headers)
        assert response.status == 200, response.body
        assert (response.header("content-type") or "").startswith("text/event-stream")

    async def in_conversation(self, conversation_id: str, status: int = 200) -> None:
        caller = Caller()
        self.callers.append(caller)
        response = await say(
            self.traced.gateway,
            self.user,
            "hello",
            conversation_id=conversation_id,
            headers=[caller.header],
        )
        assert response.status == status

    async def click(self, conversation_id: str) -> None:
        caller = Caller()
        self.callers.append(caller)
        called(
            await act(
                self.traced.gateway,
                self.user,
                "tasks.list",
                thread=conversation_id,
                headers=[caller.header],
            )
        )

    async def without_right(
        self, right: str, database: DatabaseView, conversation_id: str = ""
    ) -> None:
        """Say hello while Postgres refuses one kind of statement."""
        async with taken_away(database, right):
            if conversation_id:
                await self.in_conversation(conversation_id, status=500)
            else:
                await self.say("hello", 500, "internal_error")

    async def without_tools(self, message: str) -> None:
        tools = self.traced.stack.process(self.traced.names[1])
        tools.stop()
        try:
            await self.say(f"add a task to {message}", 503, "tools_unavailable")
        finally:
            tools.start()
            tools.wait_ready()


async def test_what_is_emitted_is_listed_and_what_is_listed_is_emitted(
    traced: Traced, model: Simulator, database: DatabaseView
) -> None:
    person = await Person.sign_up(traced.auth)
    turns = Turns(traced, model, User(person.user_id, await person.token()))
    schema, about = span_schema(), attribute_schema()
    comparison = Comparison.of(schema, about)

    await turns.all_kinds(database)
    for caller in turns.callers:
        await traced.trace_of(caller)

    spans = traced.receiver.spans()
    assert comparison.problems(spans) == set()
    assert comparison.never_seen(contents=False) == set()
    told = {name: value for span in spans for name, value in span.resource.items()}
    own = [value for value in about.resource if value.set_by == "service"]
    assert told.keys() == {value.name for value in own}
    assert all(value.holds(told[value.name]) for value in own)


def test_what_the_chart_says_of_a_process_is_listed_and_what_is_listed_is_said() -> None:
    own = {"deployment.environment.name"}  # the golden values' own, by telemetry.resourceAttributes
    lines = set(re.findall(r"name: OTEL_RESOURCE_ATTRIBUTES\n +value: (.+)", GOLDEN.read_text()))
    assert lines
    for line in lines:
        said = {pair.partition("=")[0] for pair in line.strip('"').split(",")} - own
        listed = {one.name for one in attribute_schema().resource if one.set_by == "chart"}
        assert said == listed
