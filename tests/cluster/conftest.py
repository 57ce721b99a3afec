"""One deployed release for the whole run, as `skaffold run -p ci` left it.

These tests run when they are asked for by their folder (`make cluster-test`), and never under
`make test`: that runs only the tests of the equipment, which need no cluster.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from pathlib import Path

import httpx2
import pytest
from devstack.cluster.contexts import KIND_PREFIX
from devstack.people import Person

from tests.cluster.equipment import diagnosis
from tests.cluster.equipment.arrivals import Arrivals, watched_arrivals
from tests.cluster.equipment.commands import CommandFailed, run
from tests.cluster.equipment.database import open_database_view
from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.endpoint_client import EndpointClient
from tests.cluster.equipment.kubectl import Kubectl
from tests.cluster.equipment.people import sign_up, sign_up_many
from tests.cluster.equipment.prometheus import Prometheus, open_prometheus
from tests.cluster.equipment.release import Release
from tests.cluster.equipment.settings import ClusterSettings
from tests.equipment.completeness import nothing_may_be_skipped
from tests.equipment.database import DatabaseView

HERE = Path(__file__).parent
TEST_LIMIT_SECONDS = 600
"""A test of a cluster waits for pods; what takes longer says so itself."""

SignUpMany = Callable[[int], Awaitable[list[Person]]]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "disruptive: changes the release or kills its pods; runs after all others"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a cluster unless it was asked for; what disrupts comes last."""
    ours = [item for item in items if item.path.parent == HERE]
    if not ours:
        return
    if not _asked_for(config):
        config.hook.pytest_deselected(items=ours)
        items[:] = [item for item in items if item.path.parent != HERE]
        return
    for item in ours:
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(TEST_LIMIT_SECONDS))
    items.sort(key=lambda item: item.get_closest_marker("disruptive") is not None)


def _asked_for(config: pytest.Config) -> bool:
    named = [Path(str(argument).partition("::")[0]).resolve() for argument in config.args]
    return any(path.is_relative_to(HERE) for path in named)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the state of the cluster at each failure, before the test cleans up."""
    report = yield
    if report.skipped and item.path.parent == HERE and nothing_may_be_skipped():
        report.outcome = "failed"
        report.longrepr = f"skipped where everything must run: {report.longrepr}"
        return report
    if report.failed and item.path.parent == HERE:
        report.sections += [
            section for kubectl in _namespaces(item) for section in diagnosis.sections(kubectl)
        ]
    return report


def _namespaces(item: pytest.Item) -> list[Kubectl]:
    """Of the tested release, and of what else the test has installed."""
    settings = ClusterSettings.read(os.environ)
    first = Kubectl(settings.namespace, settings.context)
    used = getattr(item, "funcargs", {}).values()
    others = {one.kubectl for one in used if isinstance(one, Release)}
    return [first, *(others - {first})]


@pytest.fixture(scope="session")
def settings() -> ClusterSettings:
    """Which release is tested."""
    return ClusterSettings.read(os.environ)


@pytest.fixture(scope="session")
async def release(settings: ClusterSettings) -> Release:
    """The deployed release, settled."""
    kubectl = Kubectl(settings.namespace, settings.context)
    release = Release.at(kubectl, settings.release, settings.chart)
    try:
        await expect_a_cluster_to_be_broken(settings)
        installed = await release.helm.is_installed()
    except CommandFailed as error:
        pytest.fail(f"no cluster answers: run `make cluster`, or set KUBECONFIG.\n{error}", False)
    if not installed:
        where = f"namespace {settings.namespace}"
        pytest.fail(f"no release {settings.release} in {where}: run `make deploy`.", False)
    # skaffold labels every pod. The first upgrade by helm takes the labels off, and so replaces
    # all pods, the one Postgres too: not in the middle of a test that lets people chat.
    await release.helm.upgrade({})
    await release.wait_until_settled()
    return release


async def expect_a_cluster_to_be_broken(settings: ClusterSettings) -> None:
    """Stop before pods are killed where that was not asked for: as `make cluster` does."""
    if settings.context:
        return
    context = (await run("kubectl", "config", "current-context")).strip()
    if not context.startswith(KIND_PREFIX):
        way_out = f"TASKCHAT_CONTEXT={context} names it"
        pytest.fail(
            f"{context} is no cluster of kind, and these tests kill pods: {way_out}.", False
        )


@pytest.fixture(scope="session")
def edge(settings: ClusterSettings, release: Release) -> Edge:
    """The edge of the release."""
    return Edge.of(settings)


@pytest.fixture(scope="session")
async def browser(edge: Edge) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that reaches the edge, for everybody who has no reason for one of their own."""
    async with edge.client() as client:
        yield client


@pytest.fixture
async def publicly_signed_up(edge: Edge, browser: httpx2.AsyncClient) -> Person:
    """Somebody who has signed up through the edge, which five people a minute can."""
    return await sign_up(edge, browser)


@pytest.fixture(scope="session")
def crowd(release: Release, edge: Edge, browser: httpx2.AsyncClient) -> SignUpMany:
    """Signs up any number of people in seconds; then they use the edge."""

    async def enter(size: int) -> list[Person]:
        return await sign_up_many(release, edge, browser, size)

    return enter


@pytest.fixture(scope="session")
async def somebody(crowd: SignUpMany) -> Person:
    """Somebody for requests that leave nothing behind; the others take `person`."""
    (somebody,) = await crowd(1)
    return somebody


@pytest.fixture
async def person(crowd: SignUpMany) -> Person:
    """Somebody new."""
    (person,) = await crowd(1)
    return person


@pytest.fixture
async def database(release: Release) -> AsyncIterator[DatabaseView]:
    """A look into the release's database, past the policies."""
    async with open_database_view(release) as opened:
        yield opened


@pytest.fixture
async def prometheus(release: Release, settings: ClusterSettings) -> AsyncIterator[Prometheus]:
    """The cluster's Prometheus."""
    async with open_prometheus(release.kubectl, settings.prometheus) as opened:
        yield opened


@pytest.fixture(scope="module")
async def arrivals(release: Release) -> AsyncIterator[Arrivals]:
    """What has arrived at chat-gateway, past the edge."""
    async with watched_arrivals(release) as watched:
        yield watched


@pytest.fixture(scope="session")
def edge_client(edge: Edge) -> EndpointClient:
    """The edge, asked byte for byte."""
    return EndpointClient.of(edge)


@pytest.fixture(scope="module")
def pod_client(arrivals: Arrivals, edge_client: EndpointClient) -> EndpointClient:
    """chat-gateway itself, as a neighbour in the cluster reaches it that no policy stops."""
    return EndpointClient(arrivals.pod_url, "chat-gateway", edge_client.origin)
