"""Streams in other shapes, slow ones and broken ones, over HTTP. Each test has words of its own."""

import json
import re
import time
from collections.abc import Sequence
from typing import Any

import httpx2
import pytest

from .bodies import PATH, body

DONE = "data: [DONE]"
TEXT = "what can you do?"


async def order(http: httpx2.AsyncClient, **fault: Any) -> None:
    response = await http.post("/admin/faults", json=fault)
    assert response.status_code == 201, response.text


async def stream(http: httpx2.AsyncClient, text: str, **members: Any) -> list[str]:
    """The events of a streamed answer, as they are but for the second in which it was made."""
    response = await http.post(PATH, json=body(text, stream=True, **members))
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    timeless = re.sub(r'"created": \d+', '"created": 0', response.text)
    return [event for event in timeless.split("\n\n") if event]


def read(events: Sequence[str]) -> list[dict[str, Any]]:
    return [json.loads(event.removeprefix("data: ")) for event in events if event != DONE]


def deltas(events: Sequence[str]) -> list[dict[str, Any]]:
    return [chunk["choices"][0]["delta"] for chunk in read(events) if chunk["choices"]]


def calls(events: Sequence[str]) -> list[list[dict[str, Any]]]:
    """The calls, or their parts, of each piece that has some."""
    return [delta["tool_calls"] for delta in deltas(events) if "tool_calls" in delta]


async def shaped(
    http: httpx2.AsyncClient, name: str, *shapes: str, **members: Any
) -> tuple[list[str], list[str]]:
    """The same two calls as they are streamed today, and in these shapes."""
    said = f"add {name} soap and add {name} tea"
    asked = members.pop("asked", {})
    today = await stream(http, said, **asked)
    await order(http, kind="stream", shapes=shapes, match=said, **members)
    return today, await stream(http, said, **asked)


