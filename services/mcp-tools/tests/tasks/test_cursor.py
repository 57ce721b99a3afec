"""Cursors: what was given comes back, everything else is noticed."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp_tools.tasks.cursor import Cursor, MalformedCursor

USER = UUID("0198c0de-0000-7000-8000-000000000001")
moments = st.datetimes(timezones=st.just(UTC))


@given(moments, st.uuids(), st.uuids())
def test_cursor_comes_back_as_it_was(created_at: datetime, task_id: UUID, user_id: UUID) -> None:
    cursor = Cursor(created_at, task_id)

    assert Cursor.decode(cursor.encode(user_id), user_id) == cursor


@given(moments, st.uuids())
def test_cursor_says_nothing_to_another_user(created_at: datetime, task_id: UUID) -> None:
    with pytest.raises(MalformedCursor):
        Cursor.decode(Cursor(created_at, task_id).encode(USER), uuid4())


@given(st.text(max_size=60))
def test_any_other_text_is_malformed(text: str) -> None:
    with pytest.raises(MalformedCursor):
        Cursor.decode(text, USER)


@given(st.binary(min_size=28, max_size=28))
def test_bytes_of_the_right_length_are_malformed(raw: bytes) -> None:
    cursor = Cursor(datetime(2026, 11, 21, tzinfo=UTC), USER).encode(USER)
    invented = "".join(chr(65 + byte % 26) for byte in raw) + cursor[28:]

    with pytest.raises(MalformedCursor):
        Cursor.decode(invented, USER)


def test_cursor_fits_the_parameter() -> None:
    assert len(Cursor(datetime(9999, 12, 31, tzinfo=UTC), USER).encode(USER)) == 38
