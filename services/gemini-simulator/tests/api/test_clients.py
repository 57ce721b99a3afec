"""The clients that the gateway uses: openai's, and the Agents SDK's loop with its signatures."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from agents import (
    Agent,
    ModelSettings,
    OpenAIChatCompletionsModel,
    RunConfig,
    Runner,
    RunResult,
    RunResultStreaming,
    UserError,
)
from agents.tool import FunctionTool
from openai import AsyncOpenAI, BadRequestError, NotFoundError, RateLimitError

from ..running import KEY

QUIET = RunConfig(tracing_disabled=True)
Store = dict[str, dict[str, Any]]


@pytest.fixture
async def openai(simulator_url: str) -> AsyncIterator[AsyncOpenAI]:
    base_url = f"{simulator_url}/v1beta/openai/"
    async with AsyncOpenAI(base_url=base_url, api_key=KEY, max_retries=0) as client:
        yield client


class TestOpenAI:
    async def test_wrong_key_is_a_bad_request(self, openai: AsyncOpenAI) -> None:
        with pytest.raises(BadRequestError) as refusal:
            await openai.with_options(api_key="other").models.list()
        assert "API key not valid" in refusal.value.response.text

    async def test_unknown_model_is_not_found(self, openai: AsyncOpenAI) -> None:
        with pytest.raises(NotFoundError):
            await openai.chat.completions.create(
                model="gpt-4o", messages=[{"role": "user", "content": "hi"}]
            )

    async def test_quota_is_a_rate_limit_with_its_wait(
        self, openai: AsyncOpenAI, http: Any
    ) -> None:
        fault = {"kind": "status", "status": 429, "retry_after_seconds": 3, "match": "quota?"}
        await http.post("/admin/faults", json=fault)
        with pytest.raises(RateLimitError) as refusal:
            await openai.chat.completions.create(
                model="gemini-flash-latest", messages=[{"role": "user", "content": "quota?"}]
            )
        assert refusal.value.response.headers["retry-after"] == "3"

    async def test_models_are_listed(self, openai: AsyncOpenAI) -> None:
        models = [model.id async for model in openai.models.list()]
        assert "models/gemini-flash-latest" in models
        assert (await openai.models.retrieve("gemini-flash-latest")).owned_by == "google"

    async def test_stream_is_read(self, openai: AsyncOpenAI) -> None:
        stream = await openai.chat.completions.create(
            model="gemini-flash-latest",
            messages=[{"role": "user", "content": "hello"}],
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in stream]
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        assert chunks[-1].usage is not None


def tools(store: Store) -> list[FunctionTool]:
    """Three of the five tools on a dictionary, with schemas as the gateway sends them."""

    def tool(name: str, parameters: tuple[str, ...], effect: Any) -> FunctionTool:
        async def invoke(_: Any, arguments: str) -> str:
            return json.dumps(effect(**json.loads(arguments)))

        properties = {parameter: {"type": "string"} for parameter in parameters}
        return FunctionTool(
            name=name,
            description=name,
            params_json_schema={"type": "object", "properties": properties},
            on_invoke_tool=invoke,
            strict_json_schema=False,
        )

    def add(title: str) -> dict[str, Any]:
        task_id = f"t{len(store)}"
        store[task_id] = {"id": task_id, "title": title, "completed": False}
        return {"task": store[task_id]}

    def listed(status: str = "all") -> dict[str, Any]:
        return {"tasks": list(store.values()), "next_cursor": None}

    def complete(task_id: str) -> dict[str, Any]:
        store[task_id]["completed"] = True
        return {"task": store[task_id]}

    return [
        tool("add_task", ("title",), add),
        tool("list_tasks", ("status",), listed),
        tool("complete_task", ("task_id",), complete),
    ]


async def run(
    openai: AsyncOpenAI, store: Store, text: str, **how: Any
) -> RunResult | RunResultStreaming:
    model = OpenAIChatCompletionsModel(
        model=how.get("model", "gemini-3.8-flash"), openai_client=openai
    )
    agent = Agent(
        name="tasks",
        instructions="Help with tasks.",
        model=model,
        model_settings=ModelSettings(include_usage=True),
        tools=[*tools(store)],
    )
    if not how.get("stream"):
        return await Runner.run(agent, text, run_config=QUIET)
    result = Runner.run_streamed(agent, text, run_config=QUIET)
    async for _ in result.stream_events():
        pass
    return result


class TestAgentsLoop:
    """Whoever loses a signature is refused at the second step, so each of these would fail."""

    @pytest.mark.parametrize("stream", [False, True])
    async def test_loop_of_several_steps_keeps_signatures(
        self, openai: AsyncOpenAI, http: httpx2.AsyncClient, stream: bool
    ) -> None:
        store: Store = {}
        for said in ("add buy milk and call mom", "mark both milk and mom as done"):
            fault = {"kind": "stream", "shapes": ["indexed"], "match": said, "count": 9}
            if stream:  # see the next test
                await http.post("/admin/faults", json=fault)
        await run(openai, store, "add buy milk and call mom", stream=stream)
        assert sorted(task["title"] for task in store.values()) == ["buy milk", "call mom"]
        result = await run(openai, store, "mark both milk and mom as done", stream=stream)
        assert all(task["completed"] for task in store.values())
        assert "buy milk" in str(result.final_output)

    async def test_streamed_loop_makes_one_call_of_two_without_index(
        self, openai: AsyncOpenAI
    ) -> None:
        """Why the gateway reads streams itself; ADR 0024."""
        store: Store = {}
        with pytest.raises(UserError, match="Extra data"):
            await run(openai, store, "add buy soap and call uncle Ben", stream=True)
        assert not store

    async def test_history_of_an_earlier_run_is_accepted(self, openai: AsyncOpenAI) -> None:
        store: Store = {}
        first = await run(openai, store, "add buy milk")
        model = OpenAIChatCompletionsModel(model="gemini-3.8-flash", openai_client=openai)
        agent = Agent(name="tasks", model=model, tools=[*tools(store)])
        said = first.to_input_list()
        said.append({"role": "user", "content": "mark it as done"})
        await Runner.run(agent, said, run_config=QUIET)
        assert store["t0"]["completed"]

    async def test_model_name_without_gemini_would_lose_signatures(
        self, openai: AsyncOpenAI
    ) -> None:
        """Why the model's name matters: the SDK sends signatures back for "gemini" only."""
        call = await openai.chat.completions.create(
            model="gemini-3.8-flash",
            messages=[{"role": "user", "content": "show my tasks"}],
            tools=[{"type": "function", "function": {"name": "list_tasks"}}],
        )
        message = call.choices[0].message
        assert message.tool_calls
        replayed = message.model_dump(exclude_none=True)
        del replayed["tool_calls"][0]["extra_content"]
        answer = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "{}"}
        with pytest.raises(BadRequestError) as refusal:
            await openai.chat.completions.create(
                model="gemini-3.8-flash",
                messages=[{"role": "user", "content": "show my tasks"}, replayed, answer],  # type: ignore[list-item]  # wire form
            )
        assert "missing a thought_signature" in refusal.value.response.text
