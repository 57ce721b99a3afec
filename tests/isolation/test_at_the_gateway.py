"""A stranger at the gateway: other people's paths, conversations, keys and names."""

import json
from uuid import UUID, uuid4

import pytest
from devstack.stack import Stack

from tests.equipment.chat import ORIGIN, User, answer, post, refusal, say
from tests.equipment.database import DatabaseView
from tests.equipment.raw_http import Header, RawResponse, send
from tests.equipment.simulator import Simulator
from tests.isolation.conftest import Treasure

MESSAGE = b'{"message": "hello"}'
UNSAID = frozenset({"instance", "trace_id"})
"""What differs between two refusals of the same thing."""


@pytest.mark.parametrize(
    "path_user",
    ["{victim}", "{VICTIM}", "{victim} ", "{victim}%20", "urn:uuid:{victim}", "{{victim}}"],
)
async def test_path_of_another_user_is_refused(
    stack: Stack, treasure: Treasure, stranger: User, database: DatabaseView, path_user: str
) -> None:
    victim = str(treasure.owner.user_id)
    path = path_user.replace("{victim}", victim).replace("{VICTIM}", victim.upper())
    before = await database.rows_of(treasure.owner.user_id)

    response = await post(stack.urls.gateway, stranger, MESSAGE, path_user=path.replace(" ", "%20"))

    assert_refused(response)
    assert await database.rows_of(treasure.owner.user_id) == before
    assert await database.rows_of(stranger.user_id) == {}


@pytest.mark.parametrize(
    "spelling",
    [
        "{BOB}",
        "{hex}",
        "%7B{bob}%7D",
        "urn:uuid:{bob}",
        "{bob}%20",
        "%20{bob}",
        "{bob}%00",
        "me",
        "*",
    ],
)
async def test_own_id_has_one_spelling_only(stack: Stack, stranger: User, spelling: str) -> None:
    """One user, one path: a second spelling would be a second key for every cache and limit."""
    path = (
        spelling.replace("{BOB}", str(stranger.user_id).upper())
        .replace("{hex}", stranger.user_id.hex)
        .replace("{bob}", str(stranger.user_id))
    )

    assert_refused(await post(stack.urls.gateway, stranger, MESSAGE, path_user=path))


@pytest.mark.parametrize(
    "target",
    [
        "/api/{bob}/../{victim}/chat",
        "/api/{bob}/%2e%2e/{victim}/chat",
        "/api/{bob}%2F..%2F{victim}/chat",
        "/api/{victim}%2F..%2F{bob}/chat",
        "/api/{bob}/chat/../../{victim}/chat",
        "/api/{victim};{bob}/chat",
        "/api/{victim},{bob}/chat",
        "//{victim}/chat",
        "http://elsewhere/api/{victim}/chat",
    ],
)
async def test_no_other_way_to_write_the_path_leads_to_the_victim(
    stack: Stack, treasure: Treasure, stranger: User, database: DatabaseView, target: str
) -> None:
    before = await database.rows_of(treasure.owner.user_id)

    response = await send(
        stack.urls.gateway,
        target=target.replace("{bob}", str(stranger.user_id)).replace(
            "{victim}", str(treasure.owner.user_id)
        ),
        headers=[
            ("Origin", ORIGIN),
            ("Content-Type", "application/json"),
            stranger.authorization,
        ],
        body=MESSAGE,
    )

    assert response.status in {400, 403, 404}, response.body
    assert await database.rows_of(treasure.owner.user_id) == before


@pytest.mark.parametrize(
    "named", ["X-User-Id", "X-Forwarded-User", "User-Id", "X-Auth-Request-User", "Sub", "Cookie"]
)
async def test_header_that_names_a_user_says_nothing(
    stack: Stack, treasure: Treasure, bob: User, database: DatabaseView, named: str
) -> None:
    before = await database.rows_of(treasure.owner.user_id)
    headers: list[Header] = [(named, f"user_id={treasure.owner.user_id}")]

    answer(await post(stack.urls.gateway, bob, MESSAGE, headers=headers))

    assert await database.rows_of(treasure.owner.user_id) == before
    assert (await database.rows_of(bob.user_id))["chat.turn"] == 1


@pytest.mark.parametrize("member", ["user_id", "userId", "sub", "user", "turn_id", "id", "role"])
async def test_body_that_names_a_user_is_refused(
    stack: Stack, treasure: Treasure, stranger: User, database: DatabaseView, member: str
) -> None:
    body = json.dumps({"message": "hello", member: str(treasure.owner.user_id)})

    found = refusal(await post(stack.urls.gateway, stranger, body.encode()), 422, "invalid_request")

    assert [error["pointer"] for error in found["errors"]] == [f"/{member}"]
    assert await database.rows_of(stranger.user_id) == {}


