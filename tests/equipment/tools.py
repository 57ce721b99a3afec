"""mcp-tools spoken to directly, as no client of ours would: any token, argument and `_meta`.

Source: contract.md "Tools"; MCP protocol 2026-07-28 (stateless: each POST stands alone).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.equipment.raw_http import Header, RawResponse, send

PROTOCOL_VERSION = "2026-07-28"
IDEMPOTENCY_KEY = "taskchat/idempotency-key"
CONVERSATION_ID = "taskchat/conversation-id"
TOOL_CALL = "taskchat/tool-call"


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """The result of a tools/call: `content` is the structured output, or code and message."""

    is_error: bool
    content: dict[str, Any]
    meta: dict[str, Any]
    text: str

    @property
    def code(self) -> str | None:
        """The code of a failure, or None."""
        return str(self.content.get("code")) if self.is_error else None


def idempotency_key(turn_id: UUID, ordinal: int) -> dict[str, object]:
    """The `_meta` that makes a call repeatable."""
    return {IDEMPOTENCY_KEY: {"turn_id": str(turn_id), "ordinal": ordinal}}


async def rpc(
    url: str,
    method: str,
    params: Mapping[str, object],
    *,
    headers: Sequence[Header],
    name: str | None = None,
    query: str = "",
) -> RawResponse:
    """One self-contained JSON-RPC POST.

    Args: url: base URL of mcp-tools. params: without the protocol's own `_meta`, which is added.
        headers: those beside the protocol's own, the authorization for one.
    """
    meta = {
        "io.modelcontextprotocol/protocolVersion": PROTOCOL_VERSION,
        "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "0"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    given = params.get("_meta")
    sent = {**params, "_meta": {**(given if isinstance(given, Mapping) else {}), **meta}}
    protocol: list[Header] = [
        ("Accept", "application/json, text/event-stream"),
        ("Content-Type", "application/json"),
        ("mcp-protocol-version", PROTOCOL_VERSION),
        ("mcp-method", method),
    ]
    if name is not None:
        protocol.append(("mcp-name", name))
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": sent})
    target = f"{url}/mcp?{query}" if query else f"{url}/mcp"
    return await send(target, headers=(*protocol, *headers), body=body.encode())


async def call_tool(
    url: str,
    token: str,
    name: str,
    arguments: Mapping[str, object],
    *,
    meta: Mapping[str, object] | None = None,
    headers: Sequence[Header] = (),
) -> ToolAnswer:
    """Call a tool with a token that is accepted.

    Args: url: base URL of mcp-tools.
    Raises: AssertionError: the answer is no tool result.
    """
    response = await rpc(
        url,
        "tools/call",
        {"name": name, "arguments": arguments, "_meta": meta or {}},
        headers=(("Authorization", f"Bearer {token}"), *headers),
        name=name,
    )
    assert response.status == 200, (response.status, response.body)
    result = response.json()["result"]
    text = "".join(part.get("text", "") for part in result.get("content", []))
    is_error = bool(result.get("isError", False))
    return ToolAnswer(
        is_error=is_error,
        content=json.loads(text) if is_error else result["structuredContent"],
        meta=result.get("_meta") or {},
        text=text,
    )
