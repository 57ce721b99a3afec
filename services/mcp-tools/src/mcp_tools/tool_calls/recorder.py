"""Every tool call leaves one row, in the transaction of its effect; a repeated call reads its row.

The row is claimed before the effect, as `unavailable`: a concurrent twin waits for the claim, and
whoever comes after a crash finds either no row or a final one. An effect that fails by a rule is
undone to a savepoint and its row says so. When the database fails, or we have a bug, everything is
undone, and the row is written in a transaction of its own if the database can take it.

Source: contract.md "Tools"; ADR 0006.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from uuid import UUID

from pydantic import JsonValue
from servicekit.database.transactions import Database, UserTransaction
from servicekit.identifiers import new_id
from servicekit.problems import DatabaseUnavailable

from mcp_tools.errors import CallFailed, InvalidArguments, Unavailable
from mcp_tools.tool_calls.calls import EarlierCall, Outcome, RecordedCall, ToolCall
from mcp_tools.tool_calls.repository import ToolCallRepository

Effect = Callable[[UserTransaction], Awaitable[dict[str, JsonValue]]]
"""What a tool does in the transaction of its row; returns the output or raises CallFailed."""

# A third of a turn's default deadline (30 s): what is slower than this is an outage to the caller.
STATEMENT_TIMEOUT_SECONDS = 10.0
# The call has failed already; its caller waits no longer than this for the row that says so.
WRITE_DOWN_TIMEOUT_SECONDS = 2.0

_NOT_FINISHED = Outcome.failed(Unavailable())
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recorder:
    """Runs the effects of tool calls and records what came of them."""

    database: Database

    async def record(self, user_id: UUID, call: ToolCall, effect: Effect) -> RecordedCall:
        """Run a call once and record it, or answer it from its row.

        Args: user_id: the token's subject, under whom the row is kept whatever the call says.
            effect: not run when the call is refused or has been made before.
        Returns: the outcome; every failure is one, `unavailable` for the database's and ours.
        """
        call_id, started = new_id(), time.perf_counter()
        try:
            return await self._run(user_id, call_id, call, effect, started)
        except DatabaseUnavailable:
            pass  # logged where it was first known, and written down below
        except Exception:
            _logger.exception("a tool call failed with a bug")
        return await self._write_down(user_id, call_id, call, started)

    async def _run(
        self, user_id: UUID, call_id: UUID, call: ToolCall, effect: Effect, started: float
    ) -> RecordedCall:
        # Makes true: the call took place, and its row says how; or neither.
        async with self.database.user_transaction(
            user_id, timeout_seconds=STATEMENT_TIMEOUT_SECONDS
        ) as transaction:
            rows = ToolCallRepository(transaction, user_id)
            if not await rows.insert(call_id, call, _NOT_FINISHED, 0.0):
                earlier = await rows.earlier(call_id, call)
                if not earlier.is_the_same_as(call):
                    call_id, call = new_id(), _other_use_of_key(call)
                    await rows.insert(call_id, call, _NOT_FINISHED, 0.0)
                elif await rows.lock_unfinished(earlier.id):
                    call_id = earlier.id
                else:
                    return _replay(await rows.earlier(call_id, call))
            outcome = await _outcome(transaction, call, effect)
            duration_ms = _milliseconds_since(started)
            await rows.finish(call_id, outcome, duration_ms, call.trace_id)
        return RecordedCall(call_id, outcome, duration_ms, replayed=False)

    async def _write_down(
        self, user_id: UUID, call_id: UUID, call: ToolCall, started: float
    ) -> RecordedCall:
        duration_ms = _milliseconds_since(started)
        try:
            # Makes true: the failed call has a row. If it has one already, the answer to its
            # commit was lost or a twin was faster, and the row is what really happened.
            async with (
                asyncio.timeout(WRITE_DOWN_TIMEOUT_SECONDS),
                self.database.user_transaction(user_id) as transaction,
            ):
                rows = ToolCallRepository(transaction, user_id)
                if not await rows.insert(call_id, call, _NOT_FINISHED, duration_ms):
                    earlier = await rows.earlier(call_id, call)
                    if earlier.is_the_same_as(call):
                        return _replay(earlier)
        except (DatabaseUnavailable, TimeoutError):
            _logger.warning("a failed tool call could not be recorded")
        except Exception:
            _logger.exception("a failed tool call could not be recorded")
        return RecordedCall(call_id, _NOT_FINISHED, duration_ms, replayed=False)


async def _outcome(transaction: UserTransaction, call: ToolCall, effect: Effect) -> Outcome:
    if call.refusal is not None:
        return Outcome.failed(call.refusal)
    try:
        async with transaction.begin_nested():
            return Outcome(output=await effect(transaction), error=None)
    except CallFailed as failure:
        return Outcome.failed(failure)


def _other_use_of_key(call: ToolCall) -> ToolCall:
    """The key is another call's: this one is refused, and recorded without it."""
    refusal = call.refusal or InvalidArguments(
        "This idempotency key was used for another call. Use a new one for each call."
    )
    return replace(call, key=None, refusal=refusal)


def _replay(earlier: EarlierCall) -> RecordedCall:
    return RecordedCall(earlier.id, earlier.outcome, earlier.duration_ms, replayed=True)


def _milliseconds_since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
