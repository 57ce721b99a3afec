"""Edge and allowlist: what arrives, what is turned away, by whom, and for which reason."""

from grafana_foundation_sdk.models import dashboard as model

from otel.dashboards.board import Row, board
from otel.dashboards.panels import GREEN, ORANGE, RED, Panel, durations, lines, number, shares
from otel.dashboards.queries import (
    PROCESS,
    WINDOW,
    Query,
    events,
    gauge,
    parts,
    per_second,
    share,
    total,
)
from otel.dashboards.runbooks import runbook

ROUTE = 'envoy_cluster_name=~"httproute/($namespace)/.*"'
"""Envoy Gateway names a cluster after the HTTPRoute it stands for, and that after its namespace."""
CERTIFICATE_END = "envoy_listener_ssl_certificate_expiration_unix_time_seconds"
PEOPLE = 'envoy_http_conn_manager_prefix=~"https?-.*"'
"""The listeners that people reach; Envoy has others for probes and statistics."""


def dashboard() -> model.Dashboard:
    """For "I cannot get in", and for somebody who tries to."""
    return board(
        "edge",
        "Edge and allowlist",
        "The edge turns away what is not on its lists, and each service repeats the checks."
        " Refusals at the edge are the internet's noise, a new frontend, or an expired key;"
        " refusals by a service behind the edge mean that the edge let through what it should not"
        " have.",
        [
            Row("Now", [arriving_now(), behind_the_edge(), keys_age(), certificate()]),
            Row("What arrives", [classes(), upstream_classes(), active(), upstream_time()]),
            Row("Turned away by the edge", [direct(), tokens_at_the_edge(), limited(), lost()]),
            Row("Turned away by chat-gateway", [origins(), tokens(), requests(), client_errors()]),
            Row("Signing keys", [key_ages(), key_failures()]),
        ],
    )


def envoy(metric: str, matchers: str) -> str:
    """What a counter of Envoy gains a second."""
    return f"rate({metric}{{{matchers}}}[{WINDOW}])"


def arriving_now() -> Panel:
    return number(
        "Requests at the edge",
        "All Gateways that this Prometheus scrapes. None at all: look at DNS, the load balancer"
        " and the certificate before anything else.",
        total(envoy("envoy_http_downstream_rq_xx", PEOPLE)),
        unit="reqps",
        width=6,
    )


def behind_the_edge() -> Panel:
    return number(
        "Origins refused behind the edge",
        "In the chosen time. The edge should have turned them away: its allowlist differs from the"
        " gateway's, or somebody reaches the pods around the edge.",
        events("taskchat_origin_refusals_total"),
        unit="short",
        colours=((None, GREEN), (1, ORANGE)),
        width=6,
    )


def keys_age() -> Panel:
    return number(
        "Oldest signing keys",
        "Since a process last read auth's keys. They stay in use for a day while auth is down;"
        " after that nobody gets in.",
        f"max({gauge('taskchat_jwks_age_seconds')})",
        unit="s",
        colours=((None, GREEN), (3600, ORANGE), (43200, RED)),
        width=6,
        links=[runbook("TaskchatJwksStale")],
    )


def certificate() -> Panel:
    return number(
        "Days until the first certificate ends",
        "Of all that Envoy serves. cert-manager renews 30 days before by default: fewer means"
        " that it fails. Nothing is shown where the edge serves no TLS.",
        f"min({CERTIFICATE_END} - time()) / 86400",
        unit="d",
        colours=((None, RED), (7, ORANGE), (21, GREEN)),
        width=6,
        links=[runbook("TaskchatCertificateExpiring")],
    )


def classes() -> Panel:
    return lines(
        "Answers of the edge, by class",
        "4: refused, by the edge or behind it. 5: a service failed or was not reached; compare"
        " with the graph beside it.",
        [
            Query(
                total(envoy("envoy_http_downstream_rq_xx", PEOPLE), ("envoy_response_code_class",)),
                "{{envoy_response_code_class}}xx",
            )
        ],
        unit="reqps",
        stacked=True,
    )


def upstream_classes() -> Panel:
    by = ("envoy_cluster_name", "envoy_response_code_class")
    return lines(
        "Answers of the services, by route",
        "What came through the edge. A 5 here is a service's own; a 5 only at the edge is a service"
        " that was not reached.",
        [
            Query(
                total(envoy("envoy_cluster_upstream_rq_xx", ROUTE), by),
                "{{envoy_cluster_name}} {{envoy_response_code_class}}xx",
            )
        ],
        unit="reqps",
        stacked=True,
    )


def active() -> Panel:
    return lines(
        "Requests and connections at the same moment",
        "Requests follow turns in flight. Connections that grow without requests: clients that"
        " do not close, or somebody who opens them on purpose.",
        [
            Query(f"sum(envoy_http_downstream_rq_active{{{PEOPLE}}})", "requests"),
            Query(f"sum(envoy_http_downstream_cx_active{{{PEOPLE}}})", "connections"),
        ],
        unit="short",
    )


