"""Where the collector and Prometheus' own tools come from: the docker engine, or PATH."""

import pytest

from tests.cluster.images import engine_answers
from tests.equipment.completeness import do_without


@pytest.fixture(scope="session")
def engine() -> None:
    """A docker engine; without one the test is skipped, and fails where nothing may be."""
    if not engine_answers():
        do_without("no docker engine answers")
