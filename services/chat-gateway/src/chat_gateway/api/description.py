"""What the OpenAPI document says of the endpoint. Source: contract.md, word for word."""

from typing import Any, Final

from pydantic import BaseModel, JsonValue
from pydantic.json_schema import models_json_schema

from chat_gateway.api.bodies import ChatBody
from chat_gateway.api.chatkit_schemas import ANSWERS, EVENTS, REQUESTS
from chat_gateway.api.request_headers import IDEMPOTENCY_KEY_PATTERN
from chat_gateway.errors import (
    AuthUnavailable,
    BodyTooLarge,
    BudgetUsedUp,
    ConversationNotFound,
    DatabaseUnavailable,
    DeadlineExceeded,
    HeadersTooLarge,
    IdempotencyKeyReused,
    InternalError,
    InvalidRequest,
    MalformedJson,
    MalformedRequest,
    ModelError,
    ModelUnavailable,
    OriginNotAllowed,
    Overloaded,
    Problem,
    RateLimited,
    RequestTimeout,
    ToolsUnavailable,
    TurnInProgress,
    TurnStopped,
    Unauthenticated,
    UnsupportedMediaType,
    UnsupportedRequest,
    WrongUser,
)
from chat_gateway.turns.chat_answer import ChatAnswer

#: Every class that the endpoint answers with.
PROBLEMS: Final[tuple[type[Problem], ...]] = (
    MalformedJson,
    MalformedRequest,
    Unauthenticated,
    OriginNotAllowed,
    WrongUser,
    ConversationNotFound,
    RequestTimeout,
    TurnInProgress,
    TurnStopped,
    BodyTooLarge,
    UnsupportedMediaType,
    InvalidRequest,
    IdempotencyKeyReused,
    UnsupportedRequest,
    BudgetUsedUp,
    RateLimited,
    HeadersTooLarge,
    InternalError,
    ModelError,
    AuthUnavailable,
    DatabaseUnavailable,
    ModelUnavailable,
    Overloaded,
    ToolsUnavailable,
    DeadlineExceeded,
)
RETRY_STATUSES: Final = (409, 429, 503)
#: With which a turn may end that exists already.
TURN_STATUSES: Final = (404, 409, 500, 502, 503, 504)

_RETRY_AFTER: Final = {
    "description": "Seconds to wait before the next try.",
    "schema": {"type": "integer", "minimum": 1},
}
_CHALLENGE: Final = {"description": "RFC 6750 challenge.", "schema": {"type": "string"}}
_REPLAYED: Final = {
    "description": "`true` when the answer was stored by an earlier request with the same key.",
    "schema": {"const": "true"},
}


#: The schemas that the document's bodies refer to.
_, _MODELS = models_json_schema(
    [(ChatBody, "validation"), (ChatAnswer, "serialization")],
    ref_template="#/components/schemas/{model}",
)
COMPONENTS: Final[dict[str, Any]] = {
    "schemas": _MODELS["$defs"],
    "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


#: Members of a problem that tells of a turn.
_TURN: Final[dict[str, JsonValue]] = {
    "conversation_id": {"type": ["string", "null"], "format": "uuid"},
    "turn_id": {"type": "string", "format": "uuid"},
    "tool_calls": {"type": "array", "items": {"$ref": "#/components/schemas/ToolCall"}},
}


def _problem_schema(status: int) -> dict[str, JsonValue]:
    codes: list[JsonValue] = [problem.code for problem in PROBLEMS if problem.status == status]
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail", "instance", "code"],
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": {"type": "string"},
            "status": {"const": status},
            "detail": {"type": "string"},
            "instance": {"type": "string"},
            "code": {"enum": codes},
            "trace_id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["pointer", "message"],
                    "properties": {"pointer": {"type": "string"}, "message": {"type": "string"}},
                },
            },
            **(_TURN if status in TURN_STATUSES else {}),
        },
    }


def _refusal(status: int) -> dict[str, Any]:
    titles = [problem.title for problem in PROBLEMS if problem.status == status]
    headers: dict[str, Any] = {}
    if status in RETRY_STATUSES:
        headers["Retry-After"] = _RETRY_AFTER
    if status == Unauthenticated.status:
        headers["WWW-Authenticate"] = _CHALLENGE
    return {
        "description": "; ".join(titles),
        "headers": headers,
        "content": {"application/problem+json": {"schema": _problem_schema(status)}},
    }


RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The answer, with every tool call that was made for it.",
        "headers": {"Idempotency-Replayed": _REPLAYED},
        "content": {
            "application/json": {"schema": {"anyOf": [_reference(ChatAnswer), *ANSWERS]}},
            "text/event-stream": {"schema": EVENTS},
        },
    },
    **{status: _refusal(status) for status in sorted({problem.status for problem in PROBLEMS})},
}

CHAT_OPERATION: Final[dict[str, Any]] = {
    "security": [{"bearer": []}],
    "parameters": [
        {
            "name": "Origin",
            "in": "header",
            "required": True,
            "description": "Exactly one, byte for byte a member of the allowlist.",
            "schema": {"type": "string"},
        },
        {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "Makes a retry safe.",
            "schema": {"type": "string", "pattern": f"^{IDEMPOTENCY_KEY_PATTERN}$"},
        },
        {
            "name": "Time-Zone",
            "in": "header",
            "description": "The person's time zone, an IANA name.",
            "schema": {"type": "string"},
            "example": "Europe/Berlin",
        },
        {
            "name": "traceparent",
            "in": "header",
            "description": "W3C trace context; the turn's trace links it.",
            "schema": {"type": "string"},
        },
    ],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"anyOf": [_reference(ChatBody), *REQUESTS]}}},
    },
}
