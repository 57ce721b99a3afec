"""Anatomy of a turn: which part of it took the time, from the edge to the last SQL statement."""

from grafana_foundation_sdk.models import dashboard as model

from otel.dashboards.board import Row, board
from otel.dashboards.panels import Panel, distribution, durations, lines, rows_of
from otel.dashboards.queries import Query, per_second, quantile, ratio, total
from otel.dashboards.spans import (
    EDGE,
    EDGE_WAITS,
    EDGE_WAITS_FOR_CHAT,
    SQL,
    busiest,
    mean_of,
    quantile_of,
    span_rate,
    spans,
)

TURN = "taskchat_turn_duration_seconds"
STEP = "taskchat_turn_step_duration_seconds"
FIRST_TEXT = "taskchat_turn_first_text_seconds"
FIRST_PIECE = "taskchat_model_time_to_first_token_seconds"
MODEL = "gen_ai_client_operation_duration_seconds"
TOOL = "taskchat_tool_call_duration_seconds"
GATEWAY_REQUEST = 'service_name="chat-gateway", span_kind="SPAN_KIND_SERVER"'


def dashboard() -> model.Dashboard:
    """The second one to open: the first says that turns are slow, this one says why."""
    return board(
        "anatomy",
        "Anatomy of a turn",
        "Where the time of a turn goes. Find the part that grew, then open the dashboard of that"
        " part or click an exemplar for one trace of it.",
        [
            Row("Where the time goes", [mean_parts(), p95_parts(), slow_turns(), whole_turns()]),
            Row("Steps", [steps(), history()]),
            Row("Streams", [first_text(), taken_back(), ends()]),
            Row("Without the model", [clicks(), stops()]),
            Row("Around a turn", [edge(), tools_both_sides()]),
            Row("Spans", [busy_spans(), statements(), transactions(), span_errors()]),
        ],
    )


def mean_parts() -> Panel:
    """Means can be added up, quantiles cannot."""
    turns = per_second(f"{STEP}_count", 'step="agent"')
    asked = per_second(f"{MODEL}_sum", 'outcome!="abandoned"')
    called = f"({per_second(f'{TOOL}_sum')} or vector(0))"
    agent = per_second(f"{STEP}_sum", 'step="agent"')

    def of_turn(seconds: str) -> str:
        return ratio(seconds, turns)

    return lines(
        "Mean seconds of a turn, by part",
        "The parts of one average turn, stacked. Means, because only they add up. Calls at the same"
        " time overlap, so the agent's own time can shrink to 0. Model: see the dashboard Model;"
        " tools: Agent and tools; opening and closing: Database.",
        [
            Query(
                of_turn(per_second(f"{STEP}_sum", 'step="open"')), "open: history, message stored"
            ),
            Query(of_turn(asked), "model"),
            Query(of_turn(called), "tools"),
            Query(f"clamp_min({of_turn(f'{agent} - {asked} - {called}')}, 0)", "agent itself"),
            Query(of_turn(per_second(f"{STEP}_sum", 'step="close"')), "close: answer stored"),
        ],
        unit="s",
        stacked=True,
    )


def p95_parts() -> Panel:
    return durations(
        "95th percentile of each part",
        "Each part on its own, so the lines do not add up. The one that rises together with the"
        " whole turn is the reason: follow its exemplars.",
        [
            Query(quantile(0.95, TURN), "whole turn"),
            Query(quantile(0.95, MODEL), "one model call"),
            Query(quantile(0.95, TOOL), "one tool call"),
            Query(quantile(0.95, STEP, 'step="open"'), "open"),
            Query(quantile(0.95, STEP, 'step="close"'), "close"),
        ],
        limit_seconds=5,
    )


def slow_turns() -> Panel:
    in_time = per_second(f"{TURN}_bucket", 'le=~"5|5[.]0"', by=("outcome",))
    return lines(
        "Turns over 5 s, by outcome",
        "How many people a second wait longer than promised, and what they got in the end. Only"
        " deadline_exceeded: something hangs. Mostly completed: something is slow.",
        [Query(f"{per_second(f'{TURN}_count', by=('outcome',))} - {in_time}", "{{outcome}}")],
        unit="reqps",
        stacked=True,
    )


def whole_turns() -> Panel:
    return distribution(
        "Turns by duration",
        "Two bands mean two kinds of turns, such as with and without a tool, a retry or a hedge."
        " The points are exemplars: click one in the slow band for its trace.",
        per_second(f"{TURN}_bucket", by=("le",)),
    )


def steps() -> Panel:
    return durations(
        "Steps of a turn, 50th and 95th percentile",
        "open and close are SQL alone: tens of milliseconds. More means that the database is"
        " slow or its pool is empty (dashboard Database). agent is the model and its tools.",
        [
            Query(quantile(0.95, STEP, by=("step",)), "{{step}} p95"),
            Query(quantile(0.5, STEP, by=("step",)), "{{step}} p50"),
        ],
    )


