"""A token that was good when the turn began and runs out while it runs (ADR 0005)."""

import asyncio
import time
from uuid import UUID, uuid4

from devstack.stack import Stack, base_url

from tests.equipment.chat import User, answer, refusal, say
from tests.equipment.issuer import JWKS_PATH, KeyServer, SigningKey
from tests.equipment.simulator import Simulator, calls, text
from tests.equipment.waiting import wait_until
from tests.faults.conftest import OpenLine

LEEWAY_SECONDS = 30
"""contract.md "The endpoint"."""

LEFT_SECONDS = 4
"""How long the token is still accepted when the turn begins."""


async def test_turn_goes_on_when_its_token_runs_out_before_its_tools_run(
    stack: Stack, simulator: Simulator, open_line: OpenLine
) -> None:
    """The line to the tools is held until the gateway itself would refuse the token."""
    key, user_id, said = SigningKey("short"), uuid4(), f"groceries {uuid4()}"
    with KeyServer([key.jwk()]) as issuer:
        trust = {"AUTH_ISSUER": issuer.url, "AUTH_JWKS_URL": issuer.url + JWKS_PATH}
        tools = stack.add_process("mcp-tools", "tools-of-short-tokens", **trust)
        line = open_line(int(tools.env["PORT"]))
        gateway = stack.add_process(
            "chat-gateway",
            "gateway-of-short-tokens",
            **trust,
            MCP_URL=f"{line.url}/mcp",
            TURN_DEADLINE_SECONDS="25",
        )
        url = base_url(gateway)
        wishes = [calls(("add_task", {"title": title})) for title in ("milk", "bread", "eggs")]
        await simulator.script(said, *wishes, text("All added."))
        user = User(user_id, short_token(key, issuer.url, user_id))
        answer(await say(url, user, "hello"))
        line.hold()
        turn = asyncio.create_task(say(url, user, said))

        async def refused() -> bool:
            return (await say(url, user, "hello")).status == 401

        await wait_until("the gateway refuses the token for a new turn", refused)
        assert not turn.done()
        line.resume()

        found = answer(await turn)

        assert [call["status"] for call in found["tool_calls"]] == ["ok"] * len(wishes)
        refusal(await say(url, user, said), 401, "unauthenticated")


def short_token(key: SigningKey, issuer: str, user_id: UUID) -> str:
    """A token that both services accept for `LEFT_SECONDS` more."""
    runs_out_at = int(time.time()) - LEEWAY_SECONDS + LEFT_SECONDS
    claims = {
        "iss": issuer,
        "aud": ["chat-gateway", "mcp-tools"],
        "sub": str(user_id),
        "iat": runs_out_at - 300,
        "exp": runs_out_at,
    }
    return key.sign({"alg": "EdDSA", "typ": "JWT", "kid": key.kid}, claims)
