"""Who is let in, and in whose name they may speak."""

import time
from pathlib import Path

import httpx2
import pytest
from mcp_tools.app import create_app
from mcp_tools.settings import Settings
from servicekit.probes import Readiness

from .caller import META, Caller
from .conftest import NewCaller
from .issuer import Issuer
from .rows import Rows
from .running import running

GRACE_SECONDS = 30


async def add(caller: Caller, **headers: str) -> httpx2.Response:
    """Add a task; gives the HTTP response."""
    arguments = {"user_id": str(caller.user_id), "title": "buy milk"}
    params = {"name": "add_task", "arguments": arguments}
    return await caller.with_headers(**headers).post("tools/call", params)


def assert_refused(
    response: httpx2.Response, challenge: str = 'Bearer error="invalid_token"'
) -> None:
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["www-authenticate"] == challenge
    assert response.json()["code"] == "unauthenticated"


def expired(new_caller: NewCaller, seconds_ago: int = 40) -> Caller:
    """Somebody whose token ran out, longer ago than the leeway of 30 s."""
    now = int(time.time())
    return new_caller(iat=now - 200, exp=now - seconds_ago)


class TestToken:
    @pytest.mark.parametrize("method", ["tools/call", "tools/list", "server/discover", "ping"])
    async def test_nobody_gets_past_without_one(self, caller: Caller, method: str) -> None:
        response = await caller.http.post(f"{caller.url}/mcp", json={"method": method})

        assert_refused(response, challenge="Bearer")

    @pytest.mark.parametrize(
        "authorization",
        ["", "Bearer", "Bearer\tx", "Basic eDp5", "Bearer a b", "Bearer x.y.z", "Bearer Bearer x"],
    )
    async def test_anything_else_is_refused(self, caller: Caller, authorization: str) -> None:
        assert_refused(await add(caller, authorization=authorization))

    async def test_token_of_another_audience_is_refused(self, new_caller: NewCaller) -> None:
        assert_refused(await add(new_caller(aud="chat-gateway")))

    async def test_expired_token_is_refused(self, new_caller: NewCaller) -> None:
        assert_refused(await add(expired(new_caller)))

    async def test_two_authorization_headers_are_refused(self, caller: Caller, rows: Rows) -> None:
        bearer = f"Bearer {caller.token}"
        response = await caller.http.post(
            f"{caller.url}/mcp", headers=[("authorization", bearer), ("authorization", bearer)]
        )

        assert_refused(response)
        assert await rows.calls(caller.user_id) == []

    async def test_refusal_leaves_no_row_and_shows_no_token(
        self, new_caller: NewCaller, rows: Rows
    ) -> None:
        caller = expired(new_caller)

        response = await add(caller)

        assert caller.token not in response.text
        assert await rows.calls(caller.user_id) == []

    async def test_scheme_may_be_written_in_any_case(self, caller: Caller) -> None:
        assert (await add(caller, authorization=f"bearer {caller.token}")).status_code == 200

    async def test_no_path_beside_the_exact_one_leads_past_the_border(self, caller: Caller) -> None:
        for path in ("/mcp/", "//mcp", "/MCP", "/mcp/x", "/%6dcp/"):
            response = await caller.http.post(f"{caller.url}{path}", json={})
            assert response.status_code in (401, 404), (path, response.status_code)


class TestTurnStartedAt:
    async def test_token_that_was_good_when_the_turn_began_is_good(
        self, new_caller: NewCaller
    ) -> None:
        began = str(time.time() - 20)[:14]

        assert (await add(expired(new_caller), turn_started_at=began)).status_code == 200

    async def test_turn_that_began_longer_ago_than_the_grace_does_not_help(
        self, new_caller: NewCaller
    ) -> None:
        began = str(int(time.time() - GRACE_SECONDS - 5))

        assert_refused(await add(expired(new_caller), turn_started_at=began))

    async def test_turn_that_began_after_the_token_ended_does_not_help(
        self, new_caller: NewCaller
    ) -> None:
        began = str(int(time.time()))

        assert_refused(await add(expired(new_caller), turn_started_at=began))

    @pytest.mark.parametrize("moment", ["", "nan", "inf", "-5", "1e400", "0x5", "9" * 400, "1_0"])
    async def test_moment_of_another_form_is_refused_even_with_a_good_token(
        self, caller: Caller, moment: str
    ) -> None:
        assert_refused(await add(caller, turn_started_at=moment))


