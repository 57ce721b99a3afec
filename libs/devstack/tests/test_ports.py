"""Ports that stay ours until their server binds them, and after it starts again."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest
from devstack import ports
from devstack.ports import PortTaken, free_port, is_free

CANDIDATES = 40


@pytest.fixture
def candidates() -> Iterator[range]:
    """Neighbours that nothing listens on, below those that other tests are given."""
    found = next(
        neighbours
        for first in range(5_000, ports.LOWEST, CANDIDATES)
        if all(map(is_free, neighbours := range(first, first + CANDIDATES)))
    )
    yield found
    for port in found:
        with suppress(KeyError):
            ports.give_back(port)


@pytest.fixture
def listeners() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def listen(listeners: ExitStack, taken: list[int]) -> None:
    for port in taken:
        listeners.enter_context(socket.create_server((ports.LOOPBACK, port)))


@pytest.mark.parametrize("left", [0, 17, CANDIDATES - 1])
def test_the_only_port_without_a_listener_is_found(
    candidates: range, listeners: ExitStack, left: int
) -> None:
    listen(listeners, [port for port in candidates if port != candidates[left]])
    assert free_port(candidates) == candidates[left]


def test_no_port_left_says_so(candidates: range, listeners: ExitStack) -> None:
    listen(listeners, list(candidates))
    with pytest.raises(PortTaken, match="all of 40 ports are in use"):
        free_port(candidates)


def test_a_port_is_given_out_once_before_anybody_binds_it(candidates: range) -> None:
    given = [free_port(candidates) for _ in candidates]
    assert sorted(given) == list(candidates)
    with pytest.raises(PortTaken):
        free_port(candidates)


def test_another_process_gets_another_port_until_ours_ends(candidates: range) -> None:
    among = f"range({candidates.start}, {candidates.stop})"
    asks = f"from devstack.ports import free_port; print(free_port({among}))"
    *ours, last = [free_port(candidates) for _ in candidates]
    assert len(ours) == CANDIDATES - 1
    refused = subprocess.run(
        [sys.executable, "-c", asks], capture_output=True, text=True, check=False
    )
    assert "PortTaken" in refused.stderr
    ports.give_back(last)
    for _ in range(2):  # the first one's claim ends with its process
        given = subprocess.run(
            [sys.executable, "-c", asks], capture_output=True, text=True, check=True
        )
        assert int(given.stdout) == last


def test_no_outgoing_connection_can_take_a_candidate() -> None:
    low, high = ports.ephemeral_range()
    assert not low <= free_port() <= high
