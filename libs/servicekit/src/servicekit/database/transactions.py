"""Transactions: the only way to a table is a transaction that says for whom it is.

Law 5's last border: the row-level security policies read `app.user_id`, which lives exactly as long
as the transaction (`set_config(..., true)`), also behind a pooler that shares connections.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from opentelemetry import trace
from sqlalchemy import Executable, Result, TextClause, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from servicekit.database.errors import is_lost_connection, is_unavailable, sqlstate
from servicekit.problems import DatabaseUnavailable, Unauthenticated
from servicekit.telemetry.failures import failure_type, record_failure


@dataclass(frozen=True, slots=True)
class UserTransaction:
    """An open transaction of one user. Repositories take nothing less and bind its `user_id`."""

    session: AsyncSession
    user_id: UUID

    async def execute(
        self, statement: Executable, values: Mapping[str, object] | None = None
    ) -> Result[Any]:
        """Run a statement; `:of_user` in it is this user."""
        return await self.session.execute(statement, {**(values or {}), "of_user": self.user_id})

    async def scalar(self, statement: Executable, values: Mapping[str, object]) -> Any:
        """The first column of a statement's first row, or None; `:of_user` in it is this user."""
        return await self.session.scalar(statement, {**values, "of_user": self.user_id})


BEGIN_PAUSES_SECONDS: Final = (0.1, 0.4)
"""Before the second and the third attempt to begin. Nothing was done yet, so trying again is safe:
a pooler or a server that is being replaced costs a moment, not a turn."""

_SET_USER: Final = text("SELECT set_config('app.user_id', :user_id, true)")
_SET_USER_AND_TIMEOUT: Final = text(
    "SELECT set_config('app.user_id', :user_id, true),"
    " set_config('statement_timeout', :timeout_ms, true)"
)
# One statement binds the user and asks whether they were erased; what is asked depends on what is
# bound, so that the policy on these rows reads a setting that is there.
_SET_USER_UNLESS_ERASED: Final = """
    SELECT EXISTS (SELECT FROM {tombstones} WHERE user_id = CAST(bound.to_user AS uuid)),
        bound.timeout
    FROM (
        SELECT set_config('app.user_id', :user_id, true) AS to_user, {timeout} AS timeout OFFSET 0
    ) AS bound
"""
_SET_TIMEOUT: Final = "set_config('statement_timeout', :timeout_ms, true)"
_SNAPSHOT: Final = {"isolation_level": "REPEATABLE READ"}
_logger = logging.getLogger(__name__)
_tracer = trace.get_tracer("servicekit.database")


def _unavailable(error: BaseException) -> DatabaseUnavailable:
    _logger.warning(
        "database unavailable",
        extra={"error_type": type(error).__name__, "sqlstate": sqlstate(error)},
    )
    return DatabaseUnavailable("The database did not answer; nothing was changed. Try again.")


@contextmanager
def _transaction_span() -> Iterator[None]:
    """The span of a transaction: an error when the database failed, else named for its rollback.

    Whoever rolls back for a reason of their own records that reason where they know it.
    """
    with _tracer.start_as_current_span(
        "transaction", record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield
        except (SQLAlchemyError, OSError, TimeoutError, DatabaseUnavailable) as error:
            record_failure(span, error, error_type=sqlstate(error))
            raise
        except BaseException as error:
            span.set_attribute("error.type", failure_type(error))
            raise


class Database:
    """The process's database. Made in the lifespan around one engine, disposed with it.

    Args: tombstones: qualified name of the table of erased people (`user_id`), for whom no
        transaction begins; default: nobody is erased here.
    """

    def __init__(self, engine: AsyncEngine, *, tombstones: str | None = None) -> None:
        self._engine = engine
        self._bind: TextClause | None = None
        self._bind_with_timeout: TextClause | None = None
        if tombstones is not None:
            bind = _SET_USER_UNLESS_ERASED
            self._bind = text(bind.format(tombstones=tombstones, timeout="NULL"))
            self._bind_with_timeout = text(bind.format(tombstones=tombstones, timeout=_SET_TIMEOUT))
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)

    @asynccontextmanager
    async def user_transaction(
        self,
        user_id: UUID,
        *,
        timeout_seconds: float | None = None,
        of_erased: bool = False,
        snapshot: bool = False,
    ) -> AsyncIterator[UserTransaction]:
        """Open a transaction for one user; commit at the end of the block, roll back on any error.

        Args: user_id: whose rows can be seen and written. timeout_seconds: > 0, for each statement;
            default: the role's statement_timeout. of_erased: for an erased person too, whose rows
            are being deleted. snapshot: all statements see what the first one saw.
        Raises: Unauthenticated (401): the person was erased.
            DatabaseUnavailable (503): connection trouble, a timeout (any TimeoutError of the
            block: it should do nothing but SQL), a full or stopping server.
            Every other error of the block as it is.
        """
        with _transaction_span():
            try:
                async with AsyncExitStack() as opened:
                    begun = await self._begin(opened, user_id, timeout_seconds, of_erased, snapshot)
                    yield begun
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                if is_unavailable(error):
                    raise _unavailable(error) from error
                raise

    async def check(self) -> None:
        """Ask the database for nothing. Raises: DatabaseUnavailable (503)."""
        try:
            async with self._engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            if is_unavailable(error):
                raise _unavailable(error) from error
            raise

    async def dispose(self) -> None:
        """Close the pool."""
        await self._engine.dispose()

    async def _begin(
        self,
        opened: AsyncExitStack,
        user_id: UUID,
        timeout_seconds: float | None,
        of_erased: bool,
        snapshot: bool,
    ) -> UserTransaction:
        """Begin, also when the connection that the pool gave breaks at the first statement."""
        for pause in (*BEGIN_PAUSES_SECONDS, None):
            begun = self._bound(user_id, timeout_seconds, of_erased, snapshot)
            try:
                return await opened.enter_async_context(begun)
            except (SQLAlchemyError, OSError) as error:
                if pause is None or not is_lost_connection(error):
                    raise
                _logger.info("beginning again", extra={"sqlstate": sqlstate(error)})
            await asyncio.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    @asynccontextmanager
    async def _bound(
        self, user_id: UUID, timeout_seconds: float | None, of_erased: bool, snapshot: bool
    ) -> AsyncIterator[UserTransaction]:
        async with self._sessions.begin() as session:
            if snapshot:
                await session.connection(execution_options=_SNAPSHOT)
            is_erased = await self._bind_user(session, user_id, timeout_seconds, of_erased)
            if is_erased:
                raise Unauthenticated("The account that this token was given to was deleted.")
            yield UserTransaction(session, user_id)

    async def _bind_user(
        self, session: AsyncSession, user_id: UUID, timeout_seconds: float | None, of_erased: bool
    ) -> bool:
        """Bind the transaction to its user. Returns: whether they were erased, if that matters."""
        values = {"user_id": str(user_id)}
        if timeout_seconds is None:
            bind, bind_anyway = self._bind, _SET_USER
        else:
            values["timeout_ms"] = str(max(1, round(timeout_seconds * 1000)))  # 0: no limit
            bind, bind_anyway = self._bind_with_timeout, _SET_USER_AND_TIMEOUT
        if bind is None or of_erased:
            await session.execute(bind_anyway, values)
            return False
        return bool(await session.scalar(bind, values))