def upstream_time() -> Panel:
    buckets = total(
        envoy("envoy_cluster_upstream_rq_time_bucket", ROUTE), ("le", "envoy_cluster_name")
    )
    return durations(
        "Services as the edge sees them, 95th percentile",
        "The whole answer of a service by route, network included. The chat route is the turn"
        " itself: go on with Anatomy of a turn.",
        [Query(f"histogram_quantile(0.95, {buckets}) / 1000", "{{envoy_cluster_name}}")],
        limit_seconds=5,
    )


def direct() -> Panel:
    return lines(
        "Answered by the edge itself",
        "Unknown hosts and paths, and origins that are not on the allowlist (403). A step up"
        " after a release of a frontend: its origin is missing in allowedOrigins.",
        [Query(total(envoy("envoy_http_rq_direct_response", PEOPLE)), "direct answers")],
        unit="reqps",
    )


def tokens_at_the_edge() -> Panel:
    return lines(
        "Tokens at the edge",
        "Denied: missing, expired or forged. All denied at once: the keys were rotated and"
        " Envoy's copy is older (jwksCacheSeconds), or auth is down. Not their path: a token of one"
        " person with the address of another, which no honest client sends.",
        [
            Query(total(envoy("envoy_http_jwt_authn_allowed", PEOPLE)), "allowed"),
            Query(total(envoy("envoy_http_jwt_authn_denied", PEOPLE)), "denied"),
            Query(total(envoy("envoy_http_rbac_denied", PEOPLE)), "not their path"),
            Query(
                total(envoy("envoy_http_jwt_authn_jwks_fetch_failed", PEOPLE)), "keys not fetched"
            ),
        ],
        unit="reqps",
    )


def limited() -> Panel:
    metric = "envoy_http_local_rate_limit_rate_limited"
    return lines(
        "Limited by rate",
        "People over edge.rateLimit, each counted in each Envoy. One person's script, or a"
        " client that retries without waiting for Retry-After.",
        [Query(f"sum(rate({metric}[{WINDOW}]))", "429")],
        unit="reqps",
    )


def lost() -> Panel:
    return lines(
        "Lost between the edge and a service",
        "No pod, a full pod or a closed connection. A few during a rollout are retried; healthy"
        " at 0 is a service that is not there.",
        [
            Query(total(envoy("envoy_cluster_upstream_cx_connect_fail", ROUTE)), "connect failed"),
            Query(total(envoy("envoy_cluster_upstream_rq_timeout", ROUTE)), "timed out"),
            Query(total(envoy("envoy_cluster_upstream_rq_retry", ROUTE)), "retried"),
            Query(f"min(envoy_cluster_membership_healthy{{{ROUTE}}})", "fewest healthy pods"),
        ],
        unit="short",
    )


def origins() -> Panel:
    return lines(
        "Origins refused by chat-gateway",
        "0 behind an edge. Anything else: the lists of edge and gateway differ, or requests come"
        " around the edge (network policies).",
        [Query(per_second("taskchat_origin_refusals_total"), "refused")],
        unit="reqps",
    )


def tokens() -> Panel:
    return lines(
        "Tokens refused by chat-gateway, by code",
        "wrong_user: a token of one person with the path of another, which the edge refuses too."
        " auth_unavailable: no keys were ever loaded.",
        [Query(per_second("taskchat_token_refusals_total", by=("code",)), "{{code}}")],
        unit="reqps",
        stacked=True,
    )


def requests() -> Panel:
    return lines(
        "Requests that reached chat-gateway",
        "Against what the edge let through. More here than there: somebody inside the cluster"
        " calls it.",
        [
            Query(per_second("taskchat_http_requests_total"), "at chat-gateway"),
            Query(
                total(
                    envoy(
                        "envoy_cluster_upstream_rq_xx",
                        'envoy_cluster_name=~"httproute/($namespace)/.*chat.*"',
                    )
                ),
                "through the edge",
            ),
        ],
        unit="reqps",
    )


def client_errors() -> Panel:
    turns = "taskchat_turn_duration_seconds_count"
    refused = 'outcome=~"conversation_not_found|turn_in_progress|idempotency_key_reused"'
    return shares(
        "Turns refused for what the client asked",
        "They do not count against the promise. turn_in_progress that rises: a client sends"
        " before the answer is there, or turns became slow and people try again.",
        [
            Query(
                parts(per_second(turns, refused, by=("outcome",)), per_second(turns)),
                "{{outcome}}",
            ),
            Query(share(per_second(turns, refused), per_second(turns)), "all"),
        ],
    )


def key_ages() -> Panel:
    return durations(
        "Age of the signing keys, by process",
        "Every process refreshes its own. A line that climbs: that process does not reach auth.",
        [Query(gauge("taskchat_jwks_age_seconds"), "{{service}} {{pod}} {{instance}}")],
        links=[runbook("TaskchatJwksStale")],
    )


def key_failures() -> Panel:
    return lines(
        "Refreshes of the keys that failed",
        "auth is down or not reached. People with valid tokens notice nothing for a day.",
        [
            Query(
                per_second("taskchat_jwks_refresh_failures_total", by=PROCESS),
                "{{service}} {{pod}} {{instance}}",
            )
        ],
        unit="reqps",
        links=[runbook("TaskchatJwksStale")],
    )
