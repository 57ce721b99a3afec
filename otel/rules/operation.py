"""What else a person should know of: tools, model, connections, keys, certificates, telemetry.

None of these is called at once unless something must not go on: the objectives say whether people
feel it, these say where to look, or what will happen when nobody does.
"""

from otel.rules import security
from otel.rules.objectives import NO_TURN, REFUSALS
from otel.rules.rule import EDGE, SCOPE, Alert, Group, Recording, Severity, tidy

TOOL_CALLS = "taskchat_tool_call_duration_seconds_count"
MODEL_CALLS = "gen_ai_client_operation_duration_seconds_count"
POOL = "taskchat_database_pool"
MEASURED_SERVICES = ("auth", "chat-gateway", "mcp-tools")
"""The values of `service` in taskchat_build_info: who has metrics."""
FEWEST_TOOL_CALLS = 20
"""In half an hour and of one tool: 5 % of fewer is less than one call."""
FEWEST_MODEL_CALLS = 20
"""In half an hour: one bad minute of a quiet night is no news."""
CLICKS = "taskchat_click_duration_seconds_count"
FEWEST_CLICKS = 20
"""In half an hour: 5 % of fewer is less than one."""
STREAMS = "taskchat_streams_total"
FEWEST_STREAMS = 20
"""In half an hour: where two people write, one who closes the page is half of them."""
DAY = 86_400
CERTIFICATE_DAYS: tuple[tuple[int, Severity], ...] = ((14, "warning"), (3, "critical"))
"""cert-manager renews when a third of a certificate's life is left, 30 days of Let's Encrypt's 90:
with 14 left it has failed for two weeks."""


def groups() -> list[Group]:
    """The rules beside the objectives."""
    return [
        Group("taskchat-tools", [*tools(), audit()]),
        Group("taskchat-people", [clicks(), streams()]),
        Group("taskchat-model", [fallback()]),
        Group("taskchat-dependencies", [pool(), keys(), *certificates()]),
        Group("taskchat-scaling", [replicas()]),
        Group("taskchat-security", security.alerts()),
        Group("taskchat-telemetry", [*absent_metrics(), absent_traces(), dropped_spans()]),
    ]


def tools() -> list[Recording | Alert]:
    """Which share of a tool's calls succeed, and an alert when it is under 95 %.

    All errors count, also those of the model's making (an id that does not exist): people see no
    difference. A call that came to no result is counted once, however often it was tried.
    """
    calls = f"sum by (namespace, tool) (rate({TOOL_CALLS}{{{SCOPE}}}[30m]))"
    good = f'sum by (namespace, tool) (rate({TOOL_CALLS}{{{SCOPE}, outcome="ok"}}[30m]))'
    attempts = "taskchat:tool_calls:rate30m"
    success = "taskchat:tool_calls_ok:ratio_rate30m"
    return [
        Recording(attempts, calls),
        Recording(
            success,
            f"(\n{good}\nor\n0 * {attempts}{{{SCOPE}}}\n)\n/\n({attempts}{{{SCOPE}}} > 0)",
        ),
        Alert(
            "TaskchatToolCallsFailing",
            f"""
            {success}{{{SCOPE}}} < 0.95
            and
            {attempts}{{{SCOPE}}} * 1800 >= {FEWEST_TOOL_CALLS}
            """,
            "warning",
            "{{ $value | humanizePercentage }} of {{ $labels.tool }} calls succeed",
            """
            Less than 95 % of the calls of {{ $labels.tool }} in the last 30 minutes came to a
            result. People are told that it did not work, or get an answer that is wrong.
            """,
            lasting="5m",
        ),
    ]


def audit() -> Alert:
    """An answer named tool calls that mcp-tools has not recorded, or the other way round."""
    return Alert(
        "TaskchatAuditMismatch",
        f"sum by (namespace) (increase(taskchat_audit_mismatches_total{{{SCOPE}}}[10m])) > 0",
        "critical",
        "Answers and the record of tool calls disagree",
        """
        A turn's tool calls are not those that mcp-tools has recorded. Either something changed
        tasks without a record, or a person was told of a change that did not happen. Law 8 is
        broken: find the turn before its trace is gone.
        """,
        remembered="1h",
    )


