"""Metrics of real turns: what otel/schema lists, and a way from each point to its trace."""

import asyncio
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from devstack.processes import ManagedProcess
from devstack.stack import Stack, base_url
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.parser import text_string_to_metric_families
from servicekit.tokens.gateway_proof import GatewaySigner

from tests.equipment.actions import act, called, stop_turn
from tests.equipment.chat import User, answer, post, refusal, say
from tests.equipment.database import DatabaseView
from tests.equipment.log_lines import log_lines
from tests.equipment.metrics import OPEN_METRICS, read_metrics, scrape
from tests.equipment.otlp import Receiver
from tests.equipment.simulator import Simulator, calls, text
from tests.equipment.telemetry_schema import Metric, Service, metric_schema
from tests.equipment.tools import call_tool, idempotency_key
from tests.equipment.waiting import wait_until

OF_LIBRARIES = ("process_", "python_")
MISMATCHES = "taskchat_audit_mismatches_total"
TURN_SECONDS = "taskchat_turn_duration_seconds"


@dataclass(frozen=True)
class Traced:
    """A gateway and mcp-tools that trace, and hedge soon."""

    gateway: ManagedProcess
    tools: ManagedProcess
    receiver: Receiver

    @property
    def processes(self) -> dict[Service, ManagedProcess]:
        return {"chat-gateway": self.gateway, "mcp-tools": self.tools}

    @property
    def signer(self) -> GatewaySigner:
        """What makes a call the gateway's own."""
        return GatewaySigner.from_pem(self.gateway.env["GATEWAY_PROOF_KEY"])


@pytest.fixture(scope="module")
def traced(stack: Stack) -> Iterator[Traced]:
    with Receiver() as receiver:
        exports = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }
        tools = stack.add_process("mcp-tools", "mcp-tools-metrics", **exports)
        gateway = stack.add_process(
            "chat-gateway",
            "chat-gateway-metrics",
            MCP_URL=f"{base_url(tools)}/mcp",
            MODEL_HEDGE_AFTER_SECONDS="0.3",
            EDGE_BEGINS_TRACES="true",
            **exports,
        )
        yield Traced(gateway, tools, receiver)
        for process in (gateway, tools):
            process.stop()


async def families(process: ManagedProcess) -> dict[str, Family]:
    """Our metrics, under the names that Prometheus has them by."""
    found = text_string_to_metric_families(await read_metrics(process))
    named = {
        f"{one.name}_total" if one.type == "counter" else one.name: one
        for one in found
        if not one.name.startswith(OF_LIBRARIES)
    }
    return named


async def drive(traced: Traced, alice: User, simulator: Simulator) -> None:
    """Make everything happen that has a label: calls, repeats, hedges, nonsense, refusals."""
    url, said = base_url(traced.gateway), f"add a task to buy milk {uuid4()}"
    found = answer(await say(url, alice, said))
    called(await act(url, alice, "tasks.list"))
    assert not await stop_turn(url, alice, found["conversation_id"], found["turn_id"])
    await asyncio.to_thread(traced.tools.stop)
    refusal(await say(url, alice, said), 503, "tools_unavailable")
    await asyncio.to_thread(traced.tools.restart)
    await simulator.fail(failing := f"show my tasks {uuid4()}", 503, count=1)
    answer(await say(url, alice, failing))
    await simulator.hang(slow := f"hello {uuid4()}")
    answer(await say(url, alice, slow))
    await simulator.release(slow)
    lost = f"list my tasks {uuid4()}"
    await simulator.script(lost, calls(("no_such_tool", {})), text(" "), text("Hello."))
    answer(await say(url, alice, lost))
    await post(url, alice, b'{"message": "hello"}', authorized=False)
    await post(url, alice, b'{"message": "hello"}', origin="https://evil.example")
    turn_id = uuid4()
    for _ in range(2):
        await call_tool(
            base_url(traced.tools),
            alice.token,
            "list_tasks",
            {"user_id": str(alice.user_id)},
            meta=idempotency_key(turn_id, 0),
            gateway=traced.signer,
        )
    await call_tool(base_url(traced.tools), alice.token, "no_such_tool", {})


