"""Scaling: how much is going on at once, and whether there are enough pods for it."""

from grafana_foundation_sdk.models import dashboard as model

from otel.dashboards.board import Row, board
from otel.dashboards.panels import GREEN, ORANGE, RED, Panel, lines, number, shares
from otel.dashboards.queries import (
    NAMESPACE,
    WINDOW,
    Query,
    events,
    gauge,
    per_second,
    ratio,
    series,
    total,
)
from otel.dashboards.runbooks import runbook

FLIGHT = "taskchat_turns_in_flight"
OURS = f'{NAMESPACE}, container=~"chat-gateway|mcp-tools|auth|web"'
AUTOSCALED = f'{NAMESPACE}, horizontalpodautoscaler=~".*(chat-gateway|mcp-tools|auth|web)"'
POD = ("namespace", "pod", "container")
VERSION = 'version=~"$version"'
GATEWAY = 'service="chat-gateway"'
CADVISOR_WINDOW = "2m"
"""cAdvisor measures every 10–15 s by itself, however often it is scraped."""


def dashboard() -> model.Dashboard:
    """For the question whether more load will still fit, and what stops it."""
    return board(
        "scaling",
        "Scaling",
        "chat-gateway is scaled by turns in flight: people who wait for a slow model use no CPU."
        " At the maximum of the autoscaler nothing helps but a higher maximum, and then more"
        " database connections (dashboard Database).",
        [
            Row("Now", [flight_now(), gateways_now(), overloaded_now(), killed_now()]),
            Row("Turns", [in_flight(), per_pod(), arrivals(), overloads()]),
            Row("Pods", [replicas(), limits(), versions(), restarts()]),
            Row("Resources", [cpu(), memory(), throttled(), memory_share()]),
        ],
    )


def flight_now() -> Panel:
    return number(
        "Turns in flight",
        "People who wait for an answer at this moment.",
        total(gauge(FLIGHT)),
        unit="short",
        width=6,
    )


def gateways_now() -> Panel:
    return number(
        "Processes of chat-gateway",
        "That Prometheus reaches. One alone is one node away from an outage.",
        f"count({series('taskchat_build_info', VERSION, GATEWAY)})",
        unit="short",
        colours=((None, RED), (1, ORANGE), (2, GREEN)),
        width=6,
    )


def overloaded_now() -> Panel:
    return number(
        "Turns refused: overloaded",
        "In the chosen time. A pod had maxTurnsInFlight turns already; the autoscaler was too"
        " slow or is at its maximum.",
        events("taskchat_turn_duration_seconds_count", 'outcome="overloaded"'),
        unit="short",
        colours=((None, GREEN), (1, RED)),
        width=6,
        links=[runbook("TaskchatAtMaximumReplicas")],
    )


def killed_now() -> Panel:
    return number(
        "Killed for memory",
        "In the chosen time. Turns in flight there are taken over by a retry of the client;"
        " raise the memory limit, or find what grew (graph Memory).",
        f"sum(increase(container_oom_events_total{{{OURS}}}[$__range])) or vector(0)",
        unit="short",
        colours=((None, GREEN), (1, RED)),
        width=6,
    )


def in_flight() -> Panel:
    return lines(
        "Turns in flight, by process",
        "The area is what the autoscaler counts. It doubles when the model takes twice as long,"
        " at the same arrivals. Uneven lines: a load balancer that does not spread.",
        [Query(gauge(FLIGHT), "{{pod}} {{instance}}")],
        unit="short",
        stacked=True,
    )


def per_pod() -> Panel:
    return lines(
        "Turns in flight of a process: mean and most",
        "The autoscaler keeps the mean at turnsInFlightPerPod (KEDA); a process refuses turns from"
        " maxTurnsInFlight on.",
        [
            Query(f"avg({gauge(FLIGHT)})", "mean"),
            Query(f"max({gauge(FLIGHT)})", "most"),
        ],
        unit="short",
    )


def arrivals() -> Panel:
    return lines(
        "Turns that ended",
        "Arrivals × duration = turns in flight. Flat while turns in flight climb: turns became"
        " slower, not more.",
        [Query(per_second("taskchat_turn_duration_seconds_count"), "turns")],
        unit="reqps",
    )


