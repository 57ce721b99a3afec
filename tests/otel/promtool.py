"""Prometheus' own judgement of rules and expressions: promtool, from PATH or from its image."""

import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import pytest
import yaml

from tests.cluster.images import engine_answers
from tests.equipment.completeness import nothing_may_be_skipped

IMAGE: Final = "docker.io/prom/prometheus:v3.15.0"
"""Of the Prometheus that `make cluster` installs."""
SECONDS: Final = 60


@cache
def promtool() -> tuple[str, ...]:
    """How promtool is called here. The test is skipped, or fails in CI, where it cannot be."""
    found = shutil.which("promtool")
    if found:
        return (found,)
    if engine_answers():
        return ("docker", "run", "--rm", "--interactive", "--entrypoint=promtool", IMAGE)
    reason = "no promtool on PATH, and no docker engine for its image"
    if nothing_may_be_skipped():
        pytest.fail(reason)
    pytest.skip(reason)


def check_rules(document: Mapping[str, Any]) -> tuple[int, str]:
    """`promtool check rules` of a rule file: exit code, and all that it says."""
    done = subprocess.run(
        [*promtool(), "check", "rules"],
        input=yaml.safe_dump(document),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stdout
