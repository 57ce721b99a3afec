"""One turn is one trace, from the request to the last SQL statement."""

from uuid import uuid4

from inline_snapshot import snapshot

from tests.equipment.chat import User, answer, say
from tests.equipment.otlp import tree
from tests.equipment.raw_http import send
from tests.telemetry.traced import Caller, Traced


async def test_turn_is_one_trace_from_the_request_to_the_last_statement(
    traced: Traced, alice: User
) -> None:
    caller = Caller()
    answer(await say(traced.gateway, alice, "hello"))

    response = await say(
        traced.gateway,
        alice,
        "add a task to buy milk",
        headers=[caller.header],
    )

    answer(response)
    spans = await traced.trace_of(caller)
    assert tree(spans, caller.span_id) == snapshot(
        [
            "chat-gateway: POST /api/{user_id}/chat",
            "  chat-gateway: turn",
            "    chat-gateway: turn.open",
            "      chat-gateway: transaction",
            "        chat-gateway: SELECT chat.erased_person",
            "        chat-gateway: turn.message",
            "          chat-gateway: INSERT chat.conversation",
            "          chat-gateway: INSERT chat.message",
            "          chat-gateway: INSERT chat.turn",
            "    chat-gateway: turn.agent",
            "      chat-gateway: invoke_agent taskchat",
            "        chat-gateway: chat gemini-flash-latest",
            "          chat-gateway: POST /chat/completions",
            "            gemini-simulator: POST /chat/completions",
            "        chat-gateway: transaction",
            "          chat-gateway: SELECT chat.erased_person",
            "          chat-gateway: UPDATE chat.turn",
            "        chat-gateway: execute_tool add_task",
            "          chat-gateway: tools/call add_task",
            "            mcp-tools: POST /mcp",
            "              mcp-tools: tools/call add_task",
            "                mcp-tools: transaction",
            "                  mcp-tools: SELECT tasks.erased_person",
            "                  mcp-tools: INSERT tasks.tool_call",
            "                  mcp-tools: INSERT tasks.task",
            "                  mcp-tools: UPDATE tasks.tool_call",
            "          chat-gateway: transaction",
            "            chat-gateway: SELECT chat.erased_person",
            "            chat-gateway: UPDATE chat.turn",
            "        chat-gateway: chat gemini-flash-latest",
            "          chat-gateway: POST /chat/completions",
            "            gemini-simulator: POST /chat/completions",
            "    chat-gateway: turn.close",
            "      chat-gateway: transaction",
            "        chat-gateway: SELECT chat.erased_person",
            "        chat-gateway: INSERT chat.message",
            "        chat-gateway: UPDATE chat.turn",
        ]
    )
    assert not any(span.failed for span in spans)


async def test_refused_turn_is_a_trace_too_and_says_so(traced: Traced, alice: User) -> None:
    caller = Caller()

    response = await say(
        traced.gateway,
        alice,
        "hello",
        conversation_id=str(uuid4()),
        headers=[caller.header],
    )

    assert response.json()["trace_id"] == caller.trace_id
    spans = await traced.trace_of(caller)
    root = next(span for span in spans if span.parent_id == caller.span_id)
    assert root.attributes["http.response.status_code"] == 404
    turn = next(span for span in spans if span.name == "turn")
    assert turn.attributes["taskchat.turn.outcome"] == "conversation_not_found"
    # The caller's mistake: nobody who looks for errors of ours wants to see it.
    assert not any(span.failed or span.events for span in spans)


async def test_probes_and_scrapes_make_no_spans(traced: Traced, alice: User) -> None:
    for service in (traced.gateway, traced.auth, traced.tools, traced.model):
        for probe in ("healthz", "readyz"):
            assert (await send(f"{service}/{probe}", "GET")).status == 200
    for scraped in traced.scraped:
        assert (await send(f"{scraped}/metrics", "GET")).status == 200
    caller = Caller()

    await say(traced.gateway, alice, "hello", headers=[caller.header])

    await traced.trace_of(caller)
    paths = {str(span.attributes.get("url.path")) for span in traced.receiver.spans()}
    assert f"/api/{alice.user_id}/chat" in paths
    assert not paths & {"/healthz", "/readyz", "/metrics"}
