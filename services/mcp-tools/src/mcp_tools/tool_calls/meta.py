"""What a call's `_meta` says beside the protocol's own members: which turn it belongs to.

Source: docs/contract.md "Tools".
"""

from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mcp_tools.errors import InvalidArguments
from mcp_tools.tool_calls.calls import IdempotencyKey

IDEMPOTENCY_KEY: Final = "taskchat/idempotency-key"
CONVERSATION_ID: Final = "taskchat/conversation-id"
TOOL_CALL: Final = "taskchat/tool-call"
TOOLS_VERSION: Final = "taskchat/tools-version"

_OF_THE_GATEWAY: Final = (IDEMPOTENCY_KEY, CONVERSATION_ID)
_MAX_ORDINAL: Final = 2**31 - 1  # Postgres's integer


class _Key(BaseModel):
    model_config = ConfigDict(extra="forbid")

    turn_id: UUID
    ordinal: Annotated[int, Field(ge=0, le=_MAX_ORDINAL, strict=True)]


class _Meta(BaseModel):
    key: _Key | None = Field(default=None, alias=IDEMPOTENCY_KEY)
    conversation_id: UUID | None = Field(default=None, alias=CONVERSATION_ID)


def read_meta(
    meta: Mapping[str, object], *, by_gateway: bool
) -> tuple[IdempotencyKey | None, UUID | None]:
    """Take idempotency key and conversation id, each None when it was not sent.

    Anybody else could name a turn or a conversation that is none of the call's. They are refused,
    not passed over: who sends a key relies on it for a retry.

    Raises: InvalidArguments: one of them has another form than the contract's, or is not the
        gateway's.
    """
    if not by_gateway and not meta.keys().isdisjoint(_OF_THE_GATEWAY):
        raise InvalidArguments(
            f"In `_meta`, `{IDEMPOTENCY_KEY}` and `{CONVERSATION_ID}` are chat-gateway's alone. "
            "Leave them out."
        )
    try:
        read = _Meta.model_validate(meta)
    except ValidationError as wrong:
        raise InvalidArguments(
            f'In `_meta`, `{IDEMPOTENCY_KEY}` must be {{"turn_id": "<uuid>", "ordinal": '
            f"<integer from 0>}} and `{CONVERSATION_ID}` a UUID; both can be left out."
        ) from wrong
    key = IdempotencyKey(read.key.turn_id, read.key.ordinal) if read.key else None
    return key, read.conversation_id
