"""Ordered faults over HTTP. Every test speaks of something of its own, and names it in `match`."""

import asyncio
import json
from typing import Any

import httpx2
import pytest

from .bodies import MODEL, PATH, body, calls, next_request

LISTED = '{"tasks": [{"id": "t1", "title": "buy milk", "completed": false}], "next_cursor": null}'


async def order(http: httpx2.AsyncClient, **fault: Any) -> int:
    response = await http.post("/admin/faults", json=fault)
    assert response.status_code == 201, response.text
    return int(response.json()["id"])


async def held(http: httpx2.AsyncClient, match: str) -> int:
    return int((await http.get("/admin/held", params={"match": match})).json()["held"])


async def until_held(http: httpx2.AsyncClient, match: str, count: int) -> None:
    """Wait until so many requests are held, 5 s at most."""
    async with asyncio.timeout(5):
        while await held(http, match) != count:  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.01)


class TestOrders:
    @pytest.mark.parametrize("fault", [{}, {"kind": "flood"}, {"kind": "status"}])
    async def test_wrong_order_is_a_problem(
        self, http: httpx2.AsyncClient, fault: dict[str, Any]
    ) -> None:
        response = await http.post("/admin/faults", json=fault)
        assert response.status_code == 422
        assert response.headers["content-type"] == "application/problem+json"

    async def test_ordered_fault_is_listed_until_it_is_taken_back(
        self, http: httpx2.AsyncClient
    ) -> None:
        fault_id = await order(http, kind="hang", match="listed fault", count=2)
        listed = (await http.get("/admin/faults")).json()["faults"]
        [mine] = [one for one in listed if one["id"] == fault_id]
        assert mine["remaining"] == 2
        assert mine["fault"]["kind"] == "hang"
        cleared = await http.delete(f"/admin/faults/{fault_id}")
        assert cleared.json() == {"cleared": 1}
        again = await http.delete(f"/admin/faults/{fault_id}")
        assert again.json() == {"cleared": 0}

    async def test_refused_request_uses_up_no_fault(self, http: httpx2.AsyncClient) -> None:
        await order(http, kind="status", status=500, match="refused first")
        refused = await http.post(PATH, json=body("refused first", model="gpt-4o"))
        assert refused.status_code == 404
        assert (await http.post(PATH, json=body("refused first"))).status_code == 500
        assert (await http.post(PATH, json=body("refused first"))).status_code == 200


class TestStatus:
    @pytest.mark.parametrize(
        ("status", "name"),
        [
            (400, "INVALID_ARGUMENT"),
            (401, "UNAUTHENTICATED"),
            (403, "PERMISSION_DENIED"),
            (404, "NOT_FOUND"),
            (429, "RESOURCE_EXHAUSTED"),
            (499, "CANCELLED"),
            (500, "INTERNAL"),
            (503, "UNAVAILABLE"),
            (504, "DEADLINE_EXCEEDED"),
        ],
    )
    async def test_status_has_geminis_body(
        self, http: httpx2.AsyncClient, status: int, name: str
    ) -> None:
        await order(http, kind="status", status=status, match=f"status {status}")
        response = await http.post(PATH, json=body(f"status {status}"))
        [entry] = response.json()
        assert response.status_code == entry["error"]["code"] == status
        assert entry["error"]["status"] == name
        assert entry["error"]["message"]

    async def test_429_says_when_to_try_again(self, http: httpx2.AsyncClient) -> None:
        await order(http, kind="status", status=429, retry_after_seconds=7, match="quota 7")
        response = await http.post(PATH, json=body("quota 7"))
        assert response.headers["retry-after"] == "7"
        assert response.json()[0]["error"]["details"][0]["retryDelay"] == "7s"

    @pytest.mark.parametrize("seconds", [2, 47.5, 36_000])
    async def test_wait_can_stand_in_the_body_alone(
        self, http: httpx2.AsyncClient, seconds: float
    ) -> None:
        await order(
            http,
            kind="status",
            status=429,
            retry_after_seconds=seconds,
            retry_after_header=False,
            quota_value="0",
            match=f"quota {seconds}",
        )
        response = await http.post(PATH, json=body(f"quota {seconds}"))
        assert "retry-after" not in response.headers
        error = response.json()[0]["error"]
        quota, wait = error["details"]
        assert wait["retryDelay"] == f"{seconds}s"
        assert quota["violations"][0]["quotaValue"] == "0"
        assert f"limit: 0, model: {MODEL}" in error["message"]

    async def test_one_model_fails_and_another_answers(self, http: httpx2.AsyncClient) -> None:
        await order(http, kind="status", status=503, model=MODEL, match="one of two", rate=1)
        asked = [
            (await http.post(PATH, json=body("one of two", model=model))).status_code
            for model in (MODEL, "gemini-flash-lite-latest", f"models/{MODEL}")
        ]
        assert asked == [503, 200, 503]

    async def test_body_can_be_given(self, http: httpx2.AsyncClient) -> None:
        await order(http, kind="status", status=502, body="<html>", match="own body")
        response = await http.post(PATH, json=body("own body"))
        assert (response.status_code, response.text) == (502, "<html>")


