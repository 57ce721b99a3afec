"""The wire to mcp-tools: MCP 2026-07-28 over stateless HTTP, one self-contained POST per request.

No `initialize` and no session: whatever replica answers, and whenever it was restarted, a request
holds all that it needs. Source: ADR 0001; MCP specification 2026-07-28, "Streamable HTTP".
"""

import asyncio
from dataclasses import dataclass
from typing import Final, Self

import aiohttp
import orjson
from pydantic import JsonValue
from servicekit.tokens.gateway_proof import PROOF_HEADER, GatewaySigner

from chat_gateway.telemetry.spans import mcp_span, trace_headers
from chat_gateway.turns.runner import TurnContext

PROTOCOL_VERSION: Final = "2026-07-28"
_CLIENT_META: Final[dict[str, JsonValue]] = {
    "io.modelcontextprotocol/protocolVersion": PROTOCOL_VERSION,
    "io.modelcontextprotocol/clientInfo": {"name": "chat-gateway", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
CONNECT_SECONDS: Final = 2.0
"""mcp-tools is a neighbour: a connection that takes longer will not come."""
ATTEMPT_SECONDS: Final = 8.0
"""Longest wait for one answer; three of them fit the default deadline of a turn (30 s)."""


class ToolsWireError(Exception):
    """mcp-tools gave no result.

    ├── ToolsUnreachable   no connection, no answer in time, or HTTP 5xx/429: may pass by itself
    └── ToolsRefused       HTTP 4xx, JSON-RPC error, or an answer that is not MCP: somebody must act
    """


class ToolsUnreachable(ToolsWireError):
    """May pass by itself. `after_seconds` is what the server asked us to wait, if it did."""

    def __init__(self, reason: str, *, after_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.after_seconds = after_seconds


class ToolsRefused(ToolsWireError):
    """Will not pass by itself: the token, the request or the server is wrong."""


@dataclass(frozen=True, slots=True)
class ToolsClient:
    """Sends requests to mcp-tools, for all turns of the process, each on a connection of its own.

    A Kubernetes Service chooses a pod when a connection is made, and never again: a kept one would
    tie this process to the pods of that moment, give new ones nothing to do, and break with its
    pod in the middle of a call. It costs 0.3 ms CPU here and 0.2 there (aiohttp 3.14, uvicorn
    0.54), beside the 25 of a turn.
    """

    url: str
    signer: GatewaySigner
    session: aiohttp.ClientSession

    @classmethod
    def open(cls, url: str, signer: GatewaySigner, *, connections: int) -> Self:
        """Make the session; needs a running event loop.

        Args: url: of the MCP endpoint. signer: proves that a request is ours; what it says of a
            turn is believed by that alone. connections: most at once, at least the calls in flight.
        """
        return cls(
            url=url,
            signer=signer,
            session=aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=connections, force_close=True),
                # A cookie would be remembered for the next person.
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            ),
        )

    async def close(self) -> None:
        """Close every connection."""
        await self.session.close()

    async def request(
        self,
        method: str,
        params: dict[str, JsonValue],
        turn: TurnContext,
        *,
        name: str | None = None,
        shown_name: str | None = None,
        meta: dict[str, JsonValue] | None = None,
    ) -> dict[str, JsonValue]:
        """Send one JSON-RPC request with the token of a turn and wait for its result.

        Args: method: e.g. `tools/call`. name: of the tool, for `tools/call`; shown_name: as spans
            may show it. meta: further `_meta`.
        Returns: the `result` object.
        Raises: ToolsUnreachable, ToolsRefused; DeadlineExceeded (504).
        """
        seconds = min(ATTEMPT_SECONDS, turn.deadline.remaining_seconds())
        with mcp_span(method, shown_name or name, protocol_version=PROTOCOL_VERSION) as span:
            traced = trace_headers()
            body: dict[str, JsonValue] = {
                "jsonrpc": "2.0",
                "id": 1,  # each POST is a conversation of its own
                "method": method,
                "params": {**params, "_meta": {**(meta or {}), **traced, **_CLIENT_META}},
            }
            content = orjson.dumps(body)
            token, started_at = turn.identity.token, f"{turn.started_at.timestamp():.3f}"
            headers = {
                "accept": "application/json, text/event-stream",
                "content-type": "application/json",
                "authorization": f"Bearer {token}",
                "mcp-protocol-version": PROTOCOL_VERSION,
                "mcp-method": method,
                "turn-started-at": started_at,
                PROOF_HEADER: self.signer.proof(
                    token=token, turn_started_at=started_at, body=content
                ),
                **({"mcp-name": name} if name is not None else {}),
                **traced,
            }
            status, retry_after, answer = await self._post(content, headers, seconds)
            span.answered(status)
            return _result(status, retry_after, answer)

    async def _post(
        self, body: bytes, headers: dict[str, str], seconds: float
    ) -> tuple[int, str | None, bytes]:
        try:
            async with (
                asyncio.timeout(seconds),
                self.session.post(
                    self.url, data=body, headers=headers, allow_redirects=False
                ) as response,
            ):
                return response.status, response.headers.get("retry-after"), await response.read()
        except TimeoutError as error:
            raise ToolsUnreachable("no answer in time") from error
        except aiohttp.ClientError as error:
            raise ToolsUnreachable("no connection") from error


def _result(status: int, retry_after: str | None, content: bytes) -> dict[str, JsonValue]:
    """Take the result out of an answer, or say which of the two kinds of failure it is."""
    if status >= 500 or status == 429:
        seconds = float(retry_after) if retry_after and retry_after.isdecimal() else None
        raise ToolsUnreachable(f"HTTP {status}", after_seconds=seconds)
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError:
        answer = None
    if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
        raise ToolsRefused(f"JSON-RPC error {answer['error'].get('code')}, HTTP {status}")
    if status != 200:
        raise ToolsRefused(f"HTTP {status}")
    result = answer.get("result") if isinstance(answer, dict) else None
    if not isinstance(result, dict):
        raise ToolsRefused("an answer that is not MCP")
    return result
