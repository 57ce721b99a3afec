"""Turns that are held in their agent, and what is asked of them there."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

from chat_gateway.actions.stops import StopRequest
from chat_gateway.turns.chat_answer import TurnAnswer
from chat_gateway.turns.deadline import Deadline
from chat_gateway.turns.events import Event, Opened
from chat_gateway.turns.runner import TurnContext
from chat_gateway.turns.service import TurnService
from servicekit.tokens.claims import Identity

from .requests import asking, somebody
from .scripted_agent import Gate, ScriptedAgent, result, step
from .waiting import LIMIT_SECONDS


@dataclass
class Told:
    """A listener that remembers."""

    events: list[Event] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    @property
    def opened(self) -> Opened:
        return next(event for event in self.events if isinstance(event, Opened))


def stopping(identity: Identity, conversation_id: UUID, turn_id: UUID) -> StopRequest:
    return StopRequest(identity, conversation_id, turn_id, Deadline.after(30))


@dataclass
class Running:
    """A turn that somebody listens to, held in its agent."""

    identity: Identity
    told: Told
    gate: Gate
    task: asyncio.Task[TurnAnswer]

    def stop(self) -> StopRequest:
        opened = self.told.opened
        return stopping(self.identity, opened.conversation_id, opened.turn_id)


async def nothing(_: TurnContext) -> None:
    """All there is to do is to wait."""


async def run(
    service: TurnService,
    agent: ScriptedAgent,
    before: Callable[[TurnContext], Awaitable[None]] = nothing,
    after: Callable[[TurnContext], Awaitable[object]] = nothing,
) -> Running:
    """Begin a turn that does something, waits, and does something else."""
    gate, told, identity = Gate(), Told(), somebody()

    async def script(context: TurnContext) -> str:
        await before(context)
        text = await gate(context)
        await after(context)
        return text

    agent.script = script
    task = asyncio.create_task(
        service.answer(asking(identity, key="key", seconds=LIMIT_SECONDS, listener=told))
    )
    await gate.reached.wait()
    return Running(identity, told, gate, task)


async def add_milk(context: TurnContext) -> None:
    await context.journal.record_step(step(0, "milk"))
    await context.journal.record_result(result(0, "milk"))


async def ask_for_milk(context: TurnContext) -> None:
    await context.journal.record_step(step(0, "milk"))
    context.in_doubt.add(0)


async def say_something(context: TurnContext) -> None:
    context.voice.say("I will")
