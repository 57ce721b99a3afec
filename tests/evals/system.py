"""The system that the evals run through: with the simulator, or with Gemini when a key is set."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from devstack.deployment import BEHIND_THE_PAGE, REAL_GEMINI, Kind
from devstack.stack import Stack, StackOptions, StackUrls

from tests.equipment.runs import keep_logs_only, new_directory

KEY = "GEMINI_API_KEY"
PASSED_ON = (
    "GEMINI_BASE_URL",
    "GEMINI_MODEL",
    "GEMINI_REASONING_EFFORT",
    "GEMINI_FALLBACK_MODEL",
    "TURN_DEADLINE_SECONDS",
)
MEASURED_ALONE = {"GEMINI_FALLBACK_MODEL": ""}  # the rate is of one model


def is_real_model() -> bool:
    """Whether GEMINI_API_KEY asks for the real model."""
    return bool(os.environ.get(KEY))


@contextmanager
def running_system() -> Iterator[StackUrls]:
    """Start a system of its own, and stop it at the end."""
    directory = new_directory("evals")
    stack = Stack.start(StackOptions(directory=directory, env=_env(), kinds=_kinds()))
    try:
        yield stack.urls
    finally:
        stack.stop()
        keep_logs_only(directory)


def _kinds() -> tuple[Kind, ...]:
    return tuple(
        kind for kind in BEHIND_THE_PAGE if kind != "gemini-simulator" or not is_real_model()
    )


def _env() -> Mapping[Kind, Mapping[str, str]]:
    if not is_real_model():
        return {}
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    model = {"GEMINI_BASE_URL": REAL_GEMINI, KEY: os.environ[KEY]}
    gateway = {**model, **MEASURED_ALONE, **passed_on}
    return {"chat-gateway": gateway}
