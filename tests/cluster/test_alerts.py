"""The alerts, evaluated by the cluster's Prometheus: all of them run, and a fault makes one fire.

The objectives look back for minutes instead of hours and days, so that nobody waits for hours; how
they behave over their real windows, promtool says (otel/rules/tests).
"""

import re
from collections.abc import AsyncIterator
from typing import Final

import httpx2
import pytest

from otel.rules.objectives import FAILURE
from otel.rules.operation import MEASURED_SERVICES
from otel.rules.rule import RUNBOOKS
from tests.cluster.conftest import SignUpMany
from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.load import closed_loop
from tests.cluster.equipment.port_forward import port_forward
from tests.cluster.equipment.prometheus import Prometheus
from tests.cluster.equipment.release import Release
from tests.cluster.equipment.rules import evaluated, loaded_rules
from tests.cluster.equipment.settings import ClusterSettings
from tests.equipment.documents import ROOT
from tests.equipment.simulator import Simulator
from tests.equipment.waiting import wait_until

pytestmark = pytest.mark.timeout(300)

RULES: Final = ROOT / "otel" / "rules"
SHORT: Final = {"5m": "30s", "30m": "30s", "1h": "60s", "2h": "60s", "6h": "60s"}
"""Prometheus scrapes every 5 s here."""
EVERY: Final = re.compile(r"interval: \w+")
PEOPLE: Final = 3
PAUSE_SECONDS: Final = 1.0
HEALTHY_TURNS: Final = 5
QUIET_WITHIN_SECONDS: Final = 90.0
FIRES_WITHIN_SECONDS: Final = 90.0
SIMULATOR_PORT: Final = 8003
FAST_BURN: Final = {"severity": "critical", "long_window": "1h", "short_window": "5m"}


def hastened(text: str) -> str:
    """The same rules over short windows, evaluated often."""
    looked_back = re.sub(r"\[(5m|30m|1h|2h|6h)\]", lambda found: f"[{SHORT[found[1]]}]", text)
    return EVERY.sub("interval: 5s", looked_back)


@pytest.fixture
async def rules(
    release: Release, settings: ClusterSettings, prometheus: Prometheus
) -> AsyncIterator[Prometheus]:
    """Prometheus with all rules, hastened."""
    files = {path.name: hastened(path.read_text()) for path in RULES.glob("*.yaml")}
    namespace, _ = settings.prometheus
    async with loaded_rules(release.kubectl.elsewhere(namespace), prometheus, files):
        yield prometheus


@pytest.fixture
async def model(release: Release) -> AsyncIterator[Simulator]:
    """The release's model, to be told to fail."""
    pods = f"deployment/{release.resource('gemini-simulator')}"
    async with (
        port_forward(release.kubectl, pods, SIMULATOR_PORT) as port,
        httpx2.AsyncClient(trust_env=False) as client,
    ):
        yield Simulator(f"http://127.0.0.1:{port}", client)


async def state_of_fast_burn(prometheus: Prometheus) -> str:
    """Of the rule that calls somebody first when turns fail."""
    (rule,) = [
        rule
        for rule in await evaluated(prometheus)
        if rule.name == FAILURE.alert and FAST_BURN.items() <= rule.labels.items()
    ]
    return rule.state


async def test_model_that_fails_fires_the_failure_alert(
    edge: Edge, crowd: SignUpMany, rules: Prometheus, model: Simulator
) -> None:
    people = await crowd(PEOPLE)

    async def is_quiet() -> bool:
        return await state_of_fast_burn(rules) == "inactive"

    async def fires() -> bool:
        return await state_of_fast_burn(rules) == "firing"

    async with closed_loop(edge, people, pause_seconds=PAUSE_SECONDS) as load:
        await load.wait_for_answers(HEALTHY_TURNS)
        wrong = [rule for rule in await evaluated(rules) if rule.health != "ok"]
        assert wrong == []
        # What failed in a test before this one is forgotten after a minute.
        await wait_until("the fast burn is quiet", is_quiet, QUIET_WITHIN_SECONDS, every_seconds=1)

        # "file report" is in every message of the load (equipment/load.py).
        fault = await model.order(
            {"kind": "status", "status": 400, "match": "file report", "rate": 1}
        )
        try:
            await wait_until("the fast burn fires", fires, FIRES_WITHIN_SECONDS, every_seconds=1.0)
        finally:
            await model.take_back(fault)

    (alert,) = [
        sample.labels
        for sample in await rules.query(
            f'ALERTS{{alertname="{FAILURE.alert}", long_window="1h", alertstate="firing"}}'
        )
    ]
    assert alert["severity"] == "critical"
    assert (ROOT / RUNBOOKS / f"{alert['alertname']}.md").is_file()


async def test_nothing_is_absent_while_everything_runs(rules: Prometheus) -> None:
    """Whose metrics or spans had another name here would be called absent for ever."""
    absent = {"TaskchatMetricsAbsent", "TaskchatTracesAbsent", "TaskchatSpansDropped"}

    async def none_is_absent() -> bool:
        found = [rule for rule in await evaluated(rules) if rule.name in absent]
        assert len(found) == len(MEASURED_SERVICES) + 2
        return {rule.state for rule in found} == {"inactive"}

    # Of a collector that is new, spans are counted some seconds after the turns that they are of.
    await wait_until("nothing is absent", none_is_absent, QUIET_WITHIN_SECONDS, every_seconds=1.0)