class TestKeysNeverLoaded:
    async def test_answer_is_503_with_retry_after_and_not_ready(
        self, settings: Settings, new_caller: NewCaller, http: httpx2.AsyncClient
    ) -> None:
        nowhere = settings.model_copy(update={"auth_jwks_url": "http://127.0.0.1:1/jwks"})
        with running(create_app(nowhere, Readiness())) as url:
            response = await add(new_caller(url=url))
            ready = await http.get(f"{url}/readyz")

        assert response.status_code == 503
        assert response.json()["code"] == "auth_unavailable"
        assert int(response.headers["retry-after"]) >= 1
        assert ready.status_code == 503
        assert "the signing keys" in ready.json()["detail"]


class TestUserId:
    @pytest.mark.parametrize("tool", ["add_task", "list_tasks", "complete_task", "no_such_tool"])
    async def test_somebody_elses_is_forbidden_and_recorded_under_the_subject(
        self, caller: Caller, stranger: Caller, rows: Rows, tool: str
    ) -> None:
        answer = await caller.call_as(stranger.user_id, tool, title="x")

        assert answer.code == "forbidden"
        assert str(stranger.user_id) not in answer.text
        assert str(caller.user_id) not in answer.text
        assert await rows.calls(stranger.user_id) == []
        row = await rows.call(caller.user_id)
        assert (row["name"], row["error"]) == (tool, answer.content)
        assert row["arguments"] == {"title": "x"}

    async def test_somebody_elses_is_forbidden_whatever_else_is_wrong(
        self, caller: Caller, stranger: Caller, caplog: pytest.LogCaptureFixture
    ) -> None:
        """What is wrong besides must not keep it out of the audit."""
        arguments = {"user_id": str(stranger.user_id), "title": "x", "nonsense": 1}
        params = {
            "name": "add_task",
            "arguments": arguments,
            "_meta": {**META, "taskchat/conversation-id": "none"},
        }
        with caplog.at_level("INFO", "servicekit.telemetry.audit"):
            response = await caller.post("tools/call", params)

        assert "forbidden" in response.text
        events = [vars(record).get("event") for record in caplog.records]
        assert events.count("forbidden") == 1

    @pytest.mark.parametrize(
        "user_id", ["", "admin", "*", "00000000-0000-0000-0000-000000000000", "' OR 1=1 --"]
    )
    async def test_any_other_text_is_forbidden(
        self, caller: Caller, rows: Rows, user_id: str
    ) -> None:
        assert (await caller.call_as(user_id, "add_task", title="x")).code == "forbidden"
        assert await rows.tasks(caller.user_id) == []

    @pytest.mark.parametrize("user_id", [..., None, 7, [], {}, True])
    async def test_must_be_there_and_a_text(
        self, caller: Caller, rows: Rows, user_id: object
    ) -> None:
        answer = await caller.call_as(user_id, "add_task", title="x")

        assert answer.code == "invalid_arguments"
        assert "`user_id`" in answer.message
        assert (await rows.call(caller.user_id))["arguments"] == {"title": "x"}

    async def test_list_with_the_subject_in_it_is_refused(self, caller: Caller) -> None:
        answer = await caller.call_as([str(caller.user_id)], "list_tasks")

        assert answer.code == "invalid_arguments"

    async def test_own_one_is_never_recorded_among_the_arguments(
        self, caller: Caller, rows: Rows
    ) -> None:
        await caller.call("add_task", title="x")

        assert (await rows.call(caller.user_id))["arguments"] == {"title": "x"}


class TestOtherBordersOpen:
    """Law 5: the argument and the token agree only if both are checked."""

    async def test_token_of_one_person_does_not_open_the_tasks_of_another(
        self, caller: Caller, stranger: Caller, issuer: Issuer
    ) -> None:
        await stranger.call("add_task", title="private")
        disguised = Caller(caller.http, caller.url, stranger.user_id, issuer.token(caller.user_id))

        assert (await disguised.call("list_tasks")).code == "forbidden"


def test_only_the_recorder_knows_the_subject_by_its_own_name() -> None:
    """The subject's id reaches SQL by one way: Identity. Arguments are checked and dropped."""
    sources = Path(__file__).parents[1] / "src" / "mcp_tools"
    users = [path.name for path in sources.rglob("*.py") if "arguments.user_id" in path.read_text()]

    assert users == []
