"""From requests to calls: what must be asked of the tools, in which order, given what is known.

The plan is made anew at each model call from the messages alone. Tasks are looked up before they
are touched; calls that do not depend on each other are made in parallel; lists are shown last.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gemini_simulator.language import care
from gemini_simulator.language.conversation import Conversation, Outcome
from gemini_simulator.language.days import with_new_day
from gemini_simulator.language.intents import (
    Add,
    Change,
    Complete,
    Delete,
    Describe,
    Inspect,
    Intent,
    MissingTitle,
    Pronoun,
    Reopen,
    Show,
    Status,
    Target,
)
from gemini_simulator.language.ledger import Ledger
from gemini_simulator.language.mentions import last_mentions, last_shown, lately_mentioned
from gemini_simulator.language.questions import ask_whether_to_delete
from gemini_simulator.language.references import Found, Resolution, Surroundings, Unsure, resolve
from gemini_simulator.language.steps import ToolUse
from gemini_simulator.language.tasks import Task, read_tasks

ADD, LIST, COMPLETE = "add_task", "list_tasks", "complete_task"
DELETE, UPDATE = "delete_task", "update_task"
PAGE_LIMIT = 100  # the most that list_tasks gives at once; contract.md "Tools"
MAX_PAGES = 6
MAX_PARALLEL_CALLS = 25
UNSURE = (
    "I am not sure that I understand you, so I have changed nothing. Please say it in plain words, "
    "with the task's title: delete buy milk."
)

TOOLS_NEEDED: dict[type, tuple[tuple[str, ...], ...]] = {
    Add: ((ADD,),),
    Show: ((LIST,),),
    Inspect: ((LIST,),),
    Complete: ((LIST,), (COMPLETE,)),
    Delete: ((LIST,), (DELETE,)),
    Change: ((LIST,), (UPDATE,)),
    Describe: ((LIST,), (UPDATE,)),
    Reopen: ((LIST,), (UPDATE, "completed")),
}
"""The tools that a request needs, each with the parameters that not every release has."""


PREFERRED: dict[type, Status] = {Complete: "pending", Reopen: "completed"}
"""The status that a task meant by words rather has."""


@dataclass(frozen=True)
class Deed:
    """One effect of a request: the call, the task it touches, and what came of it."""

    use: ToolUse
    task: Task | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Work:
    """A request, the tasks it means, and its calls.

    Args: resolution: None for requests that name no task. is_possible: the tools it needs were
        offered. pages: for Show, what list_tasks gave.
    """

    meaning: Intent
    resolution: Resolution | None = None
    deeds: tuple[Deed, ...] = ()
    pages: tuple[Outcome, ...] = ()
    is_possible: bool = True

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks that are meant, or were made."""
        if isinstance(self.resolution, Found):
            return self.resolution.tasks
        results = (deed.outcome.result for deed in self.deeds if deed.outcome)
        made = [Task.read(result.get("task")) for result in results if result]
        return tuple(task for task in made if task is not None)


@dataclass(frozen=True)
class Planned:
    """Either calls that are needed first, or all works with their outcomes.

    Args: lookup_error: the tasks could not be looked up, and why. doubt: what is said instead of
        taking anything away.
    """

    calls: tuple[ToolUse, ...] = ()
    works: tuple[Work, ...] = ()
    lookup_error: str | None = None
    doubt: str | None = None


