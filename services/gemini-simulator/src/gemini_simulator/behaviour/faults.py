"""Faults that a test can order, and which request they strike.

A fault strikes the requests that fit its `match`, `anywhere`, `model` and `step`, either the next
`count` of them or a `rate` of them; with both, a rate of them until the count is used up; with
neither, the next one.
Faults are tried in the order in which they were ordered; at most one strikes a request.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from gemini_simulator.behaviour.selector import Selector
from gemini_simulator.behaviour.stream_faults import (
    BrokenStreamFault,
    StreamFault,
    StreamManner,
)


class StatusFault(Selector):
    """Answer with an error status and Gemini's body, or with `body` as it is.

    A 429 says how long to wait in its body and, unless told otherwise, in `Retry-After`;
    `quota_value` names the quota that is used up and how much of it there was.
    """

    kind: Literal["status"]
    status: int = Field(ge=400, le=599)
    message: str | None = None
    retry_after_seconds: float | None = Field(None, ge=0)
    retry_after_header: bool = True
    quota_value: str | None = None
    body: str | None = None


class HangFault(Selector):
    """Hold the request until it is released or the client goes away.

    With `after_events` a streamed answer is held after so many events instead of before the first.
    """

    kind: Literal["hang"]
    after_events: int = Field(0, ge=0)


class CutFault(Selector):
    """Close the connection in the middle of the answer, after `after_events` streamed events."""

    kind: Literal["cut"]
    after_events: int = Field(1, ge=0)


class MalformedArgumentsFault(Selector):
    """Break the JSON of the first tool call's arguments, or set it to `arguments`."""

    kind: Literal["malformed_arguments"]
    arguments: str | None = None


class UnknownToolFault(Selector):
    """Ask for a tool that was not offered instead of the first one."""

    kind: Literal["unknown_tool"]
    name: str = "frobnicate_task"


class WrongIdFault(Selector):
    """Put another task id into every call that has one."""

    kind: Literal["wrong_id"]
    task_id: str = "00000000-0000-7000-8000-000000000000"


class FinishReasonFault(Selector):
    """Say nothing, or only `text`, and give this reason; by default a call that Gemini refused.

    With `content_filter: …` and no text there is no message either, as with a blocked prompt.
    """

    kind: Literal["finish_reason"]
    reason: str = "function_call_filter: MALFORMED_FUNCTION_CALL"
    text: str | None = None


class OneDeltaFault(Selector):
    """Stream all tool calls in one piece; of a request that is not streamed, change nothing."""

    kind: Literal["one_delta"]


class GarbageFault(Selector):
    """Answer 200 with nonsense; `body` replaces the nonsense of the variant."""

    kind: Literal["garbage"]
    variant: Literal["not_json", "html", "empty_object", "no_choices", "empty_message"] = "not_json"
    body: str | None = None


class ScriptedCall(BaseModel):
    """A call of a script; `arguments` as an object, or as text to be sent as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    arguments: dict[str, JsonValue] | str = Field(default_factory=dict)


class ScriptedResponse(BaseModel):
    """One answer of a script: tool calls or text. Args: stream: how it is streamed, if it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tool_calls: tuple[ScriptedCall, ...] = ()
    text: str | None = None
    stream: StreamManner | None = None


class ScriptFault(Selector):
    """Give these answers, one to each request it strikes; `count` plays the whole list again."""

    kind: Literal["script"]
    responses: tuple[ScriptedResponse, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_no_rate(self) -> "ScriptFault":
        if self.rate is not None:
            raise ValueError("a script is played in order and takes a count, not a rate")
        return self

    @property
    def limit(self) -> int:
        """One strike for each response, `count` times over."""
        return len(self.responses) * (self.count or 1)

    def response(self, ordinal: int) -> ScriptedResponse:
        """What the strike of this ordinal gives."""
        return self.responses[ordinal % len(self.responses)]


Fault = Annotated[
    StatusFault
    | HangFault
    | CutFault
    | MalformedArgumentsFault
    | UnknownToolFault
    | WrongIdFault
    | FinishReasonFault
    | OneDeltaFault
    | StreamFault
    | BrokenStreamFault
    | GarbageFault
    | ScriptFault,
    Field(discriminator="kind"),
]


@dataclass(frozen=True)
class Situation:
    """What decides whether a fault strikes: the request, and what the model would answer.

    Args: texts: of all messages, the last user message among them.
    """

    user_message: str
    texts: tuple[str, ...]
    model: str
    step: int
    has_calls: bool
    has_task_ids: bool
    has_text: bool = False
    is_streamed: bool = False


@dataclass(frozen=True)
class Strike:
    """A fault that strikes now. Args: ordinal: how often it has struck before."""

    fault_id: int
    fault: Fault
    ordinal: int


@dataclass
class OrderedFault:
    """A fault in the registry and how often it has struck."""

    fault_id: int
    fault: Fault
    struck: int = 0

    @property
    def remaining(self) -> int | None:
        """Strikes that are left; None is for ever."""
        return None if self.fault.limit is None else self.fault.limit - self.struck


class Faults:
    """The faults of this process. Args: seed: makes rates repeatable."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(f"faults:{seed}")
        self._ordered: list[OrderedFault] = []
        self._last_id = 0

    def order(self, fault: Fault) -> int:
        """Add a fault; returns the id by which it can be taken back."""
        self._last_id += 1
        self._ordered.append(OrderedFault(self._last_id, fault))
        return self._last_id

    def clear(self, fault_id: int | None = None) -> int:
        """Take back one fault, or all; returns how many were taken back."""
        kept = [o for o in self._ordered if fault_id is not None and o.fault_id != fault_id]
        cleared = len(self._ordered) - len(kept)
        self._ordered = kept
        return cleared

    def __iter__(self) -> Iterator[OrderedFault]:
        return iter(self._ordered)

    def strike(self, situation: Situation) -> Strike | None:
        """The fault that strikes this request, if one does; its count goes down."""
        for ordered in self._ordered:
            if not _fits(ordered.fault, situation):
                continue
            rate = ordered.fault.rate
            if rate is not None and self._random.random() >= rate:
                continue
            strike = Strike(ordered.fault_id, ordered.fault, ordered.struck)
            ordered.struck += 1
            if ordered.remaining == 0:
                self._ordered.remove(ordered)
            return strike
        return None


def _fits(fault: Fault, situation: Situation) -> bool:
    if fault.match is not None and fault.match not in situation.user_message:
        return False
    if fault.anywhere is not None and not any(fault.anywhere in text for text in situation.texts):
        return False
    if fault.model is not None and fault.model != situation.model:
        return False
    if fault.step is not None and fault.step != situation.step:
        return False
    if isinstance(fault, MalformedArgumentsFault | UnknownToolFault | OneDeltaFault):
        return situation.has_calls
    if isinstance(fault, WrongIdFault):
        return situation.has_task_ids
    if isinstance(fault, StreamFault | BrokenStreamFault):
        return _fits_stream(fault, situation)
    return True


def _fits_stream(fault: StreamFault | BrokenStreamFault, situation: Situation) -> bool:
    if isinstance(fault, BrokenStreamFault) and fault.awaits_text and not situation.has_text:
        return False
    return situation.is_streamed and (situation.has_calls or not fault.awaits_calls)
