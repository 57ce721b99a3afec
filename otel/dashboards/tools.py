"""Agent and tools: what the agent does with a message, and whether its tools work."""

from grafana_foundation_sdk.models import dashboard as model

from otel.dashboards.board import Row, board
from otel.dashboards.panels import GREEN, ORANGE, RED, Panel, durations, lines, number, shares
from otel.dashboards.queries import (
    RANGE,
    Query,
    events,
    per_second,
    quantile,
    ratio,
    share,
    share_of_each,
)
from otel.dashboards.runbooks import runbook

CALL = "taskchat_tool_call_duration_seconds"
SERVED = "taskchat_mcp_tool_call_duration_seconds"
STEP = "taskchat_turn_step_duration_seconds"
MODEL = "gen_ai_client_operation_duration_seconds"
SUCCESS = 0.95
"""Share of tool calls that shall succeed: below it an alert fires."""


def dashboard() -> model.Dashboard:
    """For the question whether the agent can still do what it is asked."""
    return board(
        "tools",
        "Agent and tools",
        "What the agent does with people's messages. Tools that fail with unavailable: mcp-tools"
        " or the database; with invalid_arguments or not_found: the model speaks differently than"
        " before.",
        [
            Row("Now", [success_now(), without_result(), mismatches(), takeovers()]),
            Row("Tool calls", [calls(), success(), outcomes(), call_durations()]),
            Row("Inside mcp-tools", [served_durations(), replays()]),
            Row("The agent", [per_turn(), agent_durations(), nonsense(), attempts()]),
        ],
    )


def success_now() -> Panel:
    good = per_second(f"{CALL}_count", 'outcome="ok"', window=RANGE)
    return number(
        "Tool calls that succeeded",
        "In the chosen time. Below 95 % people are told that something did not work: the graphs"
        " below say which tool, and with which code.",
        share(good, per_second(f"{CALL}_count", window=RANGE)),
        unit="percentunit",
        colours=((None, RED), (SUCCESS, GREEN)),
        width=6,
        links=[runbook("TaskchatToolCallsFailing")],
    )


def without_result() -> Panel:
    return number(
        "Attempts without a result",
        "mcp-tools did not answer. Some during a rollout are retried and hurt nobody; a steady"
        " number is a network policy, a service without pods, or pods that are killed.",
        events("taskchat_tool_call_failures_total"),
        unit="short",
        colours=((None, GREEN), (1, ORANGE)),
        width=6,
    )


def mismatches() -> Panel:
    return number(
        "Audit mismatches",
        "A repeated tool call was answered from a record that is not its own, so an answer may"
        " name an effect that did not happen. Never expected: look at once, also at a single one.",
        events("taskchat_audit_mismatches_total"),
        unit="short",
        colours=((None, GREEN), (1, RED)),
        width=6,
        links=[runbook("TaskchatAuditMismatch")],
    )


def takeovers() -> Panel:
    return number(
        "Turns taken over",
        "A process died or hung in the middle of a turn, and a retry went on with it: nothing"
        " was lost. Many without a rollout: look for killed pods (dashboard Scaling, memory).",
        events("taskchat_lease_takeovers_total"),
        unit="short",
        colours=((None, GREEN), (1, ORANGE)),
        width=6,
    )


def calls() -> Panel:
    return lines(
        "Tool calls, by tool",
        "What people do. A tool that stops being called while turns go on: the model does not"
        " see it, or does not understand its description any more.",
        [Query(per_second(f"{CALL}_count", by=("tool",)), "{{tool}}")],
        unit="reqps",
        stacked=True,
    )


def success() -> Panel:
    good = per_second(f"{CALL}_count", 'outcome="ok"', by=("tool",))
    return shares(
        "Share of calls that succeeded, by tool",
        "Below 95 % an alert fires. All tools at once: mcp-tools or its database. One alone: its"
        " code, or what the model gives it.",
        [Query(share_of_each(good, per_second(f"{CALL}_count", by=("tool",))), "{{tool}}")],
        links=[runbook("TaskchatToolCallsFailing")],
    )


def outcomes() -> Panel:
    return lines(
        "Failed calls, by code",
        "not_found and invalid_arguments are the model's mistakes, and it usually asks the person."
        " forbidden is never expected: a token of somebody else. unavailable: the database.",
        [
            Query(
                per_second(f"{CALL}_count", 'outcome!="ok"', by=("tool", "outcome")),
                "{{tool}} {{outcome}}",
            )
        ],
        unit="reqps",
        stacked=True,
    )


def call_durations() -> Panel:
    return durations(
        "Tool calls as a turn waits for them, 95th percentile",
        "With network and retries. list_tasks may grow with people's lists, the others may not."
        " Follow an exemplar to the SQL below it.",
        [Query(quantile(0.95, CALL, by=("tool",)), "{{tool}}")],
    )


def served_durations() -> Panel:
    return durations(
        "Tool calls inside mcp-tools, 95th percentile",
        "Without network and queueing. High here too: the database (dashboard Database). Low"
        " here and high above: mcp-tools has too few pods, or connections are made anew.",
        [Query(quantile(0.95, SERVED, by=("tool",)), "{{tool}}")],
    )


def replays() -> Panel:
    return lines(
        "Calls answered from their record",
        "Repeated calls that had no second effect, as they should: after a lost answer or a"
        " killed pod. Many at rest: answers get lost between mcp-tools and chat-gateway.",
        [
            Query(
                per_second("taskchat_mcp_tool_call_replays_total", by=("tool", "outcome")),
                "{{tool}} {{outcome}}",
            )
        ],
        unit="reqps",
    )


def per_turn() -> Panel:
    turns = per_second(f"{STEP}_count", 'step="agent"')
    return lines(
        "Model and tool calls in a turn, mean",
        "People wait for each model call. More of them than before after a new model or"
        " new instructions: the agent goes in circles (its limit is agentMaxSteps).",
        [
            Query(ratio(per_second(f"{MODEL}_count"), turns), "model calls"),
            Query(ratio(per_second(f"{CALL}_count"), turns), "tool calls"),
        ],
        unit="short",
    )


def agent_durations() -> Panel:
    agent = 'step="agent"'
    return durations(
        "The agent's run",
        "Model and tools together: nearly all of a turn. It must leave room for opening and closing"
        " within 5 s.",
        [
            Query(quantile(0.5, STEP, agent), "p50"),
            Query(quantile(0.95, STEP, agent), "p95"),
            Query(quantile(0.99, STEP, agent), "p99"),
        ],
        limit_seconds=5,
    )


def nonsense() -> Panel:
    return lines(
        "Answers of the model that could not be used, by reason",
        "Each costs a further model call, and the turn when it happens again. Rises after a"
        " change of the model: go back to the one before.",
        [Query(per_second("taskchat_model_nonsense_total", by=("reason",)), "{{reason}}")],
        unit="reqps",
        stacked=True,
    )


def attempts() -> Panel:
    return lines(
        "Attempts without a result, by tool",
        "The gateway repeats them within the turn's deadline. When they rise, turns take longer.",
        [Query(per_second("taskchat_tool_call_failures_total", by=("tool",)), "{{tool}}")],
        unit="reqps",
        stacked=True,
    )
