"""Nothing is deleted, completed or changed by what is not a plain order for it: harmless.txt.

It holds messages, a dot between them; a slash goes on in the same conversation. `given` begins a
list of tasks, x before those that are done, and `#` a kind.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from gemini_simulator.language.tasks import Task

from .chat import Chat

LINES = Path(__file__).with_name("harmless.txt").read_text().splitlines()


def conversations() -> Iterator[tuple[list[Task], str, str]]:
    """Tasks, kind and messages of each."""
    tasks: list[Task] = []
    kind = ""
    for line in filter(None, LINES):
        if line.startswith("given "):
            titles = line.removeprefix("given ").split("; ")
            tasks = [
                Task(str(number), title.removeprefix("x "), completed=title.startswith("x "))
                for number, title in enumerate(titles)
            ]
        elif line.startswith("# "):
            kind = line.removeprefix("# ")
        else:
            yield from ((tasks, kind, conversation) for conversation in line.split(" · "))


HARMLESS = [
    pytest.param(tasks, said, id=f"{kind}: {said}") for tasks, kind, said in conversations()
]


@pytest.mark.parametrize(("tasks", "conversation"), HARMLESS)
def test_nothing_is_lost(tasks: list[Task], conversation: str) -> None:
    chat = Chat(tasks=list(tasks))
    for message in conversation.split(" / "):
        chat.say(message)
        assert chat.answer.strip()
    assert [task for task in chat.tasks if task in tasks] == tasks


def test_there_are_enough_of_them() -> None:
    assert len(HARMLESS) >= 1_000
