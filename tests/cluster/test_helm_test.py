"""`helm test`: a signed-in turn through the edge, which fails when there can be none."""

from collections.abc import AsyncIterator

import pytest

from tests.cluster.equipment.commands import CommandFailed
from tests.cluster.equipment.release import LOOK_SECONDS, Release
from tests.equipment.waiting import wait_until

GONE_SECONDS = 90.0
"""A pod that ends sleeps and drains first."""


@pytest.fixture
async def toolless(release: Release) -> AsyncIterator[Release]:
    """The release without a single pod of mcp-tools; an autoscaler leaves 0 as it is."""
    name = release.resource("mcp-tools")
    deployment = await release.kubectl.get("deployment", name)
    before = deployment["spec"]["replicas"]
    await release.kubectl("scale", "deployment", name, "--replicas=0")
    try:

        async def look() -> bool:
            return not await release.pods("mcp-tools")

        state = "no pod of mcp-tools is left"
        await wait_until(state, look, GONE_SECONDS, every_seconds=LOOK_SECONDS)
        yield release
    finally:
        await release.kubectl("scale", "deployment", name, f"--replicas={before}")
        await release.wait_until_settled()


@pytest.mark.disruptive
async def test_fails_while_no_tool_can_be_called(toolless: Release) -> None:
    with pytest.raises(CommandFailed) as caught:
        await toolless.helm.test()
    log = await toolless.kubectl.logs(toolless.resource("helm-test"))
    assert "503" in log and "tools_unavailable" in log, f"{log}\n{caught.value}"


async def test_passes_and_says_what_it_did(release: Release) -> None:
    said = await release.helm.test()
    assert "Succeeded" in said
    assert "add_task → ok" in said, said
    assert await release.kubectl.find("pod", release.resource("helm-test")) is None
