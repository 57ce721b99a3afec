"""What somebody tries that nobody should, whether people can sign in, and whether they are erased.

The audit has a line for each attempt (ADR 0039); these say when to read it.
"""

from otel.rules.rule import SCOPE, Alert

EVENTS = "taskchat_security_events_total"
REQUESTS = "taskchat_auth_requests_total"
GUESSES = (
    'event=~"sign_in|second_factor", outcome="refused",'
    ' reason=~"invalid_email_or_password|invalid_code|rate_limited"'
)
FEWEST_GUESSES = 100
"""In a quarter of an hour: a class that signs up on the first day mistypes less."""
GUESSES_PER_SIGN_IN = 3
"""People mistype, at most about as often as they get in; lists of passwords do nothing else."""
FEWEST_REQUESTS = 20
"""In ten minutes: 5 % of fewer is less than one."""
FEWEST_BUDGETS = 10
"""In an hour: people who talk much are met one at a time."""
FEWEST_ATTEMPTS = 50
"""In half an hour, none of which succeeds."""
LONGEST_ERASURE_SECONDS = 3600
"""It takes a minute or two; a service that is away for an hour has alerts of its own."""
WINDOW = "10m"


def alerts() -> list[Alert]:
    """All of them."""
    return [
        guessing(),
        wrong_user(),
        forbidden(),
        sign_ins_failing(),
        nobody_signs_in(),
        budgets_used_up(),
        erasure_unfinished(),
    ]


def happened(series: str) -> str:
    """Whether a counter has grown within WINDOW, from nothing to its first sample too.

    A counter with labels is not there before the first event, and `increase` needs two samples.
    """
    return f"""
        sum by (namespace) (
          (increase({series}[{WINDOW}]) > 0)
          or
          ({series} > 0 unless {series} offset {WINDOW})
        ) > 0
        """


def guessing() -> Alert:
    """Sign-ins are refused in numbers, and far more of them than succeed."""
    refused = f"sum by (namespace) (increase({EVENTS}{{{SCOPE}, {GUESSES}}}[15m]))"
    let_in = (
        f'sum by (namespace) (increase({EVENTS}{{{SCOPE}, event="sign_in", outcome="ok"}}[15m]))'
    )
    return Alert(
        "TaskchatGuessing",
        f"{refused} > {FEWEST_GUESSES}\nunless\n{refused} < {GUESSES_PER_SIGN_IN} * {let_in}",
        "warning",
        "{{ $value | humanize }} sign-ins were refused in 15 minutes",
        """
        Somebody tries passwords: more than three times as many sign-ins are refused as succeed. The
        limits hold them back; the audit says whether one account is meant or many, from where, and
        whether one was opened.
        """,
        remembered="30m",
    )


def wrong_user() -> Alert:
    """A good token on another's path."""
    series = f'taskchat_token_refusals_total{{{SCOPE}, code="wrong_user"}}'
    return Alert(
        "TaskchatWrongUser",
        happened(series),
        "warning",
        "A token was used on another person's path",
        """
        chat-gateway has refused a request whose path names another person than its token. Our page
        never sends one: a client has a bug, or somebody tries what a token opens.
        """,
        remembered="1h",
    )


def forbidden() -> Alert:
    """A tool called in another's name: only who stands inside the network can try."""
    series = f'taskchat_mcp_tool_call_duration_seconds_count{{{SCOPE}, outcome="forbidden"}}'
    return Alert(
        "TaskchatForbidden",
        happened(series),
        "critical",
        "A tool was called in the name of another person",
        """
        mcp-tools has refused a call whose user_id is not its token's. The gateway fills both in
        from one value, and the edge leads nobody to mcp-tools: either our code is broken, or
        somebody is inside the network with a token.
        """,
        remembered="1h",
    )


def sign_ins_failing() -> Alert:
    """No objective sees the auth service: without it people are shut out within five minutes."""
    all_of = f'sum by (namespace) (increase({REQUESTS}{{{SCOPE}, route!="none"}}[{WINDOW}]))'
    failed = f'sum by (namespace) (increase({REQUESTS}{{{SCOPE}, status=~"5.."}}[{WINDOW}]))'
    return Alert(
        "TaskchatSignInsFailing",
        f"({failed} / {all_of}) > 0.05\nand\n{all_of} >= {FEWEST_REQUESTS}",
        "critical",
        "{{ $value | humanizePercentage }} of requests to auth fail on its side",
        """
        More than 5 % of what was asked of the auth service in ten minutes ended in a 5xx. People
        cannot sign in, and who is signed in gets no new token.
        """,
        lasting="2m",
    )


def nobody_signs_in() -> Alert:
    """Each answer is a refusal, which no count of failures shows: a wrong secret, a lost table."""
    attempts = f'sum by (namespace) (increase({EVENTS}{{{SCOPE}, event="sign_in"}}[30m]))'
    let_in = (
        f'sum by (namespace) (increase({EVENTS}{{{SCOPE}, event="sign_in", outcome="ok"}}[30m]))'
    )
    return Alert(
        "TaskchatSignInsFailing",
        f"{attempts} >= {FEWEST_ATTEMPTS}\nunless\n{let_in} > 0",
        "warning",
        "{{ $value | humanize }} sign-ins in half an hour, and not one succeeded",
        """
        Nobody who tried to sign in got in. Either only those try who should not
        (TaskchatGuessing), or the right password is no longer right: look before people call.
        """,
    )


def budgets_used_up() -> Alert:
    """People, not refusals: each is counted once a day, whatever they try after that."""
    ended = f"sum by (namespace) (increase(taskchat_budgets_used_up_total{{{SCOPE}}}[1h]))"
    return Alert(
        "TaskchatBudgetsUsedUp",
        f"{ended} > {FEWEST_BUDGETS}",
        "warning",
        f"More than {FEWEST_BUDGETS} people used up their budget of a day within an hour",
        """
        Each of them is refused until midnight UTC. Either the limits are below what people need,
        or a model has become talkative, or somebody spends by many accounts.
        """,
        remembered="1h",
    )


def erasure_unfinished() -> Alert:
    """A person was promised that nothing is left, and a service has not said so."""
    oldest = f"max by (namespace) (taskchat_auth_erasure_oldest_seconds{{{SCOPE}}})"
    return Alert(
        "TaskchatErasureUnfinished",
        f"{oldest} > {LONGEST_ERASURE_SECONDS}",
        "warning",
        "An erasure has not finished for {{ $value | humanizeDuration }}",
        """
        Somebody asked to be erased, and a service has not said that nothing of them is left. The
        auth service goes on trying; it is over when each service answers.
        """,
    )
