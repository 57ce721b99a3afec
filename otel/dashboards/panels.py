"""The kinds of panels: each gives a picture, its unit and its thresholds in one call.

A panel's description says what an SRE should do with it. What a line is, says its legend.
"""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import common, heatmap, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders.dashboard import DashboardLink, FieldColor, ThresholdsConfig
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as shapes
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models import heatmap as heatmap_model
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from otel.dashboards.queries import RANGE, Query

DATASOURCE = shapes.DataSourceRef(type_val="prometheus", uid="$datasource")
GREEN, ORANGE, RED, BLUE = "green", "orange", "red", "blue"
HEIGHT = 8
"""Of a graph, in units of Grafana's grid; a row of it is 24 wide."""
STAT_HEIGHT = 4
EMPTY = "nothing in this time"

Panel = Builder[model.Panel]
Step = tuple[float | None, str]
"""From which value a colour counts; None for the lowest."""


def durations(
    title: str,
    description: str,
    queries: Sequence[Query],
    *,
    limit_seconds: float | None = None,
    width: int = 12,
    links: Sequence[DashboardLink] = (),
) -> Panel:
    """Seconds over time, with an exemplar for each trace that Prometheus remembers.

    Args: limit_seconds: drawn as a line; what is above is red.
    """
    panel = lines(title, description, queries, unit="s", width=width, links=links, exemplars=True)
    return with_limit(panel, limit_seconds, soft_max=limit_seconds)


def lines(
    title: str,
    description: str,
    queries: Sequence[Query],
    *,
    unit: str,
    width: int = 12,
    limit: float | None = None,
    stacked: bool = False,
    links: Sequence[DashboardLink] = (),
    exemplars: bool = False,
) -> timeseries.Panel:
    """Anything over time. Args: unit: Grafana's, e.g. `reqps`. limit: drawn as a line."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .height(HEIGHT)
        .span(width)
        .unit(unit)
        .min(0)
        .no_value(EMPTY)
        .fill_opacity(30 if stacked else 8)
        .show_points(shapes.VisibilityMode.NEVER)
        .span_nulls(False)
        .legend(
            common.VizLegendOptions()
            .show_legend(True)
            .display_mode(shapes.LegendDisplayMode.TABLE)
            .placement(shapes.LegendPlacement.BOTTOM)
            .calcs(["mean", "max", "lastNotNull"])
        )
        .tooltip(
            common.VizTooltipOptions()
            .mode(shapes.TooltipDisplayMode.MULTI)
            .sort(shapes.SortOrder.DESCENDING)
        )
        .links(list(links))
        .targets([target(number, query, exemplars) for number, query in enumerate(queries)])
    )
    if stacked:
        panel.stacking(common.StackingConfig().mode(shapes.StackingMode.NORMAL).group("A"))
    return with_limit(panel, limit)


def with_limit(
    panel: timeseries.Panel, limit: float | None, soft_max: float | None = None
) -> timeseries.Panel:
    """A graph with a line at a limit. Args: soft_max: the axis reaches at least that far."""
    if limit is None:
        return panel
    if soft_max is not None:
        panel.axis_soft_max(soft_max)
    style = common.GraphThresholdsStyleConfig().mode(shapes.GraphThresholdsStyleMode.LINE_AND_AREA)
    return panel.thresholds(steps((None, "transparent"), (limit, RED))).thresholds_style(style)


def shares(
    title: str,
    description: str,
    queries: Sequence[Query],
    *,
    width: int = 12,
    limit: float | None = None,
    links: Sequence[DashboardLink] = (),
) -> Panel:
    """Parts of a whole over time, 0–1 as percent."""
    return lines(
        title, description, queries, unit="percentunit", width=width, limit=limit, links=links
    )


def number(
    title: str,
    description: str,
    expression: str,
    *,
    unit: str,
    colours: Sequence[Step] = ((None, BLUE),),
    width: int = 4,
    links: Sequence[DashboardLink] = (),
) -> Panel:
    """One number, coloured by where it stands; one of the whole time range has no history."""
    query, history = target(0, Query(expression, title)), shapes.BigValueGraphMode.AREA
    if RANGE in expression:
        query, history = query.instant(), shapes.BigValueGraphMode.NONE
    return (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .height(STAT_HEIGHT)
        .span(width)
        .unit(unit)
        .no_value(EMPTY)
        .thresholds(steps(*colours))
        .color_mode(shapes.BigValueColorMode.VALUE)
        .graph_mode(history)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .links(list(links))
        .with_target(query)
    )


def distribution(title: str, description: str, expression: str, *, width: int = 12) -> Panel:
    """A histogram over time, exemplars as points. Args: expression: rates of buckets by `le`."""
    query = target(0, Query(expression, "{{le}}"), exemplars=True).format(PromQueryFormat.HEATMAP)
    return (
        heatmap.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .height(HEIGHT)
        .span(width)
        .calculate(False)
        .y_axis(heatmap.YAxisConfig().unit("s"))
        .rows_frame(heatmap.RowsHeatmapOptions().layout(shapes.HeatmapCellLayout.LE))
        .cell_values(heatmap.CellValues().unit("reqps"))
        .color(
            heatmap.HeatmapColorOptions()
            .mode(heatmap_model.HeatmapColorMode.SCHEME)
            .scheme("Oranges")
            .steps(64)
        )
        .exemplars_color("rgba(80,160,255,0.9)")
        .with_target(query)
    )


def states(title: str, description: str, query: Query, *, width: int = 24) -> Panel:
    """What is true when: a bar for each series while it exists."""
    return (
        statetimeline.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .height(HEIGHT)
        .span(width)
        .no_value(EMPTY)
        .thresholds(steps((None, RED)))
        .color_scheme(FieldColor().mode(model.FieldColorModeId.THRESHOLDS))
        .show_value(shapes.VisibilityMode.NEVER)
        .with_target(target(0, query))
    )


def rows_of(title: str, description: str, query: Query, *, unit: str, width: int = 12) -> Panel:
    """A table of the newest values, one row for each series, the largest first."""
    asked = target(0, query).format(PromQueryFormat.TABLE).instant()
    return (
        table.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .height(HEIGHT)
        .span(width)
        .unit(unit)
        .no_value(EMPTY)
        .sort_by([common.TableSortByFieldState().display_name("Value").desc(True)])
        .with_transformation(
            model.DataTransformerConfig(
                id_val="organize", options={"excludeByName": {"Time": True, "__name__": True}}
            )
        )
        .with_target(asked)
    )


def target(number: int, query: Query, exemplars: bool = False) -> Dataquery:
    """A query as Grafana sends it. Args: number: in the panel, from 0."""
    return (
        Dataquery()
        .datasource(DATASOURCE)
        .ref_id(chr(ord("A") + number))
        .expr(query.expression)
        .legend_format(query.legend)
        .range()
        .exemplar(exemplars)
    )


def steps(*colours: Step) -> ThresholdsConfig:
    """Colours by value, the lowest first."""
    return (
        ThresholdsConfig()
        .mode(model.ThresholdsMode.ABSOLUTE)
        .steps([model.Threshold(value=value, color=colour) for value, colour in colours])
    )
