"""One way to make each row of contract.md "Errors" happen for real."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from uuid import uuid4

from tests.contract.scenes import Scene
from tests.equipment.actions import stop_turn
from tests.equipment.chat import ORIGIN, User, answer, post, say
from tests.equipment.raw_http import RawResponse, send
from tests.equipment.simulator import text

Failure = Callable[[Scene], Awaitable[RawResponse]]

HELLO = b'{"message": "hello"}'
JSON_HEADERS = (("Content-Type", "application/json"), ("Origin", ORIGIN))
MANY_SIGN_INS = 50


async def malformed_json(scene: Scene) -> RawResponse:
    """A body that stops in the middle."""
    return await post(scene.gateway, scene.user, b'{"message": "hel')


async def malformed_request(scene: Scene) -> RawResponse:
    """A body with a length and in chunks."""
    headers = (*JSON_HEADERS, scene.user.authorization, ("Content-Length", "20"))
    url = f"{scene.gateway}/api/{scene.user.user_id}/chat"
    return await send(url, headers=headers, body=HELLO, chunked=True)


async def headers_too_large(scene: Scene) -> RawResponse:
    """A cookie of many."""
    headers = [("Cookie", "x" * 17_000)]
    return await post(scene.gateway, scene.user, HELLO, headers=headers)


async def unauthenticated(scene: Scene) -> RawResponse:
    """No token."""
    return await post(scene.gateway, scene.user, HELLO, authorized=False)


async def origin_not_allowed(scene: Scene) -> RawResponse:
    """A page of somebody else."""
    return await post(scene.gateway, scene.user, HELLO, origin="https://evil.example")


async def wrong_user(scene: Scene) -> RawResponse:
    """The path of another user."""
    return await post(scene.gateway, scene.user, HELLO, path_user=str(uuid4()))


async def not_found(scene: Scene) -> RawResponse:
    """A path that the gateway does not have."""
    headers = (("Origin", ORIGIN), scene.user.authorization)
    return await send(f"{scene.gateway}/api/{scene.user.user_id}/tasks", "GET", headers=headers)


async def conversation_not_found(scene: Scene) -> RawResponse:
    """A conversation that nobody has."""
    return await say(scene.gateway, scene.user, "hello", conversation_id=str(uuid4()))


async def method_not_allowed(scene: Scene) -> RawResponse:
    """The endpoint's path with another method."""
    headers = (("Origin", ORIGIN), scene.user.authorization)
    return await send(f"{scene.gateway}/api/{scene.user.user_id}/chat", "GET", headers=headers)


@asynccontextmanager
async def held_turn(
    scene: Scene, gateway: str, person: User, conversation_id: str | None = None
) -> AsyncIterator[None]:
    """While this is open a turn of the person is running."""
    said = f"hold {uuid4()}"
    await scene.simulator.hang(said)
    turn = asyncio.create_task(say(gateway, person, said, conversation_id=conversation_id))
    await scene.simulator.wait_until_held(said)
    try:
        yield
    finally:
        await scene.simulator.release(said)
        await turn


async def turn_in_progress(scene: Scene) -> RawResponse:
    """A second message while the first is being answered."""
    opened = answer(await say(scene.gateway, scene.user, "hello"))["conversation_id"]
    async with held_turn(scene, scene.gateway, scene.user, conversation_id=opened):
        return await say(scene.gateway, scene.user, "hello", conversation_id=opened)


async def turn_stopped(scene: Scene) -> RawResponse:
    """A turn that its person ends while the model thinks."""
    person, said = await scene.new_user(), f"hold {uuid4()}"
    await scene.simulator.hang(said)
    turn = asyncio.create_task(say(scene.gateway, person, said))
    await scene.simulator.wait_until_held(said)
    (row,) = await scene.database.rows(
        "SELECT id::text, conversation_id::text FROM chat.turn WHERE user_id = $1", person.user_id
    )
    await stop_turn(scene.gateway, person, row["conversation_id"], row["id"])
    try:
        return await turn
    finally:
        await scene.simulator.release(said)


async def body_too_large(scene: Scene) -> RawResponse:
    """One byte more than 128 KiB."""
    frame = len(json.dumps({"message": ""}))
    body = json.dumps({"message": "x" * (131_072 - frame + 1)}).encode()
    return await post(scene.gateway, scene.user, body)


async def unsupported_media_type(scene: Scene) -> RawResponse:
    """A form."""
    form = "application/x-www-form-urlencoded"
    return await post(scene.gateway, scene.user, b"message=hello", content_type=form)


async def invalid_request(scene: Scene) -> RawResponse:
    """A message of nothing but spaces."""
    return await post(scene.gateway, scene.user, b'{"message": "   "}')


async def idempotency_key_reused(scene: Scene) -> RawResponse:
    """The key of another message."""
    key = str(uuid4())
    answer(await say(scene.gateway, scene.user, "hello", key=key))
    return await say(scene.gateway, scene.user, "good bye", key=key)