def fallback() -> Alert:
    """The first model does not answer, and nobody feels it but by the answers of the other one."""
    fell_back = f"sum by (namespace) (rate(taskchat_model_fallbacks_total{{{SCOPE}}}[30m]))"
    answered = f'sum by (namespace) (rate({MODEL_CALLS}{{{SCOPE}, outcome="ok"}}[30m]))'
    return Alert(
        "TaskchatModelFallback",
        f"""
        ({fell_back} / {answered}) > 0.2
        and
        {answered} * 1800 >= {FEWEST_MODEL_CALLS}
        """,
        "warning",
        "{{ $value | humanizePercentage }} of answers come from the fallback model",
        """
        The model that is asked first is out of quota, overloaded, retired or does not answer. Turns
        go on with the other one; when that fails too, they end with model_unavailable.
        """,
        lasting="5m",
    )


def clicks() -> Alert:
    """Clicks are in no objective of turns, and a failure of their own is in no other alert.

    Not counted: what the click itself got wrong (4xx, and the tool's word for it), and replays.
    """
    uncounted = "|".join((*NO_TURN, *REFUSALS, "invalid_arguments"))
    counted = f'sum by (namespace) (rate({CLICKS}{{{SCOPE}, outcome!~"{uncounted}"}}[30m]))'
    failed = (
        f'sum by (namespace) (rate({CLICKS}{{{SCOPE}, outcome!~"completed|{uncounted}"}}[30m]))'
    )
    return Alert(
        "TaskchatClicksFailing",
        f"({failed} / {counted}) > 0.05\nand\n{counted} * 1800 >= {FEWEST_CLICKS}",
        "warning",
        "{{ $value | humanizePercentage }} of clicks fail on our side",
        """
        More than 5 % of what people ticked, renamed or deleted in the last 30 minutes came to
        nothing. The list that they see may not be what is stored.
        """,
        lasting="5m",
    )


def streams() -> Alert:
    """Turns end well, and are not read: no objective sees that somebody between cuts streams."""
    left = f'sum by (namespace) (rate({STREAMS}{{{SCOPE}, ended="left"}}[30m]))'
    ended = f"sum by (namespace) (rate({STREAMS}{{{SCOPE}}}[30m]))"
    return Alert(
        "TaskchatStreamsLeft",
        f"({left} / {ended}) > 0.5\nand\n{ended} * 1800 >= {FEWEST_STREAMS}",
        "warning",
        "{{ $value | humanizePercentage }} of streams have lost their reader",
        """
        More than half of the streams of the last 30 minutes were not read to their end. So many
        people do not close the page: something between cuts streams, or holds them back until
        people give up. Their turns ran to the end and are there on reload.
        """,
        lasting="5m",
    )


def pool() -> Alert:
    """Requests wait for database connections until they give up."""
    in_use = f'{POOL}_connections{{{SCOPE}, state="in_use"}}'
    return Alert(
        "TaskchatDatabasePoolExhausted",
        f"""
        min_over_time(
          (sum by (namespace, job, instance, pod) ({in_use}) /
          sum by (namespace, job, instance, pod) ({POOL}_limit{{{SCOPE}}}))[5m:30s]
        ) >= 0.9
        or
        sum by (namespace, job, instance, pod) (increase({POOL}_timeouts_total{{{SCOPE}}}[5m])) > 0
        """,
        "warning",
        "{{ or $labels.pod $labels.instance }} has no free database connection",
        """
        Nine of ten connections of {{ or $labels.pod $labels.instance }} were in use for five
        minutes, or a request waited for one in vain. Turns wait, then fail with
        database_unavailable.
        """,
    )


