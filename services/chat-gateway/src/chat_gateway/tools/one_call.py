"""One tool call that no model has asked for, through the same façade as the agent's."""

from dataclasses import dataclass

from chat_gateway.telemetry.contents import Contents
from chat_gateway.telemetry.metrics import GatewayMetrics
from chat_gateway.tools.client import ToolsClient
from chat_gateway.tools.facade import CALL_ID, RunStopped, ToolFacade
from chat_gateway.tools.schemas import ToolSchemas
from chat_gateway.turns.journal import ToolResult
from chat_gateway.turns.runner import TurnContext


@dataclass(frozen=True, slots=True)
class OneCall:
    """Makes single calls; see actions.clicks.ToolRunner. Built once; holds nothing of a turn.

    contents: what spans tell of them.
    """

    client: ToolsClient
    schemas: ToolSchemas
    metrics: GatewayMetrics
    contents: Contents

    async def run(self, context: TurnContext, call_id: str) -> ToolResult:
        """Make a call that the turn's journal asks for, and record what it came to.

        Raises: ToolsUnavailable, DatabaseUnavailable (503); DeadlineExceeded (504); LeaseLost.
        """
        tools = await self.schemas.visible(context)
        facade = ToolFacade(context, tools, self.client, self.schemas, self.metrics, self.contents)
        call = context.journal.call(call_id)
        try:
            await facade.call_tool(call.name, None, {CALL_ID: call_id})
        except RunStopped as stopped:
            raise stopped.failure from stopped
        finally:
            await facade.settle()
        result = context.journal.result(call.ordinal)
        assert result is not None
        return result
