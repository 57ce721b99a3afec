"""Each turn ends in exactly one line that says what became of it, whatever that was."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest
from devstack.processes import ManagedProcess
from devstack.stack import Stack, base_url

from tests.conftest import NewUser
from tests.equipment.chat import ORIGIN, User, answer, post, refusal, say
from tests.equipment.log_lines import ENDED, Line, endings, log_lines
from tests.equipment.metrics import scrape
from tests.equipment.otlp import Receiver
from tests.equipment.raw_http import Header, RawResponse
from tests.equipment.simulator import Simulator
from tests.equipment.waiting import wait_until

DEADLINE_SECONDS = "3"
AddGateway = Callable[..., ManagedProcess]


@dataclass(frozen=True)
class Turn:
    """Something that somebody says, under a trace of its own and a key."""

    user: User
    message: str
    key: str
    trace_id: str

    @property
    def headers(self) -> list[Header]:
        return [("traceparent", f"00-{self.trace_id}-{secrets.token_hex(8)}-01")]

    async def send(self, gateway: ManagedProcess, **changes: Any) -> RawResponse:
        return await say(
            base_url(gateway), self.user, self.message, key=self.key, headers=self.headers,
            **changes,
        )  # fmt: skip

    def ending(self, gateway: ManagedProcess) -> Line:
        """Its one summary line."""
        (line,) = endings(gateway, self.trace_id)
        return line


@pytest.fixture(scope="module")
def add_gateway(stack: Stack) -> Iterator[AddGateway]:
    """Starts a gateway that traces, with a short deadline and a short lease, and no hedges."""
    with Receiver() as receiver:
        started: list[ManagedProcess] = []

        def add(name: str, **variables: str) -> ManagedProcess:
            given = {
                "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
                "TURN_DEADLINE_SECONDS": DEADLINE_SECONDS,
                "TURN_LEASE_SECONDS": "1",
                "EDGE_BEGINS_TRACES": "true",
                "MODEL_HEDGE_AFTER_SECONDS": "0",
            }
            started.append(stack.add_process("chat-gateway", name, **{**given, **variables}))
            return started[-1]

        yield add
        for process in started:
            if process.alive:
                process.stop()


@pytest.fixture(scope="module")
def gateway(add_gateway: AddGateway) -> ManagedProcess:
    return add_gateway("chat-gateway-logs")


@pytest.fixture
def turn(alice: User) -> Turn:
    """A turn that nobody has sent yet. Its message is found by the simulator's faults."""
    return Turn(alice, f"add a task to buy milk {uuid4()}", str(uuid4()), secrets.token_hex(16))


def again(turn: Turn) -> Turn:
    """The same turn, asked for under another trace."""
    return replace(turn, trace_id=secrets.token_hex(16))


async def test_answered_turn_says_what_it_took_and_nothing_of_what_was_said(
    gateway: ManagedProcess, turn: Turn
) -> None:
    found = answer(await turn.send(gateway))

    line = turn.ending(gateway)
    assert (line["level"], line["outcome"], line["attempt"]) == ("INFO", "completed", 1)
    assert (line["replayed"], line["taken_over"]) == (False, False)
    assert (line["model_calls"], line["tool_calls"]) == (2, 1)
    assert line["input_tokens"] > 0 < line["output_tokens"]
    assert line["turn_id"] == found["turn_id"]
    assert line["conversation_id"] == found["conversation_id"]
    assert line["user_id"] == str(turn.user.user_id)
    steps = [line["open_ms"], line["agent_ms"], line["close_ms"]]
    assert min(steps) > 0
    assert sum(steps) <= line["duration_ms"] + 1
    assert len(line["span_id"]) == 16
    assert "milk" not in str(line)


async def test_all_lines_of_a_turn_name_it_and_their_span(
    gateway: ManagedProcess, turn: Turn, simulator: Simulator
) -> None:
    await simulator.fail(turn.message, 503, count=1)

    found = answer(await turn.send(gateway))

    lines = [one for one in log_lines(gateway) if one.get("trace_id") == turn.trace_id]
    assert [line["message"] for line in lines] == ["model unavailable", ENDED]
    assert {line["turn_id"] for line in lines} == {found["turn_id"]}
    assert len({line["span_id"] for line in lines}) == 2


async def test_replayed_turn_has_a_line_of_its_own(gateway: ManagedProcess, turn: Turn) -> None:
    first = answer(await turn.send(gateway))
    repeated = again(turn)
    answer(await repeated.send(gateway))

    line = repeated.ending(gateway)
    assert (line["outcome"], line["replayed"]) == ("replayed", True)
    assert line["turn_id"] == first["turn_id"]
    assert (line["model_calls"], line["tool_calls"]) == (0, 0)
    assert turn.ending(gateway)["outcome"] == "completed"