class TestShapes:
    async def test_calls_are_numbered(self, http: httpx2.AsyncClient) -> None:
        today, other = await shaped(http, "numbered", "indexed")
        assert [[call["index"] for call in piece] for piece in calls(other)] == [[0], [1]]
        assert [call["id"] for [call] in calls(other)] == [call["id"] for [call] in calls(today)]

    async def test_all_calls_have_the_same_index(self, http: httpx2.AsyncClient) -> None:
        _, other = await shaped(http, "equal", "equal_indices")
        assert [[call["index"] for call in piece] for piece in calls(other)] == [[0], [0]]

    async def test_all_calls_come_in_one_piece(self, http: httpx2.AsyncClient) -> None:
        today, other = await shaped(http, "one piece", "one_piece")
        assert calls(other) == [[call for [call] in calls(today)]]

    @pytest.mark.parametrize("numbering", [(), ("indexed",), ("equal_indices",)])
    async def test_arguments_come_in_fragments(
        self, http: httpx2.AsyncClient, numbering: tuple[str, ...]
    ) -> None:
        name = "-".join(["fragments", *numbering])
        today, other = await shaped(http, name, "split_arguments", *numbering)
        heads, tails = calls(other)[::2], calls(other)[1::2]
        joined = [
            head["function"]["arguments"] + tail["function"]["arguments"]
            for [head], [tail] in zip(heads, tails, strict=True)
        ]
        assert joined == [call["function"]["arguments"] for [call] in calls(today)]
        assert all({*tail, "index"} == {"index", "function"} for [tail] in tails)

    async def test_fragments_come_in_one_piece(self, http: httpx2.AsyncClient) -> None:
        _, other = await shaped(http, "woven", "split_arguments", "one_piece", "indexed")
        assert [[call["index"] for call in piece] for piece in calls(other)] == [[0, 1], [0, 1]]

    async def test_signature_comes_apart(self, http: httpx2.AsyncClient) -> None:
        today, other = await shaped(http, "apart", "signature_apart")
        [first], [second], [last] = calls(other)
        assert "extra_content" not in {**first, **second}
        assert last == {"id": first["id"], "extra_content": calls(today)[0][0]["extra_content"]}

    async def test_signature_comes_beside_the_calls(self, http: httpx2.AsyncClient) -> None:
        today, other = await shaped(http, "beside", "signature_beside")
        assert not any("extra_content" in call for [call] in calls(other))
        [signed] = [delta for delta in deltas(other) if "extra_content" in delta]
        assert signed["extra_content"] == calls(today)[0][0]["extra_content"]

    async def test_text_comes_before_the_calls(self, http: httpx2.AsyncClient) -> None:
        said = "One moment, I am looking for it. "
        today, other = await shaped(http, "text first", "text_before", text=said)
        spoken = [delta["content"] for delta in deltas(other) if "content" in delta]
        assert len(spoken) == 2
        assert "".join(spoken) == said
        assert calls(other) == calls(today)
        assert "content" in deltas(other)[0]

    async def test_reason_is_told_as_openai_does(self, http: httpx2.AsyncClient) -> None:
        today, other = await shaped(http, "reasoned", "reason_tool_calls")
        reasons = [read(events)[-1]["choices"][0]["finish_reason"] for events in (today, other)]
        assert reasons == ["stop", "tool_calls"]

    async def test_usage_comes_last_when_it_is_asked_for(self, http: httpx2.AsyncClient) -> None:
        counted = {"stream_options": {"include_usage": True}}
        today, other = await shaped(http, "counted", "usage_last", asked=counted)
        assert ["usage" in chunk for chunk in read(other)] == [False] * (len(other) - 2) + [True]
        assert read(other)[-1]["choices"] == []
        assert read(other)[-1]["usage"] == read(today)[-1]["usage"]

    async def test_usage_that_nobody_asked_for(self, http: httpx2.AsyncClient) -> None:
        today, other = await shaped(http, "uncounted", "usage_unasked")
        assert not any("usage" in chunk for chunk in read(today))
        assert all(chunk["usage"]["prompt_tokens"] for chunk in read(other))

    async def test_words_of_a_piece_can_be_set(self, http: httpx2.AsyncClient) -> None:
        today = await stream(http, TEXT)
        await order(http, kind="stream", words=1, match=TEXT)
        other = await stream(http, TEXT)
        spoken = ["".join(d.get("content", "") for d in deltas(e)) for e in (today, other)]
        assert spoken[0] == spoken[1]
        assert len(other) > 2 * len(today)

    async def test_scripted_answer_can_have_a_shape(self, http: httpx2.AsyncClient) -> None:
        call = {"name": "add_task", "arguments": {"title": "x"}}
        manner = {"shapes": ["equal_indices", "text_before"]}
        responses = [{"tool_calls": [call, call], "stream": manner}]
        await order(http, kind="script", match="shape of a script", responses=responses)
        other = await stream(http, "shape of a script")
        assert [call["index"] for [call] in calls(other)] == [0, 0]
        assert deltas(other)[0]["content"] == "Let me see. "


async def test_pieces_come_slowly_and_one_by_one(http: httpx2.AsyncClient) -> None:
    await order(http, kind="stream", milliseconds=40, words=8, match="hello slowly")
    async with http.stream("POST", PATH, json=body("hello slowly", stream=True)) as response:
        arrived = [(time.monotonic(), event) async for event in response.aiter_text()]
    assert len(arrived) >= 3
    assert arrived[-1][0] - arrived[0][0] >= 0.04 * (len(arrived) - 1) * 0.9


