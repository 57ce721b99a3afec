"""A person who says things to a scripted agent, and reads and keeps their threads."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from chat_gateway.chatkit.requests import ThreadsRequest
from chat_gateway.chatkit.threads import ThreadService, render
from chat_gateway.conversations.history import HistoryLimits
from chat_gateway.errors import InvalidRequest
from chat_gateway.telemetry.metrics import unread_metrics
from chat_gateway.turns.budget import Budget
from chat_gateway.turns.deadline import Deadline
from chat_gateway.turns.runner import TurnContext
from chat_gateway.turns.service import TurnService
from pydantic import TypeAdapter
from servicekit.database.transactions import Database
from servicekit.tokens.claims import Identity

from ..equipment.requests import asking, conversation_of, somebody
from ..equipment.scripted_agent import Script, ScriptedAgent, result, step

REQUEST: TypeAdapter[ThreadsRequest] = TypeAdapter(ThreadsRequest)


def adding(*titles: str, ending: str | Exception = "Done.", without_result: int = 0) -> Script:
    """An agent that adds tasks. Args: without_result: the last so many calls come to nothing."""

    async def run(context: TurnContext) -> str:
        await context.journal.record_step(step(0, *titles))
        for ordinal, title in list(enumerate(titles))[: len(titles) - without_result]:
            await context.journal.record_result(result(ordinal, title))
        if isinstance(ending, Exception):
            raise ending
        return ending

    return run


@dataclass
class Person:
    """Somebody with threads."""

    turns: TurnService
    threads: ThreadService
    agent: ScriptedAgent
    identity: Identity = field(default_factory=somebody)

    @property
    def user_id(self) -> UUID:
        return self.identity.user_id

    async def say(
        self,
        message: str = "hello",
        *,
        thread: str | None = None,
        script: Script | None = None,
        key: str | None = None,
    ) -> str:
        """Say something, and have it answered. Returns: the thread's id."""
        if script is not None:
            self.agent.script = script
        conversation_id = None if thread is None else UUID(thread)
        request = asking(
            self.identity, message, conversation_id=conversation_id, key=key, seconds=60
        )
        return str(conversation_of(await self.turns.answer(request)))

    async def ask(self, type_: str, /, **params: object) -> Any:
        """What a request of the protocol is answered with, read from its body."""
        request = REQUEST.validate_python({"type": type_, "params": params})
        answer = await self.threads.answer(self.user_id, request, Deadline.after(60))
        return json.loads(render(answer))

    async def all_items(self, thread: str, *, order: str = "asc", limit: int = 100) -> list[Any]:
        """The pages of a thread, joined."""
        found: list[Any] = []
        after: str | None = None
        while True:
            page = await self.ask(
                "items.list", thread_id=thread, order=order, limit=limit, after=after
            )
            found += page["data"]
            if not page["has_more"]:
                assert "after" not in page
                return found
            after = page["after"]


def pointers(refused: pytest.ExceptionInfo[InvalidRequest]) -> list[str]:
    """What a refusal points at."""
    return [error["pointer"] for error in refused.value.errors or []]


NewPerson = Callable[[], Person]


@pytest.fixture
def agent() -> ScriptedAgent:
    return ScriptedAgent()


@pytest.fixture
def new_person(database: Database, agent: ScriptedAgent) -> NewPerson:
    """Makes people of one process."""
    turns = TurnService(
        database=database,
        agent=agent,
        metrics=unread_metrics(),
        budget=Budget(unread_metrics()),
        history_limits=HistoryLimits(max_messages=6, max_tokens=1000),
        lease_seconds=60,
    )
    return lambda: Person(turns, ThreadService(database), agent)


@pytest.fixture
def person(new_person: NewPerson) -> Person:
    return new_person()
