"""Chat completions over HTTP, without streaming."""

from pathlib import Path
from typing import Any

import httpx2
import pytest

from ..running import running_simulator
from .bodies import MODEL, PATH, TOOLS, body, calls, next_request, tool

LISTED = '{"tasks": [{"id": "t1", "title": "buy milk", "completed": false}], "next_cursor": null}'


async def ask(http: httpx2.AsyncClient, request: dict[str, Any]) -> dict[str, Any]:
    response = await http.post(PATH, json=request)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def refusal(http: httpx2.AsyncClient, request: Any, **how: Any) -> dict[str, Any]:
    """The error of a refused request, out of Gemini's list of one."""
    response = await http.post(PATH, json=request, **how)
    assert response.headers["content-type"] == "application/json"
    [entry] = response.json()
    assert entry["error"]["code"] == response.status_code
    error: dict[str, Any] = entry["error"]
    return error


class TestRefusals:
    @pytest.mark.parametrize("header", ["", "Bearer", "Basic c2ltdWxhdG9y"])
    async def test_no_usable_authorization_is_a_400(
        self, http: httpx2.AsyncClient, header: str
    ) -> None:
        error = await refusal(http, body("hi"), headers={"Authorization": header})
        assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
        assert "Authorization header" in error["message"]

    async def test_wrong_key_is_a_400_with_its_reason(self, http: httpx2.AsyncClient) -> None:
        error = await refusal(http, body("hi"), headers={"Authorization": "Bearer other"})
        assert error["message"] == "API key not valid. Please pass a valid API key."
        assert error["details"][0]["reason"] == "API_KEY_INVALID"

    async def test_each_of_two_keys_is_taken_and_no_other(self, tmp_path: Path) -> None:
        with running_simulator(tmp_path / "two-keys", SIMULATOR_API_KEY="old,new") as url:
            async with httpx2.AsyncClient(base_url=url, trust_env=False) as client:
                statuses = [
                    (
                        await client.post(
                            PATH, json=body("hi"), headers={"Authorization": f"Bearer {key}"}
                        )
                    ).status_code
                    for key in ("old", "new", "old,new", "ne")
                ]
        assert statuses == [200, 200, 400, 400]

    async def test_unknown_model_is_a_404(self, http: httpx2.AsyncClient) -> None:
        error = await refusal(http, body("hi", model="gpt-4o"))
        assert (error["code"], error["status"]) == (404, "NOT_FOUND")
        assert "models/gpt-4o is not found" in error["message"]

    @pytest.mark.parametrize("model", ["gemini-2.0-flash", "models/gemini-2.5-flash"])
    async def test_retired_model_is_a_404_that_says_so(
        self, http: httpx2.AsyncClient, model: str
    ) -> None:
        error = await refusal(http, body("hi", model=model))
        assert (error["code"], error["status"]) == (404, "NOT_FOUND")
        assert "is no longer available to new users" in error["message"]

    @pytest.mark.parametrize(
        ("model", "effort", "words"),
        [
            ("gemini-flash-latest", "minimal", "Thinking level MINIMAL is not supported"),
            ("gemini-3.1-pro-preview", "minimal", "Thinking level MINIMAL is not supported"),
            ("gemini-flash-latest", "none", "only works in thinking mode"),
            ("gemini-flash-lite-latest", "xhigh", "Invalid reasoning_effort: xhigh."),
        ],
    )
    async def test_effort_that_the_model_does_not_take_is_a_400(
        self, http: httpx2.AsyncClient, model: str, effort: str, words: str
    ) -> None:
        error = await refusal(http, body("hi", model=model, reasoning_effort=effort))
        assert error["status"] == "INVALID_ARGUMENT"
        assert words in error["message"]

    async def test_broken_json_is_a_400(self, http: httpx2.AsyncClient) -> None:
        response = await http.post(PATH, content=b'{"model": ')
        assert response.status_code == 400
        assert "Invalid JSON payload" in response.json()[0]["error"]["message"]

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"store": True}, 'Unknown name "store": Cannot find field.'),
            ({"messages": "hi"}, "'messages'"),
            ({"messages": []}, "contents is not specified"),
            ({"messages": [{"role": "robot", "content": "x"}]}, "'messages[0].role'"),
            (
                {"messages": [{"role": "user", "content": "x", "colour": "red"}]},
                "Unknown name \"colour\" at 'messages[0]'",
            ),
            ({"n": 2}, "Only one candidate"),
            ({"presence_penalty": 0.2}, "Penalty is not enabled"),
            ({"tool_choice": "sometimes"}, "tool_choice"),
        ],
    )
    async def test_wrong_member_is_a_400_that_names_it(
        self, http: httpx2.AsyncClient, change: dict[str, Any], words: str
    ) -> None:
        error = await refusal(http, {**body("hi"), **change})
        assert error["status"] == "INVALID_ARGUMENT"
        assert words in error["message"]

    async def test_array_instead_of_an_object_is_a_400(self, http: httpx2.AsyncClient) -> None:
        assert (await refusal(http, [body("hi")]))["code"] == 400

    async def test_schema_keyword_is_a_400_with_its_place(self, http: httpx2.AsyncClient) -> None:
        strict = tool("add_task", "title")
        strict["function"]["parameters"]["additionalProperties"] = False
        error = await refusal(http, body("hi", tools=[strict]))
        assert error["details"][0]["fieldViolations"][0]["field"] == (
            "tools[0].function_declarations[0].parameters"
        )

    @pytest.mark.parametrize("model", [MODEL, "gemini-flash-lite-latest"])
    async def test_replayed_call_without_signature_is_a_400(
        self, http: httpx2.AsyncClient, model: str
    ) -> None:
        request = body("show my tasks", model=model)
        second = next_request(request, await ask(http, request), LISTED)
        del second["messages"][1]["tool_calls"][0]["extra_content"]
        error = await refusal(http, second)
        assert "missing a thought_signature" in error["message"]

    async def test_signature_of_another_model_is_a_400_and_a_stand_in_is_not(
        self, http: httpx2.AsyncClient
    ) -> None:
        request = body("show my tasks")
        second = next_request(request, await ask(http, request), LISTED)
        assert await ask(http, {**second, "model": "gemini-3.8-flash"})  # what the alias means
        second["model"] = "gemini-flash-lite-latest"
        error = await refusal(http, second)
        assert error["message"] == "Corrupted thought signature."
        google = second["messages"][1]["tool_calls"][0]["extra_content"]["google"]
        google["thought_signature"] = "skip_thought_signature_validator"
        assert await ask(http, second)


