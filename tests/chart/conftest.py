"""The programs that check the chart. Where one is missing its tests are skipped, but not in CI."""

from pathlib import Path

import pytest
from devstack.tools.supply import ToolMissing, find

from tests.equipment import programs
from tests.equipment.completeness import do_without

SECONDS = 240
"""How long a tool may take; alone on the machine none takes more than 15."""


def tool(name: str) -> Path:
    """A tool that `make test` or `make tools` has put in place."""
    try:
        return find(name)
    except ToolMissing as missing:
        do_without(str(missing))


def run(program: Path, *arguments: str) -> tuple[int, str]:
    """Run a tool in the checkout: exit code, and all that it says."""
    return programs.run([str(program), *arguments], limit_seconds=SECONDS)


@pytest.fixture(scope="session")
def helm() -> Path:
    return tool("helm")


@pytest.fixture(scope="session")
def helm4() -> Path:
    return tool("helm4")


@pytest.fixture(scope="session", params=["helm", "helm4"])
def each_helm(request: pytest.FixtureRequest) -> Path:
    """Helm 3, then helm 4: people have one or the other."""
    return tool(request.param)


@pytest.fixture(scope="session")
def helm_unittest() -> Path:
    return tool("helm-unittest")


@pytest.fixture(scope="session")
def helm_docs() -> Path:
    return tool("helm-docs")


@pytest.fixture(scope="session")
def kubeconform() -> Path:
    return tool("kubeconform")


@pytest.fixture(scope="session")
def checkov() -> Path:
    return tool("checkov")
