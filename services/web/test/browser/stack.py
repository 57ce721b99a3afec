"""The whole system for the browser's tests: prints where it is, and stops when its input ends.

What a test does to it from outside (kill, cut, look at rows, many rows at once) is asked for by
`POST <control>/<order>` with a JSON object.
"""

import asyncio
import json
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import asyncpg
from devstack.deployment import DEFAULT_ORIGIN, Kind, local_url
from devstack.mailbox.mailbox import Mailbox
from devstack.ports import LOOPBACK, free_port
from devstack.proxy import OutageProxy, RoundRobinProxy
from devstack.stack import DATABASE, Stack, StackOptions, base_url

# Of the turn of a killed gateway: a test waits for it.
LEASE_SECONDS = "2"
KILLED = "chat-gateway-killed"
# A message every minute, an answer to each.
FILL_MESSAGES = """
    WITH conversation AS (
        INSERT INTO chat.conversation (user_id, id, title)
        VALUES ($1, gen_random_uuid(), 'A long one') RETURNING id
    )
    INSERT INTO chat.message (user_id, id, conversation_id, role, content, created_at)
    SELECT $1, gen_random_uuid(), conversation.id,
           CASE WHEN n % 2 = 1 THEN 'user' ELSE 'assistant' END,
           CASE WHEN n % 2 = 1 THEN 'Question ' || n ELSE 'Answer **' || n || '** with `code`.' END,
           now() - make_interval(mins => $2::int - n)
    FROM conversation, generate_series(1, $2::int) AS n
    RETURNING conversation_id
"""
FILL_TURNS = """
    INSERT INTO chat.turn (user_id, id, conversation_id, user_message_id, request_hash, state,
                           attempt, answer, answer_message_id, created_at)
    SELECT user_id, gen_random_uuid(), conversation_id, id, '', 'completed', 1, '{}', answer_id,
           created_at
    FROM (SELECT *, lead(id) OVER (ORDER BY created_at) AS answer_id
          FROM chat.message WHERE conversation_id = $1) AS said
    WHERE role = 'user'
"""
FILL_TASKS = """
    INSERT INTO tasks.task (user_id, id, title, completed, created_at, updated_at)
    SELECT $1, gen_random_uuid(), 'Task ' || n, false, now(), now()
    FROM generate_series(1, $2::int) AS n
"""
MESSAGES_OF = "SELECT role, content FROM chat.message WHERE user_id = $1 ORDER BY created_at"
TASKS_OF = "SELECT title, completed FROM tasks.task WHERE user_id = $1 ORDER BY created_at"


class Orders:
    """What tests may ask for."""

    def __init__(
        self, stack: Stack, proxy: OutageProxy, tools: OutageProxy, replaced: RoundRobinProxy
    ) -> None:
        self._stack = stack
        self._proxy = proxy
        self._tools = tools
        self._replaced = replaced
        # Past the policies: to see, and for rows that no test could type.
        self._url = stack.postgres.superuser_url.replace("/postgres?", f"/{DATABASE}?")

    def kill(self) -> None:
        """SIGKILL to the gateway that is there for it."""
        self._stack.process(KILLED).kill()

    def replace(self) -> None:
        """Let another gateway answer where that one did, as a cluster's service does."""
        self._replaced.targets = (self._stack.urls.gateway,)

    def tools(self, away: bool) -> None:
        """Take mcp-tools away from the gateway that can be killed, or give it back."""
        if away:
            self._tools.stop()
        else:
            self._tools.resume()

    def cut(self) -> None:
        """Drop every connection between the page's server and the gateway."""
        self._proxy.cut()

    def fill(self, user_id: str, messages: int, tasks: int) -> Any:
        """Many rows of a person. Returns: the id of the conversation with the messages."""

        async def work(database: asyncpg.Connection) -> str:
            conversation_id = await database.fetchval(FILL_MESSAGES, user_id, messages)
            await database.execute(FILL_TURNS, conversation_id)
            await database.execute(FILL_TASKS, user_id, tasks)
            return str(conversation_id)

        return self._with_database(work)

    def rows(self, user_id: str) -> Any:
        """What is stored of a person."""

        async def work(database: asyncpg.Connection) -> Any:
            return {
                name: [dict(row) for row in await database.fetch(sql, user_id)]
                for name, sql in (("messages", MESSAGES_OF), ("tasks", TASKS_OF))
            }

        return self._with_database(work)

    def _with_database(self, work: Callable[[asyncpg.Connection], Any]) -> Any:
        async def connected() -> Any:
            database = await asyncpg.connect(self._url)
            try:
                return await work(database)
            finally:
                await database.close()

        return asyncio.run(connected())