class TestAnswers:
    async def test_text_has_the_shape_of_a_completion(self, http: httpx2.AsyncClient) -> None:
        answer = await ask(http, body("hello"))
        assert answer["object"] == "chat.completion"
        assert answer["model"] == MODEL
        [choice] = answer["choices"]
        assert (choice["index"], choice["finish_reason"]) == (0, "stop")
        assert choice["message"]["role"] == "assistant"
        assert choice["message"]["content"]
        usage = answer["usage"]
        thought = usage["completion_tokens_details"]["reasoning_tokens"]
        assert thought > 0
        assert usage["total_tokens"] == (
            usage["prompt_tokens"] + usage["completion_tokens"] + thought
        )
        assert usage["prompt_tokens"] > 50

    async def test_first_of_parallel_calls_is_signed(self, http: httpx2.AsyncClient) -> None:
        answer = await ask(http, body("add buy soap and call dad"))
        first, second = calls(answer)
        assert answer["choices"][0]["finish_reason"] == "tool_calls"
        assert "content" not in answer["choices"][0]["message"]
        assert first["function"] == {"name": "add_task", "arguments": '{"title": "buy soap"}'}
        assert first["extra_content"]["google"]["thought_signature"]
        assert "extra_content" not in second
        assert first["id"] != second["id"]

    async def test_turn_of_three_steps(self, http: httpx2.AsyncClient) -> None:
        request = body("mark the milk as done")
        listing = await ask(http, request)
        assert calls(listing)[0]["function"]["name"] == "list_tasks"
        request = next_request(request, listing, LISTED)
        completing = await ask(http, request)
        assert calls(completing)[0]["function"]["arguments"] == '{"task_id": "t1"}'
        done = '{"task": {"id": "t1", "title": "buy milk", "completed": true}}'
        said = await ask(http, next_request(request, completing, done))
        assert "buy milk" in said["choices"][0]["message"]["content"]

    async def test_client_may_rename_the_calls(self, http: httpx2.AsyncClient) -> None:
        request = body("show my tasks")
        answer = await ask(http, request)
        calls(answer)[0]["id"] = "call_0"
        assert (await ask(http, next_request(request, answer, LISTED)))["choices"]

    async def test_equal_requests_get_equal_answers(self, http: httpx2.AsyncClient) -> None:
        first, second = [await ask(http, body("add buy soap")) for _ in range(2)]
        assert {**first, "created": 0} == {**second, "created": 0}

    async def test_models_prefix_is_accepted(self, http: httpx2.AsyncClient) -> None:
        assert await ask(http, body("hi", model=f"models/{MODEL}"))

    async def test_parts_of_text_are_read(self, http: httpx2.AsyncClient) -> None:
        parts = [{"type": "text", "text": "add buy "}, {"type": "text", "text": "soap"}]
        request = {**body(""), "messages": [{"role": "user", "content": parts}]}
        assert "buy soap" in calls(await ask(http, request))[0]["function"]["arguments"]

    @pytest.mark.parametrize("member", ["max_tokens", "max_completion_tokens"])
    @pytest.mark.parametrize(
        ("text", "limit", "said"),
        [
            ("what can you do?", 45, True),  # 40 of them are thought
            ("what can you do?", 20, False),
            ("add buy soap", 42, False),  # half a call is none
        ],
    )
    async def test_answer_is_cut_at_the_token_limit(
        self, http: httpx2.AsyncClient, member: str, text: str, limit: int, said: bool
    ) -> None:
        request = body(text, reasoning_effort="low", **{member: limit})
        answer = await ask(http, request)
        [choice] = answer["choices"]
        assert choice["finish_reason"] == "length"
        assert set(choice["message"]) == (
            {"role", "content", "extra_content"} if said else {"role"}
        )
        usage = answer["usage"]
        assert usage["total_tokens"] - usage["prompt_tokens"] <= limit

    async def test_text_is_signed_and_nobody_demands_it_back(
        self, http: httpx2.AsyncClient
    ) -> None:
        request = body("hello")
        message = (await ask(http, request))["choices"][0]["message"]
        assert message.pop("extra_content")["google"]["thought_signature"]
        again = [*request["messages"], message, *request["messages"]]
        assert await ask(http, {**request, "messages": again})


