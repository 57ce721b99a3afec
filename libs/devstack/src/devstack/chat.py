"""`make chat`: a terminal conversation with the running system, as the demo person."""

import asyncio
import contextlib
import os
import signal
from hashlib import sha256
from pathlib import Path

import httpx2
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from devstack.chat_screen import screen_for
from devstack.chat_session import ChatFailed, ChatSession, Left
from devstack.chatkit.client import ChatKitClient
from devstack.people import Person, SignInFailed
from devstack.run_record import RunLock, RunRecord
from devstack.secret_store import SecretStore

# Loaded, it gives input() line editing and history; some builds of Python have none.
with contextlib.suppress(ImportError):
    import readline  # noqa: F401 - see above

HELP = "[dim]/new starts a new conversation, /quit ends this one, Ctrl-C stops an answer[/dim]"
LEFT = 128 + signal.SIGINT


class TerminalChat:
    """One person at a prompt, with the gateway of a run."""

    def __init__(self, record: RunRecord, person: Person, console: Console) -> None:
        gateway_url = record.urls["chat-gateway"]
        client = ChatKitClient.of(person, gateway_url)
        self._session = ChatSession(client, screen_for(console), gateway_url)
        self._person = person
        self._console = console

    async def send(self, message: str) -> None:
        """Send one message and show what comes of it. Raises: ChatFailed, Left."""
        await self._session.send(message)

    async def converse(self) -> None:
        """Read lines until /quit or the end of the input."""
        self._console.print(f"Signed in as {escape(self._person.email)}.\n{HELP}")
        while True:
            line = read_line()
            if line is None or line in {"/quit", "/exit"}:
                return
            if line == "/new":
                self._session.begin_anew()
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
    except Left:
        console.print("\n[dim]left; the answer is stored when it is there[/dim]")
        return LEFT
    return 0
