"""A person, a task list and the simulated model, without HTTP: what is said, and what is done."""

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from gemini_simulator.language.conversation import Conversation, Outcome, Spoken
from gemini_simulator.language.mind import next_step
from gemini_simulator.language.steps import Say, ToolUse
from gemini_simulator.language.tasks import Task
from pydantic import JsonValue

TOOLS = {
    "add_task": frozenset({"title", "description"}),
    "list_tasks": frozenset({"status", "query", "limit", "cursor"}),
    "complete_task": frozenset({"task_id"}),
    "delete_task": frozenset({"task_id"}),
    "update_task": frozenset({"task_id", "title", "description", "completed"}),
}
USUAL_TASKS = (
    Task("1", "buy milk"),
    Task("2", "call mom"),
    Task("3", "finish the annual report", "due Friday"),
    Task("4", "book dentist appointment"),
    Task("5", "clean the kitchen"),
    Task("6", "buy a present for Anna"),
    Task("7", "water the plants", completed=True),
    Task("8", "pay rent", completed=True),
)  # newest first, as list_tasks gives them
MOST_STEPS = 12


@dataclass
class Chat:
    """One conversation. `say` returns what was done, e.g. `["delete buy milk"]`; lookups not."""

    tasks: list[Task] = field(default_factory=lambda: list(USUAL_TASKS))
    page_size: int = 100
    seed: int = 0
    tools: Mapping[str, frozenset[str]] = field(default_factory=lambda: TOOLS)
    answer: str = ""
    fails_with: str = ""
    history: tuple[Spoken, ...] = ()
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(100))

    def say(self, message: str) -> list[str]:
        done: list[str] = []
        now = Conversation(self.history, message, (), 0, self.tools)
        for _ in range(MOST_STEPS):
            step = next_step(now, seed=self.seed)
            if isinstance(step, Say):
                self.answer = step.text
                said = (Spoken("user", message), Spoken("assistant", step.text))
                self.history = (*self.history, *said)
                return done
            touched = [use.arguments["task_id"] for use in step.calls if "task_id" in use.arguments]
            assert step.calls
            assert len(touched) == len(set(touched)), "parallel calls touch one task"
            outcomes = [self._call(use, done) for use in step.calls]
            now = replace(now, outcomes=(*now.outcomes, *outcomes), step=now.step + 1)
        raise AssertionError(f"no answer to {message!r} after {MOST_STEPS} steps: {done}")

    def _call(self, use: ToolUse, done: list[str]) -> Outcome:
        result, words = self._effect(use)
        if words:
            done.append(words)
        result = json.loads(json.dumps(result))
        error = str(result["message"]) if "message" in result else None
        return Outcome(use.name, use.arguments, None if error else result, error)

    def _effect(self, use: ToolUse) -> tuple[dict[str, JsonValue], str]:
        arguments = use.arguments
        if self.fails_with:
            return {"code": "unavailable", "message": self.fails_with}, ""
        assert set(arguments) <= TOOLS[use.name]
        if use.name == "list_tasks":
            words = "" if "limit" in arguments else f"list {arguments['status']}"
            return self._page(arguments), words
        if use.name == "add_task":
            text = arguments.get("description")
            task = Task(str(next(self._ids)), str(arguments["title"]), str(text) if text else None)
            self.tasks.insert(0, task)
            return {"task": vars(task)}, f"add {task.title}" + (f" | {text}" if text else "")
        named = [one for one in self.tasks if one.id == arguments["task_id"]]
        if not named:
            return {"code": "not_found", "message": "no task with this id"}, "miss"
        return self._touch(use, named[0])

    def _touch(self, use: ToolUse, task: Task) -> tuple[dict[str, JsonValue], str]:
        place = self.tasks.index(task)
        if use.name == "delete_task":
            self.tasks.remove(task)
            return {"deleted": vars(task)}, f"delete {task.title}"
        if use.name == "complete_task":
            self.tasks[place] = replace(task, completed=True)
            return {"task": vars(self.tasks[place])}, f"complete {task.title}"
        words = []
        if "title" in use.arguments:
            words.append(f"rename {task.title} -> {use.arguments['title']}")
            self.tasks[place] = replace(self.tasks[place], title=str(use.arguments["title"]))
        if "description" in use.arguments:
            words.append(f"describe {task.title} -> {use.arguments['description']}")
            text = str(use.arguments["description"])
            self.tasks[place] = replace(self.tasks[place], description=text or None)
        if "completed" in use.arguments:
            assert use.arguments["completed"] is False
            words.append(f"reopen {task.title}")
            self.tasks[place] = replace(self.tasks[place], completed=False)
        return {"task": vars(self.tasks[place])}, " and ".join(words)

    def _page(self, arguments: dict[str, JsonValue]) -> dict[str, JsonValue]:
        status = arguments.get("status", "all")
        fitting = [
            t for t in self.tasks if status == "all" or t.completed == (status == "completed")
        ]
        start = int(str(arguments.get("cursor", 0)))
        following = start + self.page_size
        return {
            "tasks": [dict(vars(task)) for task in fitting[start:following]],
            "next_cursor": str(following) if following < len(fitting) else None,
        }
