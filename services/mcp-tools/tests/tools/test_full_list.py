"""A person's list has an end, which says what to do."""

import asyncio
from collections.abc import Iterator

import pytest
from mcp_tools.app import create_app
from mcp_tools.settings import Settings
from servicekit.probes import Readiness

from ..conftest import NewCaller, wait_until_ready
from ..running import running

MOST = 3
AT_ONCE = 8


@pytest.fixture(scope="module")
def narrow_url(settings: Settings) -> Iterator[str]:
    """A service where one person may have three tasks."""
    narrow = settings.model_copy(update={"max_tasks_per_person": MOST})
    with running(create_app(narrow, Readiness())) as url:
        wait_until_ready(url)
        yield url


async def test_one_task_too_many_is_refused_with_what_to_do(
    new_caller: NewCaller, narrow_url: str
) -> None:
    person = new_caller(url=narrow_url)
    added = [await person.call("add_task", title=str(n)) for n in range(MOST)]
    refused = await person.call("add_task", title="one more")

    assert refused.code == "invalid_arguments"
    assert "delete some first" in refused.message
    assert (await person.call("list_tasks")).content["total"] == MOST
    assert (await new_caller(url=narrow_url).call("add_task", title="mine")).code == "ok"

    await person.call("delete_task", task_id=added[0].task["id"])
    assert (await person.call("add_task", title="one more")).code == "ok"


async def test_adds_at_once_pass_the_end_by_no_more_than_they_are(
    new_caller: NewCaller, narrow_url: str
) -> None:
    person = new_caller(url=narrow_url)
    await asyncio.gather(*(person.call("add_task", title=str(n)) for n in range(AT_ONCE)))

    total = (await person.call("list_tasks")).content["total"]
    assert MOST <= total <= AT_ONCE
    assert (await person.call("add_task", title="one more")).code == "invalid_arguments"
