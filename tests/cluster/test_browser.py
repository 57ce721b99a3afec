"""The page in a real browser at the edge: an account, a conversation, the list, and out again."""

import re

import pytest

from tests.cluster.equipment.browser import run_browser_test
from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.release import Release
from tests.equipment.database import DatabaseView


async def test_whole_journey_of_the_page(
    release: Release, edge: Edge, database: DatabaseView
) -> None:
    """The one of services/web: with its watch for violations of the policy and for errors."""
    said = await run_browser_test(release, edge, database, "journey.test.ts", "whole.journey")

    if said.startswith("skipped"):
        pytest.skip(said)
    assert re.search(r"^. pass 1$", said, re.MULTILINE), said
