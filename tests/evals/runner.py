"""Runs cases through the whole system: they are said at the gateway, and seen at mcp-tools."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2
from devstack.people import Person
from devstack.stack import StackUrls

from tests.equipment.tools import call_tool
from tests.evals.case import Case, Task

CONCURRENCY = 8  # people at once; two cores are busy with as many
ATTEMPTS = 4  # a real model is sometimes overloaded; the key makes a repeat harmless
LONGEST_WAIT_SECONDS = 30.0
PAGE_LIMIT = 100
MOST_TASKS_DELETED = 20  # a sign-up hashes a password and costs as much


@dataclass(frozen=True)
class Result:
    """What came of a case. Args: problem: why it could not be run to its end, if it could not."""

    category: str
    case: Case
    answers: tuple[str, ...]
    tasks: tuple[Task, ...]
    problem: str | None
    seconds: float

    @property
    def is_success(self) -> bool:
        """Whether the tasks and the last answer are what the case demands."""
        return self.problem is None and self.case.is_success(self.tasks, self.answers[-1])

    @property
    def touched(self) -> list[Task]:
        """The tasks that were deleted, completed or changed and must not have been."""
        return self.case.touched(self.tasks)


async def run_cases(
    urls: StackUrls,
    cases: Sequence[tuple[str, Case]],
    *,
    concurrency: int = CONCURRENCY,
    on_result: Callable[[Result], None] = lambda _: None,
) -> list[Result]:
    """Run all cases, several at a time, each with an empty list and a conversation of its own.

    Args: cases: with their categories. on_result: called as each case ends.
    Returns: results in the order of the cases.
    """
    results: dict[int, Result] = {}
    waiting = iter(enumerate(cases))

    async def work() -> None:
        person = await Person.sign_up(urls.auth)
        async with httpx2.AsyncClient(trust_env=False) as client:
            for position, (category, case) in waiting:
                person = await _prepared(urls, person, case)
                results[position] = await _run(urls, client, person, category, case)
                on_result(results[position])

    async with asyncio.TaskGroup() as group:
        for _ in range(min(concurrency, len(cases))):
            group.create_task(work())
    return [results[position] for position in range(len(cases))]


async def _run(
    urls: StackUrls, client: httpx2.AsyncClient, person: Person, category: str, case: Case
) -> Result:
    began = time.perf_counter()
    answers: list[str] = []
    conversation_id: str | None = None
    problem = None
    for message in case.say:
        response = await _say(urls, client, person, message, conversation_id)
        if response.status_code != httpx2.codes.OK:
            problem = f"{response.status_code} {response.text[:200]}"
            break
        body = response.json()
        conversation_id = body["conversation_id"]
        answers.append(body["response"])
    seconds = time.perf_counter() - began
    tasks = tuple(task for _, task in await _list(urls, person))
    return Result(category, case, tuple(answers), tasks, problem, seconds)


async def _say(
    urls: StackUrls,
    client: httpx2.AsyncClient,
    person: Person,
    message: str,
    conversation_id: str | None,
) -> httpx2.Response:
    key = uuid4().hex
    for attempt in range(ATTEMPTS):
        response = await person.chat(urls.gateway, message, conversation_id, key, client=client)
        wait = response.headers.get("retry-after")
        if wait is None or attempt == ATTEMPTS - 1:
            break
        await asyncio.sleep(min(float(wait), LONGEST_WAIT_SECONDS))
    return response


async def _prepared(urls: StackUrls, person: Person, case: Case) -> Person:
    """Somebody who has just the case's tasks: the same person, or another if that is quicker."""
    left = await _list(urls, person)
    if len(left) > MOST_TASKS_DELETED:
        person, left = await Person.sign_up(urls.auth), []
    for task_id, _ in left:
        await _call(urls, person, "delete_task", {"task_id": task_id})
    for task in map(Task.read, reversed(case.given)):
        arguments = {"title": task.title} | ({"description": task.note} if task.note else {})
        added = await _call(urls, person, "add_task", arguments)
        if task.is_done:
            await _call(urls, person, "complete_task", {"task_id": added["task"]["id"]})
    return person


async def _list(urls: StackUrls, person: Person) -> list[tuple[str, Task]]:
    """All tasks of the person with their ids, the newest first."""
    found = []
    cursor: dict[str, str] = {}
    while True:
        page = await _call(urls, person, "list_tasks", {"limit": PAGE_LIMIT, **cursor})
        for one in page["tasks"]:
            task = Task(one["title"], one["description"] or "", one["completed"])
            found.append((one["id"], task))
        if not page["next_cursor"]:
            return found
        cursor = {"cursor": page["next_cursor"]}


async def _call(
    urls: StackUrls, person: Person, name: str, arguments: Mapping[str, object]
) -> dict[str, Any]:
    owned = {**arguments, "user_id": str(person.user_id)}
    answer = await call_tool(urls.tools, await person.token(), name, owned)
    assert not answer.is_error, answer.content
    return answer.content
