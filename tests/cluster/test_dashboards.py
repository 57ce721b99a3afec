"""From a point in a picture to the trace behind it, as somebody goes who clicks on an exemplar."""

import time

import pytest
from devstack.people import Person

from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.jaeger import open_jaeger
from tests.cluster.equipment.prometheus import Prometheus
from tests.cluster.equipment.release import Release
from tests.cluster.equipment.settings import ClusterSettings
from tests.equipment.waiting import wait_until
from tests.otel.dashboards import asked

LABEL = "trace_id"
"""By which the data source links to traces: otel/dashboards/provisioning."""
SCRAPED_SECONDS = 30.0
ARRIVED_SECONDS = 30.0
LOOK_SECONDS = 1.0
PICTURES = {
    "taskchat-promise, A turn, from request to answer": "turn",
    "taskchat-anatomy, Steps of a turn, 50th and 95th percentile": "turn.agent",
    "taskchat-tools, Tool calls as a turn waits for them, 95th percentile": "tools/call add_task",
    "taskchat-tools, Tool calls inside mcp-tools, 95th percentile": "tools/call add_task",
    "taskchat-model, A call, until its answer is there": "chat gemini-flash-latest",
}
"""A span that the trace of each picture's exemplars has."""


async def exemplars(prometheus: Prometheus, expression: str, since: float) -> set[str]:
    """Traces of the exemplars that Grafana shows in a picture of an expression."""
    answer = await prometheus.client.get(
        f"{prometheus.url}/api/v1/query_exemplars",
        params={"query": expression, "start": since, "end": time.time()},
    )
    answer.raise_for_status()
    return {
        exemplar["labels"][LABEL]
        for series in answer.json()["data"]
        for exemplar in series["exemplars"]
    }


@pytest.mark.parametrize(("picture", "span"), PICTURES.items())
async def test_exemplar_of_a_duration_leads_to_its_trace(
    edge: Edge,
    person: Person,
    release: Release,
    settings: ClusterSettings,
    prometheus: Prometheus,
    picture: str,
    span: str,
) -> None:
    expression = next(one for one in asked() if one.place == picture).concrete("1m", "5m")
    since = time.time()
    answer = await person.chat(edge.url, "add a task to buy milk")
    assert answer.status_code == 200, answer.text

    async def look() -> set[str]:
        return await exemplars(prometheus, expression, since)

    state = f"an exemplar of {picture}"
    found = await wait_until(state, look, SCRAPED_SECONDS, every_seconds=LOOK_SECONDS)

    async with open_jaeger(release.kubectl, settings.jaeger) as jaeger:

        async def arrived() -> bool:
            traces = [await jaeger.trace(trace_id) for trace_id in found]
            return all(any(one.name == span for one in spans) for spans in traces)

        state = f"the traces {found} have a span {span}"
        await wait_until(state, arrived, ARRIVED_SECONDS, every_seconds=LOOK_SECONDS)
