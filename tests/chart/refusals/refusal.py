"""One row of the tables beside this file."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """Values that must not be installed.

    Attributes:
        values: YAML over the smallest installation, `golden/base.values.yaml`.
        path: how the message names the value: "`a.b`" where a template refuses, "/a/b" the schema.
        way_out: what the message says to do instead.
    """

    values: str
    path: str
    way_out: str


def template(values: str, path: str, way_out: str) -> Refusal:
    """Refused by `_validate.tpl`: a sentence, with what to set."""
    return Refusal(values, f"`{path}`", way_out)


def schema(values: str, path: str, way_out: str) -> Refusal:
    """Refused by `values.schema.json`: the place, and what is wanted there.

    Args: path: steps with `/` between them; "" is the top.
    """
    return Refusal(values, f"'/{path}'" if path else "''", way_out)