def history() -> Panel:
    return lines(
        "History given to the model, 95th percentile",
        "Grows with the length of conversations up to the configured limits (historyMaxMessages,"
        " historyMaxTokens). A model that became slow together with this reads more than before.",
        [
            Query(quantile(0.95, "taskchat_history_messages"), "messages"),
            Query(quantile(0.95, "taskchat_history_tokens"), "tokens (estimated)"),
        ],
        unit="short",
    )


def first_text() -> Panel:
    return durations(
        "First text of a streamed turn",
        "From the request until a person reads something: the model's first words, after its tools"
        " where it called any. Slow together with the model's first piece: the model (dashboard"
        " Model). Slow alone: opening, tools, or a hedge.",
        [
            Query(quantile(0.95, FIRST_TEXT), "first text, p95"),
            Query(quantile(0.5, FIRST_TEXT), "first text, p50"),
            Query(quantile(0.95, FIRST_PIECE), "a model call's first piece, p95"),
        ],
    )


def taken_back() -> Panel:
    return lines(
        "Texts that were taken back, by reason",
        "A person saw words that do not count. before_calls: the model spoke before it acted."
        " cut, stall: the line to the model, or the model. abandoned, failed: turns that ended."
        " The rest: answers of no use (dashboard Model).",
        [Query(per_second("taskchat_turn_retractions_total", by=("reason",)), "{{reason}}")],
        unit="reqps",
        stacked=True,
    )


def ends() -> Panel:
    return lines(
        "Streams, by end",
        "read: to the answer. left: the person was gone before, and the turn ran on without them;"
        " many at once are a network, an edge that cuts (dashboard Edge) or a page that reloads."
        " error: the turn failed after it had begun to be seen.",
        [Query(per_second("taskchat_streams_total", by=("ended",)), "{{ended}}")],
        unit="reqps",
        stacked=True,
    )


def clicks() -> Panel:
    return durations(
        "Clicks, 95th percentile",
        "What a person ticks, renames or deletes themselves: one tool call and its SQL, tens of"
        " milliseconds. More than that without slow turns beside it: tools or database (Agent and"
        " tools, Database).",
        [Query(quantile(0.95, "taskchat_click_duration_seconds", by=("action",)), "{{action}}")],
    )


def stops() -> Panel:
    return lines(
        "Turns that people stopped",
        "Somebody did not want to wait, or saw that it went wrong: look at what they were shown by"
        " then. No failure of ours.",
        [Query(per_second("taskchat_turn_stops_total", by=("result",)), "{{result}}")],
        unit="reqps",
        stacked=True,
    )


def edge() -> Panel:
    seconds = total(span_rate("duration_seconds_sum", spans(EDGE)))
    waited = total(span_rate("duration_seconds_sum", spans(EDGE_WAITS)))
    return durations(
        "Edge and chat-gateway",
        "From spans. The edge's own share is checking tokens and origins: small and steady. What is"
        " between the other two lines is the network, or a pod that is drained or starved of CPU"
        " (Scaling).",
        [
            Query(quantile_of(0.95, EDGE_WAITS_FOR_CHAT), "edge waits for chat-gateway, p95"),
            Query(quantile_of(0.95, GATEWAY_REQUEST), "chat-gateway, p95"),
            Query(
                ratio(
                    f"clamp_min({seconds} - {waited}, 0)",
                    total(span_rate("duration_seconds_count", spans(EDGE))),
                ),
                "edge itself, mean of all its requests",
            ),
        ],
    )


def tools_both_sides() -> Panel:
    return durations(
        "A tool call on both sides, 95th percentile",
        "The gateway's view has the network, retries and waiting for a connection in it, mcp-tools'"
        " only its own work. A gap that grows: too few pods of mcp-tools (Scaling).",
        [
            Query(quantile(0.95, TOOL), "as chat-gateway waits"),
            Query(quantile(0.95, "taskchat_mcp_tool_call_duration_seconds"), "as mcp-tools works"),
        ],
    )


def busy_spans() -> Panel:
    return rows_of(
        "Spans in which most time is spent",
        "Seconds a second over all traces: what is on top is where a change pays, whether each"
        " of them is slow or there are many. Spans contain their children.",
        Query(busiest(20), ""),
        unit="s",
    )


def statements() -> Panel:
    return durations(
        "SQL statements, 95th percentile",
        "From spans, by operation and table. One that rises alone: its plan changed (tests/data"
        " has the plans that are expected). All at once: the database itself.",
        [
            Query(
                quantile_of(0.95, SQL, by=("service_name", "span_name")),
                "{{service_name}} {{span_name}}",
            )
        ],
    )


def transactions() -> Panel:
    return durations(
        "Transactions, mean",
        "From BEGIN to COMMIT, a free connection included. While a model thinks no transaction is"
        " open; one that takes seconds blocks others.",
        [Query(mean_of('span_name="transaction"', by=("service_name",)), "{{service_name}}")],
    )


def span_errors() -> Panel:
    failed = span_rate("calls_total", spans('status_code="STATUS_CODE_ERROR"'))
    return lines(
        "Spans that failed",
        "Where errors begin: the innermost span is the one that knows the reason; its trace has the"
        " exception. Traces with an error are always kept.",
        [Query(total(failed, ("service_name", "span_name")), "{{service_name}} {{span_name}}")],
        unit="reqps",
        stacked=True,
    )
