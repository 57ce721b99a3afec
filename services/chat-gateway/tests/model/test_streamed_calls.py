"""Calls that come in pieces, as providers cut them, are those that were meant."""

from typing import Any

import pytest
from chat_gateway.model.assembly import AnswerCut
from chat_gateway.model.completion import NoCompletion
from hypothesis import given
from hypothesis import strategies as st

from ..equipment.model_streams import call, piece, read, signed, texts, wire

MILK, EGGS = '{"title": "milk"}', '{"title": "Käse 🧀"}'
ADD_MILK, ADD_EGGS = call("add_task", MILK, "c1"), call("add_task", EGGS, "c2")
SIGNED = signed("add_task", MILK)
STOP = piece("stop")
BOTH = [("add_task", MILK), ("add_task", EGGS)]
ONE = [("add_task", MILK)]


def indexed(one: dict[str, Any], index: int) -> dict[str, Any]:
    return {**one, "index": index}


CALLS: dict[str, tuple[list[Any], list[tuple[str, str]]]] = {
    "OpenAI: index, arguments in parts": (
        [
            piece(tool_calls=[call("add_task", "", "c1", index=0)]),
            piece(tool_calls=[call("", '{"title": ', index=0)]),
            piece(tool_calls=[call("", '"milk"}', index=0)]),
            piece(tool_calls=[call("add_task", EGGS[:9], "c2", index=1)]),
            piece(tool_calls=[call("", EGGS[9:], index=1)]),
            piece("tool_calls"),
        ],
        BOTH,
    ),
    "parts of two calls in turns": (
        [
            piece(tool_calls=[call("add_task", "", "c1", index=0)]),
            piece(tool_calls=[call("add_task", "", "c2", index=1)]),
            piece(tool_calls=[call("", MILK[:5], index=0), call("", EGGS[:7], index=1)]),
            piece(tool_calls=[call("", EGGS[7:], index=1)]),
            piece(tool_calls=[call("", MILK[5:], index=0)]),
            piece("tool_calls"),
        ],
        BOTH,
    ),
    "two in one delta, no index": ([piece(tool_calls=[ADD_MILK, ADD_EGGS]), STOP], BOTH),
    "two deltas, no index": (
        [piece(tool_calls=[ADD_MILK]), piece("stop", tool_calls=[ADD_EGGS])],
        BOTH,
    ),
    "equal indices": (
        [
            piece(tool_calls=[indexed(ADD_MILK, 0)]),
            piece(tool_calls=[indexed(ADD_EGGS, 0)]),
            STOP,
        ],
        BOTH,
    ),
    "equal indices, arguments in parts": (
        [
            piece(tool_calls=[call("add_task", MILK[:4], "c1", index=0)]),
            piece(tool_calls=[call("", MILK[4:], index=0)]),
            piece(tool_calls=[call("add_task", EGGS[:4], "c2", index=0)]),
            piece(tool_calls=[call("", EGGS[4:], index=0)]),
            STOP,
        ],
        BOTH,
    ),
    "no index, arguments in parts": (
        [
            piece(tool_calls=[call("add_task", MILK[:4], "c1")]),
            piece(tool_calls=[{"function": {"arguments": MILK[4:]}}]),
            piece(tool_calls=[call("add_task", EGGS[:4], "c2")]),
            piece(tool_calls=[{"function": {"arguments": EGGS[4:]}}]),
            STOP,
        ],
        BOTH,
    ),
    "one id for all": (
        [piece(tool_calls=[call("add_task", MILK, "x"), call("add_task", EGGS, "x")]), STOP],
        BOTH,
    ),
    "no id, no index": (
        [piece(tool_calls=[call("add_task", MILK), call("add_task", EGGS)]), STOP],
        BOTH,
    ),
    "empty ids and equal indices": (
        [
            piece(tool_calls=[call("add_task", MILK, "", index=0)]),
            piece("stop", tool_calls=[call("add_task", EGGS, "", index=0)]),
        ],
        BOTH,
    ),
    "id and name in each part": (
        [
            piece(tool_calls=[call("add_task", MILK[:6], "c1")]),
            piece(tool_calls=[call("add_task", MILK[6:], "c1")]),
            piece(tool_calls=[call("add_task", None, "c1")]),
            piece(tool_calls=[call("add_task", EGGS, "c2")]),
            STOP,
        ],
        BOTH,
    ),
    "id in each part": (
        [
            piece(tool_calls=[call("add_task", "", "c1"), call("add_task", "", "c2")]),
            piece(tool_calls=[call("", EGGS, "c2"), call("", MILK, "c1")]),
            STOP,
        ],
        BOTH,
    ),
    "a fresh id for each part": (
        [
            piece(tool_calls=[call("add_task", MILK[:6], "c1", index=0)]),
            piece(tool_calls=[call("", MILK[6:], "c2", index=0)]),
            STOP,
        ],
        ONE,
    ),
    "the name after the id": (
        [
            piece(tool_calls=[{"id": "c1", "type": "function", "index": 0}]),
            piece(tool_calls=[call("add_task", MILK, "c1", index=0)]),
            STOP,
        ],
        ONE,
    ),
    "two without arguments": (
        [piece(tool_calls=[call("list_tasks", None), call("list_tasks", None)]), STOP],
        [("list_tasks", ""), ("list_tasks", "")],
    ),
    "nothing beside a call": (
        [piece(tool_calls=[{}, ADD_MILK, {"index": 3, "function": {}}]), STOP],
        ONE,
    ),
    "arguments as an object": (
        [piece(tool_calls=[{"function": {"name": "add_task", "arguments": {"title": "milk"}}}]),
         STOP],
        [("add_task", {"title": "milk"})],  # type: ignore[list-item] # as it came
    ),
    "the member's old name": (
        [
            piece(function_call={"name": "add_task", "arguments": MILK[:3]}),
            piece("function_call", function_call={"arguments": MILK[3:]}),
        ],
        ONE,
    ),
    "a whole message at once": (
        [{"choices": [{"message": {"tool_calls": [ADD_MILK]}, "finish_reason": "stop"}]}],
        ONE,
    ),
    "a whole message after its pieces": (
        [
            piece(tool_calls=[ADD_MILK]),
            {"choices": [{"message": {"tool_calls": [ADD_MILK]}, "finish_reason": "stop"}]},
        ],
        ONE,
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", CALLS)
def test_calls_are_those_that_were_meant(shape: str) -> None:
    pieces, wanted = CALLS[shape]
    completion, heard = read(wire(*pieces))

    assert [(call.name, call.arguments or "") for call in completion.calls] == wanted
    assert (heard.has_calls, heard.text, completion.text) == (True, "", "")


@pytest.mark.parametrize(
    "pieces",
    [
        [piece(tool_calls=[{**ADD_MILK, **SIGNED}, ADD_EGGS]), STOP],
        [piece(tool_calls=[ADD_MILK]), piece(tool_calls=[{"index": 0, **SIGNED}]),
         piece(tool_calls=[ADD_EGGS]), STOP],
        [piece(tool_calls=[indexed(ADD_MILK, 0)]), piece(tool_calls=[indexed(ADD_EGGS, 0)]),
         piece(tool_calls=[{"index": 0, **SIGNED}]), STOP],
        [piece(tool_calls=[ADD_MILK, ADD_EGGS]), piece(tool_calls=[{"id": "c1", **SIGNED}]), STOP],
        [piece(tool_calls=[ADD_MILK, ADD_EGGS]), piece("stop", **SIGNED)],
        [piece(**SIGNED), piece(tool_calls=[ADD_MILK, ADD_EGGS]), STOP],
        [piece(tool_calls=[SIGNED]), piece(tool_calls=[ADD_MILK, ADD_EGGS]), STOP],
        [piece(tool_calls=[{"id": "c1", "function": {"name": "add_task", "arguments": MILK,
                                                     **SIGNED}}, ADD_EGGS]), STOP],
    ],
    ids=["with its call", "after its call", "after all calls", "by id", "in the last delta",
         "before the calls", "before the calls, in one", "in the function"],
)  # fmt: skip
def test_a_signature_goes_with_the_first_call_wherever_it_comes(pieces: list[Any]) -> None:
    completion, _ = read(wire(*pieces))

    assert [(call.arguments, call.signed) for call in completion.calls] == [
        (MILK, SIGNED),
        (EGGS, {}),
    ]


def test_each_call_keeps_the_signature_that_came_with_it() -> None:
    other = signed("add_task", EGGS)
    completion, _ = read(
        wire(piece(tool_calls=[{**ADD_MILK, **SIGNED}, {**ADD_EGGS, **other}]), STOP)
    )
    assert [call.signed for call in completion.calls] == [SIGNED, other]


WHOLE = {shape: wire(*pieces) for shape, (pieces, _) in CALLS.items()}
WHOLE["text"] = wire(*texts("Käse 🧀", " und", "\n\nMilch."))
WHOLE["text and calls, CRLF"] = wire(
    piece(content="Ich füge hinzu: 🧀"), piece(tool_calls=[{**ADD_EGGS, **SIGNED}]), STOP
).replace(b"\n", b"\r\n")


@given(st.sampled_from(sorted(WHOLE)), st.lists(st.integers(0, 2_000), max_size=30))
def test_where_the_bytes_are_cut_makes_no_difference(shape: str, cuts: list[int]) -> None:
    stream = WHOLE[shape]
    whole, heard_whole = read(stream)
    for places in (cuts, range(len(stream))):
        completion, heard = read(stream, *places)
        assert completion == whole
        assert (heard.text, heard.has_calls) == (heard_whole.text, heard_whole.has_calls)


@given(st.lists(st.integers(0, 2_000), max_size=3), st.data())
def test_an_answer_that_is_cut_anywhere_is_never_a_shorter_one(
    cuts: list[int], data: st.DataObject
) -> None:
    shape = data.draw(st.sampled_from(sorted(WHOLE)))
    stream = WHOLE[shape]
    end = data.draw(st.integers(0, len(stream)))
    try:
        completion, _ = read(stream[:end], *(min(cut, end) for cut in cuts))
    except (AnswerCut, NoCompletion):
        return
    assert completion == read(stream)[0]
