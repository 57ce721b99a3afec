"""A turn of the plain body, heard as it comes. Source: contract.md "Streams"."""

import json
from collections.abc import Mapping

import httpx2
from devstack.chatkit.client import EVENT_STREAM
from devstack.chatkit.event_stream import BrokenStream, Message, read_messages
from devstack.people import CHAT_LIMIT_SECONDS, Person

from tests.cluster.equipment.edge import Edge


async def hear(
    edge: Edge, person: Person, message: str, conversation_id: str | None, key: str
) -> httpx2.Response:
    """Send a message through the edge and hear all of its stream.

    Returns: as the plain request is answered: with the stored body, or with the problem.
    Raises: httpx2.TransportError: the stream broke off, or ended in nothing. SignInFailed.
    """
    assert person.client is not None, "people of a cluster have a client that finds the edge"
    headers = {**await person.headers(), "Accept": EVENT_STREAM, "Idempotency-Key": key}
    body = {"message": message, "conversation_id": conversation_id}
    url = person.chat_url(edge.url)
    async with person.client.stream(
        "POST", url, json=body, headers=headers, timeout=CHAT_LIMIT_SECONDS
    ) as response:
        if response.headers.get("content-type", "").partition(";")[0] != EVENT_STREAM:
            await response.aread()
            return response
        return _as_plain(await _last(response), response.headers)


async def _last(response: httpx2.Response) -> Message | None:
    last = None
    try:
        async for message in read_messages(response.aiter_bytes()):
            last = message
    except BrokenStream as error:
        raise httpx2.RemoteProtocolError(str(error)) from error
    return last


def _as_plain(last: Message | None, headers: Mapping[str, str]) -> httpx2.Response:
    replayed = {name: value for name, value in headers.items() if name == "idempotency-replayed"}
    if last is not None and last.name == "answer":
        return httpx2.Response(httpx2.codes.OK, content=last.data.encode(), headers=replayed)
    if last is not None and last.name == "error":
        status = json.loads(last.data)["status"]
        return httpx2.Response(status, content=last.data.encode())
    raise httpx2.RemoteProtocolError(f"the stream ended in {last and last.name}")
