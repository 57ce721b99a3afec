"""What a request says of a turn is believed from the gateway alone, which proves itself. ADR 0035.

Without the proof a person's token is a client of the five tools and nothing more: `turn-started-at`
and the `_meta` of a turn are refused, and the token is judged now.
"""

import json
import time
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from devstack.gateway_keys import GatewayKeys
from mcp_tools.app import create_app
from mcp_tools.settings import Settings
from servicekit.probes import Readiness
from servicekit.tokens.gateway_proof import GatewaySigner

from .caller import META, PROTOCOL_VERSION, Caller, key
from .conftest import NewCaller
from .rows import Rows
from .running import running

TURN_OF_ANOTHER = {
    "an idempotency key": key(),
    "a conversation": {"taskchat/conversation-id": str(uuid4())},
    "a key that is none": {"taskchat/idempotency-key": None},
}


def body_of(caller: Caller, **arguments: str) -> bytes:
    arguments = {"user_id": str(caller.user_id), **arguments}
    params = {"name": "add_task", "arguments": arguments, "_meta": {**key(), **META}}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    return json.dumps(call).encode()


async def post(caller: Caller, body: bytes, **headers: str) -> httpx2.Response:
    sent = {
        "accept": "application/json, text/event-stream",
        "content-type": "application/json",
        "mcp-protocol-version": PROTOCOL_VERSION,
        "mcp-method": "tools/call",
        "mcp-name": "add_task",
        "authorization": f"Bearer {caller.token}",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return await caller.http.post(f"{caller.url}/mcp", content=body, headers=sent)


async def assert_refused(caller: Caller, rows: Rows, response: httpx2.Response) -> None:
    assert response.status_code == 401, response.text
    assert response.json()["code"] == "unauthenticated"
    assert await rows.calls(caller.user_id) == []


@pytest.fixture
def signer(gateway_keys: GatewayKeys) -> GatewaySigner:
    return GatewaySigner.from_pem(gateway_keys.private)


class TestWithoutProof:
    async def test_a_person_may_call_the_tools(self, caller: Caller) -> None:
        direct = replace(caller, signer=None)

        task = (await direct.call("add_task", title="milk")).task

        assert (await direct.call("complete_task", task_id=task["id"])).task["completed"]

    @pytest.mark.parametrize("meta", TURN_OF_ANOTHER.values(), ids=TURN_OF_ANOTHER.keys())
    async def test_what_is_said_of_a_turn_is_refused(
        self, caller: Caller, rows: Rows, meta: dict[str, Any]
    ) -> None:
        direct = replace(caller, signer=None)

        answer = await direct.call("add_task", meta=meta, title="planted")

        assert answer.code == "invalid_arguments"
        assert "chat-gateway's alone" in answer.message
        row = await rows.call(caller.user_id)
        assert (row["turn_id"], row["conversation_id"]) == (None, None)
        assert await rows.tasks(caller.user_id) == []

    async def test_the_moment_of_a_turn_is_refused_with_a_good_token_too(
        self, caller: Caller, rows: Rows
    ) -> None:
        response = await post(caller, body_of(caller, title="x"), turn_started_at=f"{time.time()}")

        await assert_refused(caller, rows, response)

    async def test_an_expired_token_has_no_grace(self, new_caller: NewCaller, rows: Rows) -> None:
        now = int(time.time())
        caller = replace(new_caller(iat=now - 200, exp=now - 40), signer=None)

        response = await caller.with_headers(turn_started_at=str(now - 45)).post("tools/list", {})

        await assert_refused(caller, rows, response)


class TestAProofThatIsNone:
    @pytest.mark.parametrize("proof", ["", "x", ".", f"{'A' * 43}.{'A' * 86}", "é" * 130])
    async def test_is_refused(self, caller: Caller, rows: Rows, proof: str) -> None:
        sent = {"turn_started_at": f"{time.time():.3f}", "gateway_proof": proof.encode("latin-1")}

        response = await post(caller, body_of(caller, title="x"), **sent)  # type: ignore[arg-type]

        await assert_refused(caller, rows, response)

    async def test_of_another_gateway_is_refused(self, caller: Caller, rows: Rows) -> None:
        signer = GatewaySigner.from_pem(GatewayKeys.new().private)

        response = await replace(caller, signer=signer).post("tools/list", {"_meta": key()})

        await assert_refused(caller, rows, response)

    @pytest.mark.parametrize("stolen", ["body", "token", "moment", "no moment"])
    async def test_of_another_request_is_refused(
        self, caller: Caller, stranger: Caller, signer: GatewaySigner, rows: Rows, stolen: str
    ) -> None:
        """A proof that was seen on the wire opens nothing else, for nobody, at no other time."""
        body, began = body_of(caller, title="mine"), f"{time.time():.3f}"
        proof = signer.proof(token=caller.token, turn_started_at=began, body=body)
        headers = {"turn_started_at": began, "gateway_proof": proof}
        match stolen:
            case "body":
                response = await post(caller, body_of(caller, title="other"), **headers)
            case "token":
                caller = stranger
                response = await post(stranger, body, **headers)
            case "moment":
                headers["turn_started_at"] = f"{time.time() - 5:.3f}"
                response = await post(caller, body, **headers)
            case _:
                del headers["turn_started_at"]
                response = await post(caller, body, **headers)

        await assert_refused(caller, rows, response)

    async def test_that_is_sent_again_has_no_second_effect(
        self, caller: Caller, signer: GatewaySigner, rows: Rows
    ) -> None:
        body, began = body_of(caller, title="once"), f"{time.time():.3f}"
        proof = signer.proof(token=caller.token, turn_started_at=began, body=body)

        for _ in range(3):
            response = await post(caller, body, turn_started_at=began, gateway_proof=proof)
            assert response.status_code == 200

        assert len(await rows.tasks(caller.user_id)) == 1
        assert len(await rows.calls(caller.user_id)) == 1


async def test_while_keys_are_changed_both_are_good(
    settings: Settings, gateway_keys: GatewayKeys, caller: Caller
) -> None:
    new = GatewayKeys.new()
    both = settings.model_copy(
        update={"gateway_proof_public_keys": new.public + gateway_keys.public}
    )
    with running(create_app(both, Readiness())) as url:
        for keys in (gateway_keys, new):
            person = replace(caller, url=url, signer=GatewaySigner.from_pem(keys.private))
            assert (await person.post("tools/list", {"_meta": key()})).status_code == 200
