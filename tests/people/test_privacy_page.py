"""docs/privacy.md names every table that there is: one that is added says whom it is about."""

import re
from collections.abc import Iterator

import asyncpg

from tests.equipment.documents import ROOT
from tests.people.test_erasure import columns

NOT_OF_PEOPLE = {
    "auth.jwks": "keys of the installation",
    "chat.alembic_version": "where the migrations are",
    "tasks.alembic_version": "where the migrations are",
}


def named() -> Iterator[str]:
    """Tables in the first cells of the page's table."""
    for line in (ROOT / "docs/privacy.md").read_text().splitlines():
        if line.startswith("| `"):
            yield from re.findall(r"`(\w+\.\w+)`", line.split("|")[1])


async def test_the_page_names_every_table_of_people(superuser: asyncpg.Pool) -> None:
    there = {f"{schema}.{table}" for schema, table, _ in await columns(superuser)}
    assert sorted(named()) == sorted(there - NOT_OF_PEOPLE.keys())
    assert there >= NOT_OF_PEOPLE.keys()