def control(orders: Orders) -> ThreadingHTTPServer:
    """A server on a free port that does what it is asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """One order: its name in the path, its arguments in the body."""
            given = json.loads(self.rfile.read(int(self.headers["content-length"])))
            body = json.dumps(getattr(orders, self.path[1:])(**given)).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Tests say what they do themselves."""

    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def start(folder: Path, mailbox: Mailbox) -> tuple[Stack, Orders, Mapping[str, str]]:
    """Everything; the page six times: as it is, behind a connection that can be cut, before a
    gateway of its own that can be killed or lose mcp-tools, before an auth service that sends mail,
    with OpenAI's element, and at an origin that is on nobody's list."""
    # The links of mails lead to the first origin.
    pages = {name: free_port() for name in ("mail", "page", "cut", "killed", "official")}
    origins = ",".join([*map(local_url, pages.values()), DEFAULT_ORIGIN])
    allowed = {"ALLOWED_ORIGINS": origins}
    # As at an edge: who issues tokens, and confirms addresses, is at the page's own origin.
    issuer = local_url(pages["mail"])
    token_check = {"AUTH_ISSUER": issuer}
    env: Mapping[Kind, Mapping[str, str]] = {
        "auth": {**allowed, "BETTER_AUTH_URL": issuer},
        "mcp-tools": token_check,
        "chat-gateway": {**allowed, **token_check, "TURN_LEASE_SECONDS": LEASE_SECONDS},
    }
    stack = Stack.start(StackOptions(directory=folder, env=env))
    proxy = OutageProxy(stack.deployment.ports["chat-gateway"])
    tools = OutageProxy(stack.deployment.ports["mcp-tools"])
    killed = stack.add_process("chat-gateway", KILLED, MCP_URL=f"{tools.url}/mcp")
    replaced = RoundRobinProxy([base_url(killed)])
    mailing = stack.add_process("auth", "auth-mail", **mailbox.settings)
    variables: Mapping[str, Mapping[str, str]] = {
        "page": {},
        "cut": {"GATEWAY_URL": proxy.url},
        "killed": {"GATEWAY_URL": replaced.url},
        "mail": {"AUTH_URL": base_url(mailing)},
        "official": {"CHATKIT_DOMAIN_KEY": "domain_pk_test"},
        "stranger": {},
    }
    urls = {"simulator": stack.urls.simulator, "auth": stack.urls.auth, "mailbox": mailbox.url}
    for name, more in variables.items():
        port = pages.get(name) or free_port()
        stack.add_process("web", f"web-{name}", PORT=str(port), **more)
        urls[name] = local_url(port)
    return stack, Orders(stack, proxy, tools, replaced), urls


with tempfile.TemporaryDirectory(prefix="taskchat-web-") as directory:
    Path(directory).chmod(0o755)  # Postgres runs as another user when we are root
    letters = Mailbox()
    system, orders, found = start(Path(directory), letters)
    try:
        server = control(orders)
        address = f"http://{LOOPBACK}:{server.server_address[1]}"
        sys.stdout.write(json.dumps({**found, "control": address}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()
        server.shutdown()
    finally:
        system.stop()
        letters.close()
