"""No token but a right one is accepted, by chat-gateway or by mcp-tools.

Every hostile token is a good one with one thing wrong; the good one goes the same way and is
accepted, so a refusal is about that one thing. The services trust an issuer of the tests, because
"almost right" needs the real private key.
"""

import pytest

from tests.equipment.chat import refusal
from tests.equipment.database import DatabaseView
from tests.security.borders import Border
from tests.security.forge import Forgery
from tests.security.hostile_claims import AUDIENCES, GOOD, ISSUERS, MISSING, SUBJECTS, TIMES
from tests.security.hostile_headers import ALGORITHMS, EXTENSIONS, KEY_IDS, OWN_KEYS
from tests.security.hostile_shapes import (
    MAX_TOKEN_BYTES,
    NOT_CLAIMS,
    SIZES,
    TAMPERED,
    at_most,
)
from tests.security.presentations import HOSTILE_PRESENTATIONS, Present, as_bearer

HOSTILE: dict[str, Forgery] = {
    **ALGORITHMS,
    **KEY_IDS,
    **OWN_KEYS,
    **EXTENSIONS,
    **MISSING,
    **ISSUERS,
    **AUDIENCES,
    **SUBJECTS,
    **TIMES,
    **TAMPERED,
    **NOT_CLAIMS,
    **SIZES,
}
ACCEPTED: dict[str, Forgery] = {
    **GOOD,
    "exactly as long as allowed": lambda forge: at_most(forge, MAX_TOKEN_BYTES),
}

pytestmark = pytest.mark.parametrize("border", ["chat-gateway", "mcp-tools"], indirect=True)


@pytest.mark.parametrize("forgery", HOSTILE.values(), ids=HOSTILE.keys())
async def test_hostile_token_is_refused(
    border: Border, forgery: Forgery, database: DatabaseView
) -> None:
    token = forgery(border.forge)

    response = await border.show(as_bearer(token))

    refusal(response, 401, "unauthenticated")
    assert (response.header("www-authenticate") or "").startswith("Bearer")
    assert len(token) < 20 or token.encode() not in response.body
    assert await database.rows_of(border.forge.user_id) == {}


@pytest.mark.parametrize("present", HOSTILE_PRESENTATIONS.values(), ids=HOSTILE_PRESENTATIONS)
async def test_good_token_handed_over_in_another_way_is_refused(
    border: Border, present: Present, database: DatabaseView
) -> None:
    response = await border.show(present(border.forge.good_token()))

    refusal(response, 401, "unauthenticated")
    assert (response.header("www-authenticate") or "").startswith("Bearer")
    assert await database.rows_of(border.forge.user_id) == {}


@pytest.mark.parametrize("forgery", ACCEPTED.values(), ids=ACCEPTED.keys())
async def test_good_token_is_accepted_on_the_same_way(border: Border, forgery: Forgery) -> None:
    response = await border.show(as_bearer(forgery(border.forge)))

    assert response.status == 200, response.body


async def test_token_for_this_service_alone_is_accepted_by_it(border: Border) -> None:
    """Tools that the gateway has asked for once are known to it, whomever they are for."""
    assert (await border.show(as_bearer(border.forge.good_token()))).status == 200

    response = await border.show(as_bearer(border.forge.with_claims(aud=border.forge.audience)))

    assert response.status == 200, response.body


async def test_token_larger_than_a_request_may_be_is_refused(
    border: Border, database: DatabaseView
) -> None:
    """The HTTP server itself gives up on such a header; how it says so is its own business."""
    response = await border.show(as_bearer("A" * 100_000))

    assert response.status in {400, 401, 431}
    assert await database.rows_of(border.forge.user_id) == {}


async def test_unknown_kids_do_not_hammer_the_key_server(border: Border) -> None:
    """Source: docs/pitfalls.md "Tokens": one shared fetch in 10 s for an unknown kid."""
    before = len(border.trusted.paths_seen)

    for number in range(30):
        token = border.forge.with_header(kid=f"unknown-{number}")
        refusal(await border.show(as_bearer(token)), 401, "unauthenticated")

    assert len(border.trusted.paths_seen) - before <= 2


async def test_keys_of_a_stranger_are_never_asked_for(border: Border) -> None:
    for forgery in OWN_KEYS.values():
        await border.show(as_bearer(forgery(border.forge)))

    assert border.strangers.paths_seen == []
