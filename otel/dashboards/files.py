"""Which files the dashboards are written to, and what is in them."""

from collections.abc import Callable
from typing import Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from otel.dashboards import anatomy, database, edge, model, promise, scaling, tools

DASHBOARDS: Final[tuple[Callable[[], Dashboard], ...]] = (
    promise.dashboard,
    anatomy.dashboard,
    tools.dashboard,
    model.dashboard,
    database.dashboard,
    edge.dashboard,
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
    text: str = JSONEncoder(sort_keys=True, indent=1, ensure_ascii=False).encode(made)
    return text + "\n"
