"""A new day takes the place of the old one."""

import pytest
from gemini_simulator.language.days import with_new_day


@pytest.mark.parametrize(
    ("title", "said", "now"),
    [
        ("dentist tuesday", "thursday", "dentist thursday"),
        ("dentist on tuesday at 3pm", "thursday", "dentist on thursday at 3pm"),
        ("dentist on tuesday at 3pm", "on thursday at 5pm", "dentist on thursday at 5pm"),
        ("party on 5 may", "6 may", "party on 6 may"),
        ("party on May 5th", "6 June", "party on 6 June"),
        ("meeting with Bob at 3", "at 4", "meeting with Bob at 4"),
        ("call mom", "next week", "call mom next week"),
        ("call mom", "16:30", "call mom at 16:30"),
        ("dentist tuesday", "thursday with Ann", "thursday with Ann"),
        ("dentist tuesday", "doctor", "doctor"),
    ],
)
def test_only_the_day_is_another(title: str, said: str, now: str) -> None:
    assert with_new_day(title, said) == now
