"""The two objectives of a turn, what is recorded for them, and the alerts on their error budgets.

| objective | promise | counted turns | bad ones |
| --- | --- | --- | --- |
| latency | 95 % answer within 5 s | completed, or given up at the deadline | took longer than 5 s |
| failure | 99.9 % do not fail on our side | all but those below | did not complete |

Never counted: what the client did wrong (the contract's 4xx codes), turns that a process cut off
because it had to stop, and replays: an answer that is read from its row within milliseconds would
flatter both numbers, and a turn that another process runs is counted there. Other failures say
nothing of speed: a quick 503 must not make latency look better, and it is the other objective's
matter. A turn that ran out of time is both slow and failed.

An outcome that nobody has listed counts as a failure: a new code cannot be forgotten silently.

Burn rate: how many times faster than the budget allows bad turns happen. The pairs of windows and
factors are those of Google's SRE workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts": the
long window says that it matters, the short one that it still goes on.
"""

from dataclasses import dataclass

from otel.rules.rule import SCOPE, Alert, Group, Recording, Severity

TURNS = "taskchat_turn_duration_seconds"
PROMISED_SECONDS = 5
REFUSALS = (
    "malformed_json",
    "malformed_request",
    "unauthenticated",
    "origin_not_allowed",
    "wrong_user",
    "not_found",
    "conversation_not_found",
    "method_not_allowed",
    "request_timeout",
    "turn_in_progress",
    "turn_stopped",
    "body_too_large",
    "unsupported_media_type",
    "invalid_request",
    "idempotency_key_reused",
    "unsupported_request",
    "budget_used_up",
    "rate_limited",
    "headers_too_large",
)
"""The codes of docs/contract.md with a status of 4xx."""
NO_TURN = ("replayed", "interrupted")
"""What is stored of a turn that is counted where it ran; and a process that was told to stop."""
FEWEST_BAD_TURNS = 5
"""In an alert's long window. Where few people write, one failure is a large share, no pattern."""

COUNTED = f'outcome!~"{"|".join((*NO_TURN, *REFUSALS))}"'
FAILED = f'outcome!~"{"|".join(("completed", *NO_TURN, *REFUSALS))}"'
TIMED = 'outcome=~"completed|deadline_exceeded"'
FAST = f'{TIMED}, le=~"{PROMISED_SECONDS}|{PROMISED_SECONDS}[.]0"'
"""Prometheus writes the limits of buckets as `5.0` since version 3, and as they came before."""

INTERVAL_SECONDS = 30
"""Between two evaluations of the rates over 5 minutes."""


@dataclass(frozen=True, slots=True)
class Window:
    """A time to look back over. Attributes: name: as PromQL spells it. raw: over the counters
    themselves; otherwise over the recorded rates, of which three days are cheaper to read."""

    name: str
    seconds: int
    raw: bool = True


WINDOWS = (
    Window("5m", 300),
    Window("30m", 1_800),
    Window("1h", 3_600),
    Window("2h", 7_200),
    Window("6h", 21_600),
    Window("1d", 86_400, raw=False),
    Window("3d", 259_200, raw=False),
)
BUDGET = Window("30d", 2_592_000, raw=False)
"""Over which the promise is given."""


@dataclass(frozen=True, slots=True)
class Burn:
    """When a budget burns too fast. Attributes: spent: share of 30 days' budget by then."""

    long: str
    short: str
    factor: float
    severity: Severity
    spent: str


BURNS = (
    Burn("1h", "5m", 14.4, "critical", "2 %"),
    Burn("6h", "30m", 6, "critical", "5 %"),
    Burn("1d", "2h", 3, "warning", "10 %"),
    Burn("3d", "6h", 1, "warning", "10 %"),
)


@dataclass(frozen=True, slots=True)
class Objective:
    """A promise. Attributes: bad, counted: names of what is recorded. budget: the share of bad
    turns that is allowed."""

    alert: str
    bad: str
    counted: str
    budget: float
    promise: str
    happens: str


LATENCY = Objective(
    alert="TaskchatTurnLatencyBudgetBurn",
    bad="taskchat:turns_slow",
    counted="taskchat:turns_timed",
    budget=0.05,
    promise=f"95 % of turns answer within {PROMISED_SECONDS} s",
    happens=f"take longer than {PROMISED_SECONDS} s",
)
FAILURE = Objective(
    alert="TaskchatTurnFailureBudgetBurn",
    bad="taskchat:turns_failed",
    counted="taskchat:turns",
    budget=0.001,
    promise="99.9 % of turns do not fail on our side",
    happens="fail on our side",
)
OBJECTIVES = (LATENCY, FAILURE)


