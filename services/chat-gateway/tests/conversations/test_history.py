"""What the model is shown of a conversation."""

import pytest
from chat_gateway.conversations.history import (
    HistoryLimits,
    HistoryMessage,
    estimate_tokens,
    select_history,
)
from hypothesis import given
from hypothesis import strategies as st

PLENTY = HistoryLimits(max_messages=100, max_tokens=10_000)
USER, ASSISTANT = HistoryMessage("user", "u" * 8), HistoryMessage("assistant", "a" * 8)

messages = st.lists(
    st.builds(HistoryMessage, st.sampled_from(["user", "assistant"]), st.text(max_size=30))
)


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2)])
def test_tokens_are_a_quarter_of_the_characters_rounded_up(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens


def test_nothing_said_is_nothing_shown() -> None:
    assert select_history([], PLENTY) == []


def test_oldest_comes_first() -> None:
    assert select_history([ASSISTANT, USER], PLENTY) == [USER, ASSISTANT]


def test_newest_messages_win() -> None:
    limits = HistoryLimits(max_messages=2, max_tokens=10_000)
    assert select_history([ASSISTANT, USER, ASSISTANT, USER], limits) == [USER, ASSISTANT]


def test_token_budget_ends_at_the_first_message_that_does_not_fit() -> None:
    long = HistoryMessage("user", "x" * 4_000)
    assert select_history([USER, long, USER], HistoryLimits(100, max_tokens=900)) == [USER]


def test_answer_whose_question_was_cut_off_is_left_out() -> None:
    limits = HistoryLimits(max_messages=3, max_tokens=10_000)
    assert select_history([ASSISTANT, USER, ASSISTANT, USER], limits) == [USER, ASSISTANT]


def test_question_of_a_failed_turn_is_shown() -> None:
    assert select_history([ASSISTANT, USER, USER], PLENTY) == [USER, USER, ASSISTANT]


@pytest.mark.parametrize("limits", [HistoryLimits(0, 10_000), HistoryLimits(100, 0)])
def test_either_limit_can_be_zero(limits: HistoryLimits) -> None:
    assert select_history([ASSISTANT, USER], limits) == []


@given(newest_first=messages, count=st.integers(0, 10), tokens=st.integers(0, 40))
def test_limits_hold_and_the_person_opens(
    newest_first: list[HistoryMessage], count: int, tokens: int
) -> None:
    shown = list(select_history(newest_first, HistoryLimits(count, tokens)))
    assert len(shown) <= count
    assert sum(estimate_tokens(message.content) for message in shown) <= tokens
    assert shown == newest_first[: len(shown)][::-1]
    assert not shown or shown[0].role == "user"
