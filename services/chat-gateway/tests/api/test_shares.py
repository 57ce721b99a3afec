"""One person at every limit of a process, and somebody else who is answered all the same."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import httpx2
import pytest
from chat_gateway.api import chat
from chat_gateway.turns.shares import Shares
from servicekit.identifiers import new_id

from ..equipment.gateway import ORIGIN, Gateway, running, settings
from ..equipment.issuer import Issuer
from ..equipment.scripted_agent import Gate, ScriptedAgent
from ..equipment.storage import Storage
from ..equipment.waiting import wait_until

HELLO = {"message": "hello"}
LISTS = {"type": "threads.list", "params": {}}


class Held:
    """A script that keeps every turn until all are let go on."""

    def __init__(self) -> None:
        self.running = 0
        self._let = asyncio.Event()

    async def __call__(self, _: object) -> str:
        self.running += 1
        await self._let.wait()
        return "Done."

    def let(self) -> None:
        self._let.set()


@pytest.fixture
async def narrow(storage: Storage, issuer: Issuer) -> AsyncIterator[Gateway]:
    """Two turns of each person, four of all."""
    chosen = settings(
        storage.service_url, issuer, max_turns_in_flight=4, turns_in_flight_per_person=2
    )
    async with running(chosen, issuer) as gateway:
        yield gateway


@asynccontextmanager
async def turns_held(gateway: Gateway, *people: UUID) -> AsyncIterator[list[httpx2.Response]]:
    """While this is open each of them has a turn running. Yields: filled with their answers."""
    held, answers = Held(), list[httpx2.Response]()
    gateway.agent.script = held
    turns = [asyncio.create_task(gateway.post(person, HELLO)) for person in people]

    async def run() -> bool:
        return held.running == len(people)

    await wait_until("all of them run", run)
    gateway.agent.script = ScriptedAgent().script
    try:
        yield answers
    finally:
        held.let()
        answers += await asyncio.gather(*turns)


def refusal(response: httpx2.Response) -> tuple[int, str]:
    if response.status_code != 200:
        assert int(response.headers["retry-after"]) > 0
    return response.status_code, response.json().get("code", "")


@pytest.mark.parametrize("limits", [(0, 1), (1, 0)])
def test_limit_that_refuses_everybody_is_refused(limits: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Shares(of_all=limits[0], of_each=limits[1])


class TestTurns:
    async def test_one_too_many_of_a_person_is_refused_and_others_are_answered(
        self, narrow: Gateway, storage: Storage
    ) -> None:
        greedy, other = new_id(), new_id()
        async with turns_held(narrow, greedy, greedy) as answers:
            for body in (HELLO, {**HELLO, "conversation_id": str(new_id())}):
                refused = await narrow.post(greedy, body)
                assert refusal(refused) == (429, "rate_limited")
            streamed = await narrow.post(greedy, HELLO, accept="text/event-stream")
            assert refusal(streamed) == (429, "rate_limited")
            assert await storage.count("turn", greedy) == 2
            assert (await narrow.post(other, HELLO)).status_code == 200
        assert {answer.status_code for answer in answers} == {200}
        assert (await narrow.post(greedy, HELLO)).status_code == 200

    async def test_one_too_many_of_all_is_overloaded_and_stores_nothing(
        self, narrow: Gateway, storage: Storage
    ) -> None:
        late = new_id()
        async with turns_held(narrow, *(new_id() for _ in range(4))):
            assert refusal(await narrow.post(late, HELLO)) == (503, "overloaded")
            assert await storage.count("turn", late) == 0
            assert (await narrow.client.get("/readyz")).status_code == 200
        assert (await narrow.post(late, HELLO)).status_code == 200

    async def test_full_share_of_turns_does_not_keep_a_person_from_reading_and_stopping(
        self, narrow: Gateway, storage: Storage
    ) -> None:
        greedy = new_id()
        async with turns_held(narrow, greedy, greedy):
            assert (await narrow.post(greedy, LISTS)).status_code == 200
            turn, _ = await storage.turns(greedy)
            action = {"type": "turn.stop", "payload": {"turn_id": str(turn["id"])}}
            params = {"thread_id": str(turn["conversation_id"]), "action": action}
            stopped = await narrow.post(greedy, {"type": "threads.custom_action", "params": params})
            assert stopped.status_code == 200

    async def test_turn_whose_reader_is_gone_still_counts(self, narrow: Gateway) -> None:
        greedy, gate = new_id(), Gate()
        narrow.agent.script = gate
        for _ in range(2):
            gate.reached.clear()
            turn = asyncio.create_task(narrow.post(greedy, HELLO))
            await gate.reached.wait()
            turn.cancel()
            await asyncio.wait([turn])
        assert refusal(await narrow.post(greedy, HELLO)) == (429, "rate_limited")
        gate.opened.set()
        await asyncio.wait_for(narrow.app._in_flight.ended(), 60)
        assert (await narrow.post(greedy, HELLO)).status_code == 200


class TestBodies:
    async def half_sent(
        self, gateway: Gateway, user_id: UUID
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A request whose body does not end."""
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        head = (
            f"POST /api/{user_id}/chat HTTP/1.1\r\nHost: x\r\nOrigin: {ORIGIN}\r\n"
            f"Authorization: Bearer {gateway.issuer.token(user_id)}\r\n"
            "Content-Type: application/json\r\nContent-Length: 60\r\n\r\n"
        )
        writer.write(head.encode() + b'{"me')
        await writer.drain()
        return reader, writer

    async def test_half_sent_bodies_take_no_turns_place_and_end_soon(
        self, narrow: Gateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(chat, "BODY_SECONDS", 3.0)
        greedy, other = new_id(), new_id()
        senders = [await self.half_sent(narrow, greedy) for _ in range(4)]

        async def full() -> bool:
            return refusal(await narrow.post(greedy, LISTS)) == (429, "rate_limited")

        await wait_until("their share is full", full)
        assert (await narrow.post(other, HELLO)).status_code == 200
        for reader, writer in senders:
            answer = await asyncio.wait_for(reader.read(), 20)
            head, _, body = answer.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 408")
            assert json.loads(body)["code"] == "request_timeout"
            writer.close()
            await writer.wait_closed()
        assert (await narrow.post(greedy, HELLO)).status_code == 200
