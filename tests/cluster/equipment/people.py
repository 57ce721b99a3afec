"""People who sign up as the public does, through the edge, or past the counters of its address."""

import asyncio
from contextlib import AsyncExitStack
from ipaddress import IPv4Network
from random import randrange

import httpx2
from devstack.people import Person, SignInFailed

from tests.cluster.equipment.edge import Edge
from tests.cluster.equipment.port_forward import port_forward
from tests.cluster.equipment.release import Release

AUTH_PORT = 8001
SIGN_UPS_AT_ONCE = 2
"""A password costs a good part of a second of CPU to hash."""
MOST_WAITS = 3
ADDRESSES = IPv4Network("198.18.0.0/15")
"""RFC 2544 section C.2.2: for tests of networks, so nobody has them."""


async def sign_up(edge: Edge, client: httpx2.AsyncClient) -> Person:
    """Sign up through the edge, as often as the limit of sign-ups a minute lets us.

    Args: client: of this edge; the person keeps it.
    Raises: SignInFailed: refused, or still too many after having waited as asked three times.
    """
    for _ in range(MOST_WAITS):
        try:
            return await Person.sign_up(edge.url, origin=edge.url, client=client)
        except SignInFailed as error:
            if error.status != httpx2.codes.TOO_MANY_REQUESTS:
                raise
            await asyncio.sleep(error.retry_after_seconds)
    return await Person.sign_up(edge.url, origin=edge.url, client=client)


async def sign_up_many(
    release: Release, edge: Edge, client: httpx2.AsyncClient, size: int
) -> list[Person]:
    """Sign people up in seconds, each with an address of their own.

    From one address the edge takes five people a minute. Here they come to the auth service
    directly, with the header that only the edge sets; from then on they use the edge.
    """
    header = (await release.configuration("auth")).get("CLIENT_IP_HEADER", "")
    target = f"service/{release.resource('auth')}"
    turn = asyncio.Semaphore(SIGN_UPS_AT_ONCE)

    async def enter(url: str) -> Person:
        address = {header: str(ADDRESSES[randrange(ADDRESSES.num_addresses)])} if header else {}
        async with turn, httpx2.AsyncClient(trust_env=False, headers=address, timeout=30) as own:
            person = await Person.sign_up(url, origin=edge.url, client=own)
        person.auth_url, person.client = edge.url, client
        return person

    async with AsyncExitStack() as opened:
        port = await opened.enter_async_context(port_forward(release.kubectl, target, AUTH_PORT))
        url = f"http://127.0.0.1:{port}"
        return list(await asyncio.gather(*(enter(url) for _ in range(size))))
