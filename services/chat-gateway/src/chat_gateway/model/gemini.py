"""Gemini for all turns of the process, and the shape that it demands of tool schemas.

Source: ai.google.dev/gemini-api/docs/openai; ai.google.dev/api/caching#Schema.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from agents import Tool
from agents.items import TResponseInputItem
from pydantic import JsonValue, SecretStr

from chat_gateway.model.candidates import Candidate
from chat_gateway.model.completion import Completion
from chat_gateway.model.endpoint import ChatEndpoint
from chat_gateway.model.hedging import Patience
from chat_gateway.model.messages import request_body
from chat_gateway.model.streamed import Hearer

_KEPT: Final = frozenset(
    {"type", "description", "enum", "items", "properties", "required"}
    | {"minimum", "maximum", "minLength", "maxLength"}
)
"""Members of a schema that say something to the model and that every Gemini version takes."""

Schema = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class GeminiModel:
    """The models that may be asked, in this order, and their endpoint."""

    candidates: Sequence[Candidate]
    endpoint: ChatEndpoint
    patience: Patience

    @classmethod
    def open(
        cls,
        candidates: Sequence[Candidate],
        base_url: str,
        api_key: SecretStr,
        *,
        connections: int,
        patience: Patience,
        began_to_answer: Callable[[str, float], None],
        may_see_traces: bool = False,
    ) -> Self:
        """Make the pool, once per process; needs a running event loop.

        Args: candidates: at least one. base_url: of the OpenAI-compatible endpoint. connections:
            most at once, at least two for each turn in flight, one for a hedge. patience: how long
            an answer is waited for. began_to_answer: told a model's name and the seconds to each
            answer's first byte. may_see_traces: as of the endpoint.
        """
        endpoint = ChatEndpoint.open(
            base_url,
            api_key,
            connections=connections,
            began_to_answer=began_to_answer,
            stall_seconds=patience.stall_seconds,
            may_see_traces=may_see_traces,
        )
        return cls(candidates, endpoint, patience)

    @property
    def name(self) -> str:
        """Of the model that is asked first."""
        return self.candidates[0].name

    async def ask(
        self,
        candidate: Candidate,
        instructions: str | None,
        items: str | Sequence[TResponseInputItem],
        tools: Sequence[Tool],
        hearer: Hearer | None = None,
    ) -> Completion:
        """Send one request. Deadlines are its caller's.

        Args: hearer: told of the answer while it comes.
        Raises: EndpointError.
        """
        body = request_body(candidate.name, instructions, items, tools, candidate.members)
        return await self.endpoint.complete(body, hearer)

    async def close(self) -> None:
        """Close every connection."""
        await self.endpoint.close()


def flat_schema(schema: Schema) -> Schema:
    """Make a tool's parameters a schema that every Gemini version takes.

    Gemini's `Schema` is a flat part of OpenAPI 3.0: no `$ref`, `const`, `additionalProperties`,
    unions, nor string formats other than its own. An optional value is simply not required.

    Raises: ValueError: a union of several types, which cannot be made flat.
    """
    definitions = schema.get("$defs")
    return _flat(schema, definitions if isinstance(definitions, dict) else {})


def _flat(schema: Schema, definitions: dict[str, JsonValue]) -> Schema:
    schema = _resolved(schema, definitions)
    flat: Schema = {name: value for name, value in schema.items() if name in _KEPT}
    if "const" in schema:
        flat["enum"] = [schema["const"]]
    properties = flat.get("properties")
    if isinstance(properties, dict):
        flat["properties"] = {
            name: _flat(value, definitions)
            for name, value in properties.items()
            if isinstance(value, dict)
        }
    items = flat.get("items")
    if isinstance(items, dict):
        flat["items"] = _flat(items, definitions)
    if flat.get("required") == []:
        del flat["required"]
    return flat


def _resolved(schema: Schema, definitions: dict[str, JsonValue]) -> Schema:
    """Follow a reference, and take the one type out of a union with null."""
    reference = schema.get("$ref")
    if isinstance(reference, str):
        target = definitions[reference.removeprefix("#/$defs/")]
        assert isinstance(target, dict)
        return _resolved(
            {**target, **{k: v for k, v in schema.items() if k != "$ref"}}, definitions
        )
    union = schema.get("anyOf") or schema.get("oneOf")
    if not isinstance(union, list):
        return schema
    branches = [one for one in union if isinstance(one, dict) and one.get("type") != "null"]
    if len(branches) != 1:
        raise ValueError("a tool parameter of several types cannot be shown to Gemini")
    rest = {name: value for name, value in schema.items() if name not in ("anyOf", "oneOf")}
    return _resolved({**branches[0], **rest}, definitions)
