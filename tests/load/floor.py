"""The floor: the HTTP and SQL of one turn by hand, with the gateway's own libraries and no SDK.

One token check, the same four transactions, two model calls, one tool call; no agent loop, no
journal logic, no error handling, no history limits. What the gateway costs beyond this is the
price of the Agents SDK and of our own code. Run as `python -m tests.load.floor` with the
gateway's environment.
"""

import json
import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import aiohttp
import httpx2
import orjson
import uvicorn
from fastapi import FastAPI, Request, Response
from servicekit.database.engine import create_engine
from servicekit.database.transactions import Database
from servicekit.identifiers import new_id
from servicekit.tokens.gateway_proof import PROOF_HEADER, GatewaySigner
from servicekit.tokens.jwks import JwksCache
from servicekit.tokens.verifier import TokenVerifier
from sqlalchemy import text

PROTOCOL_VERSION = "2026-07-28"
TOOL = "add_task"
SCHEMA = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
INSERT_CONVERSATION = text("INSERT INTO chat.conversation (user_id, id) VALUES (:user, :id)")
HISTORY = text(
    "SELECT role, content FROM chat.message WHERE user_id = :user AND conversation_id = :id"
    " ORDER BY created_at DESC, id DESC LIMIT 40"
)
INSERT_MESSAGE = text(
    "INSERT INTO chat.message (user_id, id, conversation_id, role, content)"
    " VALUES (:user, :id, :conversation, :role, :content)"
)
INSERT_TURN = text(
    "INSERT INTO chat.turn (user_id, id, conversation_id, user_message_id, request_hash, state,"
    " attempt, lease_expires_at) VALUES (:user, :id, :conversation, :message, '', 'running', 1,"
    " now() + interval '10 s')"
)
ADD_STEP = text(
    "UPDATE chat.turn SET steps = steps || CAST(:step AS jsonb)"
    " WHERE user_id = :user AND id = :id AND state = 'running'"
)
SET_RESULT = text(
    "UPDATE chat.turn SET tool_results = tool_results || CAST(:result AS jsonb)"
    " WHERE user_id = :user AND id = :id AND state = 'running'"
)
TOUCH = text(
    "UPDATE chat.conversation SET updated_at = clock_timestamp() WHERE user_id = :user AND id = :id"
)
COMPLETE = text(
    "UPDATE chat.turn SET state = 'completed', answer = :answer, lease_expires_at = NULL"
    " WHERE user_id = :user AND id = :id AND state = 'running'"
)