@pytest.mark.parametrize(
    ("status", "code", "changes"),
    [
        (401, "unauthenticated", {"authorized": False}),
        (403, "wrong_user", {"path_user": str(uuid4())}),
        (415, "unsupported_media_type", {"content_type": "text/plain"}),
        (422, "invalid_request", {"body": b"{}"}),
        (400, "malformed_json", {"body": b"{"}),
        (413, "body_too_large", {"body": b" " * 140_000}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_request_that_is_refused_before_there_is_a_turn_has_its_line(
    gateway: ManagedProcess, turn: Turn, status: int, code: str, changes: dict[str, Any]
) -> None:
    given = {"body": b'{"message": "hello"}', "headers": turn.headers, **changes}
    refusal(await post(base_url(gateway), turn.user, **given), status, code)

    assert turn.ending(gateway)["outcome"] == code


async def test_turn_that_is_refused_has_its_line(gateway: ManagedProcess, turn: Turn) -> None:
    nowhere = await turn.send(gateway, conversation_id=str(uuid4()))
    refusal(nowhere, 404, "conversation_not_found")
    assert turn.ending(gateway)["outcome"] == "conversation_not_found"

    key_of_another = again(turn)
    answer(await turn.send(gateway))
    other_words = replace(key_of_another, message="hello")
    refusal(await other_words.send(gateway), 422, "idempotency_key_reused")
    assert other_words.ending(gateway)["outcome"] == "idempotency_key_reused"


async def test_second_turn_of_a_conversation_has_its_line(
    gateway: ManagedProcess, turn: Turn, simulator: Simulator
) -> None:
    await simulator.hang(turn.message)
    sent = asyncio.create_task(turn.send(gateway))
    await simulator.wait_until_held(turn.message)
    second = again(turn)

    refusal(await second.send(gateway), 409, "turn_in_progress")
    await simulator.release(turn.message)
    answer(await sent)

    assert second.ending(gateway)["outcome"] == "turn_in_progress"
    assert turn.ending(gateway)["outcome"] == "completed"


async def test_failed_turn_has_its_line(
    gateway: ManagedProcess, turn: Turn, simulator: Simulator
) -> None:
    await simulator.fail(turn.message, 503)
    refusal(await turn.send(gateway), 503, "model_unavailable")

    line = turn.ending(gateway)
    assert (line["outcome"], line["model_calls"], line["tool_calls"]) == ("model_unavailable", 6, 0)
    assert "close_ms" not in line


async def test_turn_that_took_too_long_has_its_line(
    gateway: ManagedProcess, turn: Turn, simulator: Simulator
) -> None:
    await simulator.hang(turn.message)
    refusal(await turn.send(gateway), 504, "deadline_exceeded")
    await simulator.release(turn.message)

    line = turn.ending(gateway)
    assert line["outcome"] == "deadline_exceeded"
    assert line["duration_ms"] >= float(DEADLINE_SECONDS) * 1000 - 50


async def test_turn_whose_client_is_gone_runs_on_and_has_its_line(
    gateway: ManagedProcess, turn: Turn, simulator: Simulator
) -> None:
    await simulator.hang(turn.message)
    sent = asyncio.create_task(turn.send(gateway))
    await simulator.wait_until_held(turn.message)
    sent.cancel()  # closes the connection
    await asyncio.wait([sent])
    await simulator.release(turn.message)

    async def ended() -> bool:
        return len(endings(gateway, turn.trace_id)) > 0

    await wait_until("the turn has ended", ended)
    assert turn.ending(gateway)["outcome"] == "completed"


async def test_turn_that_is_cut_off_by_a_shutdown_has_its_line_and_so_has_the_shutdown(
    add_gateway: AddGateway, turn: Turn, simulator: Simulator
) -> None:
    stopping = add_gateway(
        "chat-gateway-stopping", GRACEFUL_SHUTDOWN_SECONDS="1", TURN_DEADLINE_SECONDS="60"
    )
    await simulator.hang(turn.message)
    sent = asyncio.create_task(turn.send(stopping))
    await simulator.wait_until_held(turn.message)

    assert await asyncio.to_thread(stopping.stop) == 0
    await asyncio.wait([sent])
    sent.exception()
    await simulator.release(turn.message)

    assert turn.ending(stopping)["outcome"] == "interrupted"
    said = [line["message"] for line in log_lines(stopping)]
    assert "Application startup complete." in said
    assert any(message.startswith("Finished server process") for message in said)
    assert {line["logger"] for line in log_lines(stopping)} >= {"uvicorn.error"}


async def test_turn_of_a_killed_process_has_its_line_where_it_is_taken_over(
    gateway: ManagedProcess, add_gateway: AddGateway, turn: Turn, simulator: Simulator
) -> None:
    victim = add_gateway("chat-gateway-killed")
    takeovers = (await scrape(gateway)).value("taskchat_lease_takeovers_total")
    await simulator.hang(turn.message)
    sent = asyncio.create_task(turn.send(victim))
    await simulator.wait_until_held(turn.message)

    await asyncio.to_thread(victim.kill)
    await asyncio.wait([sent])
    sent.exception()
    await simulator.release(turn.message)

    async def answered() -> bool:
        return (await turn.send(gateway)).status == 200

    await wait_until("the lease has run out and the turn is answered", answered)
    assert endings(victim, turn.trace_id) == []
    (line,) = [
        one for one in endings(gateway, turn.trace_id) if one["outcome"] != "turn_in_progress"
    ]
    assert (line["outcome"], line["attempt"], line["taken_over"]) == ("completed", 2, True)
    now = (await scrape(gateway)).value("taskchat_lease_takeovers_total")
    assert now == takeovers + 1


async def test_no_line_says_a_word_of_anybody(gateway: ManagedProcess, new_user: NewUser) -> None:
    canary = f"canary{uuid4().hex}"
    user = await new_user()
    answer(await say(base_url(gateway), user, f"add a task to feed the {canary}"))

    lines = log_lines(gateway)
    assert any(line["message"] == ENDED for line in lines)
    told = str(lines)
    assert canary not in told
    assert user.token not in told
    assert ORIGIN not in told
