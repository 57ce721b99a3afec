"""A caller of tools who speaks the protocol of 2026-07-28 by hand: one POST a call, no session."""

import json
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self
from uuid import UUID, uuid4

import httpx2
from servicekit.tokens.gateway_proof import GatewaySigner

PROTOCOL_VERSION = "2026-07-28"
META = {
    "io.modelcontextprotocol/protocolVersion": PROTOCOL_VERSION,
    "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "0"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


@dataclass(frozen=True)
class Answer:
    """The result of a tools/call."""

    content: dict[str, Any]
    meta: dict[str, Any]
    is_error: bool
    text: str

    @property
    def task(self) -> dict[str, Any]:
        """The task of a successful answer."""
        assert not self.is_error, self.content
        task = self.content["task"]
        assert isinstance(task, dict)
        return task

    @property
    def code(self) -> str:
        """`ok`, or the error's code."""
        return str(self.content["code"]) if self.is_error else "ok"

    @property
    def message(self) -> str:
        """What the model is told about an error."""
        assert self.is_error, self.content
        return str(self.content["message"])

    @property
    def call_id(self) -> UUID:
        """Id of the row."""
        return UUID(self.meta["taskchat/tool-call"]["id"])

    @property
    def replayed(self) -> bool:
        """Whether the answer came from the row."""
        return bool(self.meta["taskchat/tool-call"]["replayed"])


def key(turn_id: UUID | None = None, ordinal: int = 0) -> dict[str, Any]:
    """The `_meta` that makes a call repeatable."""
    turn = {"turn_id": str(turn_id or uuid4()), "ordinal": ordinal}
    return {"taskchat/idempotency-key": turn}


@dataclass(frozen=True)
class Caller:
    """One person's way to the tools: by the gateway, where a request says something of a turn.

    signer: the gateway's; None: nothing is proved.
    """

    http: httpx2.AsyncClient
    url: str
    user_id: UUID
    token: str
    headers: dict[str, str] = field(default_factory=dict)
    signer: GatewaySigner | None = None

    def with_headers(self, **headers: str) -> Self:
        """The same person, sending more headers (underscores become hyphens)."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers={**self.headers, **named})

    async def post(
        self, method: str, params: dict[str, Any], *, path: str = "/mcp"
    ) -> httpx2.Response:
        """Send one request; gives the HTTP response whatever it is."""
        headers = {
            "accept": "application/json, text/event-stream",
            "mcp-protocol-version": PROTOCOL_VERSION,
            "mcp-method": method,
            "authorization": f"Bearer {self.token}",
            **self.headers,
        }
        if "name" in params:
            headers["mcp-name"] = _header_value(params["name"])
        params = {**params, "_meta": {**params.get("_meta", {}), **META}}
        # Unlike httpx2's own, this encoder also writes what hostile clients send: NaN, half pairs.
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        headers["content-type"] = "application/json"
        if self.signer is not None and _says_something_of_a_turn(headers, params["_meta"]):
            headers = {"turn-started-at": f"{time.time():.3f}", **headers}
            headers["gateway-proof"] = self.signer.proof(
                token=headers["authorization"].partition(" ")[2],
                turn_started_at=headers["turn-started-at"],
                body=body.encode(),
            )
        return await self.http.post(f"{self.url}{path}", content=body, headers=headers)

    async def list_tools(self) -> dict[str, Any]:
        """The result of tools/list."""
        response = await self.post("tools/list", {})
        result = response.json()["result"]
        assert isinstance(result, dict)
        return result

    async def call(
        self, name: str, *, meta: dict[str, Any] | None = None, **arguments: Any
    ) -> Answer:
        """Call a tool in this person's own name."""
        return await self.call_as(self.user_id, name, meta=meta, **arguments)

    async def call_as(
        self, user_id: object, name: str, *, meta: dict[str, Any] | None = None, **arguments: Any
    ) -> Answer:
        """Call a tool in anybody's name; `...` sends no user_id."""
        named = {} if user_id is ... else {"user_id": _sent(user_id)}
        params = {"name": name, "arguments": {**named, **arguments}, "_meta": meta or {}}
        response = await self.post("tools/call", params)
        assert response.status_code == 200, response.text
        result = response.json()["result"]
        text = result["content"][0]["text"]
        assert ("structuredContent" in result) is not result["isError"]
        return Answer(
            content=result.get("structuredContent") or json.loads(text),
            meta=result["_meta"],
            is_error=result["isError"],
            text=text,
        )


def _says_something_of_a_turn(headers: Mapping[str, str], meta: Mapping[str, Any]) -> bool:
    of_a_turn = ("taskchat/idempotency-key", "taskchat/conversation-id")
    return "turn-started-at" in headers or any(name in meta for name in of_a_turn)


def _sent(user_id: object) -> object:
    return str(user_id) if isinstance(user_id, UUID) else user_id


def _header_value(name: str) -> str:
    """A name as the protocol writes it into a header that cannot hold it."""
    if name.isascii() and name.isprintable():
        return name
    return f"=?base64?{b64encode(name.encode()).decode()}?="
