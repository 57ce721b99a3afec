"""An agent at the border that turns/runner.py draws: it says and does what a test wants."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from chat_gateway.conversations.history import HistoryMessage
from chat_gateway.errors import ModelUnavailable
from chat_gateway.turns.events import Asked, Came
from chat_gateway.turns.journal import ModelStep, ToolCallRequest, ToolResult
from chat_gateway.turns.runner import TurnContext
from servicekit.identifiers import new_id

Script = Callable[[TurnContext], Awaitable[str]]


async def say_hello(_: TurnContext) -> str:
    """Answer without a tool."""
    return "Hello!"


async def unavailable(_: TurnContext) -> str:
    """Fail as a model does that is over its limits."""
    raise ModelUnavailable()


@dataclass
class ScriptedAgent:
    """Runs a script for each turn, and remembers what it was shown."""

    script: Script = say_hello
    histories: list[list[HistoryMessage]] = field(default_factory=list)
    contexts: list[TurnContext] = field(default_factory=list)

    async def run(
        self, context: TurnContext, history: Sequence[HistoryMessage], message: str
    ) -> str:
        self.contexts.append(context)
        self.histories.append([*history, HistoryMessage("user", message)])
        return await self.script(context)


@dataclass
class Gate:
    """A script that stops in the middle until it is let on."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, _: TurnContext) -> str:
        self.reached.set()
        await self.opened.wait()
        return "Done waiting."


def step(index: int, *titles: str) -> ModelStep:
    """A step that asks to add tasks. The ordinals of one step: index, index + 1, ..."""
    calls = tuple(
        ToolCallRequest(ordinal, f"call_{ordinal}", "add_task", {"title": title})
        for ordinal, title in enumerate(titles, start=index)
    )
    return ModelStep(index, {"output": [{"type": "function_call"}]}, calls)


def result(ordinal: int, title: str) -> ToolResult:
    """What adding a task came to."""
    return ToolResult(
        ordinal=ordinal,
        id=new_id(),
        name="add_task",
        arguments={"title": title},
        status="ok",
        output={"task": {"title": title}},
        error=None,
        duration_ms=1.5,
    )


async def buy(context: TurnContext, *titles: str, first: int = 0) -> None:
    """Add tasks as the agent does: recorded, then told."""
    asked = step(first, *titles)
    asked = replace(asked, index=len(context.journal.steps))
    await context.journal.record_step(asked)
    context.listener(Asked(asked.calls))
    for ordinal, title in enumerate(titles, start=first):
        came = result(ordinal, title)
        await context.journal.record_result(came)
        context.listener(Came(came))


async def groceries(context: TurnContext) -> str:
    """One call, then an answer in two pieces, of which the stored one has less."""
    await buy(context, "milk")
    context.voice.say("Added ")
    context.voice.say("milk. ")
    return "Added milk. "
