"""Which files the dashboards are written to, and what is in them."""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from otel.dashboards import accounts, anatomy, database, edge, model, promise, scaling, tools

DASHBOARDS: Final[tuple[Callable[[], Dashboard], ...]] = (
    promise.dashboard,
    anatomy.dashboard,
    tools.dashboard,
    model.dashboard,
    database.dashboard,
    edge.dashboard,
    accounts.dashboard,
    scaling.dashboard,
)
"""In the order in which somebody on call opens them."""
PLAIN = "otel/dashboards"
CHART = "charts/taskchat/files/dashboards"


def files() -> dict[str, str]:
    """Texts by path from the root: Helm reads no file outside of its chart, so it has copies."""
    made = [build() for build in DASHBOARDS]
    return {f"{folder}/{one.uid}.json": as_json(one) for folder in (PLAIN, CHART) for one in made}


def as_json(made: Dashboard) -> str:
    """A dashboard as Grafana reads it; sorted, so that a change shows as what it is."""
    document = json.loads(JSONEncoder().encode(made))
    for one in (*document["links"], *document["annotations"]["list"], *links(document)):
        # The SDK puts them all into a menu and knows no other place (0.0.21); we want them seen.
        one.pop("placement", None)
    return json.dumps(document, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def links(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The links of all panels."""
    for panel in document["panels"]:
        yield from panel.get("links", ())
