"""Requests to the one endpoint, right unless a test makes them wrong."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.equipment.raw_http import Header, RawResponse, send

ORIGIN = "http://localhost:3000"
REFUSAL_MEMBERS = {"type", "title", "status", "detail", "instance", "code"}
"""contract.md "Errors"; `trace_id` and `errors` come where there are any."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with a token: who sends a request."""

    user_id: UUID
    token: str

    @property
    def authorization(self) -> Header:
        """The header that shows the token."""
        return ("Authorization", f"Bearer {self.token}")


async def post(
    gateway: str,
    user: User,
    body: bytes,
    *,
    path_user: str | None = None,
    origin: str | None = ORIGIN,
    content_type: str | None = "application/json",
    authorized: bool = True,
    headers: Sequence[Header] = (),
    chunked: bool = False,
) -> RawResponse:
    """Post any bytes to the endpoint.

    Args: path_user: what stands in the path instead of the user's id. origin, content_type:
        None leaves the header out. headers: beside those.
    """
    sent: list[Header] = list(headers)
    if origin is not None:
        sent.append(("Origin", origin))
    if content_type is not None:
        sent.append(("Content-Type", content_type))
    if authorized:
        sent.append(user.authorization)
    path_user = path_user if path_user is not None else str(user.user_id)
    url = f"{gateway}/api/{path_user}/chat"
    return await send(url, headers=sent, body=body, chunked=chunked)


async def say(
    gateway: str,
    user: User,
    message: str,
    *,
    conversation_id: str | None = None,
    key: str | None = None,
    headers: Sequence[Header] = (),
) -> RawResponse:
    """Send a message, as plain JSON."""
    body: Mapping[str, object] = {"message": message}
    if conversation_id is not None:
        body = {**body, "conversation_id": conversation_id}
    keyed: list[Header] = [("Idempotency-Key", key)] if key is not None else []
    sent = json.dumps(body, ensure_ascii=False).encode()
    return await post(gateway, user, sent, headers=(*keyed, *headers))


async def ask(gateway: str, user: User, type_: str, /, **params: object) -> RawResponse:
    """Send a request of the ChatKit protocol."""
    sent = json.dumps({"type": type_, "params": params}).encode()
    return await post(gateway, user, sent)


def answer(response: RawResponse) -> dict[str, Any]:
    """The body of a 200.

    Raises: AssertionError: it is none.
    """
    assert response.status == 200, (response.status, response.body)
    assert response.header("content-type") == "application/json"
    found: dict[str, Any] = response.json()
    return found


def refusal(response: RawResponse, status: int, code: str) -> dict[str, Any]:
    """The body of a refusal, after a look at what every refusal must have.

    Raises: AssertionError: another status or code, or no problem+json as RFC 9457 has it.
    """
    assert response.status == status, (response.status, response.body)
    assert response.header("content-type") == "application/problem+json"
    found: dict[str, Any] = response.json()
    assert found.keys() >= REFUSAL_MEMBERS, found
    assert found["status"] == status
    assert found["code"] == code, found
    return found
