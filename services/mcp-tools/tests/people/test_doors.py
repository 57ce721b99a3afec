"""auth's doors, by HTTP: who is let in, and that an erased person's token opens nothing."""

import asyncio
import time
from uuid import UUID, uuid4

import httpx2
import pytest

from ..caller import Caller
from ..conftest import NewCaller
from ..issuer import Issuer
from ..rows import Rows

ERASURE, EXPORT = "taskchat-erasure", "taskchat-export"


class Errands:
    """auth's way to this service."""

    def __init__(self, http: httpx2.AsyncClient, url: str, issuer: Issuer) -> None:
        self.http, self.url, self.issuer = http, url, issuer

    def token(self, user_id: UUID, audience: str, **claims: object) -> str:
        """What auth makes: for one errand and a minute."""
        return self.issuer.token(user_id, **{"aud": audience, "exp": _in(60), **claims})

    async def erase(self, user_id: UUID, token: str | None = None) -> httpx2.Response:
        """Ask for an erasure, with auth's token or another."""
        token = token or self.token(user_id, ERASURE)
        return await self.http.post(
            f"{self.url}/internal/people/{user_id}/erase",
            headers={"authorization": f"Bearer {token}"},
        )

    async def export(self, user_id: UUID, token: str | None = None) -> httpx2.Response:
        """Ask for an export, with auth's token or another."""
        token = token or self.token(user_id, EXPORT)
        return await self.http.get(
            f"{self.url}/internal/people/{user_id}/export",
            headers={"authorization": f"Bearer {token}"},
        )


def _in(seconds: int) -> int:
    return int(time.time()) + seconds


@pytest.fixture
def errands(http: httpx2.AsyncClient, service_url: str, issuer: Issuer) -> Errands:
    return Errands(http, service_url, issuer)


async def test_nobody_comes_in_without_a_token(http: httpx2.AsyncClient, service_url: str) -> None:
    for method, errand in (("POST", "erase"), ("GET", "export")):
        answer = await http.request(method, f"{service_url}/internal/people/{uuid4()}/{errand}")

        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("audience", ["mcp-tools", "chat-gateway", ["chat-gateway", "mcp-tools"]])
async def test_a_persons_own_token_opens_no_door(
    errands: Errands, caller: Caller, audience: object
) -> None:
    await caller.call("add_task", title="stays")
    token = errands.issuer.token(caller.user_id, aud=audience, exp=_in(60))

    answers = [
        await errands.erase(caller.user_id, token),
        await errands.export(caller.user_id, token),
    ]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert len((await caller.call("list_tasks")).content["tasks"]) == 1


async def test_a_key_to_one_door_opens_no_other(
    errands: Errands, caller: Caller, new_caller: NewCaller
) -> None:
    erasure = errands.token(caller.user_id, ERASURE)
    export = errands.token(caller.user_id, EXPORT)

    assert (await errands.erase(caller.user_id, export)).status_code == 401
    assert (await errands.export(caller.user_id, erasure)).status_code == 401
    for token in (erasure, export):
        sent = Caller(caller.http, caller.url, caller.user_id, token)
        assert (await sent.post("tools/list", {})).status_code == 401


async def test_a_key_is_good_for_a_minute(errands: Errands, caller: Caller) -> None:
    long = errands.token(caller.user_id, ERASURE, exp=_in(120))

    assert (await errands.erase(caller.user_id, long)).status_code == 401


async def test_a_key_is_about_one_person(
    errands: Errands, caller: Caller, stranger: Caller
) -> None:
    answer = await errands.erase(stranger.user_id, errands.token(caller.user_id, ERASURE))

    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_user")
    assert not (await stranger.call("list_tasks")).is_error


@pytest.mark.parametrize(("method", "errand"), [("GET", "erase"), ("POST", "export")])
async def test_a_door_takes_one_method(
    http: httpx2.AsyncClient, service_url: str, method: str, errand: str
) -> None:
    answer = await http.request(method, f"{service_url}/internal/people/{uuid4()}/{errand}")

    assert answer.status_code == 405


async def test_an_erased_persons_token_is_refused_from_then_on(
    errands: Errands, caller: Caller, stranger: Caller, rows: Rows
) -> None:
    task = (await caller.call("add_task", title="a secret")).task
    await caller.call("delete_task", task_id=task["id"])
    await caller.call("add_task", title="another")
    await caller.call_as(uuid4(), "list_tasks")  # refused, and recorded
    await stranger.call("add_task", title="not yours")
    others = await rows.calls(stranger.user_id)

    answer = await errands.erase(caller.user_id)

    assert answer.json() == {"state": "running", "deleted": {"task": 1, "tool_call": 4}}
    refused = [
        await caller.post(
            "tools/call",
            {"name": name, "arguments": {"user_id": str(caller.user_id), **arguments}},
        )
        for name, arguments in (
            ("list_tasks", {}),
            ("add_task", {"title": "too late"}),
            ("no_such_tool", {}),
        )
    ]
    assert [(one.status_code, one.json()["code"]) for one in refused] == [
        (401, "unauthenticated")
    ] * 3
    assert (await rows.tasks(caller.user_id), await rows.calls(caller.user_id)) == ([], [])
    assert await rows.calls(stranger.user_id) == others
    assert (await errands.export(caller.user_id)).status_code == 401


async def test_an_erasure_may_be_asked_for_twice_and_at_once(
    errands: Errands, caller: Caller, rows: Rows
) -> None:
    for number in range(5):
        await caller.call("add_task", title=f"task {number}")

    answers = await asyncio.gather(*(errands.erase(caller.user_id) for _ in range(4)))

    assert [answer.status_code for answer in answers] == [200] * 4
    assert sum(answer.json()["deleted"].get("task", 0) for answer in answers) == 5
    assert await rows.calls(caller.user_id) == []


async def test_an_export_is_all_of_a_person_and_nothing_of_anybody_else(
    errands: Errands, caller: Caller, stranger: Caller
) -> None:
    await stranger.call("add_task", title="not yours")
    tasks = [
        (await caller.call("add_task", title=f"task {number}", description='"\u2028}')).task
        for number in range(60)
    ]
    await caller.call("delete_task", task_id=tasks[0]["id"])

    answer = await errands.export(caller.user_id)

    assert answer.headers["content-type"] == "application/json"
    exported = answer.json()
    assert [one["title"] for one in exported["tasks"]] == [one["title"] for one in tasks[1:]]
    assert exported["tasks"][0]["description"] == '"\u2028}'
    assert [one["name"] for one in exported["tool_calls"]] == ["add_task"] * 60 + ["delete_task"]
    assert exported["tool_calls"][60]["output"]["deleted"]["title"] == "task 0"
    assert "not yours" not in answer.text
    assert str(caller.user_id) not in answer.text


async def test_an_export_of_nobody_is_empty(errands: Errands) -> None:
    assert (await errands.export(uuid4())).json() == {"tasks": [], "tool_calls": []}
