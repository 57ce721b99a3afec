"""What the page does at the edge: a session in a cookie, a token for it, and a turn."""

import asyncio
from http.cookies import Morsel, SimpleCookie
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from devstack.chatkit.client import ChatKitClient
from devstack.chatkit.requests import create_thread
from devstack.chatkit.thread_view import ThreadView
from devstack.people import PASSWORD

from tests.cluster.equipment.edge import Edge
from tests.equipment.database import DatabaseView

MOST_WAITS = 3
"""From one address five people a minute can sign up, and others of this suite do."""


async def signed_up(edge: Edge, browser: httpx2.AsyncClient) -> httpx2.Response:
    """The answer to the page's form."""
    body = {"email": f"page-{uuid4().hex}@example.com", "password": PASSWORD, "name": "Page"}
    for _ in range(MOST_WAITS):
        answer = await post(edge, browser, "sign-up/email", body)
        if answer.status_code != httpx2.codes.TOO_MANY_REQUESTS:
            break
        await asyncio.sleep(int(answer.headers["retry-after"]))
    assert answer.status_code == httpx2.codes.OK, answer.text
    return answer


async def post(
    edge: Edge,
    browser: httpx2.AsyncClient,
    path: str,
    body: dict[str, Any],
    cookie: str | None = None,
) -> httpx2.Response:
    """What a browser sends for a `fetch` of the page: its Origin, and the cookie that it has."""
    headers = {"Origin": edge.url, **({} if cookie is None else {"Cookie": cookie})}
    return await browser.post(f"{edge.url}/api/auth/{path}", json=body, headers=headers)


async def get(edge: Edge, browser: httpx2.AsyncClient, path: str, cookie: str) -> httpx2.Response:
    """The same for reading: without an Origin, because it is the page's own."""
    return await browser.get(f"{edge.url}/api/auth/{path}", headers={"Cookie": cookie})


def session_of(answer: httpx2.Response) -> Morsel[str]:
    """The one cookie that the page's session is in, with all that was said of it."""
    cookies = SimpleCookie()
    for line in answer.headers.get_list("set-cookie"):
        cookies.load(line)
    session: Morsel[str]
    (session,) = [cookie for name, cookie in cookies.items() if "session_token" in name]
    return session


def sent(cookie: Morsel[str]) -> str:
    """As a browser sends it back."""
    return f"{cookie.key}={cookie.coded_value}"


@pytest.fixture(scope="module")
async def entered(edge: Edge, browser: httpx2.AsyncClient) -> httpx2.Response:
    """Somebody's sign-up, for those who do nothing with it but look."""
    return await signed_up(edge, browser)


async def test_session_is_in_a_cookie_that_no_script_can_read(
    edge: Edge, entered: httpx2.Response
) -> None:
    cookie = session_of(entered)

    assert cookie["httponly"] is True
    assert cookie["samesite"].lower() == "lax"
    assert cookie["path"] == "/"
    assert cookie["domain"] == ""
    assert (cookie["secure"] is True) == edge.url.startswith("https://")


async def test_page_signs_up_talks_and_signs_out(
    edge: Edge, browser: httpx2.AsyncClient, database: DatabaseView
) -> None:
    answer = await signed_up(edge, browser)
    cookie, user_id = sent(session_of(answer)), UUID(answer.json()["user"]["id"])

    session = await get(edge, browser, "get-session", cookie)
    assert session.json()["user"]["id"] == str(user_id)
    token = (await get(edge, browser, "token", cookie)).json()["token"]

    async def headers() -> dict[str, str]:
        return {"Authorization": f"Bearer {token}", "Origin": edge.url, "Time-Zone": "UTC"}

    word, view = f"w{uuid4().hex[:12]}", ThreadView()
    client = ChatKitClient(f"{edge.url}/api/{user_id}/chat", headers, browser)
    async with client.stream(create_thread(f"add a task to fetch {word}")) as stream:
        view.begin()
        async for event in stream.events:
            view.fold(event)
    view.end()
    assert view.error is None
    titles = await database.rows("SELECT title FROM tasks.task WHERE user_id = $1", user_id)
    assert [word in row["title"] for row in titles] == [True]

    assert (await post(edge, browser, "sign-out", {}, cookie)).status_code == httpx2.codes.OK
    assert (await get(edge, browser, "get-session", cookie)).json() is None
    assert (await get(edge, browser, "token", cookie)).status_code == httpx2.codes.UNAUTHORIZED


async def test_cookie_alone_opens_no_conversation(
    edge: Edge, browser: httpx2.AsyncClient, entered: httpx2.Response
) -> None:
    """A browser sends it with whatever is asked of this host; the token it does not."""
    user_id = entered.json()["user"]["id"]

    refusal = await browser.post(
        f"{edge.url}/api/{user_id}/chat",
        json={"message": "show my tasks"},
        headers={"Origin": edge.url, "Cookie": sent(session_of(entered))},
    )

    assert refusal.status_code == httpx2.codes.UNAUTHORIZED
    assert refusal.json()["code"] == "unauthenticated"


async def test_foreign_page_cannot_use_the_cookie(
    edge: Edge, browser: httpx2.AsyncClient, entered: httpx2.Response
) -> None:
    cookie = sent(session_of(entered))
    foreign = {"Cookie": cookie, "Origin": "https://evil.example"}

    for method, path in (("GET", "token"), ("GET", "get-session"), ("POST", "sign-out")):
        answer = await browser.request(method, f"{edge.url}/api/auth/{path}", headers=foreign)
        assert answer.status_code == httpx2.codes.FORBIDDEN, path
        assert answer.json()["code"] == "origin_not_allowed"
    assert (await get(edge, browser, "get-session", cookie)).json() is not None
