"""What auth shows Prometheus is what otel/schema lists, and nobody is a label in it."""

from uuid import uuid4

import httpx2
from devstack.people import PASSWORD, Person
from devstack.processes import ManagedProcess
from devstack.stack import Stack
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.parser import text_string_to_metric_families

from tests.equipment.chat import ORIGIN
from tests.equipment.metrics import read_metrics
from tests.equipment.telemetry_schema import metric_schema
from tests.telemetry.test_metrics_of_turns import check

OF_LIBRARIES = ("process_", "nodejs_")


async def families(process: ManagedProcess) -> dict[str, Family]:
    """Its own metrics, under the names that Prometheus has them by."""
    return {
        f"{one.name}_total" if one.type == "counter" else one.name: one
        for one in text_string_to_metric_families(await read_metrics(process))
        if not one.name.startswith(OF_LIBRARIES)
    }


async def test_metrics_are_those_of_the_schema(stack: Stack) -> None:
    word = f"canary{uuid4().hex}"
    person = await Person.sign_up(stack.urls.auth, email=f"{word}@example.com")
    async with httpx2.AsyncClient(
        base_url=f"{stack.urls.auth}/api/auth", headers={"origin": ORIGIN}
    ) as client:
        await client.post("/sign-in/email", json={"email": person.email, "password": word})
        await client.post("/sign-in/email", json={"email": person.email, "password": PASSWORD})
        await client.get(f"/{word}")
    auth = stack.process("auth")

    listed = {one.name: one for one in metric_schema().metrics if "auth" in one.services}
    shown = await families(auth)

    assert shown.keys() == listed.keys()
    assert [name for name, family in shown.items() if not family.samples] == []
    for name, family in shown.items():
        check(listed[name], family)
    assert word not in await read_metrics(auth)