async def unsupported_request(scene: Scene) -> RawResponse:
    """A file, which nobody reads here."""
    file = {"name": "a.txt", "size": 1, "mime_type": "text/plain"}
    body = json.dumps({"type": "attachments.create", "params": file}).encode()
    return await post(scene.gateway, scene.user, body)


async def budget_used_up(scene: Scene) -> RawResponse:
    """A second message on a day that has one, whatever became of the first."""
    person = await scene.new_user()
    await say(scene.narrow, person, "hello")
    return await say(scene.narrow, person, "hello")


async def request_timeout(scene: Scene) -> RawResponse:
    """A body of which half comes."""
    headers = (*JSON_HEADERS, scene.user.authorization)
    url = f"{scene.gateway}/api/{scene.user.user_id}/chat"
    return await send(url, headers=headers, body=b'{"me', announced=60)


async def rate_limited(scene: Scene) -> RawResponse:
    """Somebody tries passwords."""
    body = json.dumps({"email": f"{uuid4().hex}@example.com", "password": "not this one"})
    for _ in range(MANY_SIGN_INS):
        response = await send(
            f"{scene.limited_auth}/api/auth/sign-in/email",
            headers=JSON_HEADERS,
            body=body.encode(),
        )
        if response.status == 429:
            return response
    raise AssertionError(f"{MANY_SIGN_INS} failed sign-ins were not limited: {response.status}")


async def internal_error(scene: Scene) -> RawResponse:
    """A database that does what no code of ours expects, for this person alone."""
    person = await scene.new_user()
    name = f"surprise_{person.user_id.hex}"
    await scene.database.pool.execute(
        f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'a secret of the database'; END $$;
        CREATE TRIGGER {name} BEFORE INSERT ON chat.message FOR EACH ROW
        WHEN (NEW.user_id = '{person.user_id}') EXECUTE FUNCTION {name}();
        """
    )
    trace_id = uuid4().hex
    traced = [("traceparent", f"00-{trace_id}-00f067aa0ba902b7-01")]
    try:
        response = await say(scene.gateway, person, "hello", headers=traced)
    finally:
        await scene.database.pool.execute(
            f"DROP TRIGGER {name} ON chat.message; DROP FUNCTION {name}"
        )
    assert b"secret" not in response.body
    assert b"Error" not in response.body
    assert trace_id.encode() not in response.body  # a client names no trace of ours
    return response


async def model_error(scene: Scene) -> RawResponse:
    """A model that says nothing, twice."""
    said = f"hello {uuid4()}"
    await scene.simulator.script(said, text(" "), text(" "))
    return await say(scene.gateway, scene.user, said)


async def database_unavailable(scene: Scene) -> RawResponse:
    """A database that refuses connections."""
    scene.database_line.stop()
    try:
        return await say(scene.severed, scene.user, "hello")
    finally:
        scene.database_line.resume()


async def tools_unavailable(scene: Scene) -> RawResponse:
    """Tools that nobody serves."""
    return await say(scene.severed, scene.user, "list my tasks")


async def model_unavailable(scene: Scene) -> RawResponse:
    """A model that is over its limits."""
    said = f"hello {uuid4()}"
    await scene.simulator.fail(said, 503)
    return await say(scene.gateway, scene.user, said)


async def auth_unavailable(scene: Scene) -> RawResponse:
    """A gateway that never got a key to check a token with."""
    return await say(scene.keyless, scene.user, "hello")


async def overloaded(scene: Scene) -> RawResponse:
    """One turn more than the process may run."""
    async with held_turn(scene, scene.narrow, await scene.new_user()):
        return await say(scene.narrow, await scene.new_user(), "hello")


async def not_ready(scene: Scene) -> RawResponse:
    """The probe of a gateway that never got a key."""
    return await send(f"{scene.keyless}/readyz", "GET")


async def deadline_exceeded(scene: Scene) -> RawResponse:
    """A model that does not answer in time."""
    said = f"hello {uuid4()}"
    await scene.simulator.hang(said)
    return await say(scene.narrow, await scene.new_user(), said)


FAILURES: Mapping[str, Failure] = MappingProxyType(
    {
        failure.__name__: failure
        for failure in (
            malformed_json,
            malformed_request,
            unauthenticated,
            origin_not_allowed,
            wrong_user,
            not_found,
            conversation_not_found,
            method_not_allowed,
            request_timeout,
            turn_in_progress,
            turn_stopped,
            body_too_large,
            unsupported_media_type,
            invalid_request,
            idempotency_key_reused,
            unsupported_request,
            headers_too_large,
            budget_used_up,
            rate_limited,
            internal_error,
            model_error,
            database_unavailable,
            tools_unavailable,
            model_unavailable,
            auth_unavailable,
            overloaded,
            not_ready,
            deadline_exceeded,
        )
    }
)
"""Code → how it comes about; the names are the contract's."""
