"""Model: how fast and how reliably Gemini answers, and what it is asked to read and write."""

from grafana_foundation_sdk.models import dashboard as model

from otel.dashboards.board import Row, board
from otel.dashboards.panels import (
    GREEN,
    ORANGE,
    RED,
    Panel,
    distribution,
    durations,
    lines,
    number,
    shares,
)
from otel.dashboards.queries import RANGE, Query, per_second, quantile, ratio, share
from otel.dashboards.spans import MODEL_CALL, quantile_of

CALL = "gen_ai_client_operation_duration_seconds"
TOKENS = "gen_ai_client_token_usage"
FIRST = "taskchat_model_time_to_first_token_seconds"
FINISHED = 'outcome!="abandoned"'
"""Without those that nobody waited for any more: they lost against their hedge."""
BY_MODEL = ("gen_ai_request_model",)


def dashboard() -> model.Dashboard:
    """For the part of a turn that belongs to somebody else."""
    return board(
        "model",
        "Model",
        "Most of a turn is waiting for the model. Slow with steady tokens: the provider (its"
        " status page, another model). Slow with more tokens: our instructions, history or tools"
        " have grown.",
        [
            Row("Now", [p95_now(), success_now(), hedged_now(), tokens_of_a_call()]),
            Row("How long it takes", [call_durations(), first_token(), spread(), by_outcome()]),
            Row("What it fails with", [calls(), retries(), fallbacks(), hedges(), nonsense()]),
            Row("What it reads and writes", [tokens(), tokens_per_call(), speed()]),
        ],
    )


def p95_now() -> Panel:
    return number(
        "A request to the model, 95th percentile",
        "In the chosen time, of those that were answered. A turn with one tool needs two answers,"
        " so about half of the 5 s is what one may take.",
        quantile(0.95, CALL, 'outcome="ok"', window=RANGE),
        unit="s",
        colours=((None, GREEN), (2.5, ORANGE)),
        width=6,
    )


def success_now() -> Panel:
    good = per_second(f"{CALL}_count", 'outcome="ok"', window=RANGE)
    return number(
        "Requests that were answered usably",
        "In the chosen time; those that lost against their hedge do not count. Retries hide a few"
        " from people; many make turns slow, and then they fail.",
        share(good, per_second(f"{CALL}_count", FINISHED, window=RANGE)),
        unit="percentunit",
        colours=((None, RED), (0.95, ORANGE), (0.99, GREEN)),
        width=6,
    )


def hedged_now() -> Panel:
    sent = per_second("taskchat_model_hedges_total", window=RANGE)
    return number(
        "Requests that are hedges",
        "In the chosen time. A tenth of the calls at most is sent twice, so that an outage of the"
        " provider does not double the load; at that limit slow calls stay slow.",
        share(sent, per_second(f"{CALL}_count", window=RANGE)),
        unit="percentunit",
        colours=((None, GREEN), (0.08, ORANGE)),
        width=6,
    )


def tokens_of_a_call() -> Panel:
    read = 'gen_ai_token_type="input"'
    return number(
        "Tokens read in a call, mean",
        "In the chosen time. Instructions, tools and history: what grows here costs time and"
        " money in every call.",
        ratio(
            per_second(f"{TOKENS}_sum", read, window=RANGE),
            per_second(f"{TOKENS}_count", read, window=RANGE),
        ),
        unit="short",
        width=6,
    )


def call_durations() -> Panel:
    return durations(
        "A call, until its answer is there",
        "The requests that were answered, and the whole call around them with retries and hedges,"
        " which is what a turn waits. p99 far above p95 is the heavy tail that hedging is for; the"
        " whole call must stay below it. An exemplar shows whether attempts or waiting are long.",
        [
            Query(
                quantile(q, CALL, 'outcome="ok"', by=BY_MODEL),
                f"{{{{gen_ai_request_model}}}} request p{name}",
            )
            for q, name in ((0.5, 50), (0.95, 95), (0.99, 99))
        ]
        + [
            Query(quantile_of(q, MODEL_CALL, by=("span_name",)), f"{{{{span_name}}}} p{name}")
            for q, name in ((0.95, 95), (0.99, 99))
        ],
    )


def first_token() -> Panel:
    return durations(
        "Until the first byte of the answer",
        "The provider's queue and the reading of our tokens. High here: their load or our history."
        " Low here and high in the whole call: long answers.",
        [
            Query(quantile(q, FIRST, by=BY_MODEL), f"{{{{gen_ai_request_model}}}} p{name}")
            for q, name in ((0.5, 50), (0.95, 95))
        ],
    )


