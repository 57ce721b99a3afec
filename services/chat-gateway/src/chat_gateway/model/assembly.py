"""The pieces of a streamed answer, put together to the body that is not streamed.

Each provider cuts an answer in its own way, and says less than it should. Which call a piece
belongs to is told by its id, then by its name and by whether the call before is whole; an `index`
is taken where nothing else tells. What the whole means, completion.py reads. Sources: ADR 0024;
noho/dayu-agent#45, open-webui/computer#224 (no index), googleapis/python-genai#2868 ("stop" with
calls), ogx-ai/ogx#5122 (usage in each piece).
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import JsonValue

from chat_gateway.model.completion import (
    Completion,
    Members,
    WantedCall,
    checked,
    is_blocked,
    members_of,
    read_call,
    read_completion,
    signatures,
    text_of,
)

_TOLD: Final = ("id", "model", "usage", "prompt_feedback", "promptFeedback")
"""Of each piece, beside its choices."""
_SAYING: Final = ("content", "tool_calls", "function_call", "refusal")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_HIGH: Final = re.compile("[\ud800-\udbff]\\Z")


class AnswerCut(Exception):
    """The stream ended before the model said that it was done."""


@dataclass(slots=True)
class _Call:
    """A call that may still grow."""

    id: str
    index: object
    name: str = ""
    arguments: list[object] = field(default_factory=list)
    signed: dict[str, JsonValue] = field(default_factory=dict)

    def whole_arguments(self) -> object:
        if len(self.arguments) == 1:
            return self.arguments[0]
        texts = [one if isinstance(one, str) else json.dumps(one) for one in self.arguments]
        return paired("".join(texts))

    def is_whole(self) -> bool:
        """Whether its arguments are JSON as they stand, so that more would spoil them."""
        given = self.whole_arguments()
        if not isinstance(given, str):
            return True
        try:
            json.loads(given)
        except (ValueError, RecursionError):
            return False
        return True


class Assembly:
    """One answer while its pieces come."""

    def __init__(self) -> None:
        self._head: dict[str, object] = {}
        self._content: list[object] = []
        self._refusal = ""
        self._calls: list[_Call] = []
        self._signed: dict[str, JsonValue] = {}
        self._finish_reason = ""
        self._choice: object = None  # index of the one that is read; Gemini leaves out a zero
        self._half = ""  # of a surrogate pair that was cut

    @property
    def has_calls(self) -> bool:
        """Whether it asks for a tool."""
        return bool(self._calls)

    @property
    def has_begun(self) -> bool:
        """Whether it says anything yet; a role or a thought is nothing."""
        return bool(self._content or self._calls or self._refusal or self._finish_reason)

    def add(self, piece: object) -> str:
        """Take a piece. Args: piece: parsed JSON.

        Returns: the text that it adds to the answer, maybe "".
        Raises: NoCompletion: it is no piece. ErrorInside: it is an error.
        """
        body, _ = checked(piece)
        told = {name: body[name] for name in _TOLD if body.get(name)}
        # The usage is so far, not since the last piece: the last one counts.
        self._head = {**self._head, **told}
        return "".join([self._add(choice) for choice in self._choices(body)])

    def completion(self) -> Completion:
        """Read what has come together. Nothing is added any more.

        Raises: AnswerCut: it has no end. NoCompletion.
        """
        if not (self._finish_reason or is_blocked(self._head)):
            raise AnswerCut
        message: dict[str, object] = {"content": self._whole_content()}
        if self._refusal:
            message["refusal"] = self._refusal
        signed = self._signed
        if self._calls and signed and not any(call.signed for call in self._calls):
            # Gemini signs the first call of an answer, wherever the signature comes.
            self._calls[0].signed, signed = signed, {}
        message["tool_calls"] = [
            {**call.signed, "function": {"name": call.name, "arguments": call.whole_arguments()}}
            for call in self._calls
        ]
        choice = {"message": {**message, **signed}, "finish_reason": self._finish_reason}
        return read_completion({**self._head, "choices": [choice]})

    def _choices(self, body: Members) -> Iterator[Members]:
        choices = body.get("choices")
        for choice in map(members_of, choices if isinstance(choices, list) else []):
            if choice is None:
                continue
            index = choice.get("index") or 0
            if self._choice is None:
                self._choice = index
            if index == self._choice:
                yield choice

    def _add(self, choice: Members) -> str:
        delta = members_of(choice.get("delta"))
        whole = members_of(choice.get("message")) or {}
        if not delta and any(whole.get(one) for one in _SAYING):
            delta = self._instead(whole)
        reason = choice.get("finish_reason")
        self._finish_reason = reason if isinstance(reason, str) and reason else self._finish_reason
        if not delta or _is_thought(delta):
            return ""
        for name, value in signatures(delta).items():
            self._signed[name] = _merged(self._signed.get(name), value)
        if isinstance(refusal := delta.get("refusal"), str):
            self._refusal += refusal
        wanted = delta.get("tool_calls") or delta.get("function_call")
        for one in wanted if isinstance(wanted, list) else [wanted] if wanted else []:
            self._add_call(one)
        content = delta.get("content")
        if not content:
            return ""
        self._content += content if isinstance(content, list) else [content]
        return self._text(text_of(content))

    def _instead(self, whole: Members) -> Members:
        """A whole message in the place of the pieces that came before it."""
        self._content, self._refusal, self._calls, self._signed = [], "", [], {}
        return whole

    def _text(self, text: str) -> str:
        """The same, with half a character held back until its other half comes."""
        text, self._half = self._half + text, ""
        if half := _HIGH.search(text):
            self._half, text = half[0], text[: half.start()]
        return paired(text)

    def _whole_content(self) -> object:
        if all(isinstance(one, str) for one in self._content):
            return paired("".join(map(str, self._content)))
        return self._content

    def _add_call(self, given: object) -> None:
        piece = read_call(given)
        members = members_of(given) or {}
        call_id, index = members.get("id"), members.get("index")
        call_id = call_id if isinstance(call_id, str) else ""
        if not (piece.name or piece.arguments is not None or piece.signed or call_id):
            return
        call = self._call_of(piece, call_id, index)
        if call is None:
            call = _Call(call_id, index)
            self._calls.append(call)
        call.name, call.id = call.name or piece.name, call.id or call_id
        if piece.arguments is not None:
            call.arguments.append(piece.arguments)
        for name, value in piece.signed.items():
            call.signed[name] = _merged(call.signed.get(name), value)

    def _call_of(self, piece: WantedCall, call_id: str, index: object) -> _Call | None:
        """The call that a piece goes on with. Returns: None: it begins another one."""
        with_id = [call for call in self._calls if call_id and call.id == call_id]
        at_index = [call for call in self._calls if index is not None and call.index == index]
        if not piece.name:
            near = with_id or at_index
            if not near and not piece.signed and piece.arguments is None and call_id:
                return None
            near = near or self._calls
            if piece.signed and piece.arguments is None:
                # One signature a call: this is of the first that has none yet.
                near = [call for call in near if not call.signed][:1] or near
            return near[-1] if near else None
        last = self._calls[-1] if self._calls else None
        if last and not last.name and last.id in ("", call_id):
            return last
        if call_id and not with_id:
            return None
        near = with_id or at_index or (self._calls if index is None else [])
        if not near or near[-1].name != piece.name:
            return None
        if near[-1].is_whole():
            # Gemini gives all calls of an answer the same id, each with arguments.
            return near[-1] if with_id and piece.arguments is None else None
        # Others repeat id and name in each piece.
        is_begun = bool(near[-1].arguments or with_id or at_index)
        return near[-1] if is_begun else None


def paired(text: str) -> str:
    """The same text, with the halves of a character that were cut apart put together."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _is_thought(delta: Members) -> bool:
    """Whether Gemini tells what it thinks. Source: ai.google.dev/gemini-api/docs/openai."""
    extra = members_of(delta.get("extra_content")) or {}
    return any(isinstance(one, dict) and one.get("thought") is True for one in extra.values())


def _merged(known: JsonValue, more: JsonValue) -> JsonValue:
    """Members of both, one by one; where both have one, the later."""
    if not (isinstance(known, Mapping) and isinstance(more, Mapping)):
        return more
    merged = {name: _merged(known.get(name), value) for name, value in more.items()}
    return {**known, **merged}