class Planner:
    """Plans one turn.

    Args: meanings: what the person asks for, in order. is_reply: to a question.
    """

    def __init__(
        self, conversation: Conversation, meanings: Sequence[Intent], *, is_reply: bool = False
    ) -> None:
        self._conversation = conversation
        self._is_reply = is_reply
        self._ledger = Ledger(conversation.outcomes, conversation.tools)
        self._works = [self._begin(meaning) for meaning in meanings]

    def plan(self) -> Planned:
        """The next calls, or the finished works."""
        needed = self._additions()
        pages, lookup = self._lookup()
        if needed or lookup:
            return Planned(calls=(*needed, *lookup)[:MAX_PARALLEL_CALLS])
        error = next((page.error for page in pages if page.error), None)
        if error is not None:
            return Planned(works=tuple(self._works), lookup_error=error)
        self._resolve([task for page in pages for task in _page_tasks(page)])
        doubt = self._hold_back()
        needed = self._effects() or self._shows()
        if needed:
            return Planned(calls=tuple(needed[:MAX_PARALLEL_CALLS]))
        return Planned(works=tuple(self._works), doubt=doubt)

    def _hold_back(self) -> str | None:
        """Give up all that would take something away, unless all of it is clear and meant.

        Returns: what to say; None when nothing is held back, or its questions say it.
        """
        risky = [work for work in self._works if work.is_possible and care.is_risky(work.meaning)]
        touching = [work for work in risky if isinstance(work.resolution, Found)]
        message, doubt = self._conversation.user_message, None
        is_unsure = any(isinstance(work.resolution, Unsure) for work in risky)
        if is_unsure and care.is_doubtful(message, [work.meaning for work in risky]):
            touching, doubt = risky, UNSURE
        elif len(touching) == len(risky):
            meant = [
                (work.meaning, () if work not in risky else work.tasks) for work in self._works
            ]
            going = [
                task
                for work in touching
                if isinstance(work.meaning, Delete) and not work.meaning.is_confirmed
                for task in work.tasks
            ]
            if not risky or care.is_plain(message, meant, is_reply=self._is_reply):
                if len(going) <= care.MOST_DELETED_UNASKED or care.is_sure(message):
                    return None
                doubt = ask_whether_to_delete(going)
            else:
                doubt = UNSURE
        self._works = [work for work in self._works if work not in touching]
        return doubt

    def _begin(self, meaning: Intent) -> Work:
        tools = TOOLS_NEEDED.get(type(meaning), ())
        return Work(meaning, is_possible=all(self._ledger.offers(*tool) for tool in tools))

    def _additions(self) -> list[ToolUse]:
        needed = []
        for position, work in enumerate(self._works):
            if isinstance(work.meaning, Add) and work.is_possible:
                uses = [
                    self._ledger.use(ADD, title=new.title, description=new.description)
                    for new in work.meaning.tasks
                ]
                deeds = tuple(Deed(use, outcome=self._ledger.claim(use)) for use in uses)
                self._works[position] = replace(work, deeds=deeds)
                needed += [deed.use for deed in deeds if deed.outcome is None]
        return needed

    def _lookup(self) -> tuple[list[Outcome], list[ToolUse]]:
        """Pages of all tasks read so far, and the call for the next page if one is needed."""
        if not any(work.is_possible and _target_of(work.meaning) for work in self._works):
            return [], []
        return self._pages("all")

    def _pages(self, status: str) -> tuple[list[Outcome], list[ToolUse]]:
        pages: list[Outcome] = []
        cursor: str | None = None
        while len(pages) < MAX_PAGES:
            use = self._ledger.use(LIST, status=status, limit=PAGE_LIMIT, cursor=cursor)
            page = self._ledger.claim(use)
            if page is None:
                return pages, [use]
            pages.append(page)
            following = page.result.get("next_cursor") if page.result else None
            if not isinstance(following, str) or not following:
                break
            cursor = following
        return pages, []

    def _resolve(self, tasks: Sequence[Task]) -> None:
        new_ids = {task.id for work in self._works for task in work.tasks}
        known = [task for task in tasks if task.id not in new_ids]
        history = self._conversation.history
        around = Surroundings(
            tasks=known,
            spoken_of=last_mentions(history).spoken_of,
            lately=lately_mentioned(history),
            shown=last_shown(history),
        )
        for position, work in enumerate(self._works):
            target = _target_of(work.meaning)
            if target is not None and work.is_possible:
                preferred = PREFERRED.get(type(work.meaning), "all")
                is_exact = care.is_risky(work.meaning)
                around_it = replace(around, preferred=preferred, is_exact=is_exact)
                resolution = resolve(target, around_it)
                work = replace(work, resolution=resolution)
                self._works[position] = work
            if work.tasks:
                around = replace(around, just_meant=work.tasks)

    def _effects(self) -> list[ToolUse]:
        """The calls that change tasks; two that touch the same task are never made at once."""
        needed: list[ToolUse] = []
        touched: set[str] = set()
        made: list[ToolUse] = []
        for position, work in enumerate(self._works):
            if isinstance(work.meaning, Add):
                continue
            deeds = []
            for use, task in self._uses(work):
                if use in made:  # "everything is done, mark it all as done"
                    continue
                made.append(use)
                outcome = self._ledger.claim(use)
                deeds.append(Deed(use, task, outcome))
                if outcome is None and task.id not in touched:
                    needed.append(use)
                    touched.add(task.id)
            self._works[position] = replace(work, deeds=tuple(deeds))
        return needed

    def _uses(self, work: Work) -> Iterator[tuple[ToolUse, Task]]:
        if not isinstance(work.resolution, Found):
            return
        for task in work.resolution.tasks:
            match work.meaning:
                case Complete() if not task.completed:
                    yield self._ledger.use(COMPLETE, task_id=task.id), task
                case Reopen(is_guess=False) if task.completed:
                    yield self._ledger.use(UPDATE, task_id=task.id, completed=False), task
                case Delete():
                    yield self._ledger.use(DELETE, task_id=task.id), task
                case Change(title=said, description=description):
                    title = None if said is None else with_new_day(task.title, said)
                    use = self._ledger.use(
                        UPDATE, task_id=task.id, title=title, description=description
                    )
                    yield use, task
                case Describe(description=text):
                    yield self._ledger.use(UPDATE, task_id=task.id, description=text), task

    def _shows(self) -> list[ToolUse]:
        for position, work in enumerate(self._works):
            meaning = work.meaning
            if isinstance(meaning, Show) and work.is_possible:
                if meaning.count_only or meaning.about:
                    pages, needed = self._pages(meaning.status)
                else:
                    use = self._ledger.use(LIST, status=meaning.status)
                    page = self._ledger.claim(use)
                    pages, needed = ([], [use]) if page is None else ([page], [])
                if needed:
                    return needed
                self._works[position] = replace(work, pages=tuple(pages))
        return []


def _target_of(meaning: Intent) -> Target | None:
    match meaning:
        case Complete() | Delete() | Change() | Inspect() | Reopen() | MissingTitle():
            return meaning.target
        case Describe():
            return Pronoun()
        case _:
            return None


def _page_tasks(page: Outcome) -> list[Task]:
    return read_tasks(page.result.get("tasks")) if page.result else []
