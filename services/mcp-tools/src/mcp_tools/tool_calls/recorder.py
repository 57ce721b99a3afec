"""Every tool call leaves one row, in the transaction of its effect; a repeated call reads its row.

The row is claimed before the effect, as `unavailable`: a concurrent twin waits for the claim, and
whoever comes after a crash finds either no row or a final one. A call that fails, by a rule, by the
database or by a bug of ours, is undone as a whole, claim included, and its row is then written in a
transaction of its own. That costs a failure a second transaction, and spares every success the two
statements of a savepoint (1.5 of 6.5 ms CPU, measured).

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
from servicekit.problems import DatabaseUnavailable, Unauthenticated

from mcp_tools.errors import CallFailed, InvalidArguments, Unavailable
from mcp_tools.spans import tool_call_broke
from mcp_tools.tool_calls.calls import EarlierCall, Outcome, RecordedCall, ToolCall
from mcp_tools.tool_calls.repository import ToolCallRepository

Effect = Callable[[UserTransaction], Awaitable[dict[str, JsonValue]]]
"""What a tool does in the transaction of its row; returns the output or raises CallFailed."""

# A third of a turn's default deadline (30 s): what is slower than this is an outage to the caller.
STATEMENT_TIMEOUT_SECONDS = 10.0
# The call has failed already; its caller waits no longer than this for the row that says so.
WRITE_DOWN_TIMEOUT_SECONDS = 2.0

_NOT_FINISHED = Outcome.failed(Unavailable())
_OTHER_USE_OF_KEY = (
    "This idempotency key was used for another call, or so long ago that the call is no longer"
    " kept. Use a new one for each call."
)
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
        Raises: Unauthenticated (401): the person was erased.
        """
        call_id, started = new_id(), time.perf_counter()
        try:
            if call.refusal is not None:
                raise call.refusal
            return await self._run(user_id, call_id, call, effect, started)
        except CallFailed as failure:
            outcome = Outcome.failed(failure)
        except DatabaseUnavailable:
            outcome = _NOT_FINISHED  # logged where it was first known
        except Unauthenticated:
            raise
        except Exception as error:  # A bug fails this call, and is recorded as its outcome.
            _logger.exception("a tool call failed with a bug")
            tool_call_broke(error)
            outcome = _NOT_FINISHED
        return await self._write_down(user_id, call_id, call, outcome, _milliseconds_since(started))

    async def _run(
        self, user_id: UUID, call_id: UUID, call: ToolCall, effect: Effect, started: float
    ) -> RecordedCall:
        # Makes true: the call took place and its row says so, or neither.
        async with self.database.user_transaction(
            user_id, timeout_seconds=STATEMENT_TIMEOUT_SECONDS
        ) as transaction:
            rows = ToolCallRepository(transaction)
            if not await rows.insert(call_id, call, _NOT_FINISHED, 0.0):
                earlier = await rows.earlier(call_id, call)
                if not earlier.is_the_same_as(call):
                    raise InvalidArguments(_OTHER_USE_OF_KEY)
                if not await rows.lock_unfinished(earlier.id):
                    return _replay(await rows.earlier(call_id, call))
                call_id = earlier.id
            outcome = Outcome(output=await effect(transaction), error=None)
            duration_ms = _milliseconds_since(started)
            await rows.finish(call_id, outcome, duration_ms, call.trace_id)
        return RecordedCall(call_id, outcome, duration_ms, replayed=False)

    async def _write_down(
        self, user_id: UUID, call_id: UUID, call: ToolCall, outcome: Outcome, duration_ms: float
    ) -> RecordedCall:
        conflict = False
        try:
            # Makes true: the failed call has a row. If it has one already, a twin was faster or
            # the answer to its commit was lost, and the row is what really happened.
            async with (
                asyncio.timeout(WRITE_DOWN_TIMEOUT_SECONDS),
                self.database.user_transaction(user_id) as transaction,
            ):
                rows = ToolCallRepository(transaction)
                if not await rows.insert(call_id, call, outcome, duration_ms):
                    earlier = await rows.earlier(call_id, call)
                    if not earlier.is_the_same_as(call):
                        conflict = True
                        outcome = Outcome.failed(
                            call.refusal or InvalidArguments(_OTHER_USE_OF_KEY)
                        )
                        await rows.insert(call_id, replace(call, key=None), outcome, duration_ms)
                    elif outcome is _NOT_FINISHED or not await rows.lock_unfinished(earlier.id):
                        return _replay(await rows.earlier(call_id, call))
                    else:
                        call_id = earlier.id
                        await rows.finish(call_id, outcome, duration_ms, call.trace_id)
        except (DatabaseUnavailable, TimeoutError):
            _logger.warning("a failed tool call could not be recorded")
            outcome = _NOT_FINISHED  # every other outcome has a row
        except Unauthenticated:
            raise
        except Exception as error:  # The caller is still told the outcome.
            _logger.exception("a bug kept a failed tool call from being recorded")
            tool_call_broke(error)
            outcome = _NOT_FINISHED
        return RecordedCall(call_id, outcome, duration_ms, replayed=False, conflict=conflict)


def _replay(earlier: EarlierCall) -> RecordedCall:
    return RecordedCall(earlier.id, earlier.outcome, earlier.duration_ms, replayed=True)


def _milliseconds_since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
