"""Accounts: whether people get in, and who tries that should not."""

from grafana_foundation_sdk.models import dashboard as model

from otel.dashboards.board import Row, board
from otel.dashboards.panels import GREEN, ORANGE, RED, Panel, durations, lines, number
from otel.dashboards.queries import (
    PROCESS,
    RANGE,
    Query,
    events,
    gauge,
    per_second,
    quantile,
    share,
    total,
)
from otel.dashboards.runbooks import runbook

EVENTS = "taskchat_security_events_total"
REQUESTS = "taskchat_auth_requests_total"
DURATION = "taskchat_auth_request_duration_seconds"
HASH = "taskchat_auth_hash_duration_seconds"
BAD_SHARE = 0.05
"""Of requests that fail on our side: above it an alert fires."""


def dashboard() -> model.Dashboard:
    """For the questions who cannot sign in, and who should not."""
    return board(
        "accounts",
        "Accounts",
        "What the auth service is asked, and how it answers. The audit's lines say whose account"
        " and from where; here is how many.",
        [
            Row("Now", [failing_now(), guesses(), wrong_user(), forbidden()]),
            Row("The audit", [happened(), refused()]),
            Row("The service", [requests(), request_durations(), hashes(), waiting()]),
            Row("Erasures", [oldest_erasure()]),
        ],
    )


def failing_now() -> Panel:
    bad = per_second(REQUESTS, 'status=~"5.."', window=RANGE)
    return number(
        "Requests that failed",
        "On the side of auth, in the chosen time. People cannot sign in, and who is signed in gets"
        " no new token: within five minutes nobody can talk to the gateway.",
        share(bad, per_second(REQUESTS, window=RANGE)),
        unit="percentunit",
        colours=((None, GREEN), (BAD_SHARE, RED)),
        width=6,
        links=[runbook("TaskchatSignInsFailing")],
    )


def guesses() -> Panel:
    return number(
        "Refused sign-ins",
        "Wrong passwords and codes, and what the limits refused. People mistype about as often as"
        " they get in; far more is somebody with a list.",
        events(EVENTS, 'event=~"sign_in|second_factor"', 'outcome="refused"'),
        unit="short",
        colours=((None, GREEN), (100, ORANGE)),
        width=6,
        links=[runbook("TaskchatGuessing")],
    )


def wrong_user() -> Panel:
    return number(
        "Tokens on another's path",
        "Our page sends none: a client with a bug, or somebody who tries what a token opens. The"
        " gateway's audit names both people.",
        events("taskchat_token_refusals_total", 'code="wrong_user"'),
        unit="short",
        colours=((None, GREEN), (1, ORANGE)),
        width=6,
        links=[runbook("TaskchatWrongUser")],
    )


def forbidden() -> Panel:
    return number(
        "Tools called for another",
        "Cannot happen by itself: our code is broken, or somebody is inside the network. Look at"
        " once, also at a single one.",
        events("taskchat_mcp_tool_call_duration_seconds_count", 'outcome="forbidden"'),
        unit="short",
        colours=((None, GREEN), (1, RED)),
        width=6,
        links=[runbook("TaskchatForbidden")],
    )


def happened() -> Panel:
    return lines(
        "Security events",
        "What people do to their accounts. A kind that was never there, at night, in numbers: read"
        " the lines.",
        [Query(per_second(EVENTS, by=("event",)), "{{event}}")],
        unit="reqps",
        stacked=True,
    )


def refused() -> Panel:
    return lines(
        "Outcomes, by reason",
        "rate_limited: the limits hold somebody back. invalid_email_or_password: they are tried."
        " database_unavailable and internal_error are ours.",
        [Query(per_second(EVENTS, by=("outcome", "reason")), "{{outcome}} {{reason}}")],
        unit="reqps",
        stacked=True,
        links=[runbook("TaskchatGuessing")],
    )


def requests() -> Panel:
    return lines(
        "Requests, by path and status",
        "A page asks for a token every few minutes. 503 on all paths is the database; on sign-in"
        " alone, too many passwords at once.",
        [Query(per_second(REQUESTS, by=("route", "status")), "{{status}} {{route}}")],
        unit="reqps",
        stacked=True,
        links=[runbook("TaskchatSignInsFailing")],
    )


def request_durations() -> Panel:
    return durations(
        "Requests, 95th percentile",
        "A sign-in takes as long as its password's hash. If tokens take long too, look at the two"
        " pictures below.",
        [Query(quantile(0.95, DURATION, by=("route",)), "{{route}}")],
    )


def hashes() -> Panel:
    return durations(
        "One password's hash, 95th percentile",
        "A fixed amount of work. When it takes longer, the core is shared with more: a flood of"
        " sign-ins, or a node that is too full.",
        [Query(quantile(0.95, HASH), "hash")],
    )


def waiting() -> Panel:
    return lines(
        "Requests that wait for a connection",
        "Of auth's pool of ten. More than none for long: the database is slow, or too many hash at"
        " once.",
        [Query(total(gauge("taskchat_database_pool_waiting"), PROCESS), "{{pod}} {{instance}}")],
        unit="short",
        links=[runbook("TaskchatDatabasePoolExhausted")],
    )


def oldest_erasure() -> Panel:
    return lines(
        "The oldest erasure that is not finished",
        "A minute or two as a rule, then none. It grows while a service does not answer.",
        [Query(f"max({gauge('taskchat_auth_erasure_oldest_seconds')})", "since it was asked for")],
        unit="s",
        links=[runbook("TaskchatErasureUnfinished")],
    )