class TestBreaks:
    @pytest.mark.parametrize(("variant", "left"), [("empty", []), ("only_done", [DONE])])
    async def test_nothing_comes(
        self, http: httpx2.AsyncClient, variant: str, left: list[str]
    ) -> None:
        await order(http, kind="broken_stream", variant=variant, match=f"nothing: {variant}")
        assert await stream(http, f"nothing: {variant}") == left

    @pytest.mark.parametrize("after", [0, 2])
    async def test_stream_ends_as_if_that_were_all(
        self, http: httpx2.AsyncClient, after: int
    ) -> None:
        await order(http, kind="broken_stream", variant="ends", after_events=after, match=TEXT)
        ended = await stream(http, TEXT)
        assert ended == (await stream(http, TEXT))[:after]

    async def test_stream_ends_in_a_text(self, http: httpx2.AsyncClient) -> None:
        await order(http, kind="broken_stream", variant="ends_in_text", match=TEXT)
        ended, whole = await stream(http, TEXT), await stream(http, TEXT)
        said, all_of_it = (
            "".join(delta.get("content", "") for delta in deltas(one)) for one in (ended, whole)
        )
        assert said and all_of_it.startswith(said) and said != all_of_it
        assert not any(chunk["choices"][0]["finish_reason"] for chunk in read(ended))
        assert DONE not in ended

    async def test_stream_ends_in_a_calls_arguments(self, http: httpx2.AsyncClient) -> None:
        said = "add soap of which half is there"
        await order(http, kind="broken_stream", variant="ends_in_arguments", match=said)
        ended, whole = await stream(http, said), await stream(http, said)
        [[cut]], [[call]] = calls(ended), calls(whole)
        arguments = call["function"]["arguments"]
        assert cut["function"]["arguments"] == arguments[: len(arguments) // 2]
        assert read(ended)[-1]["choices"][0]["finish_reason"] is None
        assert DONE not in ended

    @pytest.mark.parametrize("variant", ["empty", "ends", "ends_in_text", "ends_in_arguments"])
    async def test_connection_can_end_with_it(self, http: httpx2.AsyncClient, variant: str) -> None:
        said = "add soap" if variant == "ends_in_arguments" else "hello"
        text = f"{said} {variant} and away"
        await order(http, kind="broken_stream", variant=variant, disconnects=True, match=text)
        with pytest.raises(httpx2.RemoteProtocolError):
            await stream(http, text)
        assert DONE in await stream(http, text)

    async def test_garbage_stands_between_the_events(self, http: httpx2.AsyncClient) -> None:
        await order(
            http,
            kind="broken_stream",
            variant="garbage",
            line="<html>502</html>",
            after_events=2,
            match=TEXT,
        )
        spoiled, whole = await stream(http, TEXT), await stream(http, TEXT)
        assert spoiled == [*whole[:2], "<html>502</html>", *whole[2:]]

    @pytest.mark.parametrize(
        ("status", "name"), [(503, "UNAVAILABLE"), (429, "RESOURCE_EXHAUSTED")]
    )
    async def test_error_object_ends_the_stream(
        self, http: httpx2.AsyncClient, status: int, name: str
    ) -> None:
        await order(
            http, kind="broken_stream", variant="error", status=status, after_events=1, match=TEXT
        )
        failed, whole = await stream(http, TEXT), await stream(http, TEXT)
        assert failed[:1] == whole[:1]
        [error] = read(failed[1:])
        assert (error["error"]["code"], error["error"]["status"]) == (status, name)

    async def test_429_before_the_stream_is_no_stream(self, http: httpx2.AsyncClient) -> None:
        await order(http, kind="status", status=429, retry_after_seconds=3, match="no stream yet")
        response = await http.post(PATH, json=body("no stream yet", stream=True))
        assert (response.status_code, response.headers["retry-after"]) == (429, "3")
        assert response.json()[0]["error"]["status"] == "RESOURCE_EXHAUSTED"

    async def test_request_that_is_not_streamed_is_spared(self, http: httpx2.AsyncClient) -> None:
        await order(http, kind="broken_stream", variant="empty", match="whole or nothing")
        whole = await http.post(PATH, json=body("whole or nothing"))
        assert whole.json()["choices"][0]["message"]["content"]
        assert await stream(http, "whole or nothing") == []
