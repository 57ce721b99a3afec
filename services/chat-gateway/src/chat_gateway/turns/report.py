"""What the person is told of a turn that failed: which turn it is, what was done, what to do next.

A turn may fail after its tools have changed something. Nobody undoes that, so the problem says it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from servicekit.problems import answer_bug_with

from chat_gateway.errors import (
    ConversationNotFound,
    InternalError,
    ModelError,
    ModelRefused,
    ModelUnavailable,
    Problem,
    ToolsUnavailable,
    TurnInProgress,
)
from chat_gateway.turns.journal import ToolResult
from chat_gateway.turns.runner import TurnContext
from chat_gateway.turns.states import Failure
from chat_gateway.turns.tool_calls import tool_calls

#: Their details say what happened and no more. Others are raised outside of turns too, where their
#: details may say that nothing was done.
_OF_TURNS: Final = (ModelError, ModelUnavailable, ToolsUnavailable)
RETRYABLE_STATUSES: Final = (502, 503, 504)


def failure_of(error: Exception) -> Failure:
    """Say in the turn's row what the person was told. A bug is not retryable by itself."""
    problem = error if isinstance(error, Problem) else InternalError()
    failure: Failure = {"code": problem.code, "retryable": problem.status in RETRYABLE_STATUSES}
    if isinstance(problem, ModelRefused):
        failure["refused"] = True
    return failure


def changes_made(results: Sequence[ToolResult], *, when: str = "") -> str | None:
    """Count what a turn has changed, by the names of its tools, in a sentence.

    Returns: None: nothing.
    """
    changes = Counter(result.name.replace("_", " ") for result in results if result.is_change)
    if not changes:
        return None
    kinds = [name if times == 1 else f"{name} ({times})" for name, times in changes.items()]
    count = changes.total()
    return f"{count} change{'s were' if count > 1 else ' was'} made{when}: {', '.join(kinds)}."


@dataclass(frozen=True, slots=True)
class TurnReport:
    """How far a turn came.

    has_key: the request came with an Idempotency-Key. has_items: its client can retry by item.
    has_message: it is no click.
    """

    turn: TurnContext
    has_key: bool
    has_items: bool = False
    has_message: bool = True

    def goes_with(self, error: Exception) -> None:
        """Let the problem that this error becomes tell it.

        Source: contract.md "Errors". No title or other word of the person's is in `detail`.
        """
        if isinstance(error, TurnInProgress):  # another attempt tells the rest
            return self.is_named_by(error)
        if isinstance(error, Problem):
            problem = error
        else:
            problem = InternalError("Something went wrong on our side.")
            answer_bug_with(error, problem)
        if isinstance(problem, ConversationNotFound):  # nothing is kept, and nothing goes on
            problem.detail = f"{problem.detail} {self._done()}"
            return self.is_named_by(problem)
        happened = problem.detail if isinstance(problem, _OF_TURNS) else f"{problem.title}."
        next_step = self._after_refusal() if isinstance(problem, ModelRefused) else self._advice()
        kept = " Your message is kept." if self.has_message else ""
        problem.detail = f"{happened} {self._done()}{kept} {next_step}"
        self.is_named_by(problem)

    def is_named_by(self, problem: Problem) -> None:
        """Let a problem say which turn it is about, and with which calls."""
        conversation_id = self.turn.conversation_id
        problem.members = {
            "conversation_id": None if conversation_id is None else str(conversation_id),
            "turn_id": str(self.turn.turn_id),
            "tool_calls": tool_calls(self.turn.journal.results),
        }

    def _done(self) -> str:
        made = changes_made(self.turn.journal.results, when=" before that")
        if made is None:
            maybe = "One change may have been made."
            return maybe if self.turn.in_doubt else "Nothing was changed."
        return f"{made} One more may have been made." if self.turn.in_doubt else made

    def _advice(self) -> str:
        if self.has_items:
            return "Try again to go on from there."
        if self.has_key:
            return "Send the request again with the same Idempotency-Key to go on from there."
        if self._left_something:
            return "Look at your tasks before you ask again: what was done would be done twice."
        return "You can ask again."

    def _after_refusal(self) -> str:
        if self._left_something:
            return "Look at your tasks, then ask for the rest in other words."
        return "Ask in other words."

    @property
    def _left_something(self) -> bool:
        results = self.turn.journal.results
        return bool(self.turn.in_doubt) or any(result.is_change for result in results)
