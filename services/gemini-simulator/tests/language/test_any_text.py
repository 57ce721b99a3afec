"""Whatever is said, an answer comes, soon, and nothing is touched that was not looked up."""

import time

import pytest
from gemini_simulator.language.mentions import named, read_mentions
from gemini_simulator.language.requests import read_requests
from gemini_simulator.language.words import normal_title
from hypothesis import given, settings
from hypothesis import strategies as st

from .chat import Chat

SOME_WORDS = """add delete remove mark done complete rename to milk the task all it and then note
    of is show list first 2 with description : , . ? " “ i need called both not my undo"""
SENTENCES = st.lists(st.sampled_from(SOME_WORDS.split()), max_size=14).map(" ".join)


@given(message=st.text(max_size=200) | SENTENCES)
@settings(max_examples=300, deadline=None)
def test_any_message_gets_an_answer(message: str) -> None:
    chat = Chat()
    chat.say(message)
    assert chat.answer.strip()
    assert "\ue000" not in chat.answer


@given(messages=st.lists(SENTENCES, min_size=2, max_size=4))
@settings(max_examples=100, deadline=None)
def test_any_conversation_gets_answers(messages: list[str]) -> None:
    chat = Chat()
    for message in messages:
        assert "miss" not in chat.say(message)


@given(title=st.text(min_size=1, max_size=80))
def test_title_that_was_named_can_be_read_back(title: str) -> None:
    told = read_mentions(f"I added {named(title)} to your tasks.").told
    wanted = normal_title(title)
    assert not wanted or normal_title(told[0]) == wanted


@pytest.mark.parametrize("message", ["a" * 8_000, "buy x and " * 800, "add note to " * 666])
def test_long_message_is_read_within_a_second(message: str) -> None:
    began = time.process_time()
    read_requests(message)
    assert time.process_time() - began < 1
