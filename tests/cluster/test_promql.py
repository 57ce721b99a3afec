"""Every expression of the dashboards and the recording rules, asked of a Prometheus under load.

An expression that is PromQL and names existing metrics may still find nothing: a label that is
spelled otherwise, a join without a partner, a unit too far. So all of them are asked while people
chat and small faults happen, and must find something.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx2
import pytest
from devstack.people import Person

from otel.rules import limits, objectives, operation
from otel.rules.files import PLAIN
from otel.rules.rule import Recording
from tests.cluster.conftest import SignUpMany
from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.endpoint_client import EndpointClient
from tests.cluster.equipment.faults import Faults
from tests.cluster.equipment.load import closed_loop
from tests.cluster.equipment.port_forward import port_forward
from tests.cluster.equipment.prometheus import Prometheus
from tests.cluster.equipment.promql import refused, wait_until_data
from tests.cluster.equipment.release import Release
from tests.cluster.equipment.rules import loaded_rules
from tests.cluster.equipment.settings import ClusterSettings
from tests.equipment.documents import ROOT
from tests.equipment.simulator import Simulator
from tests.otel.dashboards import asked

pytestmark = pytest.mark.timeout(420)

PEOPLE = 3
PAUSE_SECONDS = 2.0
WINDOW, WHOLE = "1m", "5m"
FOUND_WITHIN_SECONDS = 180.0
"""Two scrapes (5 s) see a rate; cAdvisor's need half a minute, and the faults take their time."""
FAULTS_EVERY_SECONDS = 10.0
GATEWAY_PORT, SIMULATOR_PORT = 8000, 8003

NOT_HERE: Mapping[str, str] = {
    "kube_": "the test bed has no kube-state-metrics",
    "envoy_listener_ssl_certificate_expiration_unix_time_seconds": "its edge serves plain HTTP",
    "ALERTS{": "nothing is broken for long enough; test_alerts.py makes something fire",
    "unless sum by (service, version)": "no version begins to run in these minutes",
}
"""What is asked and may find nothing, by a part of the expression, and why."""
EMPTY_PLACES: Mapping[str, str] = {
    "taskchat-database, Statements that failed": "no statement fails here: tests/faults",
    "taskchat-tools, Attempts without a result, by tool": "mcp-tools answers here: tests/faults",
    "taskchat-tools, Calls answered from their record": "no answer gets lost here: tests/faults",
    "taskchat-scaling, Stopped by the kernel for CPU": "no container has a CPU limit",
}
"""The same by the panel."""


def dashboard_expressions() -> dict[str, str]:
    """Every expression of the dashboards, by its panel, as Grafana sends it."""
    return {
        f"{one.place} [{number}]": one.concrete(WINDOW, WHOLE) for number, one in enumerate(asked())
    }


def recording_expressions() -> dict[str, str]:
    """What is recorded, by the name under which it is."""
    return {
        rule.name: rule.expression
        for module in (limits, objectives, operation)
        for group in module.groups()
        for rule in group.rules
        if isinstance(rule, Recording)
    }


def is_excused(place: str, expression: str) -> bool:
    """Whether it may find nothing here."""
    return any(part in expression for part in NOT_HERE) or any(
        place.startswith(f"{panel} [") for panel in EMPTY_PLACES
    )


EXPRESSIONS = dashboard_expressions() | recording_expressions()
EXCUSED = {place: text for place, text in EXPRESSIONS.items() if is_excused(place, text)}


@pytest.fixture
async def recording(
    release: Release, settings: ClusterSettings, prometheus: Prometheus
) -> AsyncIterator[Prometheus]:
    """Prometheus with all rules, evaluated at each scrape, so that nobody waits for minutes."""
    files = {
        path.name: re.sub(r"interval: \w+", "interval: 5s", path.read_text())
        for path in (ROOT / PLAIN).glob("*.yaml")
    }
    namespace, _ = settings.prometheus
    async with loaded_rules(release.kubectl.elsewhere(namespace), prometheus, files):
        yield prometheus


@asynccontextmanager
async def everyday(
    release: Release, edge: Edge, edge_client: EndpointClient, people: list[Person]
) -> AsyncIterator[None]:
    """People chat, and now and then something goes wrong for one of them."""
    first, *others = people
    gateway_pods = f"deployment/{release.resource('chat-gateway')}"
    model_pods = f"deployment/{release.resource('gemini-simulator')}"
    async with (
        port_forward(release.kubectl, gateway_pods, GATEWAY_PORT) as gateway,
        port_forward(release.kubectl, model_pods, SIMULATOR_PORT) as simulator,
        httpx2.AsyncClient(trust_env=False) as client,
    ):
        pod = EndpointClient(f"http://127.0.0.1:{gateway}", "chat-gateway", edge.url)
        model = Simulator(f"http://127.0.0.1:{simulator}", client)
        faults = Faults(edge, first, edge_client, pod, model)

        async def now_and_then() -> None:
            while True:
                await faults.cause_all()
                await asyncio.sleep(FAULTS_EVERY_SECONDS)

        async with (
            closed_loop(edge, others, pause_seconds=PAUSE_SECONDS),
            asyncio.TaskGroup() as group,
        ):
            happening = group.create_task(now_and_then())
            yield
            happening.cancel()


async def test_every_expression_finds_something(
    release: Release,
    edge: Edge,
    edge_client: EndpointClient,
    crowd: SignUpMany,
    recording: Prometheus,
) -> None:
    wanted = {place: text for place, text in EXPRESSIONS.items() if place not in EXCUSED}
    people = await crowd(1 + PEOPLE)
    async with everyday(release, edge, edge_client, people):
        await wait_until_data(recording, wanted, FOUND_WITHIN_SECONDS)
        assert await refused(recording, EXCUSED) == {}


def test_only_what_cannot_be_here_is_excused() -> None:
    """Each excuse is needed, and none excuses a whole dashboard."""
    for part in NOT_HERE:
        assert any(part in text for text in EXCUSED.values()), part
    for panel in EMPTY_PLACES:
        assert any(place.startswith(f"{panel} [") for place in EXCUSED), panel
    assert len(EXCUSED) < len(EXPRESSIONS) / 8
