"""The parameters of the five tools: their types, their rules, and their schema.

The schema is as flat as the models that read it demand: plain strings, integers, booleans and
string enums.
An optional parameter is one that is not required; null is taken for "left out" but not advertised,
because saying so would need a union. `format: uuid` is not said either: Gemini refuses it.

What a model spells oddly is taken where it can mean one thing only: an id in capitals or quotes,
`Pending`, a limit of "50" or 50.0, or of more than a page has, "False" or 0. The rest is refused
with its rule.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, SkipJsonSchema
from pydantic_core import PydanticCustomError, core_schema
from servicekit.text import complaint_of_kept

MAX_TITLE_CHARACTERS: Final = 200
MAX_DESCRIPTION_CHARACTERS: Final = 2_000
MAX_PAGE: Final = 100
DEFAULT_PAGE: Final = 50
MAX_CURSOR_CHARACTERS: Final = 100
MAX_QUERY_CHARACTERS: Final = 200
_AROUND_AN_ID: Final = " \"'`<>()[]{}#.,"


TEXT_REFUSED: Final = "text_refused"
"""Type of an error whose own words say more than the parameter's rule."""


def _acceptable(text: str) -> str:
    if reason := complaint_of_kept(text):
        raise PydanticCustomError(TEXT_REFUSED, "{reason}", {"reason": reason})
    return text


def _bare(value: object) -> object:
    """An id without what stands around it."""
    return value.strip().strip(_AROUND_AN_ID) if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _no_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("true is not 1")
    return value


_Text = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_acceptable)]
_PlainText = WithJsonSchema({"type": "string"})
Absent = SkipJsonSchema[None]

UserId = Annotated[UUID, BeforeValidator(_bare), _PlainText]
TaskId = UserId
Title = Annotated[_Text, Field(min_length=1, max_length=MAX_TITLE_CHARACTERS)]
Description = Annotated[_Text, Field(max_length=MAX_DESCRIPTION_CHARACTERS)]
Limit = Annotated[
    int,
    BeforeValidator(_no_boolean),
    Field(ge=1),
    AfterValidator(lambda limit: min(limit, MAX_PAGE)),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_PAGE}),
]
CursorText = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=MAX_CURSOR_CHARACTERS)
]
Query = Annotated[_Text, Field(max_length=MAX_QUERY_CHARACTERS)]
Completed = Annotated[bool, BeforeValidator(_lower)]
StatusFilter = Annotated[Literal["all", "pending", "completed"], BeforeValidator(_lower)]

# What a model is told when the parameter of this name is wrong, in any of the tools.
RULES: Final = MappingProxyType(
    {
        "user_id": "must be the `sub` of the token",
        "task_id": "must be the id of a task as list_tasks returns it",
        "title": f"must be a text of 1 to {MAX_TITLE_CHARACTERS} characters after trimming",
        "description": f"must be a text of at most {MAX_DESCRIPTION_CHARACTERS} characters",
        "completed": "must be true (the task is done) or false (it is open again)",
        "status": "must be one of all, pending, completed",
        "query": f"must be a text of at most {MAX_QUERY_CHARACTERS} characters",
        "limit": f"must be a whole number from 1 to {MAX_PAGE}",
        "cursor": "must be a `next_cursor` that list_tasks returned",
    }
)


class ToolArguments(BaseModel):
    """Base of what the tools take. Nothing else is accepted."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    user_id: UserId = Field(description="Whose tasks: the `sub` of the token.")

    @model_validator(mode="before")
    @classmethod
    def _null_is_left_out(cls, given: Mapping[str, Any]) -> dict[str, Any]:
        """Leave out each optional that is null, as clients send those that nobody set."""
        fields = cls.model_fields
        return {
            name: value
            for name, value in given.items()
            if value is not None or name not in fields or fields[name].is_required()
        }


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
