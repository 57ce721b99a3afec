"""What an answer has cost: the budget of a day counts it (ADR 0033)."""

from typing import Any

import pytest
from chat_gateway.model.completion import read_completion

ANSWER: dict[str, Any] = {
    "choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": "Hi"}}]
}


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"prompt_tokens": 41, "completion_tokens": 8, "total_tokens": 209}, (41, 168)),
        ({"prompt_tokens": 41, "total_tokens": 209}, (41, 168)),
        ({"prompt_tokens": 41, "completion_tokens": 8, "total_tokens": 49}, (41, 8)),
        ({"prompt_tokens": 41, "completion_tokens": 8}, (41, 8)),
        ({"prompt_tokens": 41, "completion_tokens": 8, "total_tokens": 3}, (41, 8)),
        ({"completion_tokens": 8, "total_tokens": "many"}, (0, 8)),
    ],
    ids=["thoughts", "nothing but thoughts", "none", "no total", "a total too small", "nonsense"],
)
def test_thoughts_are_counted_where_the_total_alone_tells_of_them(
    usage: dict[str, Any], tokens: tuple[int, int]
) -> None:
    """Gemini bills them as output, and leaves them out of `completion_tokens`."""
    completion = read_completion({**ANSWER, "usage": usage})

    assert (completion.input_tokens, completion.output_tokens) == tokens
