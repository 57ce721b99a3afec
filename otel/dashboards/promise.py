"""Promise: whether people get what they were promised, and how much failure is still allowed.

What counts as slow or failed is decided in otel/rules/objectives.py, and nowhere else.
"""

from grafana_foundation_sdk.models import dashboard as model

from otel.dashboards.board import ALERTS, Row, board
from otel.dashboards.panels import (
    GREEN,
    ORANGE,
    RED,
    Panel,
    distribution,
    durations,
    lines,
    number,
    states,
)
from otel.dashboards.queries import RANGE, Query, per_second, quantile, ratio, series
from otel.dashboards.runbooks import runbook
from otel.rules.objectives import (
    BURNS,
    COUNTED,
    FAILED,
    FAILURE,
    FAST,
    LATENCY,
    PROMISED_SECONDS,
    TIMED,
    TURNS,
    Objective,
)

SLOW = runbook(LATENCY.alert)
BROKEN = runbook(FAILURE.alert)
CALLED = min(burn.factor for burn in BURNS if burn.severity == "critical")
"""The lowest burn rate at which somebody is called."""


def dashboard() -> model.Dashboard:
    """The first one to open."""
    return board(
        "promise",
        "Promise",
        "95 % of turns answer within 5 s, and 99.9 % do not fail on our side. If a number here"
        " is red, read its runbook; Anatomy of a turn says which part is slow.",
        [
            Row(
                "Now",
                [p95_now(), fast_now(), good_now(), slow_budget(), failure_budget(), rate_now()],
            ),
            Row("How long people wait", [percentiles(), spread()]),
            Row("What they get", [outcomes(), failures()]),
            Row("Error budgets", budgets()),
            Row("Alerts", [firing()]),
        ],
        since="now-6h",
    )


def recorded(name: str) -> str:
    """A series of otel/rules: one for each namespace, all versions together."""
    return series(name)


def budgets() -> list[Panel]:
    """How fast both budgets are used, and what is left of them."""
    return [
        burn(LATENCY, "Latency: burn rate", "Anatomy of a turn says which part became slow."),
        burn(FAILURE, "Failures: burn rate", "The graph of failed turns above says which code."),
        left(LATENCY, "Latency: budget left"),
        left(FAILURE, "Failures: budget left"),
    ]


def p95_now() -> Panel:
    return number(
        "A turn, 95th percentile",
        "In the chosen time. Over 5 s the promise is broken for more than one turn in twenty.",
        quantile(1 - LATENCY.budget, TURNS, TIMED, window=RANGE),
        unit="s",
        colours=((None, GREEN), (PROMISED_SECONDS * 0.8, ORANGE), (PROMISED_SECONDS, RED)),
        links=[SLOW],
    )


def fast_now() -> Panel:
    return number(
        "Turns within 5 s",
        "In the chosen time; promised are 95 %. Turns count that completed or ran out of time.",
        ratio(
            per_second(f"{TURNS}_bucket", FAST, window=RANGE),
            per_second(f"{TURNS}_count", TIMED, window=RANGE),
        ),
        unit="percentunit",
        colours=((None, RED), (0.95, GREEN)),
        links=[SLOW],
    )


def good_now() -> Panel:
    failed = per_second(f"{TURNS}_count", FAILED, window=RANGE)
    counted = per_second(f"{TURNS}_count", COUNTED, window=RANGE)
    return number(
        "Turns that did not fail",
        "In the chosen time; promised are 99.9 %. What the client did wrong does not count.",
        f"1 - {ratio(f'{failed} or vector(0)', counted)}",
        unit="percentunit",
        colours=((None, RED), (0.999, GREEN)),
        links=[BROKEN],
    )


def slow_budget() -> Panel:
    return budget(LATENCY, "Latency budget left", "turns that take longer than promised")


def failure_budget() -> Panel:
    return budget(FAILURE, "Failure budget left", "turns that fail on our side")


def budget(objective: Objective, title: str, bad: str) -> Panel:
    """How many bad turns the promise still allows."""
    return number(
        title,
        f"For {bad}: of 30 days, the worst namespace. Below a quarter: no risky rollouts. Below 0"
        " the promise of these 30 days is broken.",
        f"min({recorded(f'{objective.bad}:budget_left30d')})",
        unit="percentunit",
        colours=((None, RED), (0, ORANGE), (0.25, GREEN)),
        links=[runbook(objective.alert)],
    )


def rate_now() -> Panel:
    return number(
        "Turns",
        "That ended, refused ones too. Far fewer than usual at this hour: people do not get in;"
        " see Edge and allowlist.",
        per_second(f"{TURNS}_count"),
        unit="reqps",
    )


def percentiles() -> Panel:
    return durations(
        "A turn, from request to answer",
        "p95 above the line breaks the promise. p99 alone: the model's tail, see hedges in"
        " Model. p50 too: everything is slow, see Anatomy of a turn. Exemplars lead to traces of"
        " single turns.",
        [
            Query(quantile(0.5, TURNS, TIMED), "p50"),
            Query(quantile(0.95, TURNS, TIMED), "p95"),
            Query(quantile(0.99, TURNS, TIMED), "p99"),
        ],
        limit_seconds=PROMISED_SECONDS,
        links=[SLOW],
    )


def spread() -> Panel:
    return distribution(
        "Turns by duration",
        "How many wait how long. A band that moves up is everybody; a new band above the old one"
        " is a kind of turn. Click an exemplar in it.",
        per_second(f"{TURNS}_bucket", TIMED, by=("le",)),
    )


def outcomes() -> Panel:
    return lines(
        "Turns, by outcome",
        "All of them: completed, replayed (a repeated request, from its row), refused, failed.",
        [Query(per_second(f"{TURNS}_count", by=("outcome",)), "{{outcome}}")],
        unit="reqps",
        stacked=True,
    )


def failures() -> Panel:
    return lines(
        "Failed turns, by code",
        "Only what counts against us. model_*: Model. tools_unavailable: Agent and tools."
        " database_unavailable: Database. overloaded: Scaling. auth_unavailable: Edge and"
        " allowlist.",
        [Query(per_second(f"{TURNS}_count", FAILED, by=("outcome",)), "{{outcome}}")],
        unit="reqps",
        stacked=True,
        links=[BROKEN],
    )


def burn(objective: Objective, title: str, what_first: str) -> Panel:
    """How fast a budget is used, over several windows; the alert on it looks at the same series."""
    return lines(
        title,
        "1 uses up the budget in exactly 30 days; at the line somebody is called, if the last 6"
        f" hours and the last 30 minutes are above it. Worst namespace. {what_first}",
        [
            Query(
                f"max({recorded(f'{objective.bad}:ratio_rate{window}')}) / {objective.budget}",
                window,
            )
            for window in ("5m", "1h", "6h", "3d")
        ],
        unit="none",
        limit=CALLED,
        links=[runbook(objective.alert)],
    )


def left(objective: Objective, title: str) -> Panel:
    """What is left of a budget, as the days go by."""
    return lines(
        title,
        f"{objective.promise}: what is left of 30 days' exceptions, by namespace. A step down is"
        " an incident that has a date; a slope is how the system is now.",
        [Query(recorded(f"{objective.bad}:budget_left30d"), "{{namespace}}")],
        unit="percentunit",
        links=[runbook(objective.alert)],
    )


def firing() -> Panel:
    return states(
        "Alerts that fire",
        "Each has a page in docs/runbooks: what it means, what people feel, how to look and mend.",
        Query(f"max by (alertname, severity, namespace) ({ALERTS})", "{{alertname}} {{severity}}"),
    )
