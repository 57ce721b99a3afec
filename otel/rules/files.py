"""Which files the rules are written to."""

from otel.rules import limits, objectives, operation
from otel.rules.rule import as_yaml

PLAIN = "otel/rules"
CHART = "charts/taskchat/files/rules"
HEADING = "Made by `make generate` from otel/rules/{source}.py."


def files() -> dict[str, str]:
    """Texts by path from the root. The chart gets no limits: its values are the limits."""
    shared = {"objectives": objectives.groups(), "operation": operation.groups()}
    plain = {**shared, "limits": limits.groups()}
    return {
        f"{folder}/{name}.yaml": as_yaml(groups, HEADING.format(source=name))
        for folder, found in ((PLAIN, plain), (CHART, shared))
        for name, groups in found.items()
    }
