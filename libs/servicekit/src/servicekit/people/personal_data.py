"""SQL on everything that a service keeps of one person: delete it in batches, read it in pages.

Statements are made from the tables' keys, so that a service names its tables and writes no SQL of
its own. They run as the service's role, in transactions of that person alone (law 5).
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Float,
    Select,
    Table,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    literal_column,
    not_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from servicekit.database.transactions import UserTransaction

ROWS_A_BATCH: Final = 1000  # deleted in one transaction: some 50 ms, and no lock is held for longer
ROWS_A_PAGE: Final = 50  # read at once: a turn that listed tasks holds up to 200 KB of them


@dataclass(frozen=True)
class ExportedTable:
    """What of a table is a person's to take along. name: in the export. columns: in this order."""

    name: str
    table: Table
    columns: Sequence[str]


@dataclass(frozen=True)
class PersonalData:
    """What a service keeps of people.

    tombstones: who was erased: `user_id`, `erased_at`. tables: all others with a `user_id`, those
    that refer to others before them. exported: what an export holds.
    """

    tombstones: Table
    tables: Sequence[Table]
    exported: Sequence[ExportedTable]


Keys = Mapping[str, object]
"""A place in a table: a row's key, for the rows after it."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows as JSON objects, at least one. last: the key of the last of them."""

    rows: Sequence[str]
    last: Keys


async def bury(transaction: UserTransaction, tombstones: Table) -> None:
    """Note that the person is erased; from the commit on no transaction of theirs begins.

    Idempotent: the first note stands.
    """
    stone = insert(tombstones).values(user_id=bindparam("of_user")).on_conflict_do_nothing()
    await transaction.execute(stone)


async def delete_some(transaction: UserTransaction, table: Table) -> int:
    """Delete a batch of the person's rows.

    Returns: how many; fewer than `ROWS_A_BATCH`: none is left, or somebody else deletes them, or
        something that refers to them was written a moment ago.
    Index: the primary key.
    """
    keys = _keys(table)
    chosen = delete(table).where(_of_person(table))
    if keys:
        place: ColumnElement[object] = literal_column("ctid")
        some = select(place).select_from(table).where(_of_person(table)).order_by(*keys)
        # By place: joined by key, a table that was not analyzed yet is read once for each row.
        chosen = chosen.where(place == any_(func.array(some.limit(ROWS_A_BATCH).scalar_subquery())))
    try:
        gone = await transaction.execute(chosen.returning(literal_column("1")))
        return len(gone.all())
    except IntegrityError:
        return 0


async def is_gone(transaction: UserTransaction, data: PersonalData, settle_seconds: float) -> bool:
    """Whether nothing is left, and nothing can come any more of what ran when the note was made.

    Args: settle_seconds: how long after the note a transaction may still end that began before it.
    """
    empty = [not_(exists(select(1).where(_of_person(table)))) for table in data.tables]
    settled = data.tombstones.c.erased_at < func.clock_timestamp() - func.make_interval(
        0, 0, 0, 0, 0, 0, bindparam("settle", type_=Float)
    )
    over = select(and_(settled, *empty)).where(_of_person(data.tombstones))
    return bool(await transaction.scalar(over, {"settle": settle_seconds}))


async def pages(
    transaction: UserTransaction, exported: ExportedTable, *, after: Keys | None = None
) -> AsyncIterator[Page]:
    """The person's rows of a table as JSON objects, oldest first, a page at a time.

    Args: after: `last` of an earlier page, of this transaction or another one; default: all rows.
    Index: the primary key.
    """
    keys = _keys(exported.table)
    first = _page(exported, keys)
    later = first.where(
        tuple_(*keys) > tuple_(*(bindparam(f"after_{key.name}", type_=key.type) for key in keys))
    )
    while True:
        statement = first if after is None else later
        rows = (await transaction.execute(statement, after)).all()
        if rows:
            after = _values(keys, rows[-1]._mapping)
            yield Page([row[-1] for row in rows], after)
        if len(rows) < ROWS_A_PAGE:
            return


def _page(exported: ExportedTable, keys: Sequence[Column[Any]]) -> Select[Any]:
    members: list[Any] = []
    for column in exported.columns:
        members += [literal_column(f"'{column}'"), exported.table.c[column]]
    row = cast(func.jsonb_build_object(*members), Text)
    of_person = select(*keys, row).where(_of_person(exported.table))
    return of_person.order_by(*keys).limit(ROWS_A_PAGE)


def _values(keys: Sequence[Column[Any]], last: Mapping[Any, object]) -> Keys:
    return {f"after_{key.name}": last[key.name] for key in keys}


def _keys(table: Table) -> list[Column[Any]]:
    """The primary key's columns after `user_id`, which it begins with."""
    return [column for column in table.primary_key.columns if column.name != "user_id"]


def _of_person(table: Table) -> Any:
    return table.c.user_id == bindparam("of_user")
