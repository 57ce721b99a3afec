"""Requests to the endpoint byte for byte, at the edge or at a pod: right unless told otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tests.cluster.equipment.edge import Edge
from tests.equipment.raw_http import Header, RawResponse, send

JSON: Header = ("Content-Type", "application/json")
HARMLESS = b'{"message": 7}'
"""Whatever lets it in, no turn comes of it: chat-gateway answers 422."""
ARRIVED = (422, "invalid_request")


@dataclass(frozen=True, slots=True)
class EndpointClient:
    """Where requests go. Attributes: url: the listener. host: the name that it is asked under.
    origin: one that is listed."""

    url: str
    host: str
    origin: str

    @classmethod
    def of(cls, edge: Edge) -> "EndpointClient":
        """The edge's."""
        return cls(edge.raw_url, edge.host, edge.url)

    async def request(
        self,
        user_id: UUID,
        token: str | None,
        *,
        method: str = "POST",
        target: str | None = None,
        hosts: Sequence[str | bytes] | None = None,
        origins: Sequence[str | bytes] | None = None,
        headers: Sequence[Header] = (),
        body: bytes = HARMLESS,
        chunked: bool = False,
    ) -> RawResponse:
        """Send one request.

        Args: token: None: no Authorization. target: instead of the endpoint's path. hosts, origins:
            the values of these headers, one line each; None: the right one.
        Raises: ConnectionError: closed without an answer.
        """
        sent: list[Header] = [("Host", one) for one in ([self.host] if hosts is None else hosts)]
        sent += [("Origin", one) for one in ([self.origin] if origins is None else origins)]
        if token is not None:
            sent.append(("Authorization", f"Bearer {token}"))
        return await send(
            self.url,
            method,
            target=target if target is not None else f"/api/{user_id}/chat",
            headers=(*sent, *headers, *([JSON] if body else [])),
            body=body,
            chunked=chunked,
        )


def outcome(response: RawResponse) -> tuple[int, str]:
    """Status and problem's code; no code where the answer is no problem."""
    if response.header("content-type") != "application/problem+json" or not response.body:
        return response.status, ""
    return response.status, str(response.json()["code"])


def cors_headers(response: RawResponse) -> dict[str, str]:
    """What lets a browser's page read the answer."""
    return {name: value for name, value in response.headers if name.startswith("access-control-")}
