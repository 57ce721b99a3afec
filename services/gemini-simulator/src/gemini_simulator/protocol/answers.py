"""A model's answer and its body as Gemini's OpenAI layer writes it.

Shape seen on the real endpoint: noho/dayu-agent/issues/45 (tool calls, ids, `extra_content`). What
it thought is in no other count of the usage than the total: mozilla-ai/any-llm/issues/1290.
"""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from gemini_simulator.protocol.models import model_of
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
    """What the model answers: text, or tool calls, or neither.

    Args: stopped: why it did not finish; None when it did. thoughts: tokens thought before it.
    """

    text: str | None = None
    calls: tuple[Call, ...] = ()
    stopped: str | None = None
    thoughts: int = 0

    @property
    def tokens(self) -> int:
        """Estimated tokens of what is said."""
        said = (self.text or "") + "".join(c.name + c.arguments for c in self.calls)
        return estimate_tokens(said) if said else 0

    def limited_to(self, tokens: int | None) -> "Answer":
        """The same answer cut to a number of tokens, thoughts among them; half a call is none."""
        if tokens is None or self.thoughts + self.tokens <= tokens:
            return self
        room = max(0, tokens - self.thoughts) * CHARACTERS_PER_TOKEN
        text = None if self.calls or self.text is None else self.text[:room] or None
        return Answer(text=text, stopped="length", thoughts=min(self.thoughts, tokens))

    @property
    def finish_reason(self) -> str:
        """Why the model stopped, for an answer that is not streamed."""
        return self.stopped or ("tool_calls" if self.calls else "stop")

    @property
    def is_blocked(self) -> bool:
        """Whether a filter let nothing through: then there is not even a message."""
        return self.text is None and self.finish_reason.startswith("content_filter")


def estimate_tokens(text: str) -> int:
    """Tokens of a text, by its length; at least 1."""
    return max(1, -(-len(text) // CHARACTERS_PER_TOKEN))


def usage(request: ChatRequest, answer: Answer) -> Json:
    """The `usage` object: estimates, as there is no tokenizer here."""
    prompt = sum(estimate_tokens(m.model_dump_json(exclude_none=True)) for m in request.messages)
    prompt += sum(
        estimate_tokens(t.model_dump_json(exclude_none=True)) for t in request.tools or ()
    )
    return usage_of(prompt, answer.tokens, answer.thoughts)


def usage_of(prompt: int, completion: int, thoughts: int) -> Json:
    """The `usage` object of counted tokens."""
    counted: Json = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion + thoughts,
    }
    if thoughts:
        counted["completion_tokens_details"] = {"reasoning_tokens": thoughts}
    return counted


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

    def tool_calls(self, request: ChatRequest, answer: Answer, ids: Iterator[str]) -> list[Json]:
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
                signature = self._signer.sign(signed, model_of(request.model_id))
                body["extra_content"] = _signed(signature)
            calls.append(body)
        return calls

    def extra_content(self, request: ChatRequest, text: str) -> Json:
        """The thought signature of a text; a stream has it in a last piece without text."""
        return _signed(self._signer.sign_text(text, model_of(request.model_id)))

    def completion(self, request: ChatRequest, answer: Answer, created: int) -> Json:
        """A whole `chat.completion`. Args: created: Unix seconds."""
        ids = self.ids(request)
        message: Json = {"role": "assistant"}
        completion_id = next(ids)
        if answer.text is not None:
            message["content"] = answer.text
            message["extra_content"] = self.extra_content(request, answer.text)
        if answer.calls:
            message["tool_calls"] = self.tool_calls(request, answer, ids)
        choice: Json = {"index": 0, "finish_reason": answer.finish_reason}
        if not answer.is_blocked:
            choice["message"] = message
        return {
            "id": completion_id,
            "object": "chat.completion",
            "created": created,
            "model": request.model_id,
            "choices": [choice],
            "usage": usage(request, answer),
        }


def _signed(signature: str) -> Json:
    return {"google": {"thought_signature": signature}}
