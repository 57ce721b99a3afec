"""`make chat`: a terminal conversation with the running system, as the demo person."""

import asyncio
import contextlib
import json
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from devstack.people import Person, SignInFailed
from devstack.run_record import RunLock, RunRecord
from devstack.secret_store import SecretStore

# Loaded, it gives input() line editing and history; some builds of Python have none.
with contextlib.suppress(ImportError):
    import readline  # noqa: F401

HELP = "[dim]/new starts a new conversation, /quit ends this one[/dim]"


class ChatFailed(Exception):
    """A message got no answer; the message says why, for the person."""


class TerminalChat:
    """One person, one conversation at a time, with the gateway of a run."""

    def __init__(self, record: RunRecord, person: Person, console: Console) -> None:
        self._gateway_url = record.urls["chat-gateway"]
        self._person = person
        self._console = console
        self._conversation_id: UUID | None = None

    async def send(self, message: str) -> None:
        """Send one message and show the tool calls and the answer.

        Raises: ChatFailed: the gateway refused, or is not there.
        """
        try:
            with self._console.status("[dim]…[/dim]"):
                answer = await self._person.chat(
                    self._gateway_url, message, conversation_id=self._conversation_id
                )
        except httpx2.TransportError as error:
            raise ChatFailed(f"{self._gateway_url} does not answer: {error!r}") from error
        except SignInFailed as error:
            raise ChatFailed(f"the session has ended; start again: make chat ({error})") from error
        body = answer.json()
        if answer.status_code != httpx2.codes.OK:
            raise ChatFailed(f"{body['title']} ({answer.status_code}): {body['detail']}")
        self._conversation_id = UUID(body["conversation_id"])
        for call in body["tool_calls"]:
            self._console.print(tool_call_line(call), soft_wrap=True)
        self._console.print(Text(body["response"], style="bold"), soft_wrap=True)

    async def converse(self) -> None:
        """Read lines until /quit or the end of the input."""
        self._console.print(f"Signed in as {escape(self._person.email)}. {HELP}")
        while True:
            line = read_line()
            if line is None or line in {"/quit", "/exit"}:
                return
            if line == "/new":
                self._conversation_id = None
                self._console.print("[dim]a new conversation[/dim]")
            elif line.startswith("/"):
                self._console.print(HELP)
            elif line:
                try:
                    await self.send(line)
                except ChatFailed as failure:
                    self._console.print(Text(str(failure), style="red"), soft_wrap=True)


def read_line() -> str | None:
    """What the person types next; None when they are done. Nothing else runs meanwhile."""
    try:
        return input("you › ").strip()
    except (EOFError, KeyboardInterrupt):
        print()
        return None


def tool_call_line(call: Mapping[str, Any]) -> Text:
    """A tool call of the answer: name, arguments, how it ended, how long it took."""
    arguments = ", ".join(
        f"{name}={json.dumps(value, ensure_ascii=False)}"
        for name, value in call["arguments"].items()
    )
    error = call["error"]
    outcome = "ok" if error is None else f"{error['code']}: {error['message']}"
    text = f"  {call['name']}({arguments}) → {outcome}, {call['duration_ms']:.1f} ms"
    return Text(text, style="dim" if error is None else "red")


async def demo_person(record: RunRecord, folder: Path) -> Person:
    """The demo person, signed in; signed up first where the database does not know them.

    Args: folder: `.taskchat`, which keeps the password. The address comes from it, so that two
        checkouts on one database have two demo people.
    Raises: ChatFailed: the auth service is not there, or lets nobody in.
    """
    password = SecretStore(folder / "secrets.json").get("demo_person")
    email = f"demo-{sha256(password.encode()).hexdigest()[:8]}@example.com"
    auth_url, origin = record.urls["auth"], record.origin
    try:
        try:
            return await Person.sign_in(auth_url, email=email, password=password, origin=origin)
        except SignInFailed as failure:
            if failure.status != httpx2.codes.UNAUTHORIZED:
                raise
            return await Person.sign_up(auth_url, email=email, password=password, origin=origin)
    except SignInFailed as failure:
        raise ChatFailed(f"the demo person cannot sign in: {failure}") from failure
    except httpx2.TransportError as error:
        raise ChatFailed(f"{auth_url} does not answer: {error!r}") from error


def command(_name: str, _root: Path, folder: Path, _env_file: Path) -> int:
    """Send the message of MESSAGE, or converse without one; return the exit code."""
    return asyncio.run(chat(folder, os.environ.get("MESSAGE", "")))


async def chat(folder: Path, message: str) -> int:
    """Send one message, or converse when it is empty; return the exit code.

    Args: folder: `.taskchat` of the checkout.
    """
    console = Console(highlight=False)
    record = RunLock(folder).current()
    if record is None:
        console.print("[red]nothing is running; start it with: make run[/red]")
        return 1
    if not record.ready:
        console.print("[red]taskchat is still starting; try again when it is ready[/red]")
        return 1
    try:
        terminal = TerminalChat(record, await demo_person(record, folder), console)
        if message:
            await terminal.send(message)
        else:
            await terminal.converse()
    except ChatFailed as failure:
        console.print(Text(str(failure), style="red"), soft_wrap=True)
        return 1
    return 0
