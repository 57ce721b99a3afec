"""One call of the model: asked again, hedged, or put to the other model, until an answer is usable.

A turn keeps to the model that answered it last: one that is slow or out of quota at the first step
is so at the second. Nothing of it outlives the turn (law 6).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from agents import ModelResponse

from chat_gateway.agent.completions import Nonsense, read_answer
from chat_gateway.agent.handles import TaskHandles
from chat_gateway.agent.speech import FAILED, Speech
from chat_gateway.errors import ModelError, ModelRefused, ModelUnavailable
from chat_gateway.model.candidates import Candidate
from chat_gateway.model.completion import Completion
from chat_gateway.model.endpoint import (
    BrokenAnswer,
    EndpointRefusal,
    EndpointUnreachable,
    GarbledAnswer,
)
from chat_gateway.model.failures import UNREACHABLE, ModelGone, translate
from chat_gateway.model.gemini import GeminiModel
from chat_gateway.model.hedging import Begin, HedgedCall
from chat_gateway.model.streamed import Hearer
from chat_gateway.telemetry.metrics import GatewayMetrics
from chat_gateway.telemetry.model_spans import ModelSpan
from chat_gateway.turns.journal import ModelStep
from chat_gateway.turns.past_turns import without_notes
from chat_gateway.turns.retries import TryAgain, retry_until
from chat_gateway.turns.runner import TurnContext

ASKED_AT_MOST: Final = 2
"""A model that spoke nonsense is asked once more; the second time is a model_error."""
_NONSENSE: Final = "nonsense"
logger = logging.getLogger(__name__)

Answer = tuple[ModelResponse, ModelStep | None]


class TurnCandidates:
    """The models that a turn may still ask, the one that answered last in front."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._first = candidates[0]
        self._left = list(candidates)

    def in_order(self) -> Sequence[Candidate]:
        """All of them, the first to be asked first."""
        return tuple(self._left)

    def gone(self, candidate: Candidate) -> None:
        """The endpoint does not have it, or refuses what it is sent."""
        if candidate in self._left:  # a hedge may have found out too
            self._left.remove(candidate)

    def answered(self, candidate: Candidate) -> None:
        """Ask it first from now on."""
        self._left.sort(key=lambda one: one is not candidate)

    def is_fallback(self, candidate: Candidate) -> bool:
        """Whether it is not the model that was meant to answer."""
        return candidate is not self._first


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call.

    ask: sends one request to a model; who hears it is told what comes. tool_names: that there are.
    most_calls: of its answer that may be run; 0: it must say something. handles: of the tasks that
    it was shown. span: of this call.
    """

    gemini: GeminiModel
    candidates: TurnCandidates
    ask: Callable[[Candidate, Hearer | None], Awaitable[Completion]]
    index: int
    tool_names: Sequence[str]
    most_calls: int
    handles: TaskHandles
    turn: TurnContext
    metrics: GatewayMetrics
    span: ModelSpan

    async def answer(self) -> Answer:
        """Ask until an answer can be used.

        Raises: ModelError (502): refused, or nonsense twice; ModelUnavailable (503);
            DeadlineExceeded (504).
        """
        hedged = HedgedCall(
            self.gemini.patience,
            lambda winner: self.metrics.model_hedged(self.gemini.name, winner),
        )
        for number in range(ASKED_AT_MOST):
            if number:
                self.metrics.model_asked_again(self.gemini.name, _NONSENSE)
            with suppress(Nonsense):
                return await retry_until(
                    self.turn.deadline,
                    lambda: self._ask_each(hedged),
                    on_repeat=lambda failed: self.metrics.model_asked_again(
                        self.gemini.name, failed.reason
                    ),
                )
        raise ModelError()

    async def _ask_each(self, hedged: HedgedCall) -> Answer:
        """Ask the models in their order until one answers.

        Raises: TryAgain: a repeat may help. ModelError (502): there is no model to ask.
        """
        failed: TryAgain | None = None
        refused: ModelError | None = None
        for candidate in self.candidates.in_order():
            try:
                answer = await hedged.attempt(partial(self._read_once, candidate))
            except ModelGone:
                self.candidates.gone(candidate)
                continue
            except ModelError as refusal:
                # A fallback that takes no request of ours must not be worse than none.
                if isinstance(refusal, ModelRefused) or not self.candidates.is_fallback(candidate):
                    raise
                self.candidates.gone(candidate)
                refused = refusal
                continue
            except TryAgain as failure:
                # The one that asks for the shorter wait decides how long it is.
                failed = failure if failed is None else min(failed, failure, key=_wait_seconds)
                if failure.reason == UNREACHABLE:
                    break  # the other one is behind the same network
                continue
            self.candidates.answered(candidate)
            if self.candidates.is_fallback(candidate):
                self.metrics.model_fell_back(candidate.name)
                self.span.fell_back(candidate.name)
            return answer
        raise failed or refused or ModelError()

    async def _read_once(self, candidate: Candidate, begin: Begin) -> Answer:
        speech: Speech | None = None
        if self.turn.voice.is_heard:
            speech = Speech(self.turn.voice, self.tool_names, begin, self.span.text_began)
        try:
            completion = await self._ask_once(candidate, speech)
            answer = self._read(completion, candidate)
        except Exception as failure:  # Whatever it is, what was said of it does not stand.
            if isinstance(failure, Nonsense):
                self.metrics.model_spoke_nonsense(failure.reason)
                self.span.unusable(failure.reason)
                logger.warning("model spoke nonsense", extra={"reason": failure.reason})
            if speech is not None:
                speech.retract(_why(failure))
            raise
        if speech is not None:
            speech.began()
            if answer[1] is None:
                speech.ended(without_notes(completion.text))
            else:
                speech.called()
        return answer

    def _read(self, completion: Completion, candidate: Candidate) -> Answer:
        try:
            return read_answer(
                completion,
                candidate.name,
                index=self.index,
                first_ordinal=sum(len(step.calls) for step in self.turn.journal.steps),
                tool_names=self.tool_names,
                most_calls=self.most_calls,
                handles=self.handles,
            )
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            # A shape that nobody has thought of must not cost the person the turn.
            raise Nonsense("garbled_answer") from error

    async def _ask_once(self, candidate: Candidate, hearer: Hearer | None) -> Completion:
        """One request to the model.

        Raises: TryAgain, ModelGone. Nonsense: the answer cannot be read. ModelError (502).
        """
        loop = asyncio.get_running_loop()
        began, outcome = loop.time(), "abandoned"
        self.turn.usage.model_calls += 1
        try:
            async with asyncio.timeout(self.gemini.patience.call_timeout_seconds):
                completion = await self.ask(candidate, hearer)
            outcome = "ok"
        except TimeoutError as error:
            outcome = ModelUnavailable.code
            logger.warning("model did not answer in time")
            raise TryAgain(ModelUnavailable(), reason="timeout") from error
        except GarbledAnswer:
            outcome = ModelError.code
            raise Nonsense("garbled_answer") from None
        except (EndpointRefusal, EndpointUnreachable, BrokenAnswer) as error:
            failure = translate(error, candidate)
            outcome = ModelUnavailable.code if isinstance(failure, TryAgain) else ModelError.code
            raise failure from error
        finally:
            self.metrics.model_asked(candidate.name, outcome, loop.time() - began)
        self.turn.usage.input_tokens += completion.input_tokens
        self.turn.usage.output_tokens += completion.output_tokens
        self.metrics.tokens_used(
            candidate.name,
            input_tokens=completion.input_tokens,
            output_tokens=completion.output_tokens,
        )
        return completion


def _why(failure: Exception) -> str:
    """Why a text that was said does not stand: one of few words."""
    match failure:
        case Nonsense():
            return _NONSENSE
        case TryAgain():
            return failure.reason
        case ModelRefused():
            return "refused"
    return FAILED


def _wait_seconds(failure: TryAgain) -> float:
    return failure.after_seconds or 0
