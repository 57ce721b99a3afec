"""How lists and counts of tasks are said."""

from collections.abc import Sequence

from gemini_simulator.language.conversation import Outcome
from gemini_simulator.language.intents import Show, Status
from gemini_simulator.language.mentions import listed
from gemini_simulator.language.references import of_status
from gemini_simulator.language.tasks import Task, read_tasks, with_all_words, with_words

ADJECTIVES: dict[Status, str] = {"all": "", "pending": "open ", "completed": "completed "}
EMPTY: dict[Status, str] = {
    "all": "Your list is empty. Tell me what to add!",
    "pending": "Nothing is open: you are all done!",
    "completed": "You have not completed any task yet.",
}


def say_shown(meaning: Show, pages: Sequence[Outcome]) -> str:
    """The tasks that were asked for, or their number, or why they are not there."""
    error = next((page.error for page in pages if page.error), None)
    if error is not None:
        return f"I could not get your tasks: {error}"
    tasks = [task for page in pages if page.result for task in read_tasks(page.result.get("tasks"))]
    tasks = of_status(tasks, meaning.status)
    if meaning.about is not None:
        fitting = with_all_words(tasks, meaning.about) or with_words(tasks, meaning.about)
        return _about(meaning, fitting)
    if meaning.count_only:
        return _count(meaning.status, tasks)
    if not tasks:
        return EMPTY[meaning.status]
    has_more = any(page.result and page.result.get("next_cursor") for page in pages[-1:])
    heading = _heading(meaning.status, len(tasks), has_more)
    return f"{heading}\n{listed(tasks)}"


def _heading(status: Status, count: int, has_more: bool) -> str:
    if has_more:
        return f"Here are your newest {count} {ADJECTIVES[status]}tasks; there are more:"
    return (
        "Here is " + _tasks(status, 1) + ":" if count == 1 else f"Here are {_tasks(status, count)}:"
    )


def _tasks(status: Status, count: int) -> str:
    adjective = ADJECTIVES[status]
    return f"your only {adjective}task" if count == 1 else f"your {count} {adjective}tasks"


def _count(status: Status, tasks: Sequence[Task]) -> str:
    noun = "task" if len(tasks) == 1 else "tasks"
    count = str(len(tasks)) if tasks else "no"
    said = f"You have {count} {ADJECTIVES[status]}{noun}"
    is_open = sum(not task.completed for task in tasks)
    if status == "all" and tasks:
        return f"{said}, {is_open} of them open."
    return f"{said}."


def _about(meaning: Show, fitting: Sequence[Task]) -> str:
    adjective = ADJECTIVES[meaning.status]
    if not fitting:
        return f"I found no {adjective}task about {meaning.about}."
    if meaning.count_only:
        noun = "task" if len(fitting) == 1 else "tasks"
        return f"You have {len(fitting)} {adjective}{noun} about {meaning.about}."
    return f"I found this:\n{listed(fitting)}"
