"""A page is bounded by its characters too: a model reads it again at every later step."""

from ..caller import Caller


async def test_page_of_long_tasks_ends_early_and_the_next_one_goes_on(caller: Caller) -> None:
    for _ in range(24):
        await caller.call("add_task", title="t" * 200, description="d" * 2000)

    first = (await caller.call("list_tasks")).content
    second = (await caller.call("list_tasks", cursor=first["next_cursor"])).content

    assert (len(first["tasks"]), first["total"]) == (22, 24)  # 22 * 2,200 characters are 48,400
    assert (len(second["tasks"]), second["next_cursor"]) == (2, None)
    assert len({task["id"] for task in first["tasks"] + second["tasks"]}) == 24
