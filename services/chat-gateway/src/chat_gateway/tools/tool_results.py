"""What a tool call came to: from mcp-tools' answer to our record, and from the record to the model.

The model is always shown the record, never the answer, so that a replayed turn reads the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final, Literal, Self
from uuid import UUID

import orjson
from mcp.types import CallToolResult, TextContent
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from chat_gateway.tools.client import ToolsRefused
from chat_gateway.turns.journal import ToolCallRequest, ToolError, ToolResult

UNAVAILABLE: Final = "unavailable"
"""The error code of a call that did nothing because the tools' database was away (ADR 0006)."""


NOT_RUN: Final = CallToolResult(
    content=[],
    structured_content={
        "error": {
            "code": "not_run",
            "message": "One message may make only so many calls, and they are made: this one was"
            " not run. Tell the person what was done and what is left, and that they can ask you to"
            " go on.",
        }
    },
)
"""To the model, of a call that the journal does not have. Nothing was done and nothing recorded."""


class _Receipt(BaseModel):
    """`_meta["taskchat/tool-call"]`: the row that the call left in `tasks.tool_call`."""

    id: UUID
    duration_ms: Annotated[float, Field(ge=0)]
    replayed: bool = False
    conflict: bool = False


class _Meta(BaseModel):
    receipt: Annotated[_Receipt, Field(alias="taskchat/tool-call")]
    tools_version: Annotated[str | None, Field(alias="taskchat/tools-version")] = None


class _Part(BaseModel):
    text: str


class _Answer(BaseModel):
    """The result object of `tools/call`, as far as we rely on it."""

    model_config = ConfigDict(extra="ignore")
    content: list[_Part] = []
    structured: Annotated[dict[str, JsonValue] | None, Field(alias="structuredContent")] = None
    is_error: Annotated[bool, Field(alias="isError")] = False
    meta: Annotated[_Meta, Field(alias="_meta")]


class _Failure(BaseModel):
    code: str
    message: str

    @classmethod
    def of(cls, answer: _Answer) -> Self:
        """Read an error: JSON in its text, or structured by an mcp-tools that is older than we."""
        if answer.structured is not None:
            return cls.model_validate(answer.structured)
        return cls.model_validate_json(answer.content[0].text if answer.content else "")


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """What mcp-tools answered to a call.

    result: to be recorded. tools_version: of the tools' schemas, if the answer names it.
    replayed: it comes from the row of an earlier call. conflict: the row under our key is of
    another call, so this one was refused.
    """

    result: ToolResult
    tools_version: str | None
    replayed: bool
    conflict: bool


def read_answer(request: ToolCallRequest, answer: dict[str, JsonValue]) -> ToolAnswer:
    """Read mcp-tools' answer to a call.

    Raises: ToolsRefused: the answer breaks the contract between the two services.
    """
    try:
        read = _Answer.model_validate(answer)
        failure = _Failure.of(read) if read.is_error else None
    except ValidationError as error:
        raise ToolsRefused("a tool result without the parts that we agreed on") from error
    if failure is None and read.structured is None:
        raise ToolsRefused("a tool result without its output")
    status: Literal["ok", "error"] = "ok" if failure is None else "error"
    result = ToolResult(
        ordinal=request.ordinal,
        id=read.meta.receipt.id,
        name=request.name,
        arguments=request.arguments,
        status=status,
        output=read.structured if failure is None else None,
        error=None if failure is None else ToolError(code=failure.code, message=failure.message),
        duration_ms=read.meta.receipt.duration_ms,
    )
    receipt = read.meta.receipt
    return ToolAnswer(result, read.meta.tools_version, receipt.replayed, receipt.conflict)


def audit_mismatch(
    answer: ToolAnswer, others: Iterable[ToolResult], *, asked_before: bool
) -> str | None:
    """Find out whether mcp-tools' record of a call can be true if ours is.

    Args: others: what the turn's other calls came to. asked_before: whether any attempt at the turn
        may have made this call already.
    Returns: what does not fit, in a few words for the log; None: nothing.
    """
    if answer.conflict:
        return "another call is on record under this key"
    if answer.replayed and not asked_before:
        return "a call that was never made is on record"
    if any(other.id == answer.result.id for other in others):
        return "one record stands for two calls"
    return None


def shown(result: ToolResult) -> dict[str, JsonValue]:
    """What the model is told of a call: the output, or the error with its code and words."""
    if result.error is not None:
        return {"error": {"code": result.error["code"], "message": result.error["message"]}}
    return result.output or {}


def for_model(result: ToolResult) -> CallToolResult:
    """Show a recorded result to the model.

    An error is structured content without `isError`: flagged ones reach the model as a list of
    content parts, which Gemini's endpoint does not take in a tool message.
    """
    told = shown(result)
    text = TextContent(type="text", text=orjson.dumps(told).decode())
    return CallToolResult(content=[text], structured_content=told)
