"""A turn is stopped at each of its steps, on another gateway than the one that runs it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from devstack.processes import ManagedProcess
from devstack.proxy import OutageProxy
from devstack.stack import Stack, base_url

from tests.conftest import NewUser
from tests.equipment.actions import stop_turn
from tests.equipment.chat import User, answer, ask, refusal, say
from tests.equipment.database import DatabaseView
from tests.equipment.raw_http import RawResponse
from tests.equipment.simulator import Simulator, calls, text
from tests.equipment.waiting import wait_until
from tests.faults.conftest import OpenLine

ANSWER = "I added milk."
MANY = 5
TITLES = "SELECT title FROM tasks.task WHERE user_id = $1"
OF_USER = """
    SELECT id::text AS turn_id, conversation_id::text AS thread, state, failure::text
    FROM chat.turn WHERE user_id = $1
"""


@pytest.fixture(scope="module")
def tools_line(stack: Stack, open_line: OpenLine) -> OutageProxy:
    return open_line(stack.deployment.ports["mcp-tools"])


@pytest.fixture(scope="module")
def process(stack: Stack, tools_line: OutageProxy) -> ManagedProcess:
    return stack.add_process("chat-gateway", "gateway-stopped", MCP_URL=f"{tools_line.url}/mcp")


@pytest.fixture
async def other(
    process: ManagedProcess, tools_line: OutageProxy, new_user: NewUser
) -> AsyncIterator[str]:
    """The gateway that runs the turns here; the stops come to the stack's own."""
    tools_line.resume()
    answer(await say(base_url(process), await new_user(), "hello"))
    yield base_url(process)
    tools_line.resume()


@dataclass(frozen=True)
class Scene:
    """A turn that adds milk, somewhere on its way."""

    stack: Stack
    other: str
    tools: OutageProxy
    user: User
    simulator: Simulator
    database: DatabaseView
    said: str

    async def send(self, gateway: str) -> RawResponse:
        return await say(gateway, self.user, self.said, key=self.said.replace(" ", "-"))

    async def row(self) -> dict[str, Any]:
        (row,) = await self.database.rows(OF_USER, self.user.user_id)
        return row

    async def arrange(self, hold_step: int | None) -> None:
        """Let the model add milk and say so, at every attempt; hold it once at one of its steps."""
        if hold_step is not None:
            await self.simulator.hang(self.said, step=hold_step)
        for step, response in enumerate((calls(("add_task", {"title": "milk"})), text(ANSWER))):
            script = {"kind": "script", "match": self.said, "step": step, "count": MANY}
            await self.simulator.order({**script, "responses": [response]})


@pytest.fixture
def scene(
    stack: Stack,
    other: str,
    tools_line: OutageProxy,
    alice: User,
    simulator: Simulator,
    database: DatabaseView,
) -> Scene:
    return Scene(stack, other, tools_line, alice, simulator, database, f"milk {uuid4()}")


async def while_the_model_thinks_first(scene: Scene) -> asyncio.Task[RawResponse]:
    await scene.arrange(hold_step=0)
    turn = asyncio.create_task(scene.send(scene.other))
    await scene.simulator.wait_until_held(scene.said)
    return turn


async def while_the_tool_runs(scene: Scene) -> asyncio.Task[RawResponse]:
    await scene.arrange(hold_step=None)
    scene.tools.hold()
    turn = asyncio.create_task(scene.send(scene.other))

    async def asked() -> bool:
        return bool(
            await scene.database.value(
                "SELECT jsonb_array_length(steps) FROM chat.turn WHERE user_id = $1",
                scene.user.user_id,
            )
        )

    await wait_until("the call is recorded", asked)
    return turn


async def while_the_model_thinks_about_the_result(scene: Scene) -> asyncio.Task[RawResponse]:
    await scene.arrange(hold_step=1)
    turn = asyncio.create_task(scene.send(scene.other))
    await scene.simulator.wait_until_held(scene.said)
    return turn


Step = Callable[[Scene], Awaitable[asyncio.Task[RawResponse]]]
STEPS: tuple[tuple[Step, str, list[str]], ...] = (
    (while_the_model_thinks_first, "Nothing was changed.", []),
    (while_the_tool_runs, "One change may have been made.", []),
    (
        while_the_model_thinks_about_the_result,
        "1 change was made before that: add task.",
        ["add_task"],
    ),
)


