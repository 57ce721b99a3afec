"""Prometheus' own judgement of rules and expressions: promtool, from PATH or from its image."""

import shutil
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import yaml

from tests.cluster.images import engine_answers
from tests.equipment.completeness import do_without
from tests.equipment.programs import run

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
    do_without("no promtool on PATH, and no docker engine for its image")


def check_rules(document: Mapping[str, Any]) -> tuple[int, str]:
    """`promtool check rules` of a rule file: exit code, and all that it says."""
    argv = [*promtool(), "check", "rules"]
    return run(argv, limit_seconds=SECONDS, stdin=yaml.safe_dump(document))