class TestToolChoice:
    async def test_none_calls_nothing(self, http: httpx2.AsyncClient) -> None:
        answer = await ask(http, body("add buy soap", tool_choice="none"))
        assert not calls(answer)
        assert "added" not in answer["choices"][0]["message"]["content"]

    async def test_required_calls_something(self, http: httpx2.AsyncClient) -> None:
        assert len(calls(await ask(http, body("hello", tool_choice="required")))) == 1

    async def test_named_function_is_called(self, http: httpx2.AsyncClient) -> None:
        choice = {"type": "function", "function": {"name": "list_tasks"}}
        answer = await ask(http, body("add buy soap", tool_choice=choice))
        assert [call["function"]["name"] for call in calls(answer)] == ["list_tasks"]

    async def test_one_call_at_a_time_when_parallel_calls_are_off(
        self, http: httpx2.AsyncClient
    ) -> None:
        request = body("add buy soap and call dad", parallel_tool_calls=False)
        answer = await ask(http, request)
        assert len(calls(answer)) == 1
        made = '{"task": {"id": "t2", "title": "buy soap", "completed": false}}'
        second = await ask(http, next_request(request, answer, made))
        assert "call dad" in calls(second)[0]["function"]["arguments"]

    async def test_without_tools_nothing_is_called(self, http: httpx2.AsyncClient) -> None:
        request = body("add buy soap")
        del request["tools"]
        assert not calls(await ask(http, request))

    async def test_only_known_parameters_are_given(self, http: httpx2.AsyncClient) -> None:
        tools = [*TOOLS[:1], tool("list_tasks"), *TOOLS[2:]]
        answer = await ask(http, body("delete the milk", tools=tools))
        assert calls(answer)[0]["function"]["arguments"] == "{}"


class TestModels:
    async def test_list_needs_the_key(self, http: httpx2.AsyncClient) -> None:
        response = await http.get("/v1beta/openai/models", headers={"Authorization": "Bearer x"})
        assert response.status_code == 400

    async def test_list_names_the_default_model(self, http: httpx2.AsyncClient) -> None:
        models = (await http.get("/v1beta/openai/models")).json()
        assert models["object"] == "list"
        assert f"models/{MODEL}" in [model["id"] for model in models["data"]]

    @pytest.mark.parametrize("model_id", [MODEL, f"models/{MODEL}"])
    async def test_one_model(self, http: httpx2.AsyncClient, model_id: str) -> None:
        model = (await http.get(f"/v1beta/openai/models/{model_id}")).json()
        assert (model["id"], model["owned_by"]) == (f"models/{MODEL}", "google")

    async def test_unknown_model(self, http: httpx2.AsyncClient) -> None:
        response = await http.get("/v1beta/openai/models/gpt-4o")
        assert response.status_code == 404
        assert response.json()[0]["error"]["status"] == "NOT_FOUND"


class TestProbes:
    async def test_probes_need_no_key(self, http: httpx2.AsyncClient) -> None:
        del http.headers["Authorization"]
        assert (await http.get("/healthz")).json() == {"status": "ok"}
        assert (await http.get("/readyz")).json() == {"status": "ready"}
