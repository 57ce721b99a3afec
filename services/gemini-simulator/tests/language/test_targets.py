"""What a phrase points at."""

import pytest
from gemini_simulator.language.intents import (
    Everything,
    Places,
    Pronoun,
    Recent,
    Target,
    Words,
)
from gemini_simulator.language.targets import read_target

PHRASES: dict[str, Target] = {
    "it": Pronoun(),
    "that one": Pronoun(),
    "the task": Pronoun(),
    "the task i just added": Recent(),
    "them": Pronoun(many=True),
    "both": Pronoun(many=True),
    "all of them": Pronoun(many=True),
    "those two": Pronoun(many=True),
    "the two": Pronoun(many=True),
    "everything": Everything(),
    "all my tasks": Everything(),
    "my whole list": Everything(),
    "all completed tasks": Everything("completed"),
    "the finished ones": Everything("completed"),
    "everything that's done": Everything("completed"),
    "all open tasks": Everything("pending"),
    "everything except the milk": Everything(but="the milk"),
    "all tasks but milk and bread": Everything(but="milk and bread"),
    "the newest task": Recent(),
    "the last task i added": Recent(),
    "the two oldest": Recent(2, oldest=True),
    "my oldest task": Recent(oldest=True),
    "the first one": Places((1,), "first"),
    "the second": Places((2,), "second"),
    "the last one": Places((-1,), "last"),
    "number 3": Places((3,), "3"),
    "#3": Places((3,), "#3"),
    "tasks 1, 2 and 4": Places((1, 2, 4), "1, 2 and 4"),
    "the first and the third": Places((1, 3), "first and the third"),
    "the first two": Places((1, 2), ""),
    "the last three tasks": Places((-3, -2, -1), ""),
    "2 to 4": Places((2, 3, 4), ""),
    "the milk task": Words("milk"),
    "the task called buy milk": Words("buy milk"),
    "the one about the dentist": Words("dentist"),
    "call mom from my list": Words("call mom"),
    "all milk tasks": Words("milk", every=True),
    "all open tasks about milk": Words("milk", every=True, status="pending"),
    "everything about milk": Words("milk", every=True),
    "the first aid kit": Words("first aid kit"),
    "2 liters of milk": Words("2 liters of milk"),
}


@pytest.mark.parametrize("phrase", PHRASES)
def test_phrase_points_at(phrase: str) -> None:
    assert read_target(phrase) == PHRASES[phrase]