class TestHang:
    async def test_held_request_goes_on_when_it_is_released(self, http: httpx2.AsyncClient) -> None:
        await order(http, kind="hang", match="held then released")
        asked = asyncio.create_task(http.post(PATH, json=body("held then released")))
        await until_held(http, "held then released", 1)
        assert not asked.done()
        released = await http.post("/admin/release", params={"match": "held then released"})
        assert released.json() == {"released": 1}
        assert (await asked).status_code == 200
        assert await held(http, "held then released") == 0

    async def test_client_that_goes_away_is_forgotten(self, http: httpx2.AsyncClient) -> None:
        await order(http, kind="hang", match="client goes away")
        asked = asyncio.create_task(http.post(PATH, json=body("client goes away")))
        await until_held(http, "client goes away", 1)
        asked.cancel()
        await until_held(http, "client goes away", 0)

    async def test_release_spares_other_messages(self, http: httpx2.AsyncClient) -> None:
        await order(http, kind="hang", match="stays held")
        asked = asyncio.create_task(http.post(PATH, json=body("stays held")))
        await until_held(http, "stays held", 1)
        other = await http.post("/admin/release", params={"match": "somebody else"})
        assert other.json() == {"released": 0}
        assert await held(http, "stays held") == 1
        await http.post("/admin/release", params={"match": "stays held"})
        assert (await asked).status_code == 200

    async def test_stream_can_be_held_in_the_middle(self, http: httpx2.AsyncClient) -> None:
        await order(http, kind="hang", after_events=1, match="what can you do?")
        streamed = body("what can you do?", stream=True)
        async with http.stream("POST", PATH, json=streamed) as response:
            chunks = response.aiter_text()
            assert (await anext(chunks)).startswith("data: ")
            await until_held(http, "what can you do?", 1)
            await http.post("/admin/release", params={"match": "what can you do?"})
            rest = [chunk async for chunk in chunks]
        assert "[DONE]" in rest[-1]


class TestConnection:
    @pytest.mark.parametrize("stream", [False, True])
    async def test_answer_is_cut(self, http: httpx2.AsyncClient, stream: bool) -> None:
        text = f"cut when streamed {stream}"
        await order(http, kind="cut", match=text)
        with pytest.raises(httpx2.RemoteProtocolError):
            await http.post(PATH, json=body(text, stream=stream))
        assert (await http.post(PATH, json=body(text))).status_code == 200