def spread() -> Panel:
    return distribution(
        "Requests by duration",
        "Requests of all outcomes. A second band above the first is the provider's tail; one at"
        " the hedge's delay are those that lost. The points are exemplars: click one for its"
        " trace.",
        per_second(f"{CALL}_bucket", by=("le",)),
    )


def by_outcome() -> Panel:
    return durations(
        "Requests by outcome, 95th percentile",
        "How long people wait for a failure. Near the turn's deadline: the provider hangs"
        " instead of refusing; a shorter timeout of one attempt leaves room for another.",
        [Query(quantile(0.95, CALL, by=("outcome",)), "{{outcome}}")],
    )


def calls() -> Panel:
    return lines(
        "Requests, by outcome",
        "model_unavailable: refused or not reached, retried until the deadline. model_error: an"
        " answer that could not be used or a request that the provider does not take (look at the"
        " log).",
        [
            Query(
                per_second(f"{CALL}_count", by=(*BY_MODEL, "outcome")),
                "{{gen_ai_request_model}} {{outcome}}",
            )
        ],
        unit="reqps",
        stacked=True,
    )


def retries() -> Panel:
    return lines(
        "Further attempts, by reason",
        "Before a call fails it is repeated. Status 429: our quota at the provider; 5xx: their"
        " trouble; a timeout or a lost connection: the way there.",
        [Query(per_second("taskchat_model_retries_total", by=("reason",)), "{{reason}}")],
        unit="reqps",
        stacked=True,
    )


def hedges() -> Panel:
    won = per_second("taskchat_model_hedges_total", 'winner="hedge"')
    return shares(
        "Hedges, and how many of them won",
        "A second request that wins saved its person the tail. If few win, the delay before it"
        " is too short: it only costs tokens. If most win, it is too long.",
        [
            Query(
                share(per_second("taskchat_model_hedges_total"), per_second(f"{CALL}_count")),
                "hedged, of all calls",
            ),
            Query(share(won, per_second("taskchat_model_hedges_total")), "won, of all hedges"),
        ],
    )


def fallbacks() -> Panel:
    answered = per_second(f"{CALL}_count", 'outcome="ok"')
    return shares(
        "Answers of the fallback model",
        "The first model is out of quota, overloaded, gone or hangs. People notice by nothing but"
        " the answers, which are those of a smaller model.",
        [Query(share(per_second("taskchat_model_fallbacks_total"), answered), "of all answers")],
    )


def nonsense() -> Panel:
    return lines(
        "Answers that could not be used, by reason",
        "Empty, cut, filtered, a call written as text. A new version of a model shows here first.",
        [Query(per_second("taskchat_model_nonsense_total", by=("reason",)), "{{reason}}")],
        unit="reqps",
        stacked=True,
    )


def tokens() -> Panel:
    return lines(
        "Tokens a second",
        "What the provider bills and limits. Compare with the quota of the key; input that grows"
        " faster than turns: longer histories.",
        [
            Query(
                per_second(f"{TOKENS}_sum", by=(*BY_MODEL, "gen_ai_token_type")),
                "{{gen_ai_request_model}} {{gen_ai_token_type}}",
            )
        ],
        unit="short",
        stacked=True,
        width=8,
    )


def tokens_per_call() -> Panel:
    by = ("gen_ai_token_type",)
    return lines(
        "Tokens of one call, 50th and 95th percentile",
        "Output drives the duration, input the cost. Input near historyMaxTokens: the limit works.",
        [
            Query(quantile(0.95, TOKENS, by=by), "{{gen_ai_token_type}} p95"),
            Query(quantile(0.5, TOKENS, by=by), "{{gen_ai_token_type}} p50"),
        ],
        unit="short",
        width=8,
    )


def speed() -> Panel:
    written = per_second(f"{TOKENS}_sum", 'gen_ai_token_type="output"', by=BY_MODEL)
    return lines(
        "Tokens written in a second of waiting",
        "Speed of the model, its queue included. It falls and our tokens are as before: the"
        " provider is overloaded.",
        [
            Query(
                ratio(written, per_second(f"{CALL}_sum", 'outcome="ok"', by=BY_MODEL)),
                "{{gen_ai_request_model}}",
            )
        ],
        unit="short",
        width=8,
    )
