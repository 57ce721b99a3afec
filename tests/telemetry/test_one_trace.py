"""One turn is one trace, from the request to the last SQL statement, and tells nobody's words."""

import asyncio
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from devstack.people import Person
from devstack.stack import Stack, base_url
from inline_snapshot import snapshot

from tests.equipment.chat import Speaker, answer, say
from tests.equipment.otlp import Receiver, Span, tree
from tests.equipment.raw_http import send
from tests.equipment.waiting import wait_until

FLUSH_MS = "100"
"""OTEL_BSP_SCHEDULE_DELAY: how long the services hold spans back."""

MANY_TURNS = 40


@dataclass(frozen=True)
class Traced:
    """A gateway, mcp-tools and auth that export what they do."""

    gateway: str
    auth: str
    receiver: Receiver
    logs: tuple[str, ...]
    stack: Stack

    async def wait_for_trace(self, trace_id: str, service: str, name: str) -> list[Span]:
        """Wait until the span that ends last has arrived, and with it all others."""

        async def look() -> list[Span] | None:
            spans = self.receiver.trace(trace_id)
            return spans if any((s.service, s.name) == (service, name) for s in spans) else None

        found = await wait_until(f"span {service} {name} of {trace_id} is exported", look)
        # The others were exported by another process, which may flush a moment later.
        await wait_until(
            f"trace {trace_id} has no orphans",
            lambda: _is_whole(self.receiver.trace(trace_id)),
        )
        assert found
        return self.receiver.trace(trace_id)


async def _is_whole(spans: list[Span]) -> bool:
    known = {span.span_id for span in spans}
    return sum(span.parent_id not in known for span in spans) == 1


@pytest.fixture(scope="module")
def traced(stack: Stack) -> Iterator[Traced]:
    with Receiver() as receiver:
        exported = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
            "OTEL_BSP_SCHEDULE_DELAY": FLUSH_MS,
        }
        tools = stack.add_process("mcp-tools", "mcp-tools-traced", **exported)
        gateway = stack.add_process(
            "chat-gateway",
            "chat-gateway-traced",
            MCP_URL=f"{base_url(tools)}/mcp",
            **exported,
        )
        auth = stack.add_process("auth", "auth-traced", **exported)
        names = ("mcp-tools-traced", "chat-gateway-traced", "auth-traced")
        yield Traced(base_url(gateway), base_url(auth), receiver, names, stack)
        for name in names:
            stack.process(name).stop()


def new_trace() -> tuple[str, str, str]:
    """Trace id, span id and `traceparent` of a caller (W3C Trace Context, sampled)."""
    trace_id, span_id = secrets.token_hex(16), secrets.token_hex(8)
    return trace_id, span_id, f"00-{trace_id}-{span_id}-01"


async def test_turn_is_one_trace_from_the_request_to_the_last_statement(
    traced: Traced, alice: Speaker
) -> None:
    trace_id, span_id, traceparent = new_trace()
    answer(await say(traced.gateway, alice, "hello"))

    response = await say(
        traced.gateway,
        alice,
        "add a task to buy milk",
        headers=[("traceparent", traceparent)],
    )

    answer(response)
    spans = await traced.wait_for_trace(trace_id, "chat-gateway", "POST /api/{user_id}/chat")
    assert tree(spans, span_id) == snapshot(
        [
            "chat-gateway: POST /api/{user_id}/chat",
            "  chat-gateway: turn",
            "    chat-gateway: turn.open",
            "      chat-gateway: transaction",
            "        chat-gateway: SELECT",
            "        chat-gateway: turn.message",
            "          chat-gateway: INSERT chat.conversation",
            "          chat-gateway: INSERT chat.message",
            "          chat-gateway: INSERT chat.turn",
            "    chat-gateway: turn.agent",
            "      chat-gateway: invoke_agent taskchat",
            "        chat-gateway: chat gemini-2.5-flash",
            "          chat-gateway: POST /chat/completions",
            "        chat-gateway: transaction",
            "          chat-gateway: SELECT",
            "          chat-gateway: UPDATE chat.turn",
            "        chat-gateway: execute_tool add_task",
            "          chat-gateway: tools/call add_task",
            "            mcp-tools: POST /mcp",
            "              mcp-tools: tools/call add_task",
            "                mcp-tools: transaction",
            "                  mcp-tools: SELECT",
            "                  mcp-tools: INSERT tasks.tool_call",
            "                  mcp-tools: INSERT tasks.task",
            "                  mcp-tools: UPDATE tasks.tool_call",
            "          chat-gateway: transaction",
            "            chat-gateway: SELECT",
            "            chat-gateway: UPDATE chat.turn",
            "        chat-gateway: chat gemini-2.5-flash",
            "          chat-gateway: POST /chat/completions",
            "    chat-gateway: turn.close",
            "      chat-gateway: transaction",
            "        chat-gateway: SELECT",
            "        chat-gateway: INSERT chat.message",
            "        chat-gateway: UPDATE chat.turn",
        ]
    )
    assert not any(span.failed for span in spans)


