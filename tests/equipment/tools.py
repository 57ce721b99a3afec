"""mcp-tools spoken to directly, as no client of ours would: any token, argument and `_meta`.

Source: contract.md "Tools"; MCP protocol 2026-07-28 (stateless: each POST stands alone).
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from devstack.stack import Stack
from servicekit.tokens.gateway_proof import PROOF_HEADER, GatewaySigner

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


def gateway_of(stack: Stack) -> GatewaySigner:
    """What makes a request the gateway's own in the eyes of the stack's mcp-tools."""
    return GatewaySigner.from_pem(stack.deployment.gateway_keys.private)


def proof_of(
    gateway: GatewaySigner, headers: Sequence[Header], body: bytes
) -> list[tuple[str, str]]:
    """The headers by which the gateway proves a request; a moment that is there is signed as it is.

    Args: headers: with the authorization. body: as it is sent.
    """
    sent = {name.lower(): value for name, value in headers if isinstance(value, str)}
    moment = sent.get("turn-started-at", f"{time.time():.3f}")
    token = sent.get("authorization", "").partition(" ")[2]
    proof = gateway.proof(token=token, turn_started_at=moment, body=body)
    given = [] if "turn-started-at" in sent else [("turn-started-at", moment)]
    return [*given, (PROOF_HEADER, proof)]


async def rpc(
    url: str,
    method: str,
    params: Mapping[str, object],
    *,
    headers: Sequence[Header],
    name: str | None = None,
    query: str = "",
    gateway: GatewaySigner | None = None,
) -> RawResponse:
    """One self-contained JSON-RPC POST.

    Args: url: base URL of mcp-tools. params: without the protocol's own `_meta`, which is added.
        headers: those beside the protocol's own, the authorization for one.
        gateway: signs the request, where it shall be the gateway's.
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
    proof = [] if gateway is None else proof_of(gateway, headers, body.encode())
    return await send(target, headers=(*protocol, *headers, *proof), body=body.encode())


async def call_tool(
    url: str,
    token: str,
    name: str,
    arguments: Mapping[str, object],
    *,
    meta: Mapping[str, object] | None = None,
    headers: Sequence[Header] = (),
    gateway: GatewaySigner | None = None,
) -> ToolAnswer:
    """Call a tool with a token that is accepted.

    Args: url: base URL of mcp-tools. gateway: signs the call; `meta` of a turn needs it.
    Raises: AssertionError: the answer is no tool result.
    """
    response = await rpc(
        url,
        "tools/call",
        {"name": name, "arguments": arguments, "_meta": meta or {}},
        headers=(("Authorization", f"Bearer {token}"), *headers),
        name=name,
        gateway=gateway,
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
