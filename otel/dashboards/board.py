"""What all dashboards share: variables, links to each other, annotations, order of panels."""

from collections.abc import Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import dashboard as sdk
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models import dashboard as model

from otel.dashboards.panels import DATASOURCE, Panel
from otel.dashboards.queries import series
from otel.dashboards.runbooks import VARIABLE
from otel.rules.rule import RUNBOOKS

TAG = "taskchat"
ALL = "$__all"
LABEL_VALUES = 1
"""The kind of a variable's query, as the Prometheus data source numbers them."""
ALERTS = 'ALERTS{alertstate="firing", alertname=~"Taskchat.*"}'


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under one heading, in reading order."""

    title: str
    panels: Sequence[Panel]


def board(
    name: str, title: str, description: str, rows: Sequence[Row], *, since: str = "now-1h"
) -> model.Dashboard:
    """A whole dashboard.

    Args: name: unique and for ever, bookmarks hold it. since: where its time range begins at first.
    """
    made = (
        sdk.Dashboard(f"taskchat / {title}")
        .uid(f"{TAG}-{name}")
        .description(description)
        .tags([TAG])
        .readonly()
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .time(since, "now")
        .refresh("30s")
        .timezone("browser")
        .variables([datasource(), namespace(), version(), runbooks()])
        .annotations([rollouts(), alerts()])
        .links([others()])
    )
    for row in rows:
        made.with_row(sdk.Row(row.title))
        for panel in row.panels:
            made.with_panel(panel)
    return numbered(made.build())


def numbered(made: model.Dashboard) -> model.Dashboard:
    """The same with an id for each panel, by which links and alerts name it."""
    for number, panel in enumerate(made.panels or (), start=1):
        panel.id_val = number
    return made


def datasource() -> sdk.DatasourceVariable:
    """Which Prometheus is asked."""
    return sdk.DatasourceVariable("datasource").label("Prometheus").type("prometheus")


def namespace() -> sdk.QueryVariable:
    """Which installations are looked at; all at first, also the one without a namespace."""
    return chosen("namespace", "label_values(taskchat_build_info, namespace)").label("Namespace")


def version() -> sdk.QueryVariable:
    """Which versions are looked at; two of them side by side during a rollout."""
    info = series("taskchat_build_info")
    return chosen("version", f"label_values({info}, version)").label("Version")


def runbooks() -> sdk.ConstantVariable:
    """Where the runbooks can be read; not shown."""
    made = sdk.ConstantVariable(VARIABLE).value(RUNBOOKS)
    made.build().hide = model.VariableHide.HIDE_VARIABLE  # this builder has no `hide` (0.0.21)
    return made


def chosen(name: str, query: str) -> sdk.QueryVariable:
    """A variable whose values Prometheus knows; several can be chosen."""
    return (
        sdk.QueryVariable(name)
        .datasource(DATASOURCE)
        .query({"qryType": LABEL_VALUES, "query": query, "refId": name})
        .definition(query)
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(model.VariableOption(text=["All"], value=[ALL]))
    )


def rollouts() -> sdk.AnnotationQuery:
    """A mark where a version runs that did not run a few minutes before."""
    info = series("taskchat_build_info", 'version=~"$version"')
    now = f"sum by (service, version) ({info})"
    before = f"sum by (service, version) (last_over_time({info}[5m] offset 1m))"
    return marks("Rollouts", f"{now} unless {before}", "{{service}} {{version}}", "blue")


def alerts() -> sdk.AnnotationQuery:
    """A mark while one of our alerts fires."""
    return marks("Alerts", ALERTS, "{{alertname}} {{severity}}", "red")


def marks(name: str, expression: str, title: str, colour: str) -> sdk.AnnotationQuery:
    """Marks in all graphs wherever an expression has a value."""
    return (
        sdk.AnnotationQuery()
        .name(name)
        .datasource(DATASOURCE)
        .enable(True)
        .icon_color(colour)
        .title_format(title)
        .expr(expression)
        .target(Dataquery().ref_id(name).datasource(DATASOURCE).expr(expression).range())
    )


def others() -> sdk.DashboardLink:
    """The way to the other dashboards, with the same time and variables."""
    return (
        sdk.DashboardLink("taskchat")
        .type(model.DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .as_dropdown(False)
        .include_vars(True)
        .keep_time(True)
    )
