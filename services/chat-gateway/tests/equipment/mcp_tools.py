"""mcp-tools on the wire: five tools that do nothing, answered as the two services agreed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import orjson
from aiohttp import web
from devstack.gateway_keys import GatewayKeys
from servicekit.tokens.gateway_proof import GatewayProofs, GatewaySigner

from .http import serving

KEYS = GatewayKeys.new()
SIGNER = GatewaySigner.from_pem(KEYS.private)

Answer = Callable[[dict[str, Any]], Awaitable[web.StreamResponse | dict[str, Any]]]

USER = {"type": "string", "format": "uuid", "description": "Whose tasks."}
TEXT = {"type": "string"}
TOOLS: dict[str, dict[str, Any]] = {
    "add_task": {
        "title": {"type": "string", "minLength": 1, "maxLength": 200, "title": "Title"},
        "description": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
    },
    "list_tasks": {
        "status": {"$ref": "#/$defs/Status", "default": "all"},
        "query": TEXT,
        "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 50},
        "cursor": TEXT,
    },
    "complete_task": {"task_id": {"type": "string", "format": "uuid"}},
    "delete_task": {"task_id": TEXT},
    "update_task": {
        "task_id": TEXT,
        "title": TEXT,
        "description": TEXT,
        "completed": {"type": "boolean"},
    },
}
REQUIRED = {"add_task": ["title"], "list_tasks": []}


def tool(name: str) -> dict[str, Any]:
    """A tool as `tools/list` tells of it."""
    properties = {"user_id": USER, **TOOLS[name]}
    required = ["user_id", *REQUIRED.get(name, ["task_id"])]
    schema = {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
        "$defs": {"Status": {"enum": ["all", "pending", "completed"], "type": "string"}},
    }
    return {
        "name": name,
        "description": f"Does {name}.",
        "inputSchema": schema,
        "annotations": {"readOnlyHint": name == "list_tasks"},
    }


def done(
    output: dict[str, Any],
    *,
    version: str = "v1",
    call_id: UUID | None = None,
    replayed: bool = False,
) -> Any:
    """The result of a call that worked."""
    result = _result(output, error=False, version=version, call_id=call_id)
    result["_meta"]["taskchat/tool-call"]["replayed"] = replayed
    return result


def failed(code: str, message: str = "Say it otherwise.", *, conflict: bool = False) -> Any:
    """The result of a call that ended in a tool error."""
    result = _result({"code": code, "message": message}, error=True, version="v1", call_id=None)
    result["_meta"]["taskchat/tool-call"]["conflict"] = conflict
    return result


def _result(output: dict[str, Any], *, error: bool, version: str, call_id: UUID | None) -> Any:
    return {
        "content": [{"type": "text", "text": orjson.dumps(output).decode()}],
        **({} if error else {"structuredContent": output}),
        "isError": error,
        "_meta": {
            "taskchat/tool-call": {
                "id": str(call_id or uuid4()),
                "duration_ms": 1.5,
                "replayed": False,
                "conflict": False,
            },
            "taskchat/tools-version": version,
        },
    }


class ScriptedTools:
    """Answers each tool call with `answer(arguments)`, and keeps what it was asked.

    `idle` is set while no call waits for its answer.
    """

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.peers: list[object] = []
        self.version = "v1"
        self.listing: Answer = self._list
        self.answer: Answer = self._do
        self.idle = asyncio.Event()
        self._running_calls = 0
        self.asked = asyncio.Event()

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The params of each `tools/call`."""
        return [one["params"] for one in self.requests if one["method"] == "tools/call"]

    @property
    def listings(self) -> int:
        """How often the schemas were fetched."""
        return sum(one["method"] == "tools/list" for one in self.requests)

    @asynccontextmanager
    async def running(self, *, port: int = 0) -> AsyncIterator["ScriptedTools"]:
        async with serving("/mcp", self._serve, port=port) as url:
            self.url = f"{url}/mcp"
            yield self

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if not await _is_proven(request):
            return web.Response(status=401)
        asked = orjson.loads(await request.read())
        self.requests.append(asked)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        assert request.transport is not None
        self.peers.append(request.transport.get_extra_info("peername"))
        self.asked.set()
        self._running_calls += 1
        self.idle.clear()
        try:
            chosen = self.listing if asked["method"] == "tools/list" else self.answer
            result = await chosen(asked["params"])
        finally:
            self._running_calls -= 1
            if not self._running_calls:
                self.idle.set()
        if isinstance(result, web.StreamResponse):
            return result
        return reply({"result": result})

    async def _list(self, params: dict[str, Any]) -> dict[str, Any]:
        meta = {"taskchat/tools-version": self.version}
        return {"tools": [tool(name) for name in TOOLS], "_meta": meta}

    async def _do(self, params: dict[str, Any]) -> dict[str, Any]:
        output: dict[str, Any] = done({"task": {"title": params["arguments"].get("title")}})
        return output


async def _is_proven(request: web.Request) -> bool:
    """As mcp-tools has it: without the gateway's proof there is no turn to speak of."""
    proven = GatewayProofs.from_pem(KEYS.public).check(
        request.headers["gateway-proof"],
        token=request.headers["authorization"].removeprefix("Bearer "),
        turn_started_at=request.headers["turn-started-at"],
    )
    return proven is not None and proven.is_of(await request.read())


def reply(members: dict[str, Any], *, status: int = 200) -> web.Response:
    """A JSON-RPC response."""
    body = orjson.dumps({"jsonrpc": "2.0", "id": 1, **members})
    return web.Response(body=body, status=status, content_type="application/json")
