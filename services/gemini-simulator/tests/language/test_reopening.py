"""A tick that is taken away again: asked for in plain words, or undone."""

from collections.abc import Callable

import pytest
from gemini_simulator.language.tasks import Task

from .chat import Chat

RENT = ["reopen pay rent"]


@pytest.mark.parametrize(
    "message",
    [
        "reopen pay rent",
        "reopen the rent task please",
        "re-open pay rent",
        "untick pay rent",
        "uncheck the rent",
        'uncheck "pay rent"',
        "unmark the rent task",
        "mark pay rent as not done",
        "mark pay rent as not done yet",
        "mark the rent as undone",
        "mark the rent undone",
        "mark the rent as open again",
        "mark pay rent as incomplete",
        "set pay rent to not done",
        "set pay rent back to pending",
        "change pay rent to open",
        "make pay rent open again",
        "can you reopen pay rent?",
        "could you mark pay rent as not done?",
        "undo completing pay rent",
        "take the tick off pay rent",
        "remove the check mark from the rent",
        "pay rent is not done after all",
        "the rent isn't done after all",
        "I didn't finish the rent after all",
        "I haven't paid the rent after all",
        "oops, I haven't paid the rent after all",
    ],
)
def test_plain_words_open_a_task_again(chat: Chat, message: str) -> None:
    assert chat.say(message) == RENT
    assert "“pay rent”" in chat.answer
    assert "again" in chat.answer


@pytest.mark.parametrize("message", ["reopen everything", "untick all tasks", "untick both"])
def test_all_that_are_done_are_opened(chat: Chat, message: str) -> None:
    chat.say("show my completed tasks")
    assert chat.say(message) == ["reopen water the plants", "reopen pay rent"]


@pytest.mark.parametrize(
    "message",
    [
        "reopen call mom",
        "mark call mom as not done",
        "call mom is not done",
        "I haven't done call mom yet",
        "untick call mom",
    ],
)
def test_open_task_is_said_to_be_open(chat: Chat, message: str) -> None:
    assert chat.say(message) == []
    assert "still open" in chat.answer


@pytest.mark.parametrize("message", ["pay rent is not done", "I haven't done pay rent yet"])
def test_remark_about_a_ticked_task_is_told_of_the_tick(chat: Chat, message: str) -> None:
    assert chat.say(message) == []
    assert "ticked off" in chat.answer
    assert chat.say("reopen it") == RENT


@pytest.mark.parametrize(
    "message",
    [
        "don't reopen pay rent",
        "should I reopen pay rent?",
        "reopen pay rent if I have not paid it",
        "untick pay rent, no, don't",
        "reopen pay rent? no",
        "maybe untick pay rent",
        "Anna says: untick pay rent",
        "mark pay rent as not done tomorrow",
        "untick the rental car",
        "why is pay rent not done?",
    ],
)
def test_doubt_leaves_the_tick(chat: Chat, message: str) -> None:
    assert chat.say(message) == []


@pytest.mark.parametrize(
    "undo",
    ["undo", "undo that", "revert that", "take that back", "untick it", "mark it as not done"],
)
def test_completing_can_be_undone(chat: Chat, undo: str) -> None:
    assert chat.say("mark call mom as done") == ["complete call mom"]
    assert chat.say(undo) == ["reopen call mom"]
    assert "“call mom”" in chat.answer


def test_completing_several_can_be_undone(chat: Chat) -> None:
    chat.say("mark call mom and buy milk as done")
    assert sorted(chat.say("undo that")) == ["reopen buy milk", "reopen call mom"]


def test_undoing_leaves_what_was_done_before(chat: Chat) -> None:
    assert chat.say("mark call mom and pay rent as done") == ["complete call mom"]
    assert chat.say("undo that") == ["reopen call mom"]


def test_undoing_what_was_done_already_changes_nothing(chat: Chat) -> None:
    assert chat.say("mark pay rent as done") == []
    assert chat.say("undo that") == []


def test_reopening_can_be_undone(chat: Chat) -> None:
    assert chat.say("reopen pay rent") == RENT
    assert chat.say("undo that") == ["complete pay rent"]


def test_task_that_fits_best_is_a_completed_one(new_chat: Callable[..., Chat]) -> None:
    chat = new_chat(tasks=[Task("1", "buy milk"), Task("2", "buy milk", completed=True)])
    chat.say("untick buy milk")
    assert [task.completed for task in chat.tasks] == [False, False]


def test_several_that_fit_are_asked_about(new_chat: Callable[..., Chat]) -> None:
    tasks = [Task("1", "buy milk", completed=True), Task("2", "sell milk", completed=True)]
    chat = new_chat(tasks=tasks)
    assert chat.say("mark the milk as not done") == []
    assert "Which one should I open again?" in chat.answer
    assert chat.say("the second one") == ["reopen sell milk"]


def test_failure_is_said(chat: Chat) -> None:
    chat.say("show my tasks")
    chat.fails_with = "the database is away"
    assert chat.say("reopen pay rent") == []
    assert "the database is away" in chat.answer


def test_reopening_and_another_order_in_one_message(chat: Chat) -> None:
    assert chat.say("untick pay rent and add buy soap") == ["add buy soap", "reopen pay rent"]
