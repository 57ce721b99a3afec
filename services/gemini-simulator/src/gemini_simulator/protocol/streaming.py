"""An answer as server-sent events, with the habits of Gemini's OpenAI layer.

- Text comes in pieces of several words; a tool call comes whole in one piece (stream_shapes.py).
- After tool calls the last `finish_reason` is "stop", not "tool_calls" as without streaming.
  Source: googleapis/python-genai/issues/2868.
- With `include_usage`, every piece carries the usage so far, not one extra piece at the end.
  Source: ogx-ai/ogx/issues/5122.
"""

import json
import re
from collections.abc import Iterator

from gemini_simulator.protocol.answers import (
    Answer,
    Json,
    Renderer,
    estimate_tokens,
    usage,
    usage_of,
)
from gemini_simulator.protocol.requests import ChatRequest
from gemini_simulator.protocol.stream_shapes import Form, call_deltas

DONE = "data: [DONE]\n\n"


def stream_events(
    renderer: Renderer, request: ChatRequest, answer: Answer, created: int, form: Form
) -> Iterator[str]:
    """The events of a streamed answer, `[DONE]` last.

    Args: created: Unix seconds. form: how it is cut into pieces.
    """
    ids = renderer.ids(request)
    envelope: Json = {
        "id": next(ids),
        "object": "chat.completion.chunk",
        "created": created,
        "model": request.model_id,
    }
    asked = request.stream_options is not None and request.stream_options.include_usage
    is_counted = asked or "usage_unasked" in form.shapes
    is_last_counted = asked and "usage_last" in form.shapes
    total = usage(request, answer)
    spoken = ""
    deltas = list(_deltas(renderer, request, answer, ids, form))
    for position, delta in enumerate(deltas):
        is_last = position == len(deltas) - 1
        spoken += str(delta.get("content", ""))
        choice: Json = {
            "index": 0,
            "delta": {"role": "assistant", **delta},
            "finish_reason": _reason(answer, form) if is_last else None,
        }
        chunk: Json = {**envelope, "choices": [choice]}
        if is_counted and not is_last_counted:
            chunk["usage"] = total if is_last else _so_far(total, estimate_tokens(spoken))
        yield event(chunk)
    if is_last_counted:
        yield event({**envelope, "choices": [], "usage": total})
    yield DONE


def event(chunk: object) -> str:
    """One event of a stream."""
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"


def _deltas(
    renderer: Renderer, request: ChatRequest, answer: Answer, ids: Iterator[str], form: Form
) -> Iterator[Json]:
    before = form.text if answer.calls and "text_before" in form.shapes else ""
    for piece in _pieces(before + (answer.text or ""), form.words):
        yield {"content": piece}
    if answer.calls:
        yield from call_deltas(renderer.tool_calls(request, answer, ids), form.shapes)
    signed = renderer.extra_content(request, answer.text) if answer.text else None
    yield {"extra_content": signed} if signed else {}


def _pieces(text: str, words: int) -> list[str]:
    """A text in pieces of so many words; together they are the text."""
    return re.findall(rf"(?:\s*\S+){{1,{words}}}\s*|\s+", text, re.DOTALL)


def _reason(answer: Answer, form: Form) -> str:
    if "reason_tool_calls" in form.shapes:
        return answer.finish_reason
    return answer.stopped or "stop"


def _so_far(total: Json, spoken: int) -> Json:
    prompt = total["prompt_tokens"]
    assert isinstance(prompt, int)
    return usage_of(prompt, spoken, 0)
