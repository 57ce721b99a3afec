"""Who may reach whom: a pod that belongs to nobody reaches nothing, in whatever namespace it is.

The same pod reaches everything once it wears the labels of a pod that may: so it is the policy
that refuses, and not a wrong address.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from tests.cluster.equipment.kubectl import Kubectl
from tests.cluster.equipment.probe_pod import Address, Outcome, ProbePod, running_probe_pod
from tests.cluster.equipment.release import Component, Release
from tests.equipment.waiting import wait_until

PORTS: dict[Component, int] = {
    "chat-gateway": 8000,
    "auth": 8001,
    "web": 3000,
    "mcp-tools": 8002,
    "gemini-simulator": 8003,
    "pgbouncer": 6432,
    "postgres": 5432,
}
REACHED_BY: dict[Component, list[Component]] = {
    "chat-gateway": ["auth", "mcp-tools", "gemini-simulator", "pgbouncer"],
    "pgbouncer": ["postgres"],
}
"""Whose labels open which addresses."""
TRIAL_PORT = 8080
DNS_PORT = 53
ENFORCED_WITHIN_SECONDS = 20.0
DENY_ALL = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "deny-all"},
    "spec": {"podSelector": {}, "policyTypes": ["Ingress"]},
}


@dataclass(frozen=True, slots=True)
class ProbePods:
    """Attributes: inside: in the release's namespace. outside: in another one."""

    inside: ProbePod
    outside: ProbePod


@pytest.fixture(scope="module")
async def image(release: Release) -> str:
    """One with a Python, which the node has."""
    return (await release.serving_pods("chat-gateway"))[0].images[0]


@pytest.fixture(scope="module")
async def elsewhere(release: Release) -> AsyncIterator[Kubectl]:
    """Another namespace."""
    kubectl = release.kubectl.elsewhere(f"{release.namespace}-probe")
    await kubectl.make_namespace()
    try:
        yield kubectl
    finally:
        await kubectl.delete_namespace()


@pytest.fixture(scope="module")
async def probe_pods(release: Release, elsewhere: Kubectl, image: str) -> AsyncIterator[ProbePods]:
    """Pods that belong to nobody. Skips where the network does not enforce policies."""
    async with (
        running_probe_pod(release.kubectl, "probe", image) as inside,
        running_probe_pod(elsewhere, "probe", image) as outside,
        running_probe_pod(elsewhere, "trial", image, listens_on=TRIAL_PORT) as trial,
    ):
        if not await is_enforced(elsewhere, outside, trial):
            pytest.skip(
                "this cluster's network does not enforce NetworkPolicies: a pod under a policy that"
                f" denies everything was still reached after {ENFORCED_WITHIN_SECONDS} s"
            )
        yield ProbePods(inside, outside)


async def is_enforced(kubectl: Kubectl, probe_pod: ProbePod, trial: ProbePod) -> bool:
    """Whether a policy closes what was open before: seen, not looked up."""
    address = {"trial": await trial.address(TRIAL_PORT)}
    await wait_until_reached(probe_pod, address)
    await kubectl.apply(DENY_ALL)

    async def look() -> bool:
        return await probe_pod.reach(address) == {"trial": "closed"}

    try:
        await wait_until("the trial pod is closed", look, ENFORCED_WITHIN_SECONDS)
    except AssertionError:
        return False
    return True


async def wait_until_reached(probe_pod: ProbePod, addresses: dict[str, Address]) -> None:
    """Wait until a pod reaches all of these."""

    async def look() -> bool:
        found = await probe_pod.reach(addresses)
        last.update(found)
        return set(found.values()) == {"open"}

    last: dict[str, str] = {}
    try:
        await wait_until(f"{probe_pod.name} reaches all", look, ENFORCED_WITHIN_SECONDS)
    except AssertionError as error:
        raise AssertionError(f"{error}; it reaches {last}") from error


@pytest.fixture
async def addresses(release: Release) -> dict[str, Address]:
    """Every way to what must stay closed: by Service and by pod."""
    found: dict[str, Address] = {}
    for component, port in PORTS.items():
        service = await release.kubectl.get("service", release.resource(component))
        if (address := service["spec"]["clusterIP"]) != "None":
            found[f"service {component}"] = (address, port)
        for pod in await release.serving_pods(component):
            found[f"pod {pod.name}"] = (pod.address, port)
    return found


def reached(found: dict[str, Outcome]) -> set[str]:
    """The addresses through which the pod came."""
    return {name for name, outcome in found.items() if outcome == "open"}


def addresses_of(addresses: dict[str, Address], component: Component) -> dict[str, Address]:
    """Those of one component."""
    return {name: address for name, address in addresses.items() if address[1] == PORTS[component]}


def policy_labels(release: Release, component: Component) -> dict[str, str]:
    """The labels by which policies know the pods of a component."""
    return dict(one.split("=") for one in release.selector(component).split(","))


async def test_foreign_pod_of_the_namespace_reaches_nothing(
    probe_pods: ProbePods, addresses: dict[str, Address]
) -> None:
    assert len(addresses) >= 2 * len(PORTS), addresses
    assert reached(await probe_pods.inside.reach(addresses)) == set()


async def test_foreign_pod_of_another_namespace_reaches_nothing(
    probe_pods: ProbePods, addresses: dict[str, Address]
) -> None:
    assert reached(await probe_pods.outside.reach(addresses)) == set()


async def test_labels_of_the_release_open_nothing_in_another_namespace(
    release: Release, probe_pods: ProbePods, addresses: dict[str, Address]
) -> None:
    for component in REACHED_BY:
        labels = policy_labels(release, component)
        await probe_pods.outside.set_labels(labels)
        try:
            assert reached(await probe_pods.outside.reach(addresses)) == set(), labels
        finally:
            await probe_pods.outside.remove_labels(labels)


@pytest.mark.parametrize("component", list(REACHED_BY))
async def test_pod_that_may_reaches_its_neighbours_and_no_others(
    release: Release, probe_pods: ProbePods, addresses: dict[str, Address], component: Component
) -> None:
    allowed = [
        address for other in REACHED_BY[component] for address in addresses_of(addresses, other)
    ]
    labels = policy_labels(release, component)
    await probe_pods.inside.set_labels(labels)
    try:
        await wait_until_reached(probe_pods.inside, {name: addresses[name] for name in allowed})
        found = await probe_pods.inside.reach(addresses)
    finally:
        await probe_pods.inside.remove_labels(labels)

    assert reached(found) == set(allowed)


async def test_pod_of_the_page_reaches_nobody(release: Release, probe_pods: ProbePods) -> None:
    """Not even names, which a pod that belongs to nobody may ask for."""
    names = await release.kubectl.elsewhere("kube-system").get("service", "kube-dns")
    dns: dict[str, Address] = {"names": (names["spec"]["clusterIP"], DNS_PORT)}
    labels = policy_labels(release, "web")
    await wait_until_reached(probe_pods.inside, dns)
    await probe_pods.inside.set_labels(labels)
    try:

        async def look() -> bool:
            return await probe_pods.inside.reach(dns) == {"names": "closed"}

        await wait_until("names are closed to the page", look, ENFORCED_WITHIN_SECONDS)
    finally:
        await probe_pods.inside.remove_labels(labels)
