"""Whether an answer of the model's endpoint is a chat completion at all.

The OpenAI client builds its types without looking, and the SDK then fails on a missing member with
whatever exception comes first. So the answer is looked at before both see it, as loosely as can be:
what Gemini leaves out when it is zero or empty may be left out.
"""

from typing import Annotated

import httpx2
from pydantic import BaseModel, Field, ValidationError


class GarbledAnswer(Exception):
    """An answer with status 200 that is not a chat completion."""


class _Function(BaseModel):
    name: str
    arguments: str


class _ToolCall(BaseModel):
    type: str
    function: _Function


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(BaseModel):
    message: _Message


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


class _Completion(BaseModel):
    choices: Annotated[list[_Choice], Field(min_length=1)]
    usage: _Usage | None = None


async def refuse_garbage(response: httpx2.Response) -> None:
    """Read an answer and check it; for the client's response hook.

    Raises: GarbledAnswer, which the client lets pass as it is.
    """
    if response.status_code != httpx2.codes.OK:
        return
    content = await response.aread()
    if not response.headers.get("content-type", "").startswith("application/json"):
        raise GarbledAnswer
    try:
        _Completion.model_validate_json(content)
    except ValidationError:
        # Without its cause: a validation error quotes the answer.
        raise GarbledAnswer from None
