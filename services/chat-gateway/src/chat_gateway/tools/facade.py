"""The tools as one turn's agent sees them: an MCP server of the Agents SDK, without a session.

The SDK's own MCP clients cannot be shared between requests, cost 38 ms CPU when they are not, and
show `user_id` to the model (ADR 0001). This one is made per turn, holds no connection, and answers
a call that the journal knows from the journal.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from agents import UserError
from agents.agent import AgentBase
from agents.mcp import MCPServer
from agents.mcp.util import MCPToolMetaContext
from agents.run_context import RunContextWrapper
from agents.tool_context import ToolContext
from mcp.types import CallToolResult, GetPromptResult, ListPromptsResult, Tool
from pydantic import JsonValue
from servicekit.problems import Problem

from chat_gateway.errors import ToolsUnavailable
from chat_gateway.telemetry.contents import Contents
from chat_gateway.telemetry.metrics import ABANDONED, GatewayMetrics
from chat_gateway.telemetry.spans import tool_span
from chat_gateway.tools.call_order import CallOrder
from chat_gateway.tools.client import ToolsClient, ToolsRefused, ToolsUnreachable
from chat_gateway.tools.owner import fill_in_owner
from chat_gateway.tools.schemas import ToolSchemas
from chat_gateway.tools.tool_results import (
    NOT_RUN,
    UNAVAILABLE,
    ToolAnswer,
    audit_mismatch,
    for_model,
    read_answer,
    shown,
)
from chat_gateway.turns.events import Came
from chat_gateway.turns.journal import LeaseLost, ToolCallRequest, ToolResult
from chat_gateway.turns.retries import TryAgain, retry_until
from chat_gateway.turns.runner import TurnContext

CALL_ID: Final = "call_id"
UNKNOWN_TOOL: Final = "unknown"
"""As mcp-tools calls it in its own metrics."""
logger = logging.getLogger(__name__)


class RunStopped(UserError):
    """Carries a failure of ours through the SDK's loop, which lets only its own errors pass
    untouched. Whoever started the run raises `failure` in its place.
    """

    def __init__(self, failure: Problem | LeaseLost) -> None:
        super().__init__(f"stopped by {type(failure).__name__}")
        self.failure = failure


class ToolFacade(MCPServer):
    """The tools of one turn.

    Args: turn: whose journal is read and written, and whose token and user go with each call.
        tools: what the model may see. schemas: told when mcp-tools has others.
        contents: what spans tell of calls.
    """

    def __init__(
        self,
        turn: TurnContext,
        tools: Sequence[Tool],
        client: ToolsClient,
        schemas: ToolSchemas,
        metrics: GatewayMetrics,
        contents: Contents,
    ) -> None:
        super().__init__(
            use_structured_content=True,
            failure_error_function=None,
            tool_meta_resolver=_call_id,
        )
        self._turn = turn
        self._tools = list(tools)
        self._names = frozenset(tool.name for tool in tools)
        # A tool that does not say so writes; so does one that nobody knows.
        self._reading = {
            tool.name for tool in tools if tool.annotations and tool.annotations.read_only_hint
        }
        self._client = client
        self._schemas = schemas
        self._metrics = metrics
        self._contents = contents
        self._running: set[asyncio.Task[Any]] = set()
        self._order = CallOrder(turn.journal)
        # Earlier attempts may have made the calls that they recorded.
        self._asked = {call.ordinal for step in turn.journal.steps for call in step.calls}

    @property
    def name(self) -> str:
        """The service behind it."""
        return "mcp-tools"

    async def list_tools(
        self,
        run_context: RunContextWrapper[Any] | None = None,
        agent: AgentBase[Any] | None = None,
    ) -> list[Tool]:
        """The same tools at each step of the turn."""
        return self._tools

    async def call_tool(
        self,
        tool_name: str,
        arguments: dict[str, Any] | None,
        meta: dict[str, Any] | None = None,
    ) -> CallToolResult:
        """Answer a call from the journal, or make it and record what it came to.

        What is called is what the journal says was asked for, not what the SDK hands us.
        Raises: RunStopped: with ToolsUnavailable (503), DeadlineExceeded (504), or what the journal
            raised.
        """
        task = asyncio.current_task()
        assert task is not None and meta is not None
        try:
            request = self._turn.journal.call(meta[CALL_ID])
        except KeyError:
            return NOT_RUN
        self._running.add(task)
        try:
            reads = request.name in self._reading
            async with self._order.entered(request.ordinal, reads=reads):
                result = await self._result(request)
        except (Problem, LeaseLost) as failure:
            self._order.failed(failure)
            raise RunStopped(failure) from failure
        finally:
            self._running.discard(task)
        return for_model(result)

    async def _result(self, request: ToolCallRequest) -> ToolResult:
        """What the journal has of a call, or what the call comes to and the journal has then."""
        with tool_span(
            self._known(request), request.call_id, self._contents.called(request.arguments)
        ) as span:
            recorded = self._turn.journal.result(request.ordinal)
            result = recorded or await self._made(request)
            span.returned(
                result.id,
                None if result.error is None else result.error["code"],
                replayed=recorded is not None,
                contents=self._contents.returned(shown(result)),
            )
        return result

    def _known(self, request: ToolCallRequest) -> str:
        """The tool's name where names must be few: a model may invent some."""
        return request.name if request.name in self._names else UNKNOWN_TOOL

    async def _made(self, request: ToolCallRequest) -> ToolResult:
        """Make a call and record what it came to."""
        read_only = request.name in self._reading
        in_doubt = self._turn.in_doubt
        (in_doubt.discard if read_only else in_doubt.add)(request.ordinal)
        result = replace(await self._measured(request), read_only=read_only)
        await self._turn.journal.record_result(result)
        self._turn.listener(Came(result))
        in_doubt.discard(request.ordinal)
        return result

    async def settle(self) -> None:
        """End the calls that still run. A call cut off here is found again by its key."""
        while running := list(self._running):
            for task in running:
                if not task.cancelling():  # a second time would cut off its rollback
                    task.cancel()
            await asyncio.wait(running)

    async def _measured(self, request: ToolCallRequest) -> ToolResult:
        """Make a call, again if need be, and count what it came to."""
        began, outcome = time.perf_counter(), ABANDONED
        self._turn.usage.tool_calls += 1
        try:
            result = await retry_until(self._turn.deadline, lambda: self._call(request))
            outcome = "ok" if result.error is None else result.error["code"]
        except ToolsUnavailable:
            outcome = UNAVAILABLE
            raise
        finally:
            self._metrics.tool_call(self._known(request), outcome, time.perf_counter() - began)
        return result

    async def _call(self, request: ToolCallRequest) -> ToolResult:
        turn = self._turn
        asked_before = request.ordinal in self._asked
        self._asked.add(request.ordinal)
        arguments = fill_in_owner(request.arguments, turn.identity.user_id)
        try:
            answer = await self._client.request(
                "tools/call",
                {"name": request.name, "arguments": arguments},
                turn,
                name=request.name,
                shown_name=self._known(request),
                meta={
                    "taskchat/idempotency-key": {
                        "turn_id": str(turn.turn_id),
                        "ordinal": request.ordinal,
                    },
                    **_conversation(turn),
                },
            )
            read = read_answer(request, answer)
        except ToolsUnreachable as error:
            self._metrics.tool_call_failed(self._known(request))
            logger.warning("tool call not answered", extra={"reason": str(error)})
            raise TryAgain(ToolsUnavailable(), after_seconds=error.after_seconds) from error
        except ToolsRefused as error:
            self._metrics.tool_call_failed(self._known(request))
            logger.error("tool call refused by mcp-tools", extra={"reason": str(error)})
            raise ToolsUnavailable() from error
        self._check_record(read, asked_before=asked_before)
        result = read.result
        self._schemas.reported(read.tools_version, turn)
        if result.error is not None and result.error["code"] == UNAVAILABLE:
            # Nothing was done and nothing is recorded: a repeat runs the call again (ADR 0006).
            self._metrics.tool_call_failed(self._known(request))
            raise TryAgain(ToolsUnavailable())
        return result

    def _check_record(self, answer: ToolAnswer, *, asked_before: bool) -> None:
        """Count and log what mcp-tools has on record and we never did; the answer stands."""
        ordinal = answer.result.ordinal
        others = [one for one in self._turn.journal.results if one.ordinal != ordinal]
        mismatch = audit_mismatch(answer, others, asked_before=asked_before)
        if mismatch is not None:
            self._metrics.audit_mismatched()
            logger.error(
                "audit mismatch",
                extra={
                    "reason": mismatch,
                    "ordinal": ordinal,
                    "tool_call_id": str(answer.result.id),
                },
            )

    async def connect(self) -> None:
        """Nothing to connect: each call is one request, on a connection of its own (ADR 0013)."""

    async def cleanup(self) -> None:
        """Nothing to clean up."""

    async def list_prompts(self) -> ListPromptsResult:
        """mcp-tools has no prompts."""
        return ListPromptsResult(prompts=[])

    async def get_prompt(
        self, name: str, arguments: dict[str, Any] | None = None
    ) -> GetPromptResult:
        """mcp-tools has no prompts."""
        raise NotImplementedError


def _conversation(turn: TurnContext) -> dict[str, JsonValue]:
    if turn.conversation_id is None:
        return {}
    return {"taskchat/conversation-id": str(turn.conversation_id)}


def _call_id(context: MCPToolMetaContext) -> dict[str, Any]:
    """Hand the id of the call to `call_tool`, which the SDK does not tell otherwise."""
    assert isinstance(context.run_context, ToolContext)
    return {CALL_ID: context.run_context.tool_call_id}
