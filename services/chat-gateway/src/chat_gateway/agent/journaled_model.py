"""The model as one turn sees it: recorded answers first, then the real one, recorded before use."""

import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

from agents import (
    AgentOutputSchemaBase,
    Handoff,
    Model,
    ModelResponse,
    ModelSettings,
    ModelTracing,
    Tool,
)
from agents.items import TResponseInputItem, TResponseStreamEvent
from openai.types.responses.response_prompt_param import ResponsePromptParam

from chat_gateway.agent.completions import replay, text_response
from chat_gateway.agent.handles import TaskHandles
from chat_gateway.agent.model_call import Answer, ModelCall, TurnCandidates
from chat_gateway.errors import ModelError, ModelRefused
from chat_gateway.model.gemini import GeminiModel
from chat_gateway.telemetry.contents import Contents
from chat_gateway.telemetry.metrics import GatewayMetrics
from chat_gateway.telemetry.model_spans import ModelSpan, model_span
from chat_gateway.turns.events import Asked
from chat_gateway.turns.report import changes_made
from chat_gateway.turns.runner import TurnContext

LAST_ANSWER: Final = """
# The last answer of this turn
You can call no more tools now. Tell the person what was done and what is still to be done.
"""
GO_ON: Final = "Ask for your list to see how far it came, then for what is left."
logger = logging.getLogger(__name__)


class JournaledModel(Model):
    """The model of one turn.

    Each answer that asks for tools is in the journal before the agent sees it, so before any of its
    tools can run. Source: ADR 0003. It is the SDK's model class too, without an OpenAI client in
    between. Source: ADR 0018.

    Args: gemini: asked for what is not recorded. turn: whose journal is read and written.
        contents: what spans tell of questions and answers. history_items: of the input are
        earlier messages. max_steps: answers that may ask for tools; the next one is asked for
        without tools, so that a turn always ends in a report. max_calls: of the whole turn; when
        they are made, the next answer is the last one too.
    """

    def __init__(
        self,
        gemini: GeminiModel,
        turn: TurnContext,
        metrics: GatewayMetrics,
        contents: Contents,
        *,
        history_items: int,
        max_steps: int,
        max_calls: int,
    ) -> None:
        self._gemini = gemini
        self._turn = turn
        self._metrics = metrics
        self._contents = contents
        self._history_items = history_items
        self._max_steps = max_steps
        self._max_calls = max_calls
        self._candidates = TurnCandidates(gemini.candidates)
        self._handles = TaskHandles()
        self._left_out = 0  # items of the history that the model is not shown
        self._asked = 0  # by the agent, in this run

    async def get_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],
        model_settings: ModelSettings,
        tools: list[Tool],
        output_schema: AgentOutputSchemaBase | None,
        handoffs: list[Handoff],
        tracing: ModelTracing,
        *,
        previous_response_id: str | None,
        conversation_id: str | None,
        prompt: ResponsePromptParam | None,
    ) -> ModelResponse:
        """Give the agent its next answer.

        Raises: ModelError (502): refused, or nonsense twice; ModelUnavailable (503);
            DeadlineExceeded (504); what the journal raises.
        """
        index = self._asked
        self._asked += 1
        journal = self._turn.journal
        if index < len(journal.steps):
            return replay(journal.steps[index])

        if self._most_calls(index) == 0:
            system_instructions = (system_instructions or "") + LAST_ANSWER
        began = time.perf_counter()
        with model_span(
            self._gemini.name,
            self._gemini.endpoint.base_url,
            self._turn.conversation_id,
            self._contents.asked(system_instructions, input),
        ) as span:
            try:
                response, step = await self._answer(index, system_instructions, input, tools, span)
            finally:
                self._turn.usage.model_seconds += time.perf_counter() - began
            if self._contents.captured:
                said = response.to_input_items()
                span.said(self._contents.answered(said, span.finish_reasons))
        if step is not None:
            await journal.record_step(step)
            self._turn.listener(Asked(step.calls))
        return response

    async def _answer(
        self,
        index: int,
        instructions: str | None,
        items: str | list[TResponseInputItem],
        tools: Sequence[Tool],
        span: ModelSpan,
    ) -> Answer:
        """Ask; for the last answer of a turn that cannot be had, report in its place."""

        def call() -> ModelCall:
            asked = items if isinstance(items, str) else items[self._left_out :]
            shown = self._handles.shown(asked)
            most_calls = self._most_calls(index)
            offered = tools if most_calls else []
            return ModelCall(
                gemini=self._gemini,
                candidates=self._candidates,
                ask=lambda candidate, hearer: self._gemini.ask(
                    candidate, instructions, shown, offered, hearer
                ),
                index=index,
                tool_names=[tool.name for tool in tools],
                most_calls=most_calls,
                handles=self._handles,
                turn=self._turn,
                metrics=self._metrics,
                span=span,
            )

        try:
            return await self._with_less_history(call)
        except ModelError:
            if self._most_calls(index):
                raise
            # It calls tools that it does not have. The same request would end here for ever.
            return self._report(), None

    async def _with_less_history(self, call: Callable[[], ModelCall]) -> Answer:
        """Ask; once more without the history if that may be what the model's filter refuses."""
        try:
            return await call().answer()
        except ModelRefused:
            if self._left_out == self._history_items:
                raise
        # An earlier message must not shut its conversation for good.
        self._left_out = self._history_items
        self._metrics.model_asked_again(self._gemini.name, "refused")
        logger.warning("model refused with the history, asked without")
        return await call().answer()

    def _most_calls(self, index: int) -> int:
        """Of the answer with this index. Returns: 0: it is the last of the turn, and a report."""
        if index >= self._max_steps:
            return 0
        made = sum(len(step.calls) for step in self._turn.journal.steps)
        return max(0, self._max_calls - made)

    def _report(self) -> ModelResponse:
        made = changes_made(self._turn.journal.results) or "Nothing was changed."
        text = f"This took more steps than one message may take. {made} {GO_ON}"
        self._turn.voice.say(text)
        return text_response(text)

    def stream_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],
        model_settings: ModelSettings,
        tools: list[Tool],
        output_schema: AgentOutputSchemaBase | None,
        handoffs: list[Handoff],
        tracing: ModelTracing,
        *,
        previous_response_id: str | None,
        conversation_id: str | None,
        prompt: ResponsePromptParam | None,
    ) -> AsyncIterator[TResponseStreamEvent]:
        """Not used: what comes, the turn's voice tells (ADR 0024)."""
        raise NotImplementedError
