"""The parameters of the five tools: their types, their rules, and their schema.

The schema is as flat as the models that read it demand: plain strings, integers and string enums.
An optional parameter is one that is not required; null is taken for "left out" but not advertised,
because saying so would need a union. `format: uuid` is not said either: Gemini refuses it.
"""

from types import MappingProxyType
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, SkipJsonSchema
from pydantic_core import core_schema

MAX_TITLE_CHARACTERS: Final = 200
MAX_DESCRIPTION_CHARACTERS: Final = 2_000
MAX_PAGE: Final = 100
DEFAULT_PAGE: Final = 50
MAX_CURSOR_CHARACTERS: Final = 100


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("NUL")
    return text


_Text = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_without_nul)]
_PlainText = WithJsonSchema({"type": "string"})
Absent = SkipJsonSchema[None]

UserId = Annotated[UUID, _PlainText]
TaskId = Annotated[UUID, _PlainText]
Title = Annotated[_Text, Field(min_length=1, max_length=MAX_TITLE_CHARACTERS)]
Description = Annotated[_Text, Field(max_length=MAX_DESCRIPTION_CHARACTERS)]
Limit = Annotated[int, Field(ge=1, le=MAX_PAGE)]
CursorText = Annotated[str, Field(max_length=MAX_CURSOR_CHARACTERS)]
StatusFilter = Literal["all", "pending", "completed"]

# What a model is told when the parameter of this name is wrong, in any of the tools.
RULES: Final = MappingProxyType(
    {
        "user_id": "must be the `sub` of the token",
        "task_id": "must be the id of a task as list_tasks returns it",
        "title": f"must be a text of 1 to {MAX_TITLE_CHARACTERS} characters after trimming, "
        "without NUL",
        "description": f"must be a text of at most {MAX_DESCRIPTION_CHARACTERS} characters, "
        "without NUL",
        "status": "must be one of all, pending, completed",
        "limit": f"must be a whole number from 1 to {MAX_PAGE}",
        "cursor": "must be a `next_cursor` that list_tasks returned",
    }
)


class ToolArguments(BaseModel):
    """Base of what the tools take. Nothing else is accepted."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    user_id: UserId = Field(description="Whose tasks: the `sub` of the token.")


class FlatSchema(GenerateJsonSchema):
    """JSON Schema without titles (they only repeat the names) and without null as a default."""

    def field_title_should_be_set(self, schema: object) -> bool:
        """No property has a title."""
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """A default of None is "not required", which `required` says already."""
        if schema.get("default", ...) is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)


def flat_schema(
    model: type[BaseModel], mode: Literal["validation", "serialization"]
) -> JsonSchemaValue:
    """The schema of a model without the words that are meant for our readers, not for models."""
    schema = model.model_json_schema(mode=mode, schema_generator=FlatSchema)
    for part in (schema, *schema.get("$defs", {}).values()):
        part.pop("title", None)
        part.pop("description", None)
    return schema
