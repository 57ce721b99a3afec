"""Where everything must run: a program that is missing is a reason to skip elsewhere, not in CI."""

import os
from typing import NoReturn

import pytest

VARIABLES = ("CI", "TASKCHAT_REQUIRE_TOOLS")


def nothing_may_be_skipped() -> bool:
    """Whether a variable is set that makes a skipped test a failure."""
    return any(os.environ.get(variable) for variable in VARIABLES)


def do_without(reason: str) -> NoReturn:
    """Skip the test because something is missing; where nothing may be skipped, it fails."""
    if nothing_may_be_skipped():
        pytest.fail(reason)
    pytest.skip(reason)
