"""What is said while an answer comes, and what is held back."""

import pytest
from chat_gateway.agent.speech import MOST_HELD, Speech
from chat_gateway.turns.events import BEFORE_CALLS, Event, Retracted, Said, Voice
from chat_gateway.turns.past_turns import without_notes
from hypothesis import given
from hypothesis import strategies as st

TOOLS = ("add_task", "list_tasks")


class Listening:
    """Keeps what a speech says and takes back."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.begun = 0
        self.speech = Speech(Voice(self.events.append), TOOLS, self._begin, lambda: None)

    def _begin(self) -> None:
        self.begun += 1

    @property
    def said(self) -> list[str]:
        return [event.delta for event in self.events if isinstance(event, Said)]

    @property
    def standing(self) -> str:
        """The text as a person has it in front of them."""
        text = ""
        for event in self.events:
            text = text + event.delta if isinstance(event, Said) else ""
        return text


def test_text_is_said_as_it_comes_without_blanks_around_it() -> None:
    listening = Listening()
    for part in (" \n", "  I ", "added", " milk", ".\n", "\n"):
        listening.speech.said(part)
    listening.speech.ended("I added milk.")

    assert listening.said == ["I", " added", " milk", "."]
    assert len({event.text_id for event in listening.events if isinstance(event, Said)}) == 1


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ('Sure.\n```tool_code\nprint(default_api.add_task(title="milk"))\n```', "Sure."),
        ('Sure. {"name": "add_task", "arguments": {"title": "milk"}}', "Sure."),
        ('add_task(title="milk")', ""),
        ("[add_task(title='milk')]", ""),
        ("Well, `addTask(title='milk')`", "Well,"),
        ('<tool_call>{"name": "add_task"}</tool_call>', ""),
        ("<｜tool▁calls▁begin｜>", ""),
        ("[TOOL_CALLS] add_task", ""),
        (">>> default_api.add_task()", ""),
        ('Added.\n\n[done: add_task "milk" id=01a2]', "Added."),
        ("Added.\n- **[ Done: add_task", "Added."),
        ("[No answer was given: the model", ""),
    ],
)
def test_what_may_be_no_text_for_the_person_is_held_back(text: str, before: str) -> None:
    for parts in ([text], list(text)):
        listening = Listening()
        for part in parts:
            listening.speech.said(part)
        assert listening.standing == before


@pytest.mark.parametrize(
    "text",
    [
        "- [ ] milk\n- [x] eggs\n* a < b, **all** of it (see [here](https://a.b))",
        "Add a task, list it, update it: addition",
        "Käse 🧀 <3 [1] `list`",
    ],
)
def test_what_only_begins_like_it_is_said_with_a_character_behind(text: str) -> None:
    listening = Listening()
    for character in text + ".":
        listening.speech.said(character)
    assert listening.standing == text + "."
    assert len(listening.said) > len(text) / 3


@given(
    st.lists(
        st.text("a d[<`{\n-")
        | st.sampled_from(["add_task", "[done: x]", "Hi.", "[done: add_task"]),
        max_size=12,
    )
)
def test_in_the_end_the_whole_answer_stands(parts: list[str]) -> None:
    listening = Listening()
    for part in filter(None, parts):
        listening.speech.said(part)
    answer = without_notes("".join(parts))
    listening.speech.ended(answer)

    assert listening.standing == answer
    assert not [event for event in listening.events if isinstance(event, Retracted)]


def test_what_is_another_text_in_the_end_is_said_anew() -> None:
    listening = Listening()
    listening.speech.said("I added milk.")
    listening.speech.ended("Added milk.")

    first, taken_back, second = listening.events
    assert isinstance(first, Said)
    assert isinstance(second, Said)
    assert taken_back == Retracted(first.text_id, "rewritten")
    assert second.delta == "Added milk."
    assert second.text_id != first.text_id


def test_text_before_calls_is_taken_back_and_what_follows_them_not_said() -> None:
    listening = Listening()
    listening.speech.said("Let me see.")
    listening.speech.called()
    listening.speech.said("Done.")
    listening.speech.called()

    (said, taken_back) = listening.events
    assert isinstance(said, Said)
    assert taken_back == Retracted(said.text_id, BEFORE_CALLS)


def test_what_cannot_be_sent_is_not_said() -> None:
    for text in ("a\0b", "\ud800"):
        listening = Listening()
        listening.speech.said("Well,")
        listening.speech.said(text)
        listening.speech.said(" and so on.")
        assert listening.standing == "Well,"


def test_a_loop_of_the_model_is_held_back_and_costs_little() -> None:
    listening = Listening()
    listening.speech.said("Hm.")
    for _ in range(60_000):
        listening.speech.said("\n")
    listening.speech.said("Hi.")
    assert listening.standing == "Hm."

    listening.speech.ended(text := "Hm." + "\n" * 60_000 + "Hi.")
    assert listening.standing == text
    assert MOST_HELD < 60_000


def test_nothing_said_is_nothing_to_take_back() -> None:
    listening = Listening()
    listening.speech.said(" [done")
    listening.speech.retract("cut")
    assert listening.events == []
