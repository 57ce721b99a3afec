"""mcp-tools answers only under its own names: a page that makes its name point here (DNS rebinding)
gets nothing, not even with a good token.

Sources: contract.md "Configuration" (`ALLOWED_HOSTS`); MCP's transport security.
"""

import pytest

from tests.equipment.database import DatabaseView
from tests.equipment.raw_http import Header
from tests.security.borders import Border
from tests.security.presentations import as_bearer

pytestmark = pytest.mark.parametrize("border", ["mcp-tools"], indirect=True)

HOSTILE_HOSTS: dict[str, list[str]] = {
    "another": ["evil.example"],
    "another with the right port": ["evil.example:8002"],
    "as a subdomain of another": ["localhost.evil.example"],
    "as userinfo": ["localhost@evil.example"],
    "an address as a name": ["127.0.0.1.nip.io"],
    "another address": ["10.0.0.1"],
    "any address": ["0.0.0.0"],
    "empty": [""],
    "a wildcard": ["*"],
    "a trailing dot": ["localhost."],
    "a list": ["localhost, evil.example"],
    "a list behind a port": ["localhost:8002, evil.example"],
    "a name for a port": ["localhost:evil.example"],
    "two, the first good": ["localhost", "evil.example"],
    "two, the second good": ["evil.example", "localhost"],
}


@pytest.mark.parametrize("hosts", HOSTILE_HOSTS.values(), ids=HOSTILE_HOSTS.keys())
async def test_hostile_host_is_refused(
    border: Border, hosts: list[str], database: DatabaseView
) -> None:
    headers: list[Header] = [("Host", host) for host in hosts]

    response = await border.show(as_bearer(border.forge.good_token()), headers=headers)

    assert response.status in {400, 403, 421}, response.body
    assert await database.rows_of(border.forge.user_id) == {}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://chat.example.com"])
async def test_page_of_a_browser_is_refused(
    border: Border, origin: str, database: DatabaseView
) -> None:
    """A page of somewhere else does not speak to the tools, allowed at the gateway or not."""
    headers: list[Header] = [("Origin", origin)]

    response = await border.show(as_bearer(border.forge.good_token()), headers=headers)

    assert response.status in {400, 403, 421}, response.body
    assert await database.rows_of(border.forge.user_id) == {}


@pytest.mark.parametrize("host", ["localhost", "localhost:8002", "127.0.0.1", "mcp-tools:8002"])
async def test_own_name_is_served(border: Border, host: str) -> None:
    headers: list[Header] = [("Host", host)]

    response = await border.show(as_bearer(border.forge.good_token()), headers=headers)

    assert response.status == 200, response.body
