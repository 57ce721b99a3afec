"""Identifiers: version 7, plain, in the order in which they were made."""

from uuid import UUID

from servicekit.identifiers import new_id


def test_identifier_is_a_plain_uuid_of_version_7() -> None:
    made = new_id()
    assert type(made) is UUID
    assert made.version == 7


def test_identifiers_sort_by_the_time_they_were_made() -> None:
    made = [new_id() for _ in range(10_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
