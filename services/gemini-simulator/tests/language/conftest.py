"""Conversations with the simulated model, without HTTP."""

from collections.abc import Callable

import pytest

from .chat import Chat


@pytest.fixture
def chat() -> Chat:
    """A conversation about the usual tasks that has just begun."""
    return Chat()


@pytest.fixture
def new_chat() -> Callable[..., Chat]:
    """Makes conversations with other tasks, pages or seeds."""
    return Chat