class TestNonsense:
    async def test_arguments_are_broken(self, http: httpx2.AsyncClient) -> None:
        await order(http, kind="malformed_arguments", match="broken soap")
        answer = (await http.post(PATH, json=body("add broken soap"))).json()
        assert calls(answer)[0]["function"]["arguments"] == '{"title": "broken soap","'

    async def test_arguments_are_replaced(self, http: httpx2.AsyncClient) -> None:
        await order(http, kind="malformed_arguments", arguments="[1]", match="replaced soap")
        answer = (await http.post(PATH, json=body("add replaced soap"))).json()
        assert calls(answer)[0]["function"]["arguments"] == "[1]"

    async def test_tool_is_unknown(self, http: httpx2.AsyncClient) -> None:
        await order(http, kind="unknown_tool", name="format_disk", match="unknown soap")
        answer = (await http.post(PATH, json=body("add unknown soap"))).json()
        assert calls(answer)[0]["function"]["name"] == "format_disk"

    async def test_id_is_wrong_at_the_step_that_has_one(self, http: httpx2.AsyncClient) -> None:
        await order(http, kind="wrong_id", task_id="t9", match="delete buy milk")
        request = body("delete buy milk")
        listing = (await http.post(PATH, json=request)).json()
        second = next_request(request, listing, LISTED)
        deleting = (await http.post(PATH, json=second)).json()
        assert calls(deleting)[0]["function"]["arguments"] == '{"task_id": "t9"}'

    async def test_model_corrects_itself_after_a_wrong_id(self, http: httpx2.AsyncClient) -> None:
        await order(http, kind="wrong_id", match="now delete the milk")
        request = body("now delete the milk")
        for result in (LISTED, '{"code": "not_found", "message": "no task with this id"}'):
            answer = (await http.post(PATH, json=request)).json()
            request = next_request(request, answer, result)
        corrected = (await http.post(PATH, json=request)).json()
        assert calls(corrected)[0]["function"]["arguments"] == '{"task_id": "t1"}'

    @pytest.mark.parametrize(
        "variant", ["not_json", "html", "empty_object", "no_choices", "empty_message"]
    )
    async def test_garbage_is_a_200(self, http: httpx2.AsyncClient, variant: str) -> None:
        await order(http, kind="garbage", variant=variant, match=f"garbage {variant}")
        response = await http.post(PATH, json=body(f"garbage {variant}"))
        assert response.status_code == 200
        assert "buy" not in response.text

    async def test_malformed_call_is_a_reason_without_content(
        self, http: httpx2.AsyncClient
    ) -> None:
        await order(http, kind="finish_reason", match="add refused soap", count=2)
        for stream in (False, True):
            text = (await http.post(PATH, json=body("add refused soap", stream=stream))).text
            assert "function_call_filter: MALFORMED_FUNCTION_CALL" in text
            assert '"content"' not in text

    async def test_blocked_prompt_blocks_the_whole_conversation(
        self, http: httpx2.AsyncClient
    ) -> None:
        reason = "content_filter: PROHIBITED_CONTENT"
        await order(http, kind="finish_reason", reason=reason, anywhere="Voldemort", rate=1)
        request = body("say Voldemort")
        for _ in range(2):
            answer = (await http.post(PATH, json=request)).json()
            assert answer["choices"] == [{"index": 0, "finish_reason": reason}]
            request["messages"] += [
                {"role": "assistant", "content": "That was refused."},
                {"role": "user", "content": "hello"},
            ]

    async def test_streamed_calls_come_in_one_piece_without_index(
        self, http: httpx2.AsyncClient
    ) -> None:
        await order(http, kind="one_delta", match="add soap in one and add tea in one")
        request = body("add soap in one and add tea in one", stream=True)
        lines = (await http.post(PATH, json=request)).text.split("\n\n")
        deltas = [json.loads(line[6:])["choices"][0]["delta"] for line in lines if "{" in line]
        [called] = [delta["tool_calls"] for delta in deltas if "tool_calls" in delta]
        assert [set(call) for call in called] == [
            {"id", "type", "function", "extra_content"},
            {"id", "type", "function"},
        ]


class TestScript:
    async def test_answers_are_given_as_they_are(self, http: httpx2.AsyncClient) -> None:
        stranger = {"name": "list_tasks", "arguments": {"user_id": "somebody else"}}
        broken = {"name": "add_task", "arguments": "{"}
        await order(
            http,
            kind="script",
            match="scripted",
            responses=[{"tool_calls": [stranger, broken]}, {"text": "done"}],
        )
        request = body("scripted")
        answer = (await http.post(PATH, json=request)).json()
        assert [call["function"]["arguments"] for call in calls(answer)] == [
            '{"user_id": "somebody else"}',
            "{",
        ]
        said = (await http.post(PATH, json=next_request(request, answer, "{}", "{}"))).json()
        assert said["choices"][0]["message"]["content"] == "done"
        after = (await http.post(PATH, json=request)).json()
        assert after["choices"][0]["message"]["content"] != "done"

    async def test_script_waits_for_its_step(self, http: httpx2.AsyncClient) -> None:
        responses = [{"text": "second"}]
        await order(http, kind="script", step=1, match="show my list", responses=responses)
        request = body("show my list")
        first = (await http.post(PATH, json=request)).json()
        assert calls(first)
        second = (await http.post(PATH, json=next_request(request, first, LISTED))).json()
        assert second["choices"][0]["message"]["content"] == "second"
