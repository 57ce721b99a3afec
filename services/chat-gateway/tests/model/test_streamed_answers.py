"""Texts, refusals, errors and ends of a streamed answer."""

from typing import Any

import orjson
import pytest
from chat_gateway.model.assembly import AnswerCut
from chat_gateway.model.completion import ErrorInside, NoCompletion, read_completion
from chat_gateway.model.streamed import MAX_BYTES, StreamedAnswer

from ..equipment.model_streams import Heard, call, event, piece, read, signed, texts, wire

MILK = '{"title": "milk"}'
ADD_MILK = call("add_task", MILK, "c1")
SIGNED = signed("add_task", MILK)
STOP = piece("stop")


def test_the_signature_of_a_text_may_come_alone_at_the_end() -> None:
    completion, heard = read(wire(piece(content="Done."), piece("stop", content="", **SIGNED)))
    assert (completion.text, completion.signed, heard.text) == ("Done.", SIGNED, "Done.")


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (texts("I added", " milk."), "I added milk."),
        ([piece("stop", content="I added "), piece("stop", content="milk.")], "I added milk."),
        ([piece(content=None), piece(content=""), *texts("Hi.")], "Hi."),
        ([piece(content=[{"type": "text", "text": "H"}]), *texts("i.")], "Hi."),
        ([piece(content=[{"type": "text", "text": "Hm", "thought": True}]), *texts("Hi.")], "Hi."),
        ([piece(content="Hm", extra_content={"google": {"thought": True}}), *texts("Hi.")], "Hi."),
        ([piece(reasoning_content="Hm", reasoning="Hm"), *texts("Hi.")], "Hi."),
        ([{"choices": []}, *texts("Hi."), {"choices": [], "usage": {"prompt_tokens": 1}}], "Hi."),
        ([{"choices": [{"delta": {"content": "Hi."}, "finish_reason": "stop"}]}], "Hi."),
        (
            [
                {"choices": [{"delta": {"content": "Hi"}}]},
                {"choices": [{"index": 1, "delta": {"content": "no"}, "finish_reason": "stop"}]},
                {"choices": [{"index": 0, "delta": {"content": "."}, "finish_reason": "stop"}]},
            ],
            "Hi.",
        ),
        ([b'{"choices": [{"delta": {"content": "Hi\\ud83e"}}]}',
          b'{"choices": [{"delta": {"content": "\\uddc0"}, "finish_reason": "stop"}]}'], "Hi🧀"),
    ],
)  # fmt: skip
def test_a_text_is_told_as_it_comes_and_is_the_answers(pieces: list[Any], text: str) -> None:
    completion, heard = read(wire(*pieces))
    assert (completion.text, heard.text, heard.has_calls) == (text, text, False)


def test_text_before_calls_is_no_reason_to_lose_either() -> None:
    completion, heard = read(wire(piece(content="Let me."), piece(tool_calls=[ADD_MILK]), STOP))
    assert (completion.text, [call.arguments for call in completion.calls]) == ("Let me.", [MILK])
    assert (heard.text, heard.has_calls) == ("Let me.", True)


def test_usage_so_far_is_not_added_up() -> None:
    pieces = [piece(content=str(n), so_far=n) for n in range(1, 5)]
    completion, _ = read(wire(*pieces, piece("stop", so_far=9)))
    assert (completion.input_tokens, completion.output_tokens) == (7, 9)
    assert (completion.id, completion.model) == ("answer", "gemini-flash-latest")


@pytest.mark.parametrize(
    "pieces",
    [
        [piece(refusal="I "), piece("stop", refusal="will not.")],
        [{"choices": [], "prompt_feedback": {"block_reason": "SAFETY"}}],
        [{"promptFeedback": {"blockReason": "SAFETY"}, "choices": []}, {"choices": []}],
    ],
)
def test_a_refusal_is_one(pieces: list[Any]) -> None:
    assert read(wire(*pieces))[0].refused


@pytest.mark.parametrize(
    "stream",
    [
        b"",
        b"data: [DONE]\n\n",
        b": keep alive\n\n",
        wire(piece(content="I added mi"), done=False),
        wire(piece(content="I added mi")),
        wire(piece(tool_calls=[call("add_task", '{"title": "mi', "c1")]), done=False),
        wire(piece(tool_calls=[ADD_MILK])),
        wire(piece(content="Hi.")) + wire(STOP)[:-30],
        wire(piece(content="I added mi"), done=False) + event(STOP)[:-20],
        wire(piece(refusal="No")),
    ],
)
def test_an_answer_without_its_end_is_cut(stream: bytes) -> None:
    with pytest.raises(AnswerCut):
        read(stream)


@pytest.mark.parametrize(
    "garbage", [b"{not json", b"<html>", b"null", b"7", b'"ping"', b"[]", b"[1, 2]"]
)
def test_a_garbage_line_is_no_answer(garbage: bytes) -> None:
    with pytest.raises(NoCompletion):
        read(wire(piece(content="I added"), garbage, STOP))


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}, 429),
        ([{"error": {"code": 503, "message": "overloaded"}}], 503),
        ({"choices": [{"error": {"code": 502}, "delta": {}}]}, 502),
        ({"error": "it broke"}, 500),
    ],
)
def test_an_error_in_the_stream_is_one(error: object, status: int) -> None:
    for before in ([], [piece(content="I added")]):
        with pytest.raises(ErrorInside) as raised:
            read(wire(*before, error))
        assert raised.value.status == status
    whole = orjson.dumps(error)
    if b"choices" not in whole:
        with pytest.raises(ErrorInside):
            read(whole)


def test_a_body_that_is_not_streamed_in_spite_of_all_is_read_as_ever() -> None:
    message = {"role": "assistant", "content": "Hi.", "tool_calls": [ADD_MILK]}
    body = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    for before in (b"", b"\xef\xbb\xbf", b" \r\n"):
        sent = before + orjson.dumps(body)
        completion, _ = read(sent, *range(len(sent)))
        assert completion == read_completion(body)
    with pytest.raises(NoCompletion):
        read(b"<html>surely not</html>")


def test_a_stream_without_end_is_given_up() -> None:
    answer = StreamedAnswer(Heard())
    block = event(piece(content="never " * 10_000))
    with pytest.raises(NoCompletion):
        for _ in range(MAX_BYTES // len(block) + 1):
            answer.feed(block)