def groups() -> list[Group]:
    """Everything that is recorded and watched for the objectives."""
    short = [window for window in WINDOWS if window.raw]
    long = [window for window in WINDOWS if not window.raw]
    return [
        Group("taskchat-turns", [*recordings(short), *quantiles()], f"{INTERVAL_SECONDS}s"),
        Group("taskchat-turns-days", [*recordings(long), *budgets()], interval="5m"),
        Group("taskchat-objectives", alerts()),
    ]


def recordings(windows: list[Window]) -> list[Recording]:
    """Turns a second, the bad ones among them, and their share, over each window."""
    return [rule for window in windows for rule in (*rates(window), *ratios(window))]


def rates(window: Window) -> list[Recording]:
    """Turns a second over a window, those that an objective counts and the bad ones."""
    name = window.name
    if not window.raw:
        recorded = [objective.counted for objective in OBJECTIVES]
        recorded += [objective.bad for objective in OBJECTIVES]
        return [
            Recording(
                f"{one}:rate{name}",
                f"sum_over_time({one}:rate5m{{{SCOPE}}}[{name}])"
                f" * {INTERVAL_SECONDS} / {window.seconds}",
            )
            for one in recorded
        ]
    timed = f"taskchat:turns_timed:rate{name}{{{SCOPE}}}"
    counted = f"taskchat:turns:rate{name}{{{SCOPE}}}"
    return [
        Recording(f"taskchat:turns:rate{name}", _rate("_count", COUNTED, name)),
        Recording(f"taskchat:turns_timed:rate{name}", _rate("_count", TIMED, name)),
        # No failure yet is no series yet: then none of the turns failed.
        Recording(
            f"taskchat:turns_failed:rate{name}",
            f"{_rate('_count', FAILED, name)}\nor\n0 * {counted}",
        ),
        # A bucket may have been scraped a moment before its counter was.
        Recording(
            f"taskchat:turns_slow:rate{name}",
            f"clamp_min({timed} - {_rate('_bucket', FAST, name)}, 0)",
        ),
    ]


def ratios(window: Window) -> list[Recording]:
    """The share of bad turns over a window, 0 to 1; nothing where there were no turns."""
    name = window.name
    return [
        Recording(
            f"{objective.bad}:ratio_rate{name}",
            f"{objective.bad}:rate{name}{{{SCOPE}}}\n/\n"
            f"({objective.counted}:rate{name}{{{SCOPE}}} > 0)",
        )
        for objective in OBJECTIVES
    ]


def budgets() -> list[Recording]:
    """What is left of the budget of 30 days: 1 is all of it, below 0 the promise is broken."""
    name = BUDGET.name
    return [
        Recording(
            f"{objective.bad}:budget_left{name}",
            f"""
            1 - (
              sum_over_time({objective.bad}:rate5m{{{SCOPE}}}[{name}])
              /
              (sum_over_time({objective.counted}:rate5m{{{SCOPE}}}[{name}]) > 0)
            ) / {objective.budget}
            """,
        )
        for objective in OBJECTIVES
    ]


def quantiles() -> list[Recording]:
    """How long turns take."""
    return [
        Recording(
            f"taskchat:turn_duration_seconds:p{percent}_rate5m",
            f"""
            histogram_quantile(
              {percent / 100:g},
              sum by (namespace, le) (rate({TURNS}_bucket{{{SCOPE}, {TIMED}}}[5m]))
            )
            """,
        )
        for percent in (50, 95, 99)
    ]


def alerts() -> list[Alert]:
    """One alert an objective, with a rule for each pair of windows."""
    return [alert(objective, burn) for objective in OBJECTIVES for burn in BURNS]


def alert(objective: Objective, burn: Burn) -> Alert:
    """The rule of one pair of windows."""
    threshold = f"{burn.factor:g} * {objective.budget:g}"
    (long,) = [window for window in WINDOWS if window.name == burn.long]
    return Alert(
        name=objective.alert,
        severity=burn.severity,
        labels={"long_window": burn.long, "short_window": burn.short},
        expression=f"""
        {objective.bad}:ratio_rate{burn.long}{{{SCOPE}}} > {threshold}
        and
        {objective.bad}:ratio_rate{burn.short}{{{SCOPE}}} > {threshold}
        and
        {objective.bad}:rate{burn.long}{{{SCOPE}}} * {long.seconds} >= {FEWEST_BAD_TURNS}
        """,
        summary=f"{{{{ $value | humanizePercentage }}}} of turns {objective.happens}",
        description=f"""
            The promise is that {objective.promise}. In the last {burn.long} and in the last
            {burn.short} the error budget was used more than {burn.factor:g} times as fast as that
            allows: with it, {burn.spent} of 30 days' budget is gone in {burn.long}.
            """,
    )


def _rate(suffix: str, matchers: str, window: str) -> str:
    return f"sum by (namespace) (rate({TURNS}{suffix}{{{SCOPE}, {matchers}}}[{window}]))"
