"""Security events: a line that no level silences, with ids and never with words."""

import logging
from collections.abc import Iterator
from uuid import uuid4

import pytest
from servicekit.telemetry.audit import claimed_id, security_event


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What reaches the handlers of a process that logs errors only."""
    level = logging.getLogger().level
    logging.getLogger().setLevel(logging.ERROR)
    yield caplog
    logging.getLogger().setLevel(level)


def test_event_is_written_whatever_the_level_is(heard: pytest.LogCaptureFixture) -> None:
    user_id = uuid4()
    security_event("budget_used_up", outcome="refused", user_id=user_id)

    (record,) = heard.records
    assert (record.getMessage(), record.levelname) == ("security event", "INFO")
    assert record.__dict__["event"] == "budget_used_up"
    assert record.__dict__["user_id"] == str(user_id)


def test_what_cannot_happen_by_itself_is_an_error_and_what_asks_for_a_look_a_warning(
    heard: pytest.LogCaptureFixture,
) -> None:
    security_event("forbidden", outcome="refused", user_id=uuid4())
    security_event("wrong_user", outcome="refused", user_id=uuid4())
    security_event("erasure", outcome="failed", user_id=uuid4())
    security_event("erasure", outcome="ok", user_id=uuid4())

    assert [one.levelname for one in heard.records] == ["ERROR", "WARNING", "WARNING", "INFO"]


def test_nobody_has_no_id(heard: pytest.LogCaptureFixture) -> None:
    security_event("erasure", outcome="ok", user_id=None)
    assert not hasattr(heard.records[0], "user_id")


@pytest.mark.parametrize("text", ["", "root", "0198" * 100, "ada@example.com", "\x00"])
def test_what_is_no_id_is_not_repeated(text: str) -> None:
    assert claimed_id(text) is None


def test_an_id_is_told_in_its_one_spelling() -> None:
    user_id = uuid4()
    assert claimed_id(f" {user_id.hex.upper()} ") == str(user_id)
