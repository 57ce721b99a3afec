"""The journal in `chat.turn`: each record is one short transaction, fenced by the attempt."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from pydantic import JsonValue, TypeAdapter

from chat_gateway.turns.deadline import Deadline
from chat_gateway.turns.journal import LeaseLost, ModelStep, ToolCallRequest, ToolResult
from chat_gateway.turns.lease import Lease
from chat_gateway.turns.repository import TurnRepository
from chat_gateway.turns.retelling import read_results, read_steps

_STEP = TypeAdapter(ModelStep)
_RESULT = TypeAdapter(ToolResult)


class StoredJournal:
    """The `Journal` of one attempt: what was recorded before it, and what it records itself."""

    def __init__(
        self,
        lease: Lease,
        deadline: Deadline,
        steps: Sequence[JsonValue] = (),
        tool_results: Sequence[JsonValue] = (),
    ) -> None:
        """Begin where the last attempt ended. Args: steps, tool_results: as they are stored."""
        self._lease = lease
        self._deadline = deadline
        self._steps = read_steps(steps)
        self._results = {result.ordinal: result for result in read_results(tool_results)}

    @property
    def steps(self) -> Sequence[ModelStep]:
        """The recorded steps in order of their index."""
        return tuple(self._steps)

    @property
    def results(self) -> Sequence[ToolResult]:
        """The recorded results in order of their ordinal."""
        return tuple(self._results[ordinal] for ordinal in sorted(self._results))

    def result(self, ordinal: int) -> ToolResult | None:
        """The recorded result of a call, or None while it has none."""
        return self._results.get(ordinal)

    def call(self, call_id: str) -> ToolCallRequest:
        """The recorded call with this id. Raises: KeyError: no recorded step asked for it."""
        for step in reversed(self._steps):
            for call in step.calls:
                if call.call_id == call_id:
                    return call
        raise KeyError(call_id)

    def open_calls(self) -> set[int]:
        """Ordinals of the calls that were asked for and have no result: some may have been made."""
        asked = {call.ordinal for step in self._steps for call in step.calls}
        return asked - self._results.keys()

    async def record_step(self, step: ModelStep) -> None:
        """Record an answer of the model; returns before any of its tools may run.

        Raises: LeaseLost; DatabaseUnavailable (503); DeadlineExceeded (504).
        """
        stored: dict[str, JsonValue] = _STEP.dump_python(step, mode="json")
        # Makes true: these tools may run, and a retry will ask for the same ones.
        async with self._turns() as turns:
            if not await turns.add_step(self._lease.attempt, stored):
                raise LeaseLost()
        self._steps.append(step)

    async def record_result(self, result: ToolResult) -> None:
        """Record what a call came to. A second record of the same ordinal replaces the first.

        Raises: LeaseLost; DatabaseUnavailable (503); DeadlineExceeded (504).
        """
        stored: dict[str, JsonValue] = _RESULT.dump_python(result, mode="json")
        # Makes true: a retry takes this result without asking mcp-tools again.
        async with self._turns() as turns:
            if not await turns.set_result(self._lease.attempt, result.ordinal, stored):
                raise LeaseLost()
        self._results[result.ordinal] = result

    @asynccontextmanager
    async def _turns(self) -> AsyncIterator[TurnRepository]:
        user_id, left = self._lease.user_id, self._deadline.remaining_seconds()
        async with self._lease.database.user_transaction(
            user_id, timeout_seconds=left
        ) as transaction:
            yield TurnRepository(transaction)
