"""A model that begins an answer and then says nothing: it is given up, and asked again, in time."""

import asyncio
from dataclasses import dataclass
from uuid import uuid4

import pytest
from chat_gateway.model.endpoint import STALL_SECONDS
from devstack.chatkit.requests import create_thread
from devstack.processes import ManagedProcess
from devstack.stack import Stack, base_url

from tests.conftest import NewUser
from tests.equipment.chat import User
from tests.equipment.chatkit import CheckedView, chatkit, expect_stored_as_streamed
from tests.equipment.database import DatabaseView
from tests.equipment.metrics import scrape
from tests.equipment.simulator import Simulator

DEADLINE_SECONDS = 25
"""So that a turn that waits for it fails, even on a busy machine."""


@dataclass(frozen=True)
class Stalled:
    """A turn one of whose answers stalled. step: which, from 0."""

    step: int
    user: User
    word: str
    view: CheckedView
    seconds: float

    @property
    def title(self) -> str:
        return f"water plant {self.word}"


@pytest.fixture(scope="module")
def process(stack: Stack) -> ManagedProcess:
    """A gateway whose deadline is longer than the stack's, which a stall would fill."""
    return stack.add_process(
        "chat-gateway", "gateway-stalled", TURN_DEADLINE_SECONDS=str(DEADLINE_SECONDS)
    )


@pytest.fixture
async def turns(process: ManagedProcess, simulator: Simulator, new_user: NewUser) -> list[Stalled]:
    """A stall in the text of an answer, and one after a call, both at once: each takes 5 s."""

    async def hear(step: int, after_events: int) -> Stalled:
        user, word, view = await new_user(), uuid4().hex[:10], CheckedView()
        hang = {"kind": "hang", "match": word, "step": step, "after_events": after_events}
        await simulator.order(hang)
        began_at = asyncio.get_running_loop().time()
        request = create_thread(f"add a task to water plant {word}")
        await chatkit(base_url(process), user).run(request, view, key=word)
        return Stalled(step, user, word, view, asyncio.get_running_loop().time() - began_at)

    return list(await asyncio.gather(hear(step=1, after_events=2), hear(step=0, after_events=1)))


async def test_what_was_said_is_taken_back_and_nothing_is_done_twice(
    turns: list[Stalled], process: ManagedProcess, simulator: Simulator, database: DatabaseView
) -> None:
    in_the_text, after_a_call = turns

    for turn in turns:
        assert turn.view.error is None
        assert STALL_SECONDS <= turn.seconds < DEADLINE_SECONDS
        assert turn.title in turn.view.text
        await expect_stored_as_streamed(chatkit(base_url(process), turn.user), turn.view)
        assert await database.rows_of(turn.user.user_id) == {
            "chat.conversation": 1,
            "chat.message": 2,
            "chat.turn": 1,
            "chat.daily_use": 1,
            "tasks.task": 1,
            "tasks.tool_call": 1,
        }
        models = [asked["model"] for asked in await simulator.asked(turn.word)]
        assert len(models) == 3, "two answers, and the one that stalled"
        assert models[turn.step] not in models[turn.step + 1 :], "the other model goes on"
        await simulator.wait_until_held(turn.word, 0)
    assert len(in_the_text.view.removed) == 1
    assert after_a_call.view.removed == [], "a call that was never whole is shown to nobody"
    metrics = await scrape(process)
    assert metrics.value("taskchat_turn_retractions_total", reason="stall") == 1
    assert metrics.value("taskchat_model_hedges_total") == 0, "one that has begun is not hedged"
