"""Where the values of each component stand."""

from collections.abc import Mapping
from typing import Any, Final

from tests.cluster.equipment.helm import Values
from tests.cluster.equipment.release import Component

SECTIONS: Final[dict[Component, tuple[str, ...]]] = {
    "chat-gateway": ("chatGateway",),
    "mcp-tools": ("mcpTools",),
    "auth": ("auth",),
    "web": ("web",),
    "gemini-simulator": ("geminiSimulator",),
    "pgbouncer": ("postgres", "pgbouncer"),
}


def values_of(component: Component, values: Values) -> dict[str, Any]:
    """Values of one component, at their place among those of the chart."""
    nested: dict[str, Any] = dict(values)
    for key in reversed(SECTIONS[component]):
        nested = {key: nested}
    return nested


def merged(*several: Values) -> dict[str, Any]:
    """Values of all of them, as helm merges files of values: the later one wins."""
    found: dict[str, Any] = {}
    for values in several:
        for key, value in values.items():
            both = isinstance(value, Mapping) and isinstance(found.get(key), Mapping)
            found[key] = merged(found[key], value) if both else value
    return found
