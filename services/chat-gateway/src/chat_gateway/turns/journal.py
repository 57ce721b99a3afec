"""What a running turn has recorded: what was asked, what came back, what is still to do.

A turn that starts again after its process died reads its journal, and asks the model and the tools
only for what is not in it (contract.md "Retries").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from pydantic import JsonValue
from typing_extensions import TypedDict  # pydantic takes no other before Python 3.12


class ToolError(TypedDict):
    """Why a tool call failed, as contract.md "Tools" shapes it."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ToolCallRequest:
    """One tool call that the model asked for.

    ordinal: counts the calls of the whole turn from 0; with the turn's id, the idempotency key.
    call_id: unique in the turn, made by us, because models repeat theirs.
    arguments: as the model gave them; never holds `user_id`.
    """

    ordinal: int
    call_id: str
    name: str
    arguments: dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class ModelStep:
    """One answer of the model that asked for tools.

    index: counts these answers from 0.
    response: the model's answer as JSON, complete enough to be replayed to the agent.
    """

    index: int
    response: dict[str, JsonValue]
    calls: tuple[ToolCallRequest, ...]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What one tool call came to.

    id: of its row in `tasks.tool_call`. read_only: the tool only reads; one that was recorded
    before this was noted counts as writing.
    """

    ordinal: int
    id: UUID
    name: str
    arguments: dict[str, JsonValue]
    status: Literal["ok", "error"]
    output: dict[str, JsonValue] | None
    error: ToolError | None
    duration_ms: float
    read_only: bool = False

    @property
    def is_change(self) -> bool:
        """Whether it has changed something."""
        return self.status == "ok" and not self.read_only


class LeaseLost(Exception):
    """Another process has taken the turn over: stop, write nothing."""


class Journal(Protocol):
    """The recorded steps of one running turn, and the right to add to them.

    What is recorded holds no NUL and no lone surrogate: Postgres stores neither.
    """

    @property
    def steps(self) -> Sequence[ModelStep]:
        """The recorded steps in order of their index."""
        ...

    @property
    def results(self) -> Sequence[ToolResult]:
        """The recorded results in order of their ordinal."""
        ...

    def result(self, ordinal: int) -> ToolResult | None:
        """The recorded result of a call, or None while it has none."""
        ...

    def call(self, call_id: str) -> ToolCallRequest:
        """The recorded call with this id.

        Raises: KeyError: no recorded step asked for it.
        """
        ...

    async def record_step(self, step: ModelStep) -> None:
        """Record an answer of the model; returns before any of its tools may run.

        Raises: LeaseLost; DatabaseUnavailable (503); DeadlineExceeded (504).
        """
        ...

    async def record_result(self, result: ToolResult) -> None:
        """Record what a call came to. A second record of the same ordinal replaces the first.

        Raises: LeaseLost; DatabaseUnavailable (503); DeadlineExceeded (504).
        """
        ...
