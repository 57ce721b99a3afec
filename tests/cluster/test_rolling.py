"""New images, configuration and secrets reach every pod while people chat, and nobody notices.

No turn is sent twice here: what is not answered at its first attempt has failed. Every second
person hears their answers as streams, which must not break off either.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from secrets import token_hex
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.cluster.conftest import SignUpMany
from tests.cluster.equipment.components import SECTIONS, values_of
from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.kind_node import KindNode
from tests.cluster.equipment.ledger import expect_nothing_lost_nothing_twice
from tests.cluster.equipment.load import Load, closed_loop
from tests.cluster.equipment.release import Component, Release
from tests.equipment.database import DatabaseView

pytestmark = [pytest.mark.disruptive, pytest.mark.timeout(420)]

PEOPLE = 6
PAUSE_SECONDS = 1.5
"""About two turns a second: a tenth of a core, on a node that starts pods meanwhile."""
TURNS_AROUND = 12
"""Answered before a change begins, and again after it has ended."""
NEW_TAG = "rolled"
WITH_ROLES: Sequence[Component] = ("chat-gateway", "mcp-tools", "auth")
CONFIGURED: Sequence[Component] = (*WITH_ROLES, "web", "gemini-simulator")
SECOND_LOGIN = "_second"
DROP_SECOND_LOGINS = rf"""
SELECT format('DROP OWNED BY %1$I; DROP ROLE %1$I', rolname) FROM pg_roles
WHERE rolname LIKE '%\{SECOND_LOGIN}' \gexec
"""


@pytest.fixture(scope="module")
async def changed(release: Release) -> AsyncIterator[Release]:
    """The release, taken back once for all changes: each time every pod would be replaced.

    The roles of the second logins are dropped when the first ones are in use again.
    """
    async with release.restored():
        yield release
    (postgres,) = await release.pods("postgres")
    psql = ("psql", "--username=postgres", "--dbname=taskchat", "--set=ON_ERROR_STOP=1")
    await release.kubectl("exec", "--stdin", postgres.name, "--", *psql, stdin=DROP_SECOND_LOGINS)


@asynccontextmanager
async def unnoticed(
    release: Release,
    edge: Edge,
    crowd: SignUpMany,
    database: DatabaseView,
    replaced: Sequence[Component],
) -> AsyncIterator[Load]:
    """People chat before, during and after the block, and every turn is answered at once.

    Args: replaced: components of which no pod is left after the block.
    """
    people = await crowd(PEOPLE)
    before = await pods_of(release, replaced)
    async with closed_loop(edge, people, pause_seconds=PAUSE_SECONDS) as load:
        await load.wait_for_answers(TURNS_AROUND)
        yield load
        await release.wait_until_settled()
        await load.wait_for_answers(TURNS_AROUND)
    load.expect_no_failures()
    stayed = before.keys() & (await pods_of(release, replaced)).keys()
    assert not stayed, f"not replaced: {sorted(before[uid] for uid in stayed)}"
    await expect_nothing_lost_nothing_twice(database, load.turns)


async def pods_of(release: Release, components: Sequence[Component]) -> dict[str, str]:
    """Names of pods by their uid."""
    return {pod.uid: pod.name for one in components for pod in await release.pods(one)}


async def test_new_images_of_every_component(
    changed: Release, edge: Edge, crowd: SignUpMany, database: DatabaseView
) -> None:
    node, values = await KindNode.of(changed.kubectl), dict[str, object]()
    for component in SECTIONS:
        (image,) = (await changed.serving_pods(component))[0].images
        await node.bring_again(image, NEW_TAG)
        values |= values_of(component, {"image": {"tag": NEW_TAG}})

    async with unnoticed(changed, edge, crowd, database, list(SECTIONS)):
        await changed.helm.upgrade(values)

    images = {image for one in SECTIONS for pod in await changed.pods(one) for image in pod.images}
    assert all(image.endswith(f":{NEW_TAG}") for image in images), images


async def test_changed_configuration(
    changed: Release, edge: Edge, crowd: SignUpMany, database: DatabaseView
) -> None:
    async with unnoticed(changed, edge, crowd, database, CONFIGURED):
        await changed.helm.upgrade({"logLevel": "WARNING"})

    for component in CONFIGURED:
        assert (await changed.configuration(component))["LOG_LEVEL"] == "WARNING"


async def test_rotated_secrets(
    changed: Release, edge: Edge, crowd: SignUpMany, database: DatabaseView
) -> None:
    """A role has one password, so what is rotated is the login: ADR 0012.

    The order is the one for a running system: the other side takes both, then ours changes, then
    the other side forgets the old one.
    """
    simulator = changed.resource("gemini-simulator")
    old_key = (await changed.secret(simulator))["gemini-api-key"]
    new_key = token_hex(16)

    async with unnoticed(changed, edge, crowd, database, (*WITH_ROLES, "gemini-simulator")):
        await put(changed, simulator, {"accepted-api-keys": f"{old_key},{new_key}"})
        await changed.helm.upgrade({})
        await put(changed, simulator, {"gemini-api-key": new_key})
        for component in WITH_ROLES:
            url = (await changed.secret(changed.resource(component)))["database-url"]
            await put(changed, changed.resource(component), {"database-url": second_login(url)})
        await changed.helm.upgrade({})
        await changed.wait_until_settled()
        await put(changed, simulator, {"accepted-api-keys": new_key})
        await changed.helm.upgrade({})

    logged_in = await database.rows("SELECT DISTINCT usename::text AS role FROM pg_stat_activity")
    for component in WITH_ROLES:
        role = await role_of(changed, component)
        assert role.endswith(SECOND_LOGIN)
        assert role in {row["role"] for row in logged_in}, f"{component} does not use {role}"


def second_login(url: str) -> str:
    """A database URL with another role and password."""
    parts = urlsplit(url)
    _, _, where = parts.netloc.rpartition("@")
    login = f"{parts.username}{SECOND_LOGIN}:{token_hex(16)}"
    return urlunsplit(parts._replace(netloc=f"{login}@{where}"))


async def role_of(release: Release, component: Component) -> str:
    """The role that a component's Secret names."""
    secret = await release.secret(release.resource(component))
    role = urlsplit(secret["database-url"]).username
    assert role, f"the Secret of {component} names no role"
    return role


async def put(release: Release, secret: str, data: Mapping[str, str]) -> None:
    """Set keys of a Secret, as an operator or a secret store does. Nothing secret is in argv."""
    patch = json.dumps({"stringData": data})
    flags = ("--type=merge", "--patch-file=/dev/stdin")
    await release.kubectl("patch", "secret", secret, *flags, stdin=patch)
