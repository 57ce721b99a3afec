"""One run of the agent: a turn's own view of model and tools, and every failure as one of ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from agents import (
    Agent,
    ModelBehaviorError,
    RunConfig,
    Runner,
    ToolExecutionConfig,
)
from agents.items import TResponseInputItem

from chat_gateway.agent.instructions import read_instructions, with_time
from chat_gateway.agent.journaled_model import JournaledModel
from chat_gateway.agent.speech import ABANDONED, FAILED
from chat_gateway.conversations.history import HistoryMessage
from chat_gateway.errors import ModelError
from chat_gateway.model.gemini import GeminiModel
from chat_gateway.telemetry.contents import Contents
from chat_gateway.telemetry.metrics import GatewayMetrics
from chat_gateway.telemetry.spans import agent_span
from chat_gateway.tools.client import ToolsClient
from chat_gateway.tools.facade import RunStopped, ToolFacade
from chat_gateway.tools.schemas import ToolSchemas
from chat_gateway.turns.events import Asked, Came
from chat_gateway.turns.runner import TurnContext

NAME: Final = "taskchat"
MAX_CALLS_AT_ONCE: Final = 8
"""Of one turn. More would only queue: a tools process has 5 database connections."""


@dataclass(frozen=True, slots=True)
class TaskAgent:
    """Answers a person's message by reasoning and tools. Built once; holds nothing of a turn.

    Args: agent: what all turns share; each run has a clone. max_steps: most answers of the
        model in a turn that may ask for tools; one more, without, ends it. max_calls: of a turn.
    """

    agent: Agent[TurnContext]
    run_config: RunConfig
    gemini: GeminiModel
    client: ToolsClient
    schemas: ToolSchemas
    metrics: GatewayMetrics
    max_steps: int
    max_calls: int
    contents: Contents

    @classmethod
    def build(
        cls,
        gemini: GeminiModel,
        client: ToolsClient,
        schemas: ToolSchemas,
        metrics: GatewayMetrics,
        *,
        max_steps: int,
        max_calls: int,
        contents: Contents,
    ) -> Self:
        """Put the agent together. Args: max_steps, max_calls: ≥ 1. contents: what spans tell."""
        return cls(
            agent=Agent[TurnContext](name=NAME, instructions=read_instructions()),
            run_config=RunConfig(
                workflow_name=NAME,
                tracing_disabled=True,  # our own spans tell more, see tracing.py
                tool_execution=ToolExecutionConfig(max_function_tool_concurrency=MAX_CALLS_AT_ONCE),
            ),
            gemini=gemini,
            client=client,
            schemas=schemas,
            metrics=metrics,
            max_steps=max_steps,
            max_calls=max_calls,
            contents=contents,
        )

    async def run(
        self, context: TurnContext, history: Sequence[HistoryMessage], message: str
    ) -> str:
        """Answer the person's message; see turns.runner.AgentRunner.

        Raises: ModelError (502); ModelUnavailable, ToolsUnavailable, DatabaseUnavailable (503);
            DeadlineExceeded (504); LeaseLost. No tool call runs on after it has returned or raised.
        """
        with agent_span(NAME, self.gemini.name, context.conversation_id):
            _tell_again(context)
            try:
                async with context.deadline.enforced():
                    return await self._run(context, history, message)
            except BaseException as failure:
                is_failure = isinstance(failure, Exception)
                context.voice.retract(FAILED if is_failure else ABANDONED)
                raise

    async def _run(
        self, context: TurnContext, history: Sequence[HistoryMessage], message: str
    ) -> str:
        tools = await self.schemas.visible(context)
        facade = ToolFacade(context, tools, self.client, self.schemas, self.metrics, self.contents)
        instructions = self.agent.instructions
        assert isinstance(instructions, str)
        agent = self.agent.clone(
            instructions=with_time(instructions, context.now, context.time_zone),
            model=JournaledModel(
                self.gemini,
                context,
                self.metrics,
                self.contents,
                history_items=len(history),
                max_steps=self.max_steps,
                max_calls=self.max_calls,
            ),
            mcp_servers=[facade],
        )
        try:
            result = await Runner.run(
                agent,
                model_input(history, message),
                context=context,
                max_turns=self.max_steps + 1,  # the last one is asked for without tools
                run_config=self.run_config,
            )
        except RunStopped as stopped:
            raise stopped.failure from stopped
        except ModelBehaviorError as error:
            raise ModelError() from error
        finally:
            await facade.settle()
        return str(result.final_output).strip()


def _tell_again(context: TurnContext) -> None:
    """Tell what earlier attempts have recorded, in its order."""
    for step in context.journal.steps:
        context.listener(Asked(step.calls))
        results = [context.journal.result(call.ordinal) for call in step.calls]
        for result in filter(None, results):
            context.listener(Came(result))


def model_input(history: Sequence[HistoryMessage], message: str) -> list[TResponseInputItem]:
    """What the model reads after its instructions. Args: history: oldest first."""
    items: list[TResponseInputItem] = []
    for earlier in history:
        # Two branches, because the SDK types each role on its own.
        if earlier.role == "user":
            items.append({"role": "user", "content": earlier.content})
        else:
            items.append({"role": "assistant", "content": earlier.content})
    items.append({"role": "user", "content": message})
    return items
