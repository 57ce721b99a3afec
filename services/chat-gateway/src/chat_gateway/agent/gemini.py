"""All that Gemini demands: the model's name, the shape of tool schemas, and what its failures mean.

Source: ai.google.dev/gemini-api/docs/openai; ai.google.dev/api/caching#Schema.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

from agents import OpenAIChatCompletionsModel
from pydantic import JsonValue, SecretStr
from servicekit.problems import Problem

from chat_gateway.agent.endpoint import ChatEndpoint, EndpointRefusal, EndpointUnreachable
from chat_gateway.agent.hedging import Patience
from chat_gateway.errors import ModelError, ModelUnavailable
from chat_gateway.retries import TryAgain

_MAX_WAIT_SECONDS: Final = 3600.0

_KEPT: Final = frozenset(
    {"type", "description", "enum", "items", "properties", "required"}
    | {"minimum", "maximum", "minLength", "maxLength"}
)
"""Members of a schema that say something to the model and that every Gemini version takes."""

Schema = dict[str, JsonValue]
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class GeminiModel:
    """The model and its endpoint, for all turns of the process."""

    name: str
    endpoint: ChatEndpoint
    completions: OpenAIChatCompletionsModel
    patience: Patience

    @classmethod
    def open(
        cls,
        name: str,
        base_url: str,
        api_key: SecretStr,
        *,
        connections: int,
        patience: Patience,
        began_to_answer: Callable[[float], None],
    ) -> Self:
        """Make the model, once per process; needs a running event loop.

        Args: name: must contain `gemini`, or the SDK drops the thought signatures, and Gemini 3
            refuses every second request of a turn. base_url: of the OpenAI-compatible endpoint.
            connections: most at once, at least two for each turn in flight, one for a hedge.
            patience: how long an answer is waited for. began_to_answer: told the seconds to each
            answer's first byte.
        Raises: ValueError: the name does not contain `gemini`.
        """
        if "gemini" not in name.lower():
            raise ValueError(f"model {name!r} is not a Gemini model, e.g. gemini-2.5-flash")
        endpoint = ChatEndpoint.open(
            base_url, api_key, connections=connections, began_to_answer=began_to_answer
        )
        completions = OpenAIChatCompletionsModel(name, endpoint.as_openai_client())
        return cls(name, endpoint, completions, patience)

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


def translate(error: EndpointRefusal | EndpointUnreachable) -> Problem | TryAgain:
    """Say what a failed request to the model means for the turn.

    Returns: ModelError (502) for what a repeat would not mend; TryAgain with ModelUnavailable (503)
        for the rest.
    """
    if isinstance(error, EndpointUnreachable):
        logger.warning("model not reached", extra={"reason": str(error)})
        return TryAgain(ModelUnavailable(), reason="unreachable")
    status, (name, reason) = error.status, _google_reason(error.body)
    if status == 429 or status >= 500:
        logger.warning("model unavailable", extra={"http_status": status, "google_status": name})
        after = _retry_after(error)
        reason = "rate_limited" if status == 429 else "server_error"
        failure = ModelUnavailable(retry_after_seconds=after)
        return TryAgain(failure, reason=reason, after_seconds=after)
    # Somebody must act: the key, the model's name or our request is wrong.
    logger.error(
        "model refused our request",
        extra={"http_status": status, "google_status": name, "google_reason": reason},
    )
    return ModelError()


def _retry_after(error: EndpointRefusal) -> float | None:
    """Seconds that Gemini asks us to wait: the header, or google.rpc.RetryInfo in the body."""
    values = [error.retry_after or ""]
    values += [
        str(detail.get("retryDelay", "")).removesuffix("s") for detail in _details(error.body)
    ]
    for value in values:
        try:
            seconds = float(value)
        except ValueError:
            continue
        if 0 <= seconds <= _MAX_WAIT_SECONDS:
            return seconds
    return None


def _google_reason(body: object) -> tuple[str | None, str | None]:
    """Google's own names for a failure; never its message, which may quote the request."""
    status = _google_error(body).get("status")
    reasons = [detail.get("reason") for detail in _details(body)]
    reason = next((reason for reason in reasons if isinstance(reason, str)), None)
    return (status if isinstance(status, str) else None), reason


def _google_error(body: object) -> dict[str, object]:
    """The error object: Gemini sends a list with one `{"error": ...}`, others send it bare."""
    first = body[0] if isinstance(body, list) and body else body
    inner = first.get("error", first) if isinstance(first, dict) else None
    return inner if isinstance(inner, dict) else {}


def _details(body: object) -> list[dict[str, object]]:
    details = _google_error(body).get("details")
    return [one for one in details if isinstance(one, dict)] if isinstance(details, list) else []
