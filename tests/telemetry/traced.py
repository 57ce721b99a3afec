"""Services that export what they do, and the trace of a request to them."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from devstack.stack import Stack, base_url

from tests.equipment.database import DatabaseView
from tests.equipment.otlp import Receiver, Span
from tests.equipment.waiting import wait_until

FLUSH_MS = "100"
"""OTEL_BSP_SCHEDULE_DELAY: how long the services hold spans back."""


LISTEN = ("PORT", "METRICS_PORT")
"""Variables that no two processes share."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The span outside of our services under which a request is made; sampled.

    `traceparent` is its header. Source: W3C Trace Context.
    """

    trace_id: str = field(default_factory=lambda: secrets.token_hex(16))
    span_id: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def header(self) -> tuple[str, str]:
        """What a request carries."""
        return "traceparent", f"00-{self.trace_id}-{self.span_id}-01"


@dataclass(frozen=True)
class Traced:
    """One more of each service, each exporting to one receiver. names: of their processes."""

    stack: Stack
    receiver: Receiver
    names: tuple[str, ...]

    @classmethod
    def start(cls, stack: Stack, receiver: Receiver, suffix: str, **gateway: str) -> "Traced":
        """Start them. Args: suffix: of the processes' names. gateway: its further variables."""
        exported = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
            "OTEL_BSP_SCHEDULE_DELAY": FLUSH_MS,
        }
        names = tuple(f"{kind}-{suffix}" for kind in ("model", "mcp-tools", "auth", "chat-gateway"))
        model, tools, auth, chat = names
        model_url = base_url(stack.add_process("gemini-simulator", model, **exported))
        tools_url = base_url(stack.add_process("mcp-tools", tools, **exported))
        stack.add_process("auth", auth, EDGE_BEGINS_TRACES="true", **exported)
        stack.add_process(
            "chat-gateway",
            chat,
            GEMINI_BASE_URL=f"{model_url}/v1beta/openai/",
            MCP_URL=f"{tools_url}/mcp",
            EDGE_BEGINS_TRACES="true",  # the callers of the tests are the edge
            **exported,
            **gateway,
        )
        return cls(stack, receiver, names)

    def with_gateway(self, name: str, **gateway: str) -> "Traced":
        """The same services behind one more gateway. Args: gateway: its variables that differ."""
        beside = self.stack.env(self.names[3])
        own = {variable: beside[variable] for variable in beside if variable not in LISTEN}
        self.stack.add_process("chat-gateway", name, **{**own, **gateway})
        return Traced(self.stack, self.receiver, (*self.names[:3], name))

    def stop(self) -> None:
        """Stop them; what they still hold back is sent before."""
        for name in self.names:
            self.stack.process(name).stop()

    @property
    def model(self) -> str:
        """Base URL of the simulator."""
        return base_url(self.stack.process(self.names[0]))

    @property
    def tools(self) -> str:
        """Base URL of mcp-tools."""
        return base_url(self.stack.process(self.names[1]))

    @property
    def auth(self) -> str:
        """Base URL of auth."""
        return base_url(self.stack.process(self.names[2]))

    @property
    def gateway(self) -> str:
        """Base URL of chat-gateway."""
        return base_url(self.stack.process(self.names[3]))

    @property
    def scraped(self) -> list[str]:
        """Base URLs of the metrics of the Python services."""
        served = (self.names[0], self.names[1], self.names[3])
        ports = (self.stack.process(name).env["METRICS_PORT"] for name in served)
        return [f"http://localhost:{port}" for port in ports]

    @property
    def logs(self) -> bytes:
        """What all of them have logged."""
        return b"".join(self.stack.process(name).log_path.read_bytes() for name in self.names)

    async def trace_of(self, caller: Caller, *, limit_seconds: float = 60.0) -> list[Span]:
        """Wait until a caller's trace is whole.

        Its server span is there and every parent; and under each request that one of the services
        answered, that service's span.
        """

        async def whole() -> list[Span] | None:
            spans = self.receiver.trace(caller.trace_id)
            known = {span.span_id for span in spans}
            parents = {span.parent_id for span in spans}
            answered = {
                span.span_id
                for span in spans
                if span.kind == "client" and "http.response.status_code" in span.attributes
            }
            return spans if parents - known == {caller.span_id} and answered <= parents else None

        found = await wait_until(f"trace {caller.trace_id} is whole", whole, limit_seconds)
        assert found
        return found


@asynccontextmanager
async def taken_away(database: DatabaseView, right: str) -> AsyncIterator[None]:
    """Let Postgres refuse the gateway one kind of statement. Args: right: `INSERT ON chat.turn`."""
    await database.pool.execute(f"REVOKE {right} FROM chat_gateway")
    try:
        yield
    finally:
        await database.pool.execute(f"GRANT {right} TO chat_gateway")
