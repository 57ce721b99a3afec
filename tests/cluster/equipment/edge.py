"""The cluster's edge, as a browser reaches it, without asking DNS for its name."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

import httpx2

from tests.cluster.equipment.settings import ClusterSettings

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 60.0
"""Longer than a turn's deadline: the answer is the edge's to give, not the client's."""


class _FixedAddress(httpx2.AsyncHTTPTransport):
    """Connects to one address, whatever the URL's host; Host header and TLS keep the URL's name."""

    def __init__(self, address: tuple[str, int], limits: httpx2.Limits) -> None:
        super().__init__(limits=limits, trust_env=False)
        self._address = address

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send the request. The Host header was set from the URL when the request was built."""
        host, port = self._address
        request.extensions = {**request.extensions, "sni_hostname": request.url.host}
        request.url = request.url.copy_with(host=host, port=port)
        return await super().handle_async_request(request)


@dataclass(frozen=True, slots=True)
class Edge:
    """Attributes: url: an origin, without a slash at its end. address: where it listens."""

    url: str
    address: tuple[str, int]

    @classmethod
    def of(cls, settings: ClusterSettings) -> Self:
        """The edge of the tested release."""
        return cls(settings.edge_url, settings.edge_address)

    @property
    def host(self) -> str:
        """The Host header of a request, with the port where it is not the usual one."""
        return urlsplit(self.url).netloc

    @property
    def raw_url(self) -> str:
        """The same listener by its address, for requests that are written byte for byte."""
        return f"{urlsplit(self.url).scheme}://{self.address[0]}:{self.address[1]}"

    def client(self, *, connections: int = 100, keep_alive: bool = True) -> httpx2.AsyncClient:
        """A client whose URLs begin with `url`; close it.

        Args: connections: most at once. keep_alive: False opens one for each request, as new
            people do.
        """
        limits = httpx2.Limits(
            max_connections=connections,
            max_keepalive_connections=connections if keep_alive else 0,
        )
        return httpx2.AsyncClient(
            transport=_FixedAddress(self.address, limits),
            timeout=httpx2.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
        )
