"""Spans of a call of the model: the call as a whole, and each HTTP request that it takes.

A request finds the call that it belongs to by its context, because the Agents SDK stands between
the two and hands nothing on.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from opentelemetry.trace import Span, SpanKind

from chat_gateway.telemetry import genai
from chat_gateway.telemetry.spans import conversation, opened_span


@dataclass(frozen=True, slots=True)
class Completed:
    """An answer of the model, without anything that it said.

    id, model: empty where the answer has none. first_byte_seconds: from the request on.
    """

    id: str
    model: str
    finish_reasons: Sequence[str]
    input_tokens: int
    output_tokens: int
    first_byte_seconds: float


@dataclass(slots=True)
class ModelSpan:
    """A call of the model that is under way, with all requests that it takes."""

    _span: Span
    finish_reasons: Sequence[str] = ()
    _requests: int = 0
    _input_tokens: int = 0
    _output_tokens: int = 0

    def said(self, contents: Mapping[str, str]) -> None:
        """Note what contents.py lets through of the answer."""
        self._span.set_attributes(contents)

    def unusable(self, reason: str) -> None:
        """An answer was nonsense, and another one may be asked for."""
        self._span.add_event("taskchat.model.nonsense", {"taskchat.model.nonsense.reason": reason})

    def text_began(self) -> None:
        """The person is told the first words of an answer that is still under way."""
        self._span.add_event("taskchat.model.first_text")

    def fell_back(self, model: str) -> None:
        """Another model answered than the one that is asked first. Args: model: its name."""
        self._span.set_attribute(genai.FALLBACK_MODEL, model)

    def _requested(self) -> int:
        """Count a request. Returns: how many there were before it."""
        self._requests += 1
        self._span.set_attribute(genai.MODEL_REQUESTS, self._requests)
        return self._requests - 1

    def _completed(self, answer: Completed) -> None:
        """Tokens add up: an answer that could not be used was paid for too."""
        self._input_tokens += answer.input_tokens
        self._output_tokens += answer.output_tokens
        self._span.set_attribute(genai.INPUT_TOKENS, self._input_tokens)
        self._span.set_attribute(genai.OUTPUT_TOKENS, self._output_tokens)
        self._span.set_attribute(genai.TIME_TO_FIRST_TOKEN, answer.first_byte_seconds)
        self.finish_reasons = answer.finish_reasons
        if answer.finish_reasons:
            self._span.set_attribute(genai.FINISH_REASONS, answer.finish_reasons)
        if answer.id:
            self._span.set_attribute(genai.RESPONSE_ID, answer.id)
        if answer.model:
            self._span.set_attribute(genai.RESPONSE_MODEL, answer.model)


_model_call: ContextVar[ModelSpan | None] = ContextVar("model_call", default=None)


@contextmanager
def model_span(
    model: str, base_url: str, conversation_id: UUID | None, contents: Mapping[str, str]
) -> Iterator[ModelSpan]:
    """One call of the model, until its answer can be used; the block's requests stand under it.

    Args: contents: what contents.py lets through of the question.
    """
    attributes = {
        genai.OPERATION_NAME: genai.CHAT,
        genai.PROVIDER_NAME: genai.GEMINI,
        genai.REQUEST_MODEL: model,
        **conversation(conversation_id),
        **_server(base_url),
        **contents,
    }
    with opened_span(f"{genai.CHAT} {model}", SpanKind.CLIENT, attributes) as span:
        call = ModelSpan(span)
        token = _model_call.set(call)
        try:
            yield call
        finally:
            _model_call.reset(token)


@dataclass(frozen=True, slots=True)
class ModelRequestSpan:
    """One HTTP request to the model that is under way."""

    _span: Span
    _call: ModelSpan | None

    def answered(self, status: int) -> None:
        """Note the HTTP status of the answer."""
        self._span.set_attribute(genai.STATUS_CODE, status)

    def completed(self, answer: Completed) -> None:
        """Note what the answer was and cost, on the call that it answers too."""
        self._span.set_attribute(genai.TIME_TO_FIRST_TOKEN, answer.first_byte_seconds)
        if self._call is not None:
            self._call._completed(answer)


@contextmanager
def model_request_span(method: str, url: str, template: str) -> Iterator[ModelRequestSpan]:
    """One HTTP request to the model. A call that is tried again, or hedged, has several.

    Args: url: without user, password or query. template: the part of it that is the same anywhere.
    """
    call = _model_call.get()
    attributes: dict[str, str | int] = {
        genai.REQUEST_METHOD: method,
        genai.URL_FULL: url,
        genai.URL_TEMPLATE: template,
        **_server(url),
    }
    if call is not None and (earlier := call._requested()):
        attributes[genai.RESEND_COUNT] = earlier
    with opened_span(f"{method} {template}", SpanKind.CLIENT, attributes) as span:
        yield ModelRequestSpan(span, call)


def _server(url: str) -> dict[str, str | int]:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return {genai.SERVER_ADDRESS: parts.hostname or "", genai.SERVER_PORT: port}
