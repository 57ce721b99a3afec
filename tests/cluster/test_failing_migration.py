"""A migration that fails stops the upgrade before anything is replaced, and leaves a way on."""

from collections.abc import AsyncIterator
from pathlib import Path
from textwrap import dedent

import pytest

from tests.cluster.conftest import SignUpMany
from tests.cluster.equipment.commands import CommandFailed
from tests.cluster.equipment.components import values_of
from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.kind_node import KindNode, repository_of
from tests.cluster.equipment.ledger import expect_nothing_lost_nothing_twice
from tests.cluster.equipment.load import closed_loop
from tests.cluster.equipment.release import Release
from tests.equipment.database import DatabaseView

pytestmark = [pytest.mark.disruptive, pytest.mark.timeout(420)]

PEOPLE = 4
PAUSE_SECONDS = 1.5
TURNS_AROUND = 8
BROKEN_TAG, GOOD_TAG = "broken-migration", "good-migration"
WHERE_REVISIONS_ARE = "import chat_gateway.migrations as m; print(m.__path__[0])"
REVISION = '''
"""Expands well, and then meets rows that break its rule."""

from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade() -> None:
    op.execute("ALTER TABLE chat.turn ADD COLUMN half_done text")
    op.execute("ALTER TABLE chat.turn ADD CONSTRAINT nobody CHECK (user_id IS NULL)")
'''


@pytest.fixture
async def images(release: Release, database: DatabaseView, tmp_path: Path) -> AsyncIterator[None]:
    """chat-gateway under two more names: one as it is, one with a revision that fails."""
    node = await KindNode.of(release.kubectl)
    pod = (await release.serving_pods("chat-gateway"))[0]
    (image,) = pod.images
    argv = ["python", "-c", WHERE_REVISIONS_ARE]
    revisions = (await release.kubectl.exec(pod.name, argv)).strip()
    ((head,),) = [row.values() for row in await database.rows("SELECT * FROM chat.alembic_version")]
    (tmp_path / "9999_broken.py").write_text(dedent(REVISION.format(head=head)))
    copy = f"COPY --chmod=644 9999_broken.py {revisions}/"
    (tmp_path / "Dockerfile").write_text(f"FROM {image}\n{copy}\n")
    await node.build(f"{repository_of(image)}:{BROKEN_TAG}", tmp_path)
    await node.bring_again(image, GOOD_TAG)
    yield


async def gateways(release: Release) -> set[str]:
    """Which pod templates of chat-gateway run. Not which pods: an autoscaler may change those."""
    return {pod.labels["pod-template-hash"] for pod in await release.pods("chat-gateway")}


async def test_upgrade_stops_serving_goes_on_and_the_next_one_works(
    release: Release, images: None, edge: Edge, crowd: SignUpMany, database: DatabaseView
) -> None:
    people = await crowd(PEOPLE)
    async with release.restored() as revision:
        serving = await gateways(release)
        async with closed_loop(edge, people, pause_seconds=PAUSE_SECONDS) as load:
            await load.wait_for_answers(TURNS_AROUND)

            with pytest.raises(CommandFailed) as stopped:
                # One attempt: what is tested is not how often a Job tries.
                await release.helm.upgrade(
                    {
                        **values_of("chat-gateway", {"image": {"tag": BROKEN_TAG}}),
                        "migrations": {"backoffLimit": 0},
                    }
                )

            assert "pre-upgrade hooks failed" in stopped.value.errors
            assert release.resource("migrate") in stopped.value.errors
            assert await release.helm.status() == "failed"
            assert await gateways(release) == serving
            assert await columns_of_turn(database) & {"half_done"} == set()
            await load.wait_for_answers(TURNS_AROUND)

            await release.helm.upgrade(values_of("chat-gateway", {"image": {"tag": GOOD_TAG}}))
            await release.wait_until_settled()
            assert await release.helm.status() == "deployed"
            assert not await gateways(release) & serving
            await load.wait_for_answers(TURNS_AROUND)

            await release.helm.rollback(revision)
            await release.wait_until_settled()
            assert await release.helm.status() == "deployed"
            assert await gateways(release) == serving
            await load.wait_for_answers(TURNS_AROUND)
    load.expect_no_failures()
    await expect_nothing_lost_nothing_twice(database, load.turns)


async def columns_of_turn(database: DatabaseView) -> set[str]:
    """The columns that `chat.turn` has now."""
    rows = await database.rows(
        "SELECT column_name::text AS name FROM information_schema.columns"
        " WHERE table_schema = 'chat' AND table_name = 'turn'"
    )
    return {row["name"] for row in rows}