@dataclass(frozen=True, slots=True)
class Floor:
    """What the process holds; made once."""

    env: Mapping[str, str]
    http: aiohttp.ClientSession
    database: Database
    verifier: TokenVerifier
    signer: GatewaySigner

    async def ask_model(self, messages: list[dict[str, object]]) -> dict[str, object]:
        """One model call. Returns: the assistant's message."""
        tool = {"type": "function", "function": {"name": TOOL, "parameters": SCHEMA}}
        body = {"model": self.env["GEMINI_MODEL"], "messages": messages, "tools": [tool]}
        url = f"{self.env['GEMINI_BASE_URL'].rstrip('/')}/chat/completions"
        headers = {"Authorization": f"Bearer {self.env['GEMINI_API_KEY']}"}
        async with self.http.post(url, data=orjson.dumps(body), headers=headers) as response:
            response.raise_for_status()
            message: dict[str, object] = (orjson.loads(await response.read()))["choices"][0][
                "message"
            ]
            return message

    async def call_tool(self, token: str, user: UUID, turn: UUID, call: object) -> object:
        """One tool call. Returns: its result."""
        assert isinstance(call, dict)
        arguments = {**json.loads(call["function"]["arguments"]), "user_id": str(user)}
        meta = {
            "taskchat/idempotency-key": {"turn_id": str(turn), "ordinal": 0},
            "io.modelcontextprotocol/protocolVersion": PROTOCOL_VERSION,
            "io.modelcontextprotocol/clientInfo": {"name": "floor", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        }
        params = {"name": TOOL, "arguments": arguments, "_meta": meta}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        headers = {
            "Accept": "application/json, text/event-stream",
            "Content-Type": "application/json",
            "Authorization": f"Bearer {token}",
            "mcp-protocol-version": PROTOCOL_VERSION,
            "mcp-method": "tools/call",
            "mcp-name": TOOL,
        }
        data, now = orjson.dumps(body), f"{time.time():.3f}"
        headers["turn-started-at"] = now
        headers[PROOF_HEADER] = self.signer.proof(token=token, turn_started_at=now, body=data)
        async with self.http.post(self.env["MCP_URL"], data=data, headers=headers) as response:
            response.raise_for_status()
            result = orjson.loads(await response.read())["result"]
            assert not result.get("isError"), result
            return result["structuredContent"]

    async def turn(self, request: Request) -> bytes:
        """One turn: open, ask, record, call, record, ask, close."""
        token = request.headers["authorization"].removeprefix("Bearer ")
        user = (await self.verifier.verify(token)).user_id
        said = orjson.loads(await request.body())["message"]
        conversation, turn, message = new_id(), new_id(), new_id()
        of_turn = {"user": user, "id": turn}
        async with self.database.user_transaction(user) as sql:
            await sql.execute(HISTORY, {"user": user, "id": conversation})
            await sql.execute(INSERT_CONVERSATION, {"user": user, "id": conversation})
            await sql.execute(
                INSERT_MESSAGE,
                {
                    "user": user,
                    "id": message,
                    "conversation": conversation,
                    "role": "user",
                    "content": said,
                },
            )
            await sql.execute(
                INSERT_TURN, {**of_turn, "conversation": conversation, "message": message}
            )
        messages: list[dict[str, object]] = [{"role": "user", "content": said}]
        wish = await self.ask_model(messages)
        calls = wish["tool_calls"]
        assert isinstance(calls, list)
        async with self.database.user_transaction(user) as sql:
            await sql.execute(ADD_STEP, {**of_turn, "step": orjson.dumps([wish]).decode()})
        output = await self.call_tool(token, user, turn, calls[0])
        async with self.database.user_transaction(user) as sql:
            await sql.execute(
                SET_RESULT, {**of_turn, "result": orjson.dumps({"0": output}).decode()}
            )
        content = orjson.dumps(output).decode()
        messages += [wish, {"role": "tool", "tool_call_id": calls[0]["id"], "content": content}]
        said_back = (await self.ask_model(messages))["content"]
        answer = orjson.dumps({"response": said_back, "tool_calls": [output]})
        async with self.database.user_transaction(user) as sql:
            await sql.execute(TOUCH, {"user": user, "id": conversation})
            await sql.execute(
                INSERT_MESSAGE,
                {
                    "user": user,
                    "id": new_id(),
                    "conversation": conversation,
                    "role": "assistant",
                    "content": said_back,
                },
            )
            await sql.execute(COMPLETE, {**of_turn, "answer": answer.decode()})
        return answer


def create_app(env: Mapping[str, str]) -> FastAPI:
    """The floor as an app. Args: env: the gateway's environment."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = Database(create_engine(env["DATABASE_URL"], application_name="floor"))
        async with aiohttp.ClientSession() as http, httpx2.AsyncClient() as client:
            jwks = JwksCache(env["AUTH_JWKS_URL"], client)
            await jwks.load()
            verifier = TokenVerifier(jwks, env["AUTH_ISSUER"], env["AUTH_AUDIENCE"])
            signer = GatewaySigner.from_pem(env["GATEWAY_PROOF_KEY"])
            app.state.floor = Floor(env, http, database, verifier, signer)
            yield
        await database.dispose()

    app = FastAPI(lifespan=lifespan, openapi_url=None)

    @app.post("/api/{user_id}/chat")
    async def chat(user_id: UUID, request: Request) -> Response:
        floor: Floor = request.app.state.floor
        return Response(await floor.turn(request), media_type="application/json")

    @app.get("/readyz")
    async def ready() -> dict[str, str]:
        return {"status": "ready"}

    return app


if __name__ == "__main__":
    uvicorn.run(
        create_app(os.environ), port=int(os.environ["PORT"]), access_log=False, log_level="warning"
    )
