"""Where the collector and Prometheus' own tools come from: the docker engine, or PATH."""

import pytest

from tests.cluster.images import engine_answers
from tests.equipment.completeness import nothing_may_be_skipped


@pytest.fixture(scope="session")
def engine() -> None:
    """A docker engine; without one the test is skipped, and fails where nothing may be."""
    if engine_answers():
        return
    if nothing_may_be_skipped():
        pytest.fail("no docker engine answers")
    pytest.skip("no docker engine answers")
