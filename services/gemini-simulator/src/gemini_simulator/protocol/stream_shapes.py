"""The shapes in which tool calls, their signature and the usage arrive in a stream.

Today's, as captured: each call whole, in a piece of its own, without `index`, the first with the
signature, the last reason "stop". Source: THU-MAIC/OpenMAIC/issues/1556 (gemini-3.8-flash,
September 2026), noho/dayu-agent/issues/82 (parallel calls, one to a piece, and all in one),
googleapis/python-genai/issues/2868 ("stop"). Others that were seen, of Gemini or of what stands
before it: open-webui/computer/issues/224 (arguments in fragments without `index`, a signature in a
piece of its own), su-kaka/gcli2api/pull/406 (every `index` 0).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from gemini_simulator.protocol.answers import Json

Shape = Literal[
    "indexed",
    "equal_indices",
    "one_piece",
    "split_arguments",
    "signature_apart",
    "signature_beside",
    "text_before",
    "reason_tool_calls",
    "usage_last",
    "usage_unasked",
]
OF_CALLS: frozenset[Shape] = frozenset(get_args(Shape)) - {"usage_last", "usage_unasked"}
"""Those that only an answer with calls can have."""
TODAY: frozenset[Shape] = frozenset()
WORDS_PER_PIECE = 4


@dataclass(frozen=True)
class Form:
    """How an answer is cut into pieces.

    Args: shapes: what is other than today's. text: said before the calls, with `text_before`.
        words: of text in a piece.
    """

    shapes: frozenset[Shape] = TODAY
    text: str = ""
    words: int = WORDS_PER_PIECE


def call_deltas(calls: Sequence[Json], shapes: frozenset[Shape]) -> Iterator[Json]:
    """The deltas of calls, in order.

    Args: calls: at least one, whole, as in an answer that is not streamed.
    """
    numbered = [_numbered(call, place, shapes) for place, call in enumerate(calls)]
    is_apart = "signature_apart" in shapes or "signature_beside" in shapes
    signature = numbered[0].pop("extra_content") if is_apart else None
    parts = [_parts(call) if "split_arguments" in shapes else [call] for call in numbered]
    # Of calls in one piece all first halves come together, and then all second ones.
    pieces = (
        zip(*parts, strict=True) if "one_piece" in shapes else ([one] for p in parts for one in p)
    )
    for piece in pieces:
        yield {"tool_calls": list(piece)}
    if "signature_apart" in shapes:
        place = {name: numbered[0][name] for name in ("index", "id") if name in numbered[0]}
        yield {"tool_calls": [{**place, "extra_content": signature}]}
    elif is_apart:
        yield {"extra_content": signature}


def _numbered(call: Json, place: int, shapes: frozenset[Shape]) -> Json:
    if "indexed" in shapes:
        return {"index": place, **call}
    return {"index": 0, **call} if "equal_indices" in shapes else dict(call)


def _parts(call: Json) -> list[Json]:
    """A call with the first half of its arguments, and the fragment that goes on with them."""
    function = cast(Json, call["function"])
    arguments = str(function["arguments"])
    middle = len(arguments) // 2
    head: Json = {**call, "function": {**function, "arguments": arguments[:middle]}}
    place = {name: call[name] for name in ("index",) if name in call}
    return [head, {**place, "function": {"arguments": arguments[middle:]}}]