def overloads() -> Panel:
    turns = per_second("taskchat_turn_duration_seconds_count", 'outcome="overloaded"')
    return lines(
        "Turns refused: overloaded, over time",
        "Spikes of seconds: faster than pods start. Steady: the maximum.",
        [Query(f"{turns} or vector(0)", "overloaded")],
        unit="reqps",
        links=[runbook("TaskchatAtMaximumReplicas")],
    )


def replicas() -> Panel:
    return lines(
        "Processes, by service",
        "As Prometheus reaches them. They follow turns in flight up within a minute and down"
        " after five quiet ones.",
        [Query(f"count by (service) ({series('taskchat_build_info', VERSION)})", "{{service}}")],
        unit="short",
    )


def limits() -> Panel:
    by = ("horizontalpodautoscaler",)
    return lines(
        "Autoscalers: wanted, fewest and most pods",
        "From kube-state-metrics. wanted at most: load that will not fit, and the next spike fails."
        " Raise maxReplicas with an eye on Postgres' connections.",
        [
            Query(
                total(f"kube_horizontalpodautoscaler_{what}_replicas{{{AUTOSCALED}}}", by),
                f"{{{{horizontalpodautoscaler}}}} {name}",
            )
            for what, name in (
                ("status_desired", "wanted"),
                ("spec_min", "fewest"),
                ("spec_max", "most"),
            )
        ],
        unit="short",
        links=[runbook("TaskchatAtMaximumReplicas")],
    )


def versions() -> Panel:
    return lines(
        "Processes, by version",
        "Two versions at once are a rollout. For long: it hangs, look at the new pods'"
        " readiness. Choose one above to see it alone in all dashboards.",
        [
            Query(
                f"count by (service, version) ({series('taskchat_build_info', VERSION)})",
                "{{service}} {{version}}",
            )
        ],
        unit="short",
        stacked=True,
    )


def restarts() -> Panel:
    return lines(
        "Containers that started again",
        "From kube-state-metrics. A start-up probe gives minutes, a liveness probe a minute:"
        " repeated restarts are a crash or a process that hangs. Its last log line has the"
        " reason.",
        [
            Query(
                total(
                    f"increase(kube_pod_container_status_restarts_total{{{OURS}}}[{WINDOW}])",
                    ("pod", "container"),
                ),
                "{{pod}} {{container}}",
            )
        ],
        unit="short",
    )


def cpu() -> Panel:
    return lines(
        "CPU of each pod, in cores",
        "chat-gateway needs some 20 ms a turn and one process uses one core at most: near 1 its"
        " event loop is full, and every turn there waits.",
        [
            Query(
                total(f"rate(container_cpu_usage_seconds_total{{{OURS}}}[{CADVISOR_WINDOW}])", POD),
                "{{pod}}",
            )
        ],
        unit="none",
        limit=1,
    )


def memory() -> Panel:
    return lines(
        "Memory of each pod",
        "Working set, which the limit counts. A line that only climbs is a leak: compare versions.",
        [Query(total(f"container_memory_working_set_bytes{{{OURS}}}", POD), "{{pod}}")],
        unit="bytes",
    )


def throttled() -> Panel:
    return lines(
        "Stopped by the kernel for CPU",
        "The chart sets no CPU limit, so this is 0 or empty. Otherwise a LimitRange of the"
        " namespace gave one, and stops processes in the middle of turns.",
        [
            Query(
                total(
                    f"rate(container_cpu_cfs_throttled_periods_total{{{OURS}}}[{CADVISOR_WINDOW}])",
                    POD,
                ),
                "{{pod}}",
            )
        ],
        unit="short",
    )


def memory_share() -> Panel:
    limit = f'kube_pod_container_resource_limits{{{OURS}, resource="memory"}}'
    used = total(f"container_memory_working_set_bytes{{{OURS}}}", POD)
    return shares(
        "Memory of each pod, of its limit",
        "Limits from kube-state-metrics. At 100 % the kernel kills the process.",
        [Query(ratio(used, total(limit, POD)), "{{pod}}")],
        limit=0.9,
    )