async def test_metrics_are_those_of_the_schema(
    traced: Traced, alice: User, simulator: Simulator
) -> None:
    await drive(traced, alice, simulator)

    for service, process in traced.processes.items():
        listed = {one.name: one for one in metric_schema().metrics if service in one.services}
        shown = await families(process)
        assert shown.keys() == listed.keys()
        silent = [name for name in shown if listed[name].labels and not shown[name].samples]
        assert silent == [], f"{service} shows no sample of these"
        for name, family in shown.items():
            check(listed[name], family)


def check(listed: Metric, family: Family) -> None:
    """Type, labels, their values, and the buckets are as listed."""
    assert family.type == listed.type, listed.name
    values = {label.name: label.values for label in metric_schema().labels}
    for sample in family.samples:
        labels = {name: value for name, value in sample.labels.items() if name != "le"}
        assert labels.keys() == set(listed.labels), listed.name
        for name, value in labels.items():
            known = values[name]
            assert known is None or value in known, (listed.name, name, value)
    bounds = {float(one.labels["le"]) for one in family.samples if "le" in one.labels}
    assert bounds - {float("inf")} == set(listed.buckets or ()), listed.name


async def test_point_of_a_dashboard_leads_to_its_trace(traced: Traced, alice: User) -> None:
    trace_id = secrets.token_hex(16)
    header = ("traceparent", f"00-{trace_id}-{secrets.token_hex(8)}-01")
    answer(await say(base_url(traced.gateway), alice, "add a task to buy milk", headers=[header]))

    for process, names in (
        (traced.gateway, (TURN_SECONDS, "gen_ai_client_operation_duration_seconds")),
        (traced.tools, ("taskchat_mcp_tool_call_duration_seconds",)),
    ):
        page = await read_metrics(process, OPEN_METRICS)
        for name in names:
            found = re.findall(rf'^{name}_bucket.* # {{.*trace_id="{trace_id}".*}}', page, re.M)
            assert found, f"{process.name} shows no exemplar at {name}"
            spans = {id_ for line in found for id_ in re.findall(r'span_id="([0-9a-f]+)"', line)}

            async def exported(spans: set[str] = spans) -> bool:
                return spans <= {span.span_id for span in traced.receiver.trace(trace_id)}

            await wait_until("the spans of the exemplars are exported", exported)


async def test_key_that_somebody_else_has_used_is_an_audit_mismatch(
    traced: Traced, alice: User, simulator: Simulator, database: DatabaseView
) -> None:
    said = f"add a task to buy milk {uuid4()}"
    before = (await scrape(traced.gateway)).value(MISMATCHES)
    # Twice, because the hedge shall wait too.
    await simulator.hang(said)
    await simulator.hang(said)
    sent = asyncio.create_task(say(base_url(traced.gateway), alice, said))
    await simulator.wait_until_held(said, held=2)
    turn_id = await database.value("SELECT id FROM chat.turn WHERE user_id = $1", alice.user_id)

    await call_tool(
        base_url(traced.tools),
        alice.token,
        "list_tasks",
        {"user_id": str(alice.user_id)},
        meta=idempotency_key(turn_id, 0),
        gateway=traced.signer,
    )
    await simulator.release(said)
    found = answer(await sent)

    assert found["tool_calls"][0]["error"]["code"] == "invalid_arguments"
    assert (await scrape(traced.gateway)).value(MISMATCHES) == before + 1
    (told,) = [one for one in log_lines(traced.gateway) if one["message"] == "audit mismatch"]
    assert (told["level"], told["turn_id"], told["ordinal"]) == ("ERROR", str(turn_id), 0)
