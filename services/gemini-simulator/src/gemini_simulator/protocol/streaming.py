"""An answer as server-sent events, with the habits of Gemini's OpenAI layer.

- Text comes in pieces of several words; a tool call comes whole in one piece.
- After tool calls the last `finish_reason` is "stop", not "tool_calls" as without streaming.
  Source: googleapis/python-genai/issues/2868.
- With `include_usage`, every piece carries the usage so far, not one extra piece at the end.
  Source: ogx-ai/ogx/issues/5122.
"""

import json
import re
from collections.abc import Iterator

from gemini_simulator.protocol.answers import Answer, Json, Renderer, estimate_tokens, usage
from gemini_simulator.protocol.requests import ChatRequest

WORDS_PER_PIECE = 4
DONE = "data: [DONE]\n\n"
PIECE = re.compile(rf"(?:\s*\S+){{1,{WORDS_PER_PIECE}}}\s*|\s+", re.DOTALL)


def stream_events(
    renderer: Renderer, request: ChatRequest, answer: Answer, created: int
) -> Iterator[str]:
    """The events of a streamed answer, `[DONE]` last. Args: created: Unix seconds."""
    ids = renderer.ids(request)
    completion_id = next(ids)
    include_usage = request.stream_options is not None and request.stream_options.include_usage
    total = usage(request, answer)
    spoken = ""
    deltas: list[Json] = [{"content": piece} for piece in PIECE.findall(answer.text or "")]
    if answer.calls:
        calls = renderer.tool_calls(answer, ids)
        deltas += [{"tool_calls": [{"index": i, **call}]} for i, call in enumerate(calls)]
    deltas.append({})
    for position, delta in enumerate(deltas):
        is_last = position == len(deltas) - 1
        spoken += str(delta.get("content", ""))
        finish_reason = ("length" if answer.cut_short else "stop") if is_last else None
        chunk: Json = {
            "id": completion_id,
            "object": "chat.completion.chunk",
            "created": created,
            "model": request.model_id,
            "choices": [
                {
                    "index": 0,
                    "delta": {"role": "assistant", **delta},
                    "finish_reason": finish_reason,
                }
            ],
        }
        if include_usage:
            chunk["usage"] = total if is_last else _so_far(total, estimate_tokens(spoken))
        yield f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"
    yield DONE


def _so_far(total: Json, spoken: int) -> Json:
    prompt = total["prompt_tokens"]
    assert isinstance(prompt, int)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": spoken,
        "total_tokens": prompt + spoken,
    }
