"""`helm test`: the first contact with the model, and a signed-in turn through the edge."""

import pytest

from tests.cluster.equipment.commands import CommandFailed
from tests.cluster.equipment.release import Release
from tests.cluster.equipment.scaling import without_pods


@pytest.mark.disruptive
async def test_fails_while_no_tool_can_be_called(release: Release) -> None:
    pod = release.resource("helm-test")
    async with without_pods(release, "mcp-tools"):
        try:
            with pytest.raises(CommandFailed) as caught:
                await release.helm.test()
            log = await release.kubectl.logs(pod)
        finally:
            await release.kubectl.delete("pod", pod)
    assert "FAILED: " in log and "tools_unavailable" in log, f"{log}\n{caught.value}"


async def test_passes_and_says_what_it_did(release: Release) -> None:
    said = await release.helm.test()
    assert "Succeeded" in said
    assert "The model answers." in said, said
    assert "add_task → ok" in said, said
    assert await release.kubectl.find("pod", release.resource("helm-test")) is None
