"""The model as one turn sees it: recorded answers first, then the real one, recorded before use."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Final

from agents import (
    AgentOutputSchemaBase,
    Handoff,
    Model,
    ModelBehaviorError,
    ModelResponse,
    ModelSettings,
    ModelTracing,
    Tool,
)
from agents.items import TResponseInputItem, TResponseStreamEvent
from openai.types.responses.response_prompt_param import ResponsePromptParam

from chat_gateway.agent.answers import Nonsense, check_text, read_step, replay
from chat_gateway.agent.endpoint import EndpointRefusal, EndpointUnreachable, GarbledAnswer
from chat_gateway.agent.gemini import GeminiModel, translate
from chat_gateway.agent.hedging import HedgedCall
from chat_gateway.contents import Contents
from chat_gateway.errors import ModelError, ModelUnavailable
from chat_gateway.metrics import GatewayMetrics
from chat_gateway.model_spans import ModelSpan, model_span
from chat_gateway.retries import TryAgain, persist
from chat_gateway.turns.journal import ModelStep
from chat_gateway.turns.runner import TurnContext

ASKED_AT_MOST: Final = 2
"""A model that spoke nonsense is asked once more; the second time is a model_error."""
logger = logging.getLogger(__name__)

_Ask = Callable[[], Awaitable[ModelResponse]]


class JournaledModel(Model):
    """The model of one turn.

    Each answer that asks for tools is in the journal before the agent sees it, so before any of its
    tools can run. Source: ADR 0003.

    Args: gemini: asked for what is not recorded. turn: whose journal is read and written.
        contents: what spans tell of questions and answers.
    """

    def __init__(
        self,
        gemini: GeminiModel,
        turn: TurnContext,
        metrics: GatewayMetrics,
        contents: Contents,
    ) -> None:
        self._gemini = gemini
        self._turn = turn
        self._metrics = metrics
        self._contents = contents
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

        async def ask() -> ModelResponse:
            return await self._gemini.completions.get_response(
                system_instructions,
                input,
                model_settings,
                tools,
                output_schema,
                handoffs,
                tracing,
            )

        began = time.perf_counter()
        with model_span(
            self._gemini.name,
            self._gemini.endpoint.base_url,
            self._turn.conversation_id,
            self._contents.asked(system_instructions, input),
        ) as span:
            tool_names = frozenset(tool.name for tool in tools)
            try:
                response, step = await self._usable(ask, index, tool_names, span)
            finally:
                self._turn.usage.model_seconds += time.perf_counter() - began
            if self._contents.captured:
                said = response.to_input_items()
                span.said(self._contents.answered(said, span.finish_reasons))
        if step is not None:
            await journal.record_step(step)
        return response

    async def _usable(
        self, ask: _Ask, index: int, tool_names: frozenset[str], span: ModelSpan
    ) -> tuple[ModelResponse, ModelStep | None]:
        first_ordinal = sum(len(step.calls) for step in self._turn.journal.steps)
        call = HedgedCall(
            self._gemini.patience,
            lambda winner: self._metrics.model_hedged(self._gemini.name, winner),
        )

        async def read_once() -> tuple[ModelResponse, ModelStep | None]:
            try:
                response = await self._ask_once(ask)
                step = read_step(
                    response, index=index, first_ordinal=first_ordinal, tool_names=tool_names
                )
                if step is None:
                    check_text(response)
            except Nonsense as nonsense:
                self._metrics.model_spoke_nonsense(nonsense.reason)
                span.unusable(nonsense.reason)
                logger.warning("model spoke nonsense", extra={"reason": nonsense.reason})
                raise
            return response, step

        for number in range(ASKED_AT_MOST):
            if number:
                self._metrics.model_asked_again(self._gemini.name, "nonsense")
            with suppress(Nonsense):
                return await persist(
                    lambda: call.attempt(read_once), self._turn.deadline, on_repeat=self._repeated
                )
        raise ModelError()

    def _repeated(self, failed: TryAgain) -> None:
        self._metrics.model_asked_again(self._gemini.name, failed.reason)

    async def _ask_once(self, ask: _Ask) -> ModelResponse:
        """One request to the model.

        Raises: TryAgain: a repeat may help. Nonsense: the answer cannot be read. ModelError (502).
        """
        loop = asyncio.get_running_loop()
        began, outcome = loop.time(), "abandoned"
        self._turn.usage.model_calls += 1
        try:
            async with asyncio.timeout(self._gemini.patience.call_timeout_seconds):
                response = await ask()
            outcome = "ok"
        except TimeoutError as error:
            outcome = ModelUnavailable.code
            logger.warning("model did not answer in time")
            raise TryAgain(ModelUnavailable(), reason="timeout") from error
        except GarbledAnswer:
            outcome = ModelError.code
            raise Nonsense("garbled_answer") from None
        except ModelBehaviorError as error:
            # The SDK's word for an answer that ends before it says anything.
            outcome = ModelError.code
            raise Nonsense("no_answer") from error
        except (EndpointRefusal, EndpointUnreachable) as error:
            failure = translate(error)
            problem = failure.failure if isinstance(failure, TryAgain) else failure
            outcome = problem.code
            raise failure from error
        finally:
            self._metrics.model_asked(self._gemini.name, outcome, loop.time() - began)
        usage = response.usage
        self._turn.usage.input_tokens += usage.input_tokens
        self._turn.usage.output_tokens += usage.output_tokens
        self._metrics.tokens_used(
            self._gemini.name,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
        )
        return response

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
        """Turns are not streamed yet."""
        raise NotImplementedError
