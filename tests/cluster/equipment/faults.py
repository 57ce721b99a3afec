"""Small faults, ordered one by one, so that what counts them has something to count.

Each meets one turn or one request of its own: the load beside it does not notice.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import uuid4

from devstack.chatkit.client import ChatKitClient
from devstack.chatkit.requests import create_thread, custom_action
from devstack.chatkit.thread_view import ThreadView
from devstack.people import Person

from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.endpoint_client import EndpointClient
from tests.equipment.simulator import Simulator, calls, text

AT_ONCE = 6
"""Fewer than one person may have turns running (`turns_in_flight_per_person`)."""
HEDGED_WITHIN_SECONDS = 20.0
"""A second request is sent after 2 s (MODEL_HEDGE_AFTER_SECONDS)."""
NOBODYS_TASK = "00000000-0000-7000-8000-000000000000"
NO_TOKEN = "eyJhbGciOiJFZERTQSJ9.e30.AAAA"


@dataclass(frozen=True, slots=True)
class Faults:
    """Where they happen.

    Attributes: edge, person: through which turns are sent. edge_client: the edge, byte for byte.
        pod: chat-gateway itself, past the edge. simulator: the model, told to misbehave.
    """

    edge: Edge
    person: Person
    edge_client: EndpointClient
    pod_client: EndpointClient
    simulator: Simulator

    async def cause_all(self) -> None:
        """All of them, most of them at once."""
        each: tuple[Callable[[], Awaitable[object]], ...] = (
            self.model_fails_once,
            self.model_is_replaced,
            self.model_fails_for_good,
            self.model_speaks_nonsense,
            self.model_is_slow,
            self.tool_finds_nothing,
            self.click_finds_nothing,
            self.turn_is_stopped,
            self.conversation_is_nobodys,
            self.edge_refuses,
            self.gateway_refuses,
        )
        free = asyncio.Semaphore(AT_ONCE)

        async def cause(fault: Callable[[], Awaitable[object]]) -> None:
            async with free:
                await fault()

        async with asyncio.TaskGroup() as group:
            for fault in each:
                group.create_task(cause(fault))

    async def model_fails_once(self) -> None:
        """A retry, when the other model has failed as well."""
        word = _word()
        await self.simulator.fail(word, 503, count=2)
        await self._say(f"add a task to fetch {word}", 200)

    async def model_is_replaced(self) -> None:
        """An answer of the other model."""
        word = _word()
        await self.simulator.fail(word, 503, count=1)
        await self._say(f"add a task to fetch {word}", 200)

    async def model_fails_for_good(self) -> None:
        """A turn that fails on our side: what is refused is not asked again."""
        word = _word()
        await self.simulator.fail(word, 400, count=10)
        await self._say(f"add a task to fetch {word}", 502)

    async def model_speaks_nonsense(self) -> None:
        """An answer that cannot be used, and a second one that can."""
        word = _word()
        await self.simulator.order({"kind": "garbage", "variant": "no_choices", "match": word})
        await self._say(f"add a task to fetch {word}", 200)

    async def model_is_slow(self) -> None:
        """A hedge: the first request is held until the second has been answered."""
        word = _word()
        await self.simulator.hang(word)
        async with asyncio.timeout(HEDGED_WITHIN_SECONDS):
            await self._say(f"add a task to fetch {word}", 200)

    async def tool_finds_nothing(self) -> None:
        """A tool call that fails with a code."""
        word = _word()
        missing = calls(("complete_task", {"task_id": NOBODYS_TASK}))
        await self.simulator.script(word, missing, text("There is no such task."))
        await self._say(f"complete {word}", 200)

    async def click_finds_nothing(self) -> None:
        """A person's own click that fails with a code."""
        view = await self._chatkit.run(
            custom_action(None, "tasks.complete", {"task_id": NOBODYS_TASK})
        )
        assert view.error is not None

    async def turn_is_stopped(self) -> None:
        """A turn that its person stops while the model is held."""
        word, view = _word(), ThreadView()
        await self.simulator.hang(word)
        async with self._chatkit.stream(create_thread(f"add a task to fetch {word}")) as stream:
            view.begin()
            async for event in stream.events:
                view.fold(event)
                if event.get("name") == "turn":
                    turn_id = event["data"]["turn_id"]
                    stop = custom_action(view.thread_id, "turn.stop", {"turn_id": turn_id})
                    stopped = (await self._chatkit.run(stop)).effect("turn_stopped")
                    assert stopped == {"turn_id": turn_id, "stopped": True}
        assert view.error is not None
        await self.simulator.release(word)

    async def conversation_is_nobodys(self) -> None:
        """A turn that is refused for what was asked."""
        answer = await self.person.chat(self.edge.url, "hello", str(uuid4()))
        assert answer.status_code == 404, answer.text

    async def edge_refuses(self) -> None:
        """A token, an origin and a path that the edge turns away itself."""
        user_id = self.person.user_id
        refused = [
            await self.edge_client.request(user_id, NO_TOKEN),
            await self.edge_client.request(user_id, NO_TOKEN, origins=["http://evil.example"]),
            await self.edge_client.request(user_id, None, target="/nowhere"),
        ]
        assert {response.status for response in refused} <= {401, 403, 404}

    async def gateway_refuses(self) -> None:
        """The same behind the edge."""
        user_id = self.person.user_id
        bad_token = await self.pod_client.request(user_id, NO_TOKEN)
        bad_origin = await self.pod_client.request(
            user_id, NO_TOKEN, origins=["http://evil.example"]
        )
        assert (bad_token.status, bad_origin.status) == (401, 403)

    @property
    def _chatkit(self) -> ChatKitClient:
        return ChatKitClient.of(self.person, self.edge.url, self.person.client)

    async def _say(self, message: str, status: int) -> None:
        answer = await self.person.chat(self.edge.url, message)
        assert answer.status_code == status, (message, answer.status_code, answer.text)


def _word() -> str:
    """A word that no other message has."""
    return f"w{uuid4().hex[:12]}"
