"""A model's answer and its body as Gemini's OpenAI layer writes it.

Shape seen on the real endpoint: noho/dayu-agent/issues/45 (tool calls, ids, `extra_content`).
"""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from gemini_simulator.protocol.requests import ChatRequest, FunctionCall
from gemini_simulator.protocol.signatures import Signer

CHARACTERS_PER_TOKEN = 4  # ai.google.dev/gemini-api/docs/tokens: "about 4 characters"
ID_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
ID_LENGTH = 8

Json = dict[str, object]


@dataclass(frozen=True)
class Call:
    """A tool call of an answer. Args: arguments: JSON as text, or what a fault made of it."""

    name: str
    arguments: str


@dataclass(frozen=True)
class Answer:
    """What the model answers: text, or tool calls.

    Args: cut_short: the text was cut at the request's token limit.
    """

    text: str | None = None
    calls: tuple[Call, ...] = ()
    cut_short: bool = False

    @property
    def tokens(self) -> int:
        """Estimated tokens, at least 1."""
        return estimate_tokens(
            (self.text or "") + "".join(c.name + c.arguments for c in self.calls)
        )

    def limited_to(self, tokens: int | None) -> "Answer":
        """The same answer, its text cut to a number of tokens."""
        if tokens is None or self.text is None or self.tokens <= tokens:
            return self
        return Answer(text=self.text[: tokens * CHARACTERS_PER_TOKEN], cut_short=True)

    @property
    def finish_reason(self) -> Literal["tool_calls", "length", "stop"]:
        """Why the model stopped, for an answer that is not streamed."""
        if self.calls:
            return "tool_calls"
        return "length" if self.cut_short else "stop"


def estimate_tokens(text: str) -> int:
    """Tokens of a text, by its length; at least 1."""
    return max(1, -(-len(text) // CHARACTERS_PER_TOKEN))


def usage(request: ChatRequest, answer: Answer) -> Json:
    """The `usage` object: estimates, as there is no tokenizer here."""
    prompt = sum(estimate_tokens(m.model_dump_json(exclude_none=True)) for m in request.messages)
    prompt += sum(
        estimate_tokens(t.model_dump_json(exclude_none=True)) for t in request.tools or ()
    )
    return {
        "prompt_tokens": prompt,
        "completion_tokens": answer.tokens,
        "total_tokens": prompt + answer.tokens,
    }


class Renderer:
    """Writes answers. Args: seed: ids are a function of it, the request and nothing else."""

    def __init__(self, seed: int, signer: Signer) -> None:
        self._key = hashlib.sha256(f"ids:{seed}".encode()).digest()
        self._signer = signer

    def ids(self, request: ChatRequest) -> Iterator[str]:
        """Endless short ids, different for every request and always the same for an equal one."""
        body = request.model_dump_json(include={"model", "messages"}).encode()
        number = 0
        while True:
            digest = hmac.digest(self._key, body + number.to_bytes(4), "sha256")
            yield "".join(ID_ALPHABET[byte % len(ID_ALPHABET)] for byte in digest[:ID_LENGTH])
            number += 1

    def tool_calls(self, answer: Answer, ids: Iterator[str]) -> list[Json]:
        """The calls of an answer; only the first carries the step's thought signature."""
        calls: list[Json] = []
        for index, call in enumerate(answer.calls):
            body: Json = {
                "id": next(ids),
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            if index == 0:
                signed = FunctionCall(name=call.name, arguments=call.arguments)
                signature = self._signer.sign(signed)
                body["extra_content"] = {"google": {"thought_signature": signature}}
            calls.append(body)
        return calls

    def completion(self, request: ChatRequest, answer: Answer, created: int) -> Json:
        """A whole `chat.completion`. Args: created: Unix seconds."""
        ids = self.ids(request)
        message: Json = {"role": "assistant"}
        completion_id = next(ids)
        if answer.text is not None:
            message["content"] = answer.text
        if answer.calls:
            message["tool_calls"] = self.tool_calls(answer, ids)
        choice = {"index": 0, "message": message, "finish_reason": answer.finish_reason}
        return {
            "id": completion_id,
            "object": "chat.completion",
            "created": created,
            "model": request.model_id,
            "choices": [choice],
            "usage": usage(request, answer),
        }
