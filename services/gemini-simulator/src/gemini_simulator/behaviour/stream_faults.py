"""Faults of streams: another shape, slow pieces, a stream that breaks. They await a stream."""

import json
from collections.abc import Sequence
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gemini_simulator.behaviour.selector import Selector
from gemini_simulator.protocol.errors import STATUS_NAMES, GeminiError
from gemini_simulator.protocol.stream_shapes import OF_CALLS, WORDS_PER_PIECE, Form, Shape
from gemini_simulator.protocol.streaming import DONE, event


class StreamManner(BaseModel):
    """How an answer is streamed: in another shape, in pieces of so many words, slowly.

    `text` is what `text_before` says before the calls.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    shapes: frozenset[Shape] = frozenset()
    text: str = Field("Let me see. ", min_length=1)
    words: int = Field(WORDS_PER_PIECE, ge=1)
    milliseconds: float = Field(0, ge=0, le=60_000, description="between two pieces")

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if {"indexed", "equal_indices"} <= self.shapes:
            raise ValueError("calls are `indexed` or have `equal_indices`, not both")
        if {"signature_apart", "signature_beside"} <= self.shapes:
            raise ValueError("the signature comes `signature_apart` or `signature_beside`")
        if {"one_piece", "split_arguments"} <= self.shapes and "indexed" not in self.shapes:
            raise ValueError("in `one_piece`, `split_arguments` are told apart only if `indexed`")
        if "text" in self.model_fields_set and "text_before" not in self.shapes:
            raise ValueError("`text` is said only with the shape `text_before`")
        if not self.shapes and self.words == WORDS_PER_PIECE and not self.milliseconds:
            raise ValueError("give `shapes`, `words` or `milliseconds`: else nothing is changed")
        return self

    @property
    def form(self) -> Form:
        """How the answer is cut into pieces."""
        return Form(self.shapes, self.text, self.words)


class StreamFault(Selector, StreamManner):
    """Stream in another manner. The shapes of calls await an answer that has some."""

    kind: Literal["stream"]

    @property
    def awaits_calls(self) -> bool:
        """Whether it changes nothing about an answer without calls."""
        return bool(self.shapes) and self.shapes <= OF_CALLS


MEMBERS = {
    "empty": {"disconnects"},
    "only_done": set[str](),
    "ends": {"after_events", "disconnects"},
    "ends_in_text": {"disconnects"},
    "ends_in_arguments": {"disconnects"},
    "garbage": {"after_events", "line"},
    "error": {"after_events", "status"},
}
"""What each variant of a broken stream takes."""


class BrokenStreamFault(Selector):
    """A stream that ends, or says something else, after `after_events` events.

    `empty`: 200 and not one event. `only_done`: nothing but `[DONE]`. `ends`: no more events, as if
    that were all; `ends_in_text` and `ends_in_arguments`: in the middle of a text, of a call's
    arguments. `garbage`: a line that is no event of ours, then the rest. `error`: an error object
    and the end; its shape in mid-stream is that of diegosouzapw/OmniRoute/issues/4177. What ends
    before its time ends as HTTP demands, or with `disconnects` with the connection.
    """

    kind: Literal["broken_stream"]
    variant: Literal[
        "empty", "only_done", "ends", "ends_in_text", "ends_in_arguments", "garbage", "error"
    ]
    after_events: int = Field(1, ge=0)
    status: int = Field(503, ge=400, le=599, description="of the error")
    line: str = Field("data: {nonsense", min_length=1, description="the garbage")
    disconnects: bool = False

    @model_validator(mode="after")
    def _has_its_members_only(self) -> Self:
        own = self.model_fields_set & {"after_events", "status", "line", "disconnects"}
        if wrong := sorted(own - MEMBERS[self.variant]):
            raise ValueError(f"`{self.variant}` takes no {' and no '.join(wrong)}")
        return self

    @property
    def awaits_calls(self) -> bool:
        """Whether it needs a call to break in."""
        return self.variant == "ends_in_arguments"

    @property
    def awaits_text(self) -> bool:
        """Whether it needs a text to break in."""
        return self.variant == "ends_in_text"

    def broken(self, events: Sequence[str]) -> list[str]:
        """What is left of a stream's events. Args: events: whole ones, `[DONE]` last."""
        begun, rest = list(events[: self.after_events]), list(events[self.after_events :])
        match self.variant:
            case "empty":
                return []
            case "only_done":
                return [DONE]
            case "ends":
                return begun
            case "ends_in_text":
                return _until_half(events, "content")
            case "ends_in_arguments":
                return _until_half(events, "tool_calls")
            case "garbage":
                return [*begun, f"{self.line}\n\n", *rest]
            case "error":
                error = GeminiError(self.status)
                status = STATUS_NAMES.get(self.status, "UNKNOWN")
                body = {"code": self.status, "message": error.message, "status": status}
                return [*begun, event({"error": body})]


def _until_half(events: Sequence[str], member: str) -> list[str]:
    """The events up to the last one with text, or calls, and half of what that one says."""
    deltas = [_delta(one) for one in events]
    last = max((place for place, delta in enumerate(deltas) if member in delta), default=None)
    if last is None:  # a token limit has cut it away
        return []
    chunk = json.loads(events[last].removeprefix("data: "))
    delta = chunk["choices"][0]["delta"]
    if member == "content":
        delta[member] = delta[member][: len(delta[member]) // 2]
    else:
        function = delta[member][-1]["function"]
        function["arguments"] = function["arguments"][: len(function["arguments"]) // 2]
    chunk["choices"][0]["finish_reason"] = None
    return [*events[:last], event(chunk)]


def _delta(one: str) -> dict[str, object]:
    if one == DONE:
        return {}
    choices = json.loads(one.removeprefix("data: "))["choices"]
    delta: dict[str, object] = choices[0]["delta"] if choices else {}
    return delta