async def test_conversation_of_another_looks_like_none(
    stack: Stack, treasure: Treasure, stranger: User, database: DatabaseView
) -> None:
    before = await database.rows_of(treasure.owner.user_id)

    strangers = refusal(
        await say(
            stack.urls.gateway,
            stranger,
            "what did we say?",
            conversation_id=treasure.conversation_id,
        ),
        404,
        "conversation_not_found",
    )
    nobodys = refusal(
        await say(stack.urls.gateway, stranger, "what did we say?", conversation_id=str(uuid4())),
        404,
        "conversation_not_found",
    )

    assert without(strangers) == without(nobodys)
    assert treasure.conversation_id not in json.dumps(without(strangers))
    assert await database.rows_of(treasure.owner.user_id) == before
    assert await database.rows_of(stranger.user_id) == {}


@pytest.mark.parametrize(
    "wrong",
    [
        "{id}x",
        "{id}' OR '1'='1",
        "{{id}}",
        "urn:uuid:{id}",
        "*",
        "%",
        "",
        "null",
    ],
)
async def test_odd_conversation_id_is_refused_before_anything_is_looked_up(
    stack: Stack, treasure: Treasure, stranger: User, database: DatabaseView, wrong: str
) -> None:
    conversation_id = wrong.replace("{id}", treasure.conversation_id)

    response = await say(
        stack.urls.gateway, stranger, "what did we say?", conversation_id=conversation_id
    )

    assert response.status in {404, 422}, response.body
    assert treasure.secret.encode() not in response.body
    assert await database.rows_of(stranger.user_id) == {}


@pytest.mark.parametrize("value", ["7", "[{id}]", "{{}}", "true"])
async def test_conversation_id_of_another_type_is_refused(
    stack: Stack, treasure: Treasure, stranger: User, value: str
) -> None:
    quoted = json.dumps(treasure.conversation_id)
    body = f'{{"message": "hello", "conversation_id": {value.format(id=quoted)}}}'

    refusal(await post(stack.urls.gateway, stranger, body.encode()), 422, "invalid_request")


async def test_member_that_stands_twice_does_not_smuggle_a_conversation(
    stack: Stack, treasure: Treasure, bob: User, database: DatabaseView
) -> None:
    mine = answer(await say(stack.urls.gateway, bob, "hello"))["conversation_id"]
    before = await database.rows_of(treasure.owner.user_id)
    for first, second in ((mine, treasure.conversation_id), (treasure.conversation_id, mine)):
        body = (
            f'{{"message": "hello", "conversation_id": "{first}", "conversation_id": "{second}"}}'
        )

        response = await post(stack.urls.gateway, bob, body.encode())

        assert treasure.secret.encode() not in response.body
        assert await database.rows_of(treasure.owner.user_id) == before


async def test_idempotency_key_of_another_is_ones_own(
    stack: Stack, treasure: Treasure, bob: User, database: DatabaseView
) -> None:
    """The same key and the same body: a key is looked up among the keys of its user."""
    before = await database.rows_of(treasure.owner.user_id)

    response = await say(stack.urls.gateway, bob, f"remember {treasure.secret}", key=treasure.key)

    found = answer(response)
    assert response.header("idempotency-replayed") is None
    assert found["turn_id"] != treasure.turn_id
    assert found["conversation_id"] != treasure.conversation_id
    assert await database.rows_of(treasure.owner.user_id) == before


async def test_model_is_told_nothing_of_another_user(
    stack: Stack, simulator: Simulator, treasure: Treasure, bob: User
) -> None:
    said = f"what do you know? {uuid4()}"
    answer(await say(stack.urls.gateway, bob, said))

    (request,) = await simulator.asked(said)

    shown = json.dumps(request)
    assert treasure.secret not in shown
    assert str(treasure.owner.user_id) not in shown
    assert str(bob.user_id) not in shown


async def test_owner_is_served_on_all_these_ways(
    stack: Stack, treasure: Treasure, database: DatabaseView
) -> None:
    """Path, conversation and key are right: what the stranger was refused was his, not broken."""
    replayed = await say(
        stack.urls.gateway, treasure.owner, f"remember {treasure.secret}", key=treasure.key
    )
    assert replayed.body == treasure.body
    assert replayed.header("idempotency-replayed") == "true"

    found = answer(
        await say(
            stack.urls.gateway,
            treasure.owner,
            "list my tasks",
            conversation_id=treasure.conversation_id,
        )
    )
    assert found["conversation_id"] == treasure.conversation_id
    (call,) = found["tool_calls"]
    assert [UUID(task["id"]) for task in call["output"]["tasks"]] == [UUID(treasure.task_id)]


def assert_refused(response: RawResponse) -> None:
    """The path names another user, or is none that the gateway has."""
    if response.status == 404:
        refusal(response, 404, "not_found")
    else:
        refusal(response, 403, "wrong_user")


def without(problem: dict[str, object]) -> dict[str, object]:
    """A refusal without what tells two requests apart."""
    return {name: value for name, value in problem.items() if name not in UNSAID}
