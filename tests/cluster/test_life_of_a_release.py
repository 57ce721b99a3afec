"""What an upgrade may not touch, and what is left when a release is gone.

Releases that end here have a namespace of their own, beside the one under test, and no edge: its
node ports are taken.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from devstack.people import Person

from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.kubectl import Kubectl
from tests.cluster.equipment.port_forward import port_forward
from tests.cluster.equipment.release import LOOK_SECONDS, Release
from tests.equipment.waiting import wait_until

pytestmark = [pytest.mark.disruptive, pytest.mark.timeout(900)]

AUTH_PORT = 8001
GOVERNED = frozenset({"chat-gateway", "mcp-tools", "auth", "migrations", "postgres"})
"""Components whose Secret belongs to the data: without it the kept volume is of no use."""
OF_EVERY_NAMESPACE = {"configmap/kube-root-ca.crt", "serviceaccount/default"}
GONE_SECONDS = 120.0


@pytest.fixture
async def second(release: Release) -> AsyncIterator[Release]:
    """Another release, not installed yet, with a namespace to itself."""
    kubectl = release.kubectl.elsewhere(f"{release.namespace}-second")
    second = Release.at(kubectl, "second", release.helm.chart)
    await second.kubectl.make_namespace()
    try:
        yield second
    finally:
        if await second.helm.is_installed():
            await second.helm.uninstall()
        await second.kubectl.delete_namespace()


async def values_of_second(release: Release, *, keep: bool) -> dict[str, Any]:
    """As the first one, so with the same images; without an edge."""
    values = await release.helm.values()
    return {**values, "edge": {"enabled": False}, "postgres": {**values["postgres"], "keep": keep}}


async def secrets_of(release: Release) -> dict[str, dict[str, str]]:
    """The data of every Secret of a release; not helm's own records."""
    found = await release.kubectl.list("secrets", release.selector())
    return {one["metadata"]["name"]: one.get("data", {}) for one in found}


async def uids_of(release: Release) -> dict[str, str]:
    """The pods of the release that are at work, by name."""
    return {pod.name: pod.uid for pod in await release.pods() if not pod.is_finished}


async def kinds(kubectl: Kubectl, *, namespaced: bool) -> str:
    """Every kind of object that somebody can list and delete, as kubectl takes them."""
    flags = (f"--namespaced={str(namespaced).lower()}", "--verbs=list,delete", "--output=name")
    names = (await kubectl("api-resources", *flags)).split()
    return ",".join(name for name in names if name.partition(".")[0] != "events")


async def left_in(kubectl: Kubectl) -> set[str]:
    """Every object of a namespace, as kind/name, beside those that each namespace has."""
    listed = await kinds(kubectl, namespaced=True)
    return set((await kubectl("get", listed, "--output=name")).split()) - OF_EVERY_NAMESPACE


async def wait_until_left(kubectl: Kubectl, expected: set[str]) -> None:
    """Wait until exactly these objects are left: what the rest owns goes after it.

    Raises: AssertionError: not within 120 s; names what is there too much or too little.
    """

    async def look() -> bool:
        found[:] = await left_in(kubectl)
        return set(found) == expected

    found: list[str] = []
    try:
        state = f"only what shall be kept is left in {kubectl.namespace}"
        await wait_until(state, look, GONE_SECONDS, every_seconds=LOOK_SECONDS)
    except AssertionError as error:
        left, missing = sorted(set(found) - expected), sorted(expected - set(found))
        raise AssertionError(f"{error}; left over: {left}, missing: {missing}") from error


async def sign_up_at(release: Release, edge: Edge) -> str:
    """Sign somebody up without an edge; returns their address."""
    target = f"service/{release.resource('auth')}"
    async with port_forward(release.kubectl, target, AUTH_PORT) as port:
        person = await Person.sign_up(f"http://127.0.0.1:{port}", origin=edge.url)
    return person.email


async def sign_in_at(release: Release, edge: Edge, email: str) -> None:
    """Sign in again without an edge. Raises: SignInFailed: the account is not known."""
    target = f"service/{release.resource('auth')}"
    async with port_forward(release.kubectl, target, AUTH_PORT) as port:
        await Person.sign_in(f"http://127.0.0.1:{port}", email=email, origin=edge.url)


async def test_upgrade_that_changes_nothing_keeps_secrets_and_pods(release: Release) -> None:
    secrets = await secrets_of(release)
    assert secrets

    # The first upgrade may roll the pods: skaffold puts labels of its own on them, helm does not.
    async with release.upgraded({}):
        pods = await uids_of(release)
        await release.helm.upgrade({})
        await release.wait_until_settled()

        # Fewer, where an autoscaler takes some away just then; but none is new.
        assert (await uids_of(release)).items() <= pods.items()
        assert await secrets_of(release) == secrets


async def test_uninstall_leaves_only_what_the_values_say_to_keep(
    release: Release, second: Release, edge: Edge
) -> None:
    kept = {f"secret/{second.resource(one)}" for one in GOVERNED}
    kept.add(f"persistentvolumeclaim/data-{second.resource('postgres')}-0")
    await second.helm.install(values=await values_of_second(release, keep=True))
    secrets = await secrets_of(second)
    email = await sign_up_at(second, edge)
    await second.helm.test()
    await second.helm.upgrade({"logLevel": "DEBUG"})
    assert await secrets_of(second) == secrets

    await second.helm.uninstall()

    await wait_until_left(second.kubectl, kept)
    data = {name: secrets[name] for name in secrets if f"secret/{name}" in kept}
    assert await secrets_of(second) == data

    # What was kept is of use: the same people are there after another installation.
    await second.helm.install(values=await values_of_second(release, keep=False))
    await sign_in_at(second, edge, email)

    await second.helm.uninstall()

    await wait_until_left(second.kubectl, set())
    of_the_cluster = await kinds(second.kubectl, namespaced=False)
    selected = f"--selector={second.selector()}"
    assert await second.kubectl("get", of_the_cluster, "--output=name", selected) == ""
