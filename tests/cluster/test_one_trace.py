"""One trace per turn: from the edge's span, through both services, to the last SQL statement.

It begins at the edge: what a client sends is neither its id nor decides whether it is kept.
"""

import secrets

import httpx2
from devstack.people import Person

from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.jaeger import Jaeger, JaegerSpan, open_jaeger
from tests.cluster.equipment.release import Release
from tests.cluster.equipment.settings import ClusterSettings
from tests.equipment.waiting import wait_until

EXPORT_SECONDS = 30.0
"""Services send spans every 5 s, Envoy too; a busy node is late."""
LOOK_SECONDS = 0.5
FIRST_AND_LAST = {"edge", "chat-gateway", "mcp-tools", "gemini-simulator"}
WAY_TO_THE_TASK = [
    ("edge", "ingress"),
    ("edge", "router httproute/{namespace}/{release}-edge-chat/rule/0 egress"),
    ("chat-gateway", "POST /api/{{user_id}}/chat"),
    ("chat-gateway", "turn"),
    ("chat-gateway", "turn.agent"),
    ("chat-gateway", "invoke_agent taskchat"),
    ("chat-gateway", "execute_tool add_task"),
    ("chat-gateway", "tools/call add_task"),
    ("mcp-tools", "POST /mcp"),
    ("mcp-tools", "tools/call add_task"),
    ("mcp-tools", "transaction"),
    ("mcp-tools", "INSERT tasks.task"),
]


async def test_turn_is_one_trace_from_the_edge_to_the_statement(
    edge: Edge,
    person: Person,
    browser: httpx2.AsyncClient,
    release: Release,
    settings: ClusterSettings,
) -> None:
    trace_id, client_span = secrets.token_hex(16), secrets.token_hex(8)
    traceparent = {"traceparent": f"00-{trace_id}-{client_span}-00"}
    answer = await browser.post(
        person.chat_url(edge.url),
        json={"message": "add a task to buy milk"},
        headers={**await person.headers(), **traceparent},
    )
    assert answer.status_code == httpx2.codes.OK, answer.text

    async with open_jaeger(release.kubectl, settings.jaeger) as jaeger:
        spans = await whole_trace(jaeger, answer.json()["turn_id"])
        assert await jaeger.trace(trace_id) == []

    assert {span.service for span in spans} == FIRST_AND_LAST
    roots = [span for span in spans if not span.parent_id]
    assert [(span.service, span.name) for span in roots] == [("edge", "ingress")]
    names = {"namespace": settings.namespace, "release": settings.release}
    way = [(service, name.format(**names)) for service, name in WAY_TO_THE_TASK]
    [statement] = [span for span in spans if span.name == "INSERT tasks.task"]
    assert way_to(statement, spans) == way


async def whole_trace(jaeger: Jaeger, turn_id: str) -> list[JaegerSpan]:
    """The spans once the outermost and the last have arrived, each with its parent."""

    async def look() -> list[JaegerSpan]:
        trace_id = await jaeger.trace_id_of_turn(turn_id)
        spans = await jaeger.trace(trace_id) if trace_id else []
        known = {span.span_id for span in spans} | {""}
        # Each service sends its spans by itself: the last of each must be there.
        names, services = {span.name for span in spans}, {span.service for span in spans}
        closed = {"ingress", "turn.close", "INSERT tasks.task"} <= names
        whole = closed and services >= FIRST_AND_LAST
        whole = whole and all(span.parent_id in known for span in spans)
        return spans if whole else []

    return await wait_until(
        "all spans of the turn have a parent", look, EXPORT_SECONDS, every_seconds=LOOK_SECONDS
    )


def way_to(span: JaegerSpan, spans: list[JaegerSpan]) -> list[tuple[str, str]]:
    """The spans around one, the outermost first, and the span itself."""
    by_id = {one.span_id: one for one in spans}
    way: list[tuple[str, str]] = []
    current: JaegerSpan | None = span
    while current is not None:
        way.insert(0, (current.service, current.name))
        current = by_id.get(current.parent_id)
    return way
