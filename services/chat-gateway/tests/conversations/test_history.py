"""What the model is shown of a conversation."""

import pytest
from chat_gateway.conversations.history import (
    Exchange,
    HistoryLimits,
    HistoryMessage,
    estimate_tokens,
    select_history,
)
from hypothesis import given
from hypothesis import strategies as st

PLENTY = HistoryLimits(max_messages=100, max_tokens=10_000)
NEW, OLD = Exchange("new?", "new."), Exchange("old?", "old.")

exchanges = st.lists(st.builds(Exchange, st.text(max_size=30), st.text(max_size=30)))


def shown(*exchanges: Exchange) -> list[HistoryMessage]:
    """Exchanges as messages, in this order."""
    return [
        message
        for one in exchanges
        for message in (HistoryMessage("user", one.message), HistoryMessage("assistant", one.reply))
    ]


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2)])
def test_tokens_are_a_quarter_of_the_characters_rounded_up(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens


def test_nothing_said_is_nothing_shown() -> None:
    assert select_history([], PLENTY) == []


def test_oldest_comes_first() -> None:
    assert select_history([NEW, OLD], PLENTY) == shown(OLD, NEW)


@pytest.mark.parametrize("max_messages", [2, 3])
def test_newest_win_and_no_answer_stands_without_its_question(max_messages: int) -> None:
    limits = HistoryLimits(max_messages, max_tokens=10_000)
    assert select_history([NEW, OLD], limits) == shown(NEW)


@pytest.mark.parametrize("long", [Exchange("x" * 4_000, ""), Exchange("", "x" * 4_000)])
def test_token_budget_ends_at_the_first_exchange_that_does_not_fit(long: Exchange) -> None:
    assert select_history([NEW, long, OLD], HistoryLimits(100, max_tokens=900)) == shown(NEW)


@pytest.mark.parametrize(
    "limits", [HistoryLimits(0, 10_000), HistoryLimits(1, 10_000), HistoryLimits(100, 0)]
)
def test_either_limit_can_be_too_small(limits: HistoryLimits) -> None:
    assert select_history([NEW, OLD], limits) == []


@given(newest_first=exchanges, count=st.integers(0, 10), tokens=st.integers(0, 40))
def test_limits_hold_and_person_and_assistant_take_turns(
    newest_first: list[Exchange], count: int, tokens: int
) -> None:
    found = list(select_history(newest_first, HistoryLimits(count, tokens)))
    assert len(found) <= count
    assert sum(estimate_tokens(message.content) for message in found) <= tokens
    assert found == shown(*newest_first[: len(found) // 2][::-1])