@pytest.mark.parametrize(
    ("reach", "detail", "called"), STEPS, ids=[step[0].__name__ for step in STEPS]
)
async def test_stop_on_another_gateway_ends_it_and_the_key_goes_on(
    scene: Scene, reach: Step, detail: str, called: list[str]
) -> None:
    turn = await reach(scene)
    row = await scene.row()

    assert await stop_turn(scene.stack.urls.gateway, scene.user, row["thread"], row["turn_id"])

    problem = refusal(await turn, 409, "turn_stopped")
    assert problem["detail"] == (
        f"The turn was stopped. {detail} Your message is kept."
        " Send the request again with the same Idempotency-Key to go on from there."
    )
    assert (problem["turn_id"], problem["conversation_id"]) == (row["turn_id"], row["thread"])
    assert [call["name"] for call in problem["tool_calls"]] == called
    stopped = await scene.row()
    assert (stopped["state"], stopped["failure"]) == (
        "failed",
        '{"code": "stopped", "retryable": true}',
    )
    # Nothing more is done for a stopped turn, and a second stop finds it over.
    assert not await stop_turn(scene.stack.urls.gateway, scene.user, row["thread"], row["turn_id"])
    scene.tools.resume()

    resumed = answer(await scene.send(scene.stack.urls.gateway))

    assert (resumed["turn_id"], resumed["response"]) == (row["turn_id"], ANSWER)
    assert [call["name"] for call in resumed["tool_calls"]] == ["add_task"]
    assert await scene.database.rows(TITLES, scene.user.user_id) == [{"title": "milk"}]
    assert await scene.database.rows_of(scene.user.user_id) == {
        "chat.conversation": 1,
        "chat.message": 2,
        "chat.turn": 1,
        "chat.daily_use": 1,
        "tasks.task": 1,
        "tasks.tool_call": 1,
    }


async def test_next_message_of_the_conversation_need_not_wait(scene: Scene) -> None:
    turn = await while_the_model_thinks_about_the_result(scene)
    row = await scene.row()
    await stop_turn(scene.stack.urls.gateway, scene.user, row["thread"], row["turn_id"])
    following = f"what now? {uuid4()}"

    response = await say(
        scene.stack.urls.gateway, scene.user, following, conversation_id=row["thread"]
    )

    answer(response)
    (request,) = await scene.simulator.asked(following)
    told = request["messages"][2]["content"]
    assert told.startswith("[No answer was given: the person stopped it. Done before that:")
    refusal(await turn, 409, "turn_stopped")


async def test_stopped_and_deleted_at_once_it_says_that_the_conversation_is_gone(
    scene: Scene,
) -> None:
    turn = await while_the_model_thinks_about_the_result(scene)
    row, gateway = await scene.row(), scene.stack.urls.gateway
    await stop_turn(gateway, scene.user, row["thread"], row["turn_id"])
    deleted = await ask(gateway, scene.user, "threads.delete", thread_id=row["thread"])
    assert deleted.status == 200

    problem = refusal(await turn, 404, "conversation_not_found")

    assert problem["detail"] == (
        "You have deleted this conversation. 1 change was made before that: add task."
    )
    assert (problem["turn_id"], problem["conversation_id"]) == (row["turn_id"], row["thread"])
    assert [call["name"] for call in problem["tool_calls"]] == ["add_task"]
    # What was done stays, and its record; the key is free and means nothing any more.
    left = {"chat.daily_use": 1, "tasks.task": 1, "tasks.tool_call": 1}
    assert await scene.database.rows_of(scene.user.user_id) == left
    assert answer(await scene.send(gateway))["conversation_id"] != row["thread"]


async def test_turn_of_a_killed_gateway_can_be_stopped_too(
    scene: Scene, process: ManagedProcess
) -> None:
    turn = await while_the_model_thinks_first(scene)
    row = await scene.row()
    process.kill()
    with pytest.raises(OSError):
        await turn
    try:
        assert await stop_turn(scene.stack.urls.gateway, scene.user, row["thread"], row["turn_id"])
        assert (await scene.row())["state"] == "failed"
        assert answer(await scene.send(scene.stack.urls.gateway))["response"] == ANSWER
    finally:
        await asyncio.to_thread(process.restart)


async def test_lost_connection_stops_nothing(scene: Scene) -> None:
    turn = await while_the_model_thinks_about_the_result(scene)
    turn.cancel()
    await asyncio.gather(turn, return_exceptions=True)
    await scene.simulator.release(scene.said)

    async def over() -> bool:
        return bool((await scene.row())["state"] == "completed")

    await wait_until("the turn completes", over)
    replayed = await scene.send(scene.stack.urls.gateway)
    assert replayed.header("idempotency-replayed") == "true"
    assert [call["name"] for call in answer(replayed)["tool_calls"]] == ["add_task"]
