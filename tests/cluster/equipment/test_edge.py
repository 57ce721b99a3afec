"""The client needs no DNS, and the listener sees the name that people type."""

import asyncio

from tests.cluster.equipment.edge import Edge

SEEN_LIMIT_SECONDS = 5.0


async def test_host_of_the_url_goes_to_the_given_address() -> None:
    requests: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()[:2]
    edge = Edge("http://taskchat.localhost", address)
    async with server, edge.client() as client, asyncio.timeout(SEEN_LIMIT_SECONDS):
        response = await client.get(f"{edge.url}/api/auth/jwks")

    assert response.status_code == 204
    assert edge.raw_url == f"http://127.0.0.1:{address[1]}"
    assert requests[0].startswith(b"GET /api/auth/jwks HTTP/1.1\r\nHost: taskchat.localhost\r\n")
