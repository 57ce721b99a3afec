"""`turn-started-at` lengthens an expired token's life by a turn, and by nothing more (ADR 0005)."""

import time
from collections.abc import Callable

import pytest
from devstack.stack import Stack
from servicekit.tokens.gateway_proof import GatewaySigner

from tests.equipment.chat import refusal
from tests.equipment.database import DatabaseView
from tests.equipment.raw_http import Header
from tests.equipment.tools import gateway_of
from tests.security.borders import Border
from tests.security.forge import Forge
from tests.security.presentations import as_bearer

HEADER = "turn-started-at"
GRACE_SECONDS = 30
"""TURN_GRACE_SECONDS of contract.md "Configuration"."""


def expired(forge: Forge, seconds_ago: int = 40) -> str:
    """A token that is past its leeway now, and was good when the turn below began."""
    return forge.with_claims(iat=forge.now - 200, exp=forge.now - seconds_ago)


def ago(seconds: float) -> str:
    """A moment as the header writes it."""
    return str(int(time.time() - seconds))


HOSTILE_MOMENTS: dict[str, Callable[[], list[str]]] = {
    "no header": lambda: [],
    "empty": lambda: [""],
    "longer ago than the grace": lambda: [ago(GRACE_SECONDS + 5)],
    "long before the token expired": lambda: [ago(120)],
    "in the future": lambda: [ago(-60)],
    "zero": lambda: ["0"],
    "negative": lambda: [f"-{ago(20)}"],
    "NaN": lambda: ["nan"],
    "infinite": lambda: ["inf"],
    "minus infinite": lambda: ["-inf"],
    "1e400": lambda: ["1e400"],
    "400 digits": lambda: ["9" * 400],
    "hexadecimal": lambda: [hex(int(ago(20)))],
    "a date": lambda: ["2026-11-21T10:00:00Z"],
    "a list": lambda: [f"{ago(20)}, {ago(20)}"],
    "other digits": lambda: [ago(20).translate({48 + n: 0x0660 + n for n in range(10)})],
    "digits with underscores": lambda: [f"{ago(20)[:3]}_{ago(20)[3:]}"],
    "two headers, the first good": lambda: [ago(20), "0"],
    "two headers, the second good": lambda: ["0", ago(20)],
}


@pytest.fixture
def gateway(stack: Stack) -> GatewaySigner:
    return gateway_of(stack)


@pytest.mark.parametrize("border", ["mcp-tools"], indirect=True)
@pytest.mark.parametrize("moment", HOSTILE_MOMENTS.values(), ids=HOSTILE_MOMENTS.keys())
async def test_hostile_moment_does_not_revive_an_expired_token(
    border: Border, moment: Callable[[], list[str]], gateway: GatewaySigner, database: DatabaseView
) -> None:
    headers: list[Header] = [(HEADER, value) for value in moment()]

    response = await border.show(as_bearer(expired(border.forge)), headers=headers, gateway=gateway)

    refusal(response, 401, "unauthenticated")
    assert await database.rows_of(border.forge.user_id) == {}


@pytest.mark.parametrize("border", ["mcp-tools"], indirect=True)
@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://issuer.example"},
        {"aud": "somebody-else"},
        {"sub": "admin"},
        {"exp": None},
        {"exp": float("nan")},
        {"iat": 0},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
async def test_moment_excuses_nothing_but_the_expiry(
    border: Border, wrong: dict[str, object], gateway: GatewaySigner
) -> None:
    forge = border.forge
    token = forge.with_claims(**{"iat": forge.now - 200, "exp": forge.now - 40} | wrong)

    response = await border.show(as_bearer(token), headers=[(HEADER, ago(20))], gateway=gateway)

    refusal(response, 401, "unauthenticated")


@pytest.mark.parametrize("border", ["mcp-tools"], indirect=True)
async def test_moment_does_not_excuse_a_signature_of_a_stranger(
    border: Border, gateway: GatewaySigner
) -> None:
    forge = border.forge
    claims = forge.claims(iat=forge.now - 200, exp=forge.now - 40)

    response = await border.show(
        as_bearer(forge.stranger.sign(forge.header(), claims)),
        headers=[(HEADER, ago(20))],
        gateway=gateway,
    )

    refusal(response, 401, "unauthenticated")


@pytest.mark.parametrize("border", ["chat-gateway"], indirect=True)
async def test_gateway_does_not_know_the_header(border: Border) -> None:
    response = await border.show(as_bearer(expired(border.forge)), headers=[(HEADER, ago(20))])

    refusal(response, 401, "unauthenticated")


@pytest.mark.parametrize("border", ["mcp-tools"], indirect=True)
async def test_token_that_was_good_when_the_turn_began_is_accepted(
    border: Border, gateway: GatewaySigner
) -> None:
    token = as_bearer(expired(border.forge))

    response = await border.show(token, headers=[(HEADER, ago(20))], gateway=gateway)

    assert response.status == 200, response.body


@pytest.mark.parametrize("border", ["mcp-tools"], indirect=True)
@pytest.mark.parametrize("seconds_ago", [40, -200], ids=["an expired token", "a good token"])
async def test_a_person_alone_is_not_believed_about_a_turn(
    border: Border, seconds_ago: int, database: DatabaseView
) -> None:
    """Whoever has the token has not yet the gateway's key (ADR 0035)."""
    token = as_bearer(expired(border.forge, seconds_ago))

    response = await border.show(token, headers=[(HEADER, ago(20))])

    refusal(response, 401, "unauthenticated")
    assert await database.rows_of(border.forge.user_id) == {}
