"""Streamed completions over HTTP."""

import json
from typing import Any

import httpx2

from .bodies import PATH, body


async def events(http: httpx2.AsyncClient, request: dict[str, Any]) -> list[dict[str, Any]]:
    """The chunks of a streamed answer; the end must be marked."""
    response = await http.post(PATH, json={**request, "stream": True})
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    *lines, end = [line for line in response.text.split("\n\n") if line]
    assert end == "data: [DONE]"
    return [json.loads(line.removeprefix("data: ")) for line in lines]


def calls_of(chunk: dict[str, Any]) -> list[dict[str, Any]]:
    """The calls, or their parts, in a chunk."""
    calls: list[dict[str, Any]] = chunk["choices"][0]["delta"].get("tool_calls", [])
    return calls


async def test_refusal_of_a_stream_is_no_stream(http: httpx2.AsyncClient) -> None:
    response = await http.post(PATH, json=body("hi", stream=True, model="gpt-4o"))
    assert response.status_code == 404
    assert response.json()[0]["error"]["code"] == 404


async def test_text_comes_in_pieces_that_make_the_whole(http: httpx2.AsyncClient) -> None:
    whole = (await http.post(PATH, json=body("what can you do?"))).json()
    chunks = await events(http, body("what can you do?"))
    pieces = [chunk["choices"][0]["delta"].get("content", "") for chunk in chunks]
    assert len(pieces) > 5
    assert "".join(pieces) == whole["choices"][0]["message"]["content"]
    reasons = [chunk["choices"][0]["finish_reason"] for chunk in chunks]
    assert reasons == [None] * (len(chunks) - 1) + ["stop"]
    assert {chunk["id"] for chunk in chunks} == {whole["id"]}


async def test_tool_calls_come_whole_and_end_with_stop(http: httpx2.AsyncClient) -> None:
    chunks = await events(http, body("add buy soap and call dad"))
    found = [call for chunk in chunks for call in calls_of(chunk)]
    assert [len(pieces) for pieces in (calls_of(chunk) for chunk in chunks) if pieces] == [1, 1]
    assert not any("index" in call for call in found)
    assert [json.loads(call["function"]["arguments"])["title"] for call in found] == [
        "buy soap",
        "call dad",
    ]
    assert found[0]["extra_content"]["google"]["thought_signature"]
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"


async def test_usage_is_in_every_chunk_only_when_it_is_asked_for(
    http: httpx2.AsyncClient,
) -> None:
    plain = await events(http, body("hello"))
    assert not any("usage" in chunk for chunk in plain)
    counted = await events(http, body("hello", stream_options={"include_usage": True}))
    spoken = [chunk["usage"]["completion_tokens"] for chunk in counted]
    assert spoken == sorted(spoken)
    whole = (await http.post(PATH, json=body("hello"))).json()
    assert counted[-1]["usage"] == whole["usage"]
