"""A stack of its own, with a short deadline: an erasure is done 30 s and a turn after it began."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx2
import pytest
from devstack.deployment import Kind
from devstack.people import PASSWORD, Person
from devstack.stack import DATABASE, Stack, StackOptions

from tests.equipment.actions import act, called
from tests.equipment.chat import ORIGIN, User, answer, ask, say
from tests.equipment.runs import keep_logs_only, new_directory

DEADLINE_SECONDS = "5"
NAME = "Zaphod"


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    """The running system, from an empty database on."""
    directory = new_directory("people")
    env: dict[Kind, dict[str, str]] = {
        "chat-gateway": {"TURN_DEADLINE_SECONDS": DEADLINE_SECONDS},
        "mcp-tools": {"TURN_GRACE_SECONDS": DEADLINE_SECONDS},
    }
    stack = Stack.start(StackOptions(directory=directory, env=env))
    try:
        yield stack
    finally:
        stack.stop()
        keep_logs_only(directory)


@pytest.fixture(scope="package")
async def superuser(stack: Stack) -> AsyncIterator[asyncpg.Pool]:
    """Past all policies."""
    url = stack.postgres.superuser_url.replace("/postgres?", f"/{DATABASE}?")
    async with asyncpg.create_pool(url, min_size=1, max_size=2) as pool:
        yield pool


@dataclass(frozen=True)
class Account:
    """Somebody with a session, who says one word wherever words can be said."""

    stack: Stack
    word: str
    session: str
    user: User

    @classmethod
    async def made(cls, stack: Stack, word: str) -> "Account":
        """Sign up, with the word in name and address."""
        body = {"email": f"{word}@example.com", "password": PASSWORD, "name": f"{NAME} {word}"}
        async with httpx2.AsyncClient() as client:
            signed_up = await client.post(
                f"{stack.urls.auth}/api/auth/sign-up/email", json=body, headers={"Origin": ORIGIN}
            )
        assert signed_up.status_code == 200, signed_up.text
        person = await Person.sign_in(stack.urls.auth, email=body["email"])
        user = User(person.user_id, await person.token())
        return cls(stack, word, signed_up.headers["set-auth-token"], user)

    async def ask_auth(self, method: str, path: str, body: object = None) -> httpx2.Response:
        """A request with the session."""
        headers = {"Authorization": f"Bearer {self.session}", "Origin": ORIGIN}
        url = f"{self.stack.urls.auth}/api/auth{path}"
        async with httpx2.AsyncClient(timeout=60) as client:
            return await client.request(method, url, json=body, headers=headers)

    async def erase(self) -> None:
        """Have everything erased."""
        answered = await self.ask_auth("POST", "/delete-user", {"password": PASSWORD})
        assert answered.status_code == 200, answered.text
        assert answered.json()["success"] is True

    async def live(self) -> dict[str, Any]:
        """Say, do, click, delete, like. Returns: the first answer."""
        gateway, user, word = self.stack.urls.gateway, self.user, self.word
        told = answer(await say(gateway, user, f"add a task to feed the {word}", key=f"k-{word}"))
        thread = told["conversation_id"]
        answer(await say(gateway, user, f"add a task to walk {word}", conversation_id=thread))
        answer(await say(gateway, user, f"delete the task to walk {word}", conversation_id=thread))
        added = called(await act(gateway, user, "tasks.add", {"title": f"click {word}"}))
        task_id = added["output"]["task"]["id"]
        called(await act(gateway, user, "tasks.delete", {"task_id": task_id}, thread=thread))
        liked = {"thread_id": thread, "item_ids": [told["message_id"]], "kind": "positive"}
        answer(await ask(gateway, user, "items.feedback", **liked))
        answer(await ask(gateway, user, "threads.update", thread_id=thread, title=f"my {word}"))
        return told
