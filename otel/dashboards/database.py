"""Database: whether connections are enough, and whether Postgres answers in time."""

from grafana_foundation_sdk.models import dashboard as model

from otel.dashboards.board import Row, board
from otel.dashboards.panels import (
    GREEN,
    ORANGE,
    RED,
    Panel,
    durations,
    lines,
    number,
    rows_of,
    shares,
)
from otel.dashboards.queries import (
    PROCESS,
    Query,
    events,
    gauge,
    per_second,
    quantile,
    ratio,
    total,
)
from otel.dashboards.runbooks import runbook
from otel.dashboards.spans import SQL, busiest, mean_of, quantile_of, span_rate, spans

POOL = "taskchat_database_pool_connections"
LIMIT = "taskchat_database_pool_limit"
WAIT = "taskchat_database_pool_wait_seconds"
TRANSACTION = 'span_name="transaction"'


def dashboard() -> model.Dashboard:
    """For opening and closing that became slow, and for 503 database_unavailable."""
    return board(
        "database",
        "Database",
        "Three questions in this order: do processes wait for a connection (pool), do transactions"
        " stay open too long, is a statement slow (its plan, or Postgres itself)?",
        [
            Row("Now", [fullest_now(), timeouts_now(), open_now(), unavailable_now()]),
            Row("Pools", [use(), waiting(), connections(), timeouts()]),
            Row("Transactions", [transactions(), transaction_rate()]),
            Row("Statements", [statements(), statement_rate(), busy_statements(), errors()]),
        ],
    )


def pool_use() -> str:
    """Used connections of each process as a share of what it may open."""
    return ratio(total(gauge(POOL, 'state="in_use"'), PROCESS), total(gauge(LIMIT), PROCESS))


def fullest_now() -> Panel:
    return number(
        "Fullest pool",
        "Used connections of one process, of those that it may open. At 100 % further transactions"
        " wait. No connection is held while the model thinks, so this follows SQL, not turns.",
        f"max({pool_use()})",
        unit="percentunit",
        colours=((None, GREEN), (0.8, ORANGE), (1, RED)),
        width=6,
        links=[runbook("TaskchatDatabasePoolExhausted")],
    )


def timeouts_now() -> Panel:
    return number(
        "Waits that gave up",
        "Transactions that got no connection in time, in the chosen time: each is a 503 for a"
        " person or a failed tool call.",
        events("taskchat_database_pool_timeouts_total"),
        unit="short",
        colours=((None, GREEN), (1, RED)),
        width=6,
        links=[runbook("TaskchatDatabasePoolExhausted")],
    )


def open_now() -> Panel:
    return number(
        "Connections that may be opened",
        "By all processes together, in their worst moment. Must stay below what the pooler in"
        " front of Postgres (Neon: its plan) takes; it grows with the number of pods.",
        total(gauge(LIMIT)),
        unit="short",
        width=6,
    )


def unavailable_now() -> Panel:
    return number(
        "Turns refused: database_unavailable",
        "In the chosen time. People are told what was done and may repeat it; if it goes"
        " on, the database is down or has no connection left.",
        events("taskchat_turn_duration_seconds_count", 'outcome="database_unavailable"'),
        unit="short",
        colours=((None, GREEN), (1, RED)),
        width=6,
    )


def use() -> Panel:
    return shares(
        "Used connections of each process, of its limit",
        "One process at its limit: it is overloaded or a transaction hangs there. All at once:"
        " Postgres is slow. Larger pools only help while Postgres is idle.",
        [Query(pool_use(), "{{service}} {{pod}} {{instance}}")],
        limit=1,
        links=[runbook("TaskchatDatabasePoolExhausted")],
    )


def waiting() -> Panel:
    return durations(
        "Waiting for a connection",
        "Opening a new one is a part of it, so peaks are those of new processes. More, and"
        " steadily: the pool is too small for the load, or transactions take too long.",
        [
            Query(quantile(0.95, WAIT, by=("service",)), "{{service}} p95"),
            Query(quantile(0.99, WAIT, by=("service",)), "{{service}} p99"),
        ],
    )


def connections() -> Panel:
    return lines(
        "Connections, by state",
        "in_use is work, idle is what is kept for the next moment. A sum that only grows with"
        " in_use low: more pods than needed.",
        [Query(total(gauge(POOL), ("service", "state")), "{{service}} {{state}}")],
        unit="short",
        stacked=True,
    )


def timeouts() -> Panel:
    return lines(
        "Waits that gave up, by process",
        "Any of them is a failed turn or tool call.",
        [
            Query(
                per_second("taskchat_database_pool_timeouts_total", by=PROCESS),
                "{{service}} {{pod}} {{instance}}",
            )
        ],
        unit="reqps",
        links=[runbook("TaskchatDatabasePoolExhausted")],
    )


def transactions() -> Panel:
    by = ("service_name",)
    return durations(
        "Transactions, from asking for a connection to COMMIT",
        "From spans. Longer than its statements together: waiting for a connection, or work between"
        " statements that does not belong there.",
        [
            Query(quantile_of(0.95, TRANSACTION, by=by), "{{service_name}} p95"),
            Query(mean_of(TRANSACTION, by=by), "{{service_name}} mean"),
        ],
    )


def transaction_rate() -> Panel:
    rate = span_rate("calls_total", spans(TRANSACTION))
    return lines(
        "Transactions a second",
        "Follows turns: a turn with one tool call is a handful of them. More without more turns:"
        " retries.",
        [Query(total(rate, ("service_name",)), "{{service_name}}")],
        unit="reqps",
    )


def statements() -> Panel:
    by = ("service_name", "span_name")
    return durations(
        "Statements, 95th percentile",
        "By operation and table. One alone: its plan changed, statistics are old, or a lock. All at"
        " once: CPU, disk or a sleeping serverless database that wakes up.",
        [Query(quantile_of(0.95, SQL, by=by), "{{service_name}} {{span_name}}")],
    )


def statement_rate() -> Panel:
    rate = span_rate("calls_total", spans(SQL))
    return lines(
        "Statements a second",
        "A statement that is counted far more often than turns or tool calls is asked in a loop.",
        [Query(total(rate, ("service_name", "span_name")), "{{service_name}} {{span_name}}")],
        unit="reqps",
        stacked=True,
    )


def busy_statements() -> Panel:
    return rows_of(
        "Statements in which most time is spent",
        "Seconds a second, all processes together: what is on top is where an index or a smaller"
        " query pays.",
        Query(busiest(15, SQL), ""),
        unit="s",
    )


def errors() -> Panel:
    failed = span_rate("calls_total", spans(f'{SQL}, status_code="STATUS_CODE_ERROR"'))
    return lines(
        "Statements that failed",
        "A lost race for a running turn is none: that is answered by Postgres without an error."
        " What is here has a trace with its SQLSTATE.",
        [Query(total(failed, ("service_name", "span_name")), "{{service_name}} {{span_name}}")],
        unit="reqps",
        stacked=True,
    )
