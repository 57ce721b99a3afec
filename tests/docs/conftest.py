"""A stack of its own, with mail as `make run` has it: that is what pages tell to paste into."""

from collections.abc import Iterator

import pytest
from devstack.stack import Stack, StackOptions

from tests.equipment.runs import keep_logs_only, new_directory


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    """The running system, from an empty database on."""
    directory = new_directory("docs")
    stack = Stack.start(StackOptions(directory=directory, mail=True))
    try:
        yield stack
    finally:
        stack.stop()
        keep_logs_only(directory)