def keys() -> Alert:
    """The signing keys cannot be refreshed. Their age alone says nothing: requests refresh them."""
    return Alert(
        "TaskchatJwksStale",
        f"""
        taskchat_jwks_age_seconds{{{SCOPE}}} > 360
        and
        increase(taskchat_jwks_refresh_failures_total{{{SCOPE}}}[5m]) > 0
        """,
        "critical",
        "{{ or $labels.pod $labels.instance }} cannot refresh the signing keys",
        """
        {{ or $labels.pod $labels.instance }} loaded the keys of the auth service
        {{ $value | humanizeDuration }} ago, and new attempts fail. At 10 minutes 30 s
        it answers everybody with 503; tokens of a newer key are refused already.
        """,
        lasting="1m",
    )


def certificates() -> list[Alert]:
    """The certificates that Envoy serves: whoever renews them, these are what people get."""
    left = f"""
        min by (envoy_tls_certificate) (
          envoy_listener_ssl_certificate_expiration_unix_time_seconds{{{EDGE}}}
        ) - time()
        """
    return [
        Alert(
            "TaskchatCertificateExpiring",
            f"{tidy(left)} < {days} * {DAY}",
            severity,
            "The edge's certificate expires in {{ $value | humanizeDuration }}",
            """
            Envoy serves {{ $labels.envoy_tls_certificate }}, which expires soon, and nobody has
            renewed it. After that no browser gets through.
            """,
            lasting="1h",
        )
        for days, severity in CERTIFICATE_DAYS
    ]


def replicas() -> Alert:
    """The autoscaler can add no more pods. Pods are counted by what they say of themselves."""
    pods = f"count by (namespace, service) (taskchat_build_info{{{SCOPE}}})"
    return Alert(
        "TaskchatAtMaximumReplicas",
        f"{pods}\n>= on (service) group_left ()\ntaskchat:replicas:max{{{SCOPE}}}",
        "warning",
        "{{ $labels.service }} runs {{ $value }} pods, and may not have more",
        """
        {{ $labels.service }} has had as many pods as its autoscaler may make for 15 minutes. What
        comes beyond waits, then is refused with 503 overloaded.
        """,
        lasting="15m",
    )


def absent_metrics() -> list[Alert]:
    """A service that no Prometheus reads: nothing else here can fire for it."""
    return [
        Alert(
            "TaskchatMetricsAbsent",
            f'absent(taskchat_build_info{{{SCOPE}, service="{service}"}})',
            "critical",
            f"No metrics from {service}",
            f"""
            Prometheus has read nothing of {service} for five minutes: it does not run, or it is not
            scraped. Until then no other alert speaks for it.
            """,
            lasting="5m",
            labels={"service": service},
        )
        for service in MEASURED_SERVICES
    ]


def absent_traces() -> Alert:
    """Turns are run and no span of them arrives."""
    turns = f"sum(rate(taskchat_turn_duration_seconds_count{{{SCOPE}}}[15m]))"
    spans = 'sum(rate(traces_span_metrics_calls_total{span_name="turn"}[15m]))'
    return Alert(
        "TaskchatTracesAbsent",
        f"{turns} > 0\nunless\n{spans} > 0",
        "warning",
        "Turns run, and no trace of them arrives",
        """
        chat-gateway has run turns in the last 15 minutes, and the collector has counted none of
        their spans: nobody could say why a turn was slow.
        """,
        lasting="10m",
    )


def dropped_spans() -> Alert:
    """The collector refuses or loses spans."""
    # Each is `_total` where Prometheus asks for OpenMetrics. Filtered one by one: of two series
    # with the same labels, `or` takes the first.
    lost = [
        f'(rate({{__name__=~"otelcol_{name}(_total)?"}}[5m]) > 0)'
        for name in (
            "receiver_refused_spans",
            "exporter_send_failed_spans",
            "exporter_enqueue_failed_spans",
        )
    ]
    alternatives = "\nor\n".join(lost)
    return Alert(
        "TaskchatSpansDropped",
        f"sum by (job, instance) (\n{alternatives}\n)",
        "warning",
        "The collector loses {{ $value | humanize }} spans a second",
        """
        The collector has refused spans for lack of memory, or could not hand them on to the traces'
        backend. Traces have holes.
        """,
        lasting="10m",
    )