async def test_refused_turn_is_a_trace_too_and_says_so(traced: Traced, alice: Speaker) -> None:
    trace_id, span_id, traceparent = new_trace()

    response = await say(
        traced.gateway,
        alice,
        "hello",
        conversation_id=str(uuid4()),
        headers=[("traceparent", traceparent)],
    )

    assert response.json()["trace_id"] == trace_id
    spans = await traced.wait_for_trace(trace_id, "chat-gateway", "POST /api/{user_id}/chat")
    root = next(span for span in spans if span.parent_id == span_id)
    assert root.attributes["http.response.status_code"] == 404


async def test_nobodys_words_and_no_token_are_exported_or_logged(
    traced: Traced, alice: Speaker
) -> None:
    canary = f"canary{uuid4().hex}"
    person = await Person.sign_up(traced.auth, email=f"{canary}@example.com")
    speaker = Speaker(person.user_id, await person.token())
    trace_id, _, traceparent = new_trace()

    found = answer(
        await say(
            traced.gateway,
            speaker,
            f"add a task to feed the {canary}",
            headers=[("traceparent", traceparent)],
        )
    )

    assert canary in found["tool_calls"][0]["arguments"]["title"]
    await traced.wait_for_trace(trace_id, "chat-gateway", "POST /api/{user_id}/chat")
    exported = b"".join(traced.receiver.received)
    logged = b"".join(traced.stack.process(name).log_path.read_bytes() for name in traced.logs)
    assert trace_id.encode() in logged, "the logs name no trace, so they may be empty"
    for secret in (canary, speaker.token, speaker.token.split(".")[2]):
        assert secret.encode() not in exported
        assert secret.encode() not in logged


async def test_concurrent_turns_leave_no_orphan_and_no_stray_root(
    traced: Traced, alice: Speaker
) -> None:
    callers = [new_trace() for _ in range(MANY_TURNS)]

    await asyncio.gather(
        *(
            say(traced.gateway, alice, "show my tasks", headers=[("traceparent", traceparent)])
            for _, _, traceparent in callers
        )
    )

    for trace_id, span_id, _ in callers:
        spans = await traced.wait_for_trace(trace_id, "chat-gateway", "POST /api/{user_id}/chat")
        known = {span.span_id for span in spans} | {span_id}
        assert all(span.parent_id in known for span in spans)


async def test_probes_make_no_spans(traced: Traced, alice: Speaker) -> None:
    trace_id, _, traceparent = new_trace()
    for service in (traced.gateway, traced.auth):
        for probe in ("healthz", "readyz"):
            assert (await send(f"{service}/{probe}", "GET")).status == 200

    await say(traced.gateway, alice, "hello", headers=[("traceparent", traceparent)])

    await traced.wait_for_trace(trace_id, "chat-gateway", "POST /api/{user_id}/chat")
    paths = {str(span.attributes.get("url.path")) for span in traced.receiver.spans()}
    assert f"/api/{alice.user_id}/chat" in paths
    assert not paths & {"/healthz", "/readyz", "/metrics"}
