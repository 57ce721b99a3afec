"""What the tests of the cluster commands share."""

from pathlib import Path

import pytest

from .machine import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine whose programs all succeed in silence."""
    return Machine(tmp_path)
