"""SQL of daily use: the parts of the statements that open and end a turn, so that it costs no more.

A turn's row is always locked before the day's, so that two transactions of a person wait for each
other in one order. The database's clock says which day it is.
"""

from dataclasses import dataclass
from typing import Any, Final

from servicekit.database.transactions import UserTransaction
from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Executable,
    Integer,
    Select,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from chat_gateway.turns.models import daily_use_table as use

FREE_ATTEMPTS: Final = 3
"""Of one turn: a fault of ours and a second thought cost nobody a turn of the day."""

_TODAY: Final = cast(func.timezone("UTC", func.clock_timestamp()), Date)
_TOKENS: Final = bindparam("tokens", type_=BigInteger)
_TURNS_PER_DAY: Final = bindparam("turns_per_day", type_=Integer)
_TOKENS_PER_DAY: Final = bindparam("tokens_per_day", type_=BigInteger)
_RENEWAL: Final = func.timezone(
    "UTC", cast(_TODAY + literal_column("1"), DateTime), type_=DateTime(timezone=True)
).label("renewal")
_TOKENS_ARE_USED_UP: Final = exists(
    select(use.c.day).where(
        use.c.user_id == bindparam("of_user"),
        use.c.day == _TODAY,
        use.c.model_tokens >= _TOKENS_PER_DAY,
    )
).label("tokens_are_used_up")


def _added(
    source: Select[Any], *, column: str, room: ColumnElement[bool] | None = None
) -> ReturningInsert[Any]:
    """Count up one column of today's row, or begin it. Args: source: user, day, turns, tokens."""
    add = insert(use).from_select(["user_id", "day", "turns", "model_tokens"], source)
    return add.on_conflict_do_update(
        index_elements=[use.c.user_id, use.c.day],
        set_={column: use.c[column] + add.excluded[column]},
        where=room,
    ).returning(use.c[column].label("today"))


def opened_and_counted(opened: CTE) -> Executable:
    """An `Admitted` of each turn in `opened`, counted if the day has room for one more.

    The day's first turn has room: a limit is at least 1.
    """
    return _admitted(opened, counts=true())


def taken_up(taken: CTE) -> Executable:
    """An `Admitted` of each turn in `taken`, which was counted when it opened.

    Attempts beyond `FREE_ATTEMPTS` count as turns: what is asked of the model and given up reports
    no tokens, so that to stop a turn and to go on with it would cost nothing for ever.
    """
    return _admitted(taken, counts=taken.c.attempt > FREE_ATTEMPTS)


def _admitted(running: CTE, *, counts: ColumnElement[bool]) -> Executable:
    source = select(running.c.user_id, _TODAY, literal(1), literal(0)).where(counts)
    room = and_(
        or_(_TURNS_PER_DAY.is_(None), use.c.turns < _TURNS_PER_DAY),
        or_(_TOKENS_PER_DAY.is_(None), use.c.model_tokens < _TOKENS_PER_DAY),
    )
    counted = _added(source, column="turns", room=room).cte("counted")
    today = select(counted.c.today).scalar_subquery().label("turns_today")
    return select(counts.label("counts"), today, _TOKENS_ARE_USED_UP, _RENEWAL).select_from(running)


def ended_and_counted(ended: CTE) -> Executable:
    """An `Ended` of each turn in `ended`, whose `:tokens` are counted if there are any."""
    source = select(ended.c.user_id, _TODAY, literal(0), _TOKENS).where(_TOKENS > 0)
    counted = _added(source, column="model_tokens").cte("counted")
    today = select(counted.c.today).scalar_subquery().label("tokens_today")
    return select(today).select_from(ended)


_ADD_TOKENS: Final = _added(
    select(bindparam("of_user", type_=use.c.user_id.type), _TODAY, literal(0), _TOKENS),
    column="model_tokens",
)


@dataclass(frozen=True, slots=True)
class BudgetRepository:
    """What one user has used, inside one transaction of theirs. Index: daily_use_pkey."""

    transaction: UserTransaction

    async def add_tokens(self, tokens: int) -> int:
        """Count tokens of a turn that is not ours to end. Returns: the day's so far."""
        today: int = await self.transaction.scalar(_ADD_TOKENS, {"tokens": tokens})
        return today
