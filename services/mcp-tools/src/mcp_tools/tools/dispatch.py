"""From a call as it came to a recorded outcome: who, which tool, which arguments, which turn."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from pydantic import JsonValue
from servicekit.database.transactions import UserTransaction
from servicekit.telemetry.logs import bind_log_fields
from servicekit.telemetry.trace_context import current_trace_id
from servicekit.tokens.claims import Identity

from mcp_tools.errors import CallFailed
from mcp_tools.identity import refuse_other_user
from mcp_tools.metrics import UNKNOWN_TOOL, tool_call_recorded
from mcp_tools.spans import tool_call_ended
from mcp_tools.tasks.service import TaskService
from mcp_tools.tool_calls.calls import IdempotencyKey, RecordedCall, ToolCall
from mcp_tools.tool_calls.meta import read_meta
from mcp_tools.tool_calls.recordable import recordable, recordable_text
from mcp_tools.tool_calls.recorder import Effect, Recorder
from mcp_tools.tools.definition import Run
from mcp_tools.tools.invalid_arguments import unknown_tool
from mcp_tools.tools.registry import TOOLS

_MAX_NAME_CHARACTERS = 128
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Dispatch:
    """Answers tool calls; whatever is wrong with one, it leaves a row of the token's subject.

    most_tasks: that one person may have.
    """

    recorder: Recorder
    most_tasks: int

    async def answer(
        self,
        identity: Identity,
        name: str,
        arguments: Mapping[str, object],
        meta: Mapping[str, object],
        *,
        by_gateway: bool,
    ) -> RecordedCall:
        """Run a call, or answer it from its row; log and count that it happened, not its contents.

        Args: name, arguments, meta: as they came over the wire. by_gateway: whether the gateway
            has proved that it sent them; what `meta` says of a turn counts from it alone.
        Returns: the outcome; a failure is one too.
        Raises: Unauthenticated (401): the person was erased.
        """
        tool = name if name in TOOLS else UNKNOWN_TOOL
        with bind_log_fields(user_id=str(identity.user_id), tool=tool):
            call, run = _understand(identity, name, arguments, meta, by_gateway=by_gateway)
        turn_id = str(call.key.turn_id) if call.key else None
        with bind_log_fields(user_id=str(identity.user_id), turn_id=turn_id, tool=tool):
            recorded = await self.recorder.record(identity.user_id, call, self._effect(run))
            tool_call_recorded(
                tool,
                recorded.outcome.code,
                duration_ms=recorded.duration_ms,
                replayed=recorded.replayed,
            )
            tool_call_ended(
                recorded.outcome.code, replayed=recorded.replayed, call_id=str(recorded.id)
            )
            _logger.info(
                "tool call",
                extra={
                    "outcome": recorded.outcome.code,
                    "duration_ms": recorded.duration_ms,
                    "replayed": recorded.replayed,
                    "tool_call_id": str(recorded.id),
                },
            )
        return recorded

    def _effect(self, run: Run) -> Effect:
        async def effect(transaction: UserTransaction) -> dict[str, JsonValue]:
            return await run(TaskService.within(transaction, self.most_tasks))

        return effect


def _understand(
    identity: Identity,
    name: str,
    arguments: Mapping[str, object],
    meta: Mapping[str, object],
    *,
    by_gateway: bool,
) -> tuple[ToolCall, Run]:
    """What to record, and what to do; a call that cannot be done carries its refusal."""
    key: IdempotencyKey | None = None
    conversation_id: UUID | None = None
    refusal: CallFailed | None = None
    run: Run = _nothing
    try:
        key, conversation_id = read_meta(meta, by_gateway=by_gateway)
    except CallFailed as failure:
        refusal = failure
    try:
        # Also of a call that is refused already: whose name it was made in belongs in the audit.
        run = _prepare(identity, name, arguments)
    except CallFailed as failure:
        refusal = failure
    call = ToolCall(
        name=recordable_text(name, _MAX_NAME_CHARACTERS),
        arguments=recordable(
            {member: value for member, value in arguments.items() if member != "user_id"}
        ),
        key=key,
        conversation_id=conversation_id,
        trace_id=current_trace_id(),
        refusal=refusal,
    )
    return call, run


def _prepare(identity: Identity, name: str, arguments: Mapping[str, object]) -> Run:
    refuse_other_user(identity, arguments)
    tool = TOOLS.get(name)
    if tool is None:
        raise unknown_tool(tuple(TOOLS))
    return tool.prepare(arguments)


async def _nothing(_: TaskService) -> dict[str, JsonValue]:
    raise AssertionError("a refused call was run")
