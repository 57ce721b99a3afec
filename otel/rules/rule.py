"""What a rule of Prometheus is made of, and the YAML that it becomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import dedent
from typing import Any, Literal

import yaml

Severity = Literal["critical", "warning"]
"""critical: somebody is called now. warning: somebody looks within the working day."""

SCOPE = 'namespace=~".*"'
"""A matcher that every selector of our own series carries, and that every series fulfils. The chart
puts its release's namespace in its place, so that two releases in one Prometheus do not mix."""

EDGE = 'pod=~".*"'
"""The same for what Envoy says of itself: its pods are in a namespace of Envoy Gateway's, and the
chart puts their names in its place."""

RUNBOOKS = "docs/runbooks"


@dataclass(frozen=True, slots=True)
class Recording:
    """A series that is computed in advance. Attributes: name: `level:metric:operations`."""

    name: str
    expression: str
    labels: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As Prometheus reads it."""
        found: dict[str, Any] = {"record": self.name, "expr": tidy(self.expression)}
        return found | ({"labels": dict(self.labels)} if self.labels else {})


@dataclass(frozen=True, slots=True)
class Alert:
    """A condition that somebody should know of, and what to tell them.

    Attributes: lasting: for how long it must hold (Prometheus' `for`). remembered: for how long the
        alert stays after it no longer holds (`keep_firing_for`). summary, description: templates.
    """

    name: str
    expression: str
    severity: Severity
    summary: str
    description: str
    lasting: str = "0m"
    remembered: str = "0m"
    labels: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As Prometheus reads it."""
        found: dict[str, Any] = {"alert": self.name, "expr": tidy(self.expression)}
        if self.lasting != "0m":
            found["for"] = self.lasting
        if self.remembered != "0m":
            found["keep_firing_for"] = self.remembered
        return found | {
            "labels": {"severity": self.severity, **self.labels},
            "annotations": {
                "summary": self.summary,
                "description": " ".join(self.description.split()),
                "runbook_url": f"{RUNBOOKS}/{self.name}.md",
            },
        }


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are evaluated one after another, so that a rule sees the ones above it.

    Attributes: interval: between two evaluations.
    """

    name: str
    rules: Sequence[Recording | Alert]
    interval: str = "30s"

    def document(self) -> dict[str, Any]:
        """As Prometheus reads it."""
        rules = [rule.document() for rule in self.rules]
        return {"name": self.name, "interval": self.interval, "rules": rules}


def tidy(expression: str) -> str:
    """An expression without the indentation of the source around it."""
    return dedent(expression).strip()


def as_yaml(groups: Sequence[Group], heading: str) -> str:
    """A rule file: expressions of several lines stay as they were written."""
    text = yaml.dump(
        {"groups": [group.document() for group in groups]},
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=1000,
    )
    return f"# {heading}\n{text}"


class _Dumper(yaml.SafeDumper):
    """Lists are indented under their key, and long texts are blocks."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
