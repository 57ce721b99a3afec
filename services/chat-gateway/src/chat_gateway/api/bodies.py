"""The two bodies of the endpoint: the plain one, and ChatKit's, told apart by its `type`."""

import re
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)
from pydantic_core import ErrorDetails, PydanticCustomError
from servicekit.tokens.claims import parse_object

from chat_gateway.chatkit.requests import ChatKitRequest, parse_request
from chat_gateway.conversations.message_text import MessageText
from chat_gateway.errors import FieldError, InvalidRequest, MalformedJson

_HYPHENATED_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SHOWN_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def _hyphenated(value: object) -> object:
    """UUID() also takes braces, urn:uuid: and bare hex; the contract has one spelling."""
    if isinstance(value, str) and not _HYPHENATED_UUID.fullmatch(value):
        raise PydanticCustomError("uuid", "must be a UUID or null")
    return value


class ChatBody(BaseModel):
    """What a person says, and where. Source: contract.md "The endpoint"."""

    model_config = ConfigDict(extra="forbid", frozen=True, title="ChatBody")

    message: MessageText = Field(
        description="What the person says; 1 to 8,000 characters after trimming, something visible "
        "among them; no NUL, no tag characters, nothing that turns the direction of text.",
        examples=["add a task to buy groceries"],
        # What a schema can say of it: something that is no space, no NUL.
        json_schema_extra={"pattern": r"^[^\u0000]*[^\s\u0000][^\u0000]*$"},
    )
    conversation_id: Annotated[UUID | None, BeforeValidator(_hyphenated)] = Field(
        default=None,
        description="The conversation to go on with; null or absent begins a new one.",
    )


def parse_body(raw: bytes) -> ChatBody | ChatKitRequest:
    """Read the body, whichever of the two it is.

    Raises: MalformedJson (400): not JSON in UTF-8, or not an object. InvalidRequest (422): fields.
        UnsupportedRequest (422): a request of the ChatKit protocol that is not served.
    """
    try:
        members: dict[str, Any] = parse_object(raw)
    except ValueError:
        raise MalformedJson("The body must be one JSON object in UTF-8.") from None
    if "type" in members:
        return parse_request(members)
    try:
        return ChatBody.model_validate(members)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        raise InvalidRequest(
            "Some fields are missing or wrong.", errors=[_field_error(item) for item in details]
        ) from None


def _field_error(detail: ErrorDetails) -> FieldError:
    """Point at a field. A name that the sender made up is shown only when it is harmless."""
    name = str(detail["loc"][0]) if detail["loc"] else ""
    pointer = f"/{name}" if _SHOWN_NAME.fullmatch(name) else ""
    return {"pointer": pointer, "message": detail["msg"]}
