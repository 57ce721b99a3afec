"""Services that export their spans, started by the first test that looks at some."""

from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest
from devstack.stack import Stack

from tests.equipment.otlp import Receiver
from tests.equipment.simulator import Simulator
from tests.telemetry.traced import Traced


@pytest.fixture(scope="package")
def traced(stack: Stack) -> Iterator[Traced]:
    """Services as they are run: spans tell nothing of what is said."""
    with Receiver() as receiver:
        traced = Traced.start(stack, receiver, "traced")
        yield traced
        traced.stop()


@pytest.fixture(scope="package")
async def model(traced: Traced) -> AsyncIterator[Simulator]:
    """The admin endpoint of the traced gateway's model."""
    async with httpx2.AsyncClient() as client:
        yield Simulator(traced.model, client)
