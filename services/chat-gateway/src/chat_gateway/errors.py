"""Every failure that chat-gateway answers with: one class per row of contract.md "Errors".

Problem (servicekit)
├── MalformedJson          400 malformed_json         (servicekit)
├── MalformedRequest       400 malformed_request      (servicekit) before anything is looked at
├── HeadersTooLarge        431 headers_too_large      (servicekit) before anything is looked at
├── Unauthenticated        401 unauthenticated        (servicekit)
├── WrongUser              403 wrong_user             (servicekit)
├── NotFound               404 not_found              (servicekit)
├── MethodNotAllowed       405 method_not_allowed     (servicekit)
├── InvalidRequest         422 invalid_request        (servicekit) errors
├── InternalError          500 internal_error         (servicekit)
├── AuthUnavailable        503 auth_unavailable       (servicekit) Retry-After
├── DatabaseUnavailable    503 database_unavailable   (servicekit) Retry-After
├── NotReady               503 not_ready              (servicekit) Retry-After
└── GatewayProblem
    ├── OriginNotAllowed       403 origin_not_allowed
    ├── ConversationNotFound   404 conversation_not_found
    ├── RequestTimeout         408 request_timeout
    ├── TurnInProgress         409 turn_in_progress       Retry-After
    ├── TurnStopped            409 turn_stopped
    ├── BodyTooLarge           413 body_too_large
    ├── UnsupportedMediaType   415 unsupported_media_type
    ├── IdempotencyKeyReused   422 idempotency_key_reused
    ├── UnsupportedRequest     422 unsupported_request
    ├── BudgetUsedUp           429 budget_used_up         Retry-After
    ├── RateLimited            429 rate_limited           Retry-After
    ├── ModelError             502 model_error
    │   └── ModelRefused       502 model_error            kept out of later histories
    ├── ModelUnavailable       503 model_unavailable      Retry-After
    ├── Overloaded             503 overloaded             Retry-After
    ├── ToolsUnavailable       503 tools_unavailable      Retry-After
    └── DeadlineExceeded       504 deadline_exceeded
"""

from typing import ClassVar

from servicekit.problems import (
    AuthUnavailable,
    DatabaseUnavailable,
    FieldError,
    HeadersTooLarge,
    InternalError,
    InvalidRequest,
    MalformedJson,
    MalformedRequest,
    MethodNotAllowed,
    NotFound,
    NotReady,
    Problem,
    Unauthenticated,
    WrongUser,
)

__all__ = [
    "AuthUnavailable",
    "BodyTooLarge",
    "BudgetUsedUp",
    "ConversationNotFound",
    "DatabaseUnavailable",
    "DeadlineExceeded",
    "FieldError",
    "HeadersTooLarge",
    "IdempotencyKeyReused",
    "InternalError",
    "InvalidRequest",
    "MalformedJson",
    "MalformedRequest",
    "MethodNotAllowed",
    "ModelError",
    "ModelRefused",
    "ModelUnavailable",
    "NotFound",
    "NotReady",
    "OriginNotAllowed",
    "Overloaded",
    "Problem",
    "RateLimited",
    "RequestTimeout",
    "ToolsUnavailable",
    "TurnInProgress",
    "TurnStopped",
    "Unauthenticated",
    "UnsupportedMediaType",
    "UnsupportedRequest",
    "WrongUser",
]


class GatewayProblem(Problem):
    """A problem that knows what to tell its reader when nobody has anything better to say.

    What ends a turn says what happened only: what was done and what to do next depends on how far
    the turn came, and is added by turns/report.py.
    """

    advice: ClassVar[str]

    def __init__(
        self, detail: str | None = None, *, retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(detail or self.advice, retry_after_seconds=retry_after_seconds)


class OriginNotAllowed(GatewayProblem):
    """Origin is missing, repeated, or not byte for byte on the list."""

    status, code, title = 403, "origin_not_allowed", "Origin not allowed"
    advice = "Send exactly one Origin header, and one that this service was set up to accept."


class ConversationNotFound(GatewayProblem):
    """No such conversation of this user; a stranger's looks the same."""

    status, code, title = 404, "conversation_not_found", "No such conversation"
    advice = "You have no conversation with this id. Send null to begin one."


class RequestTimeout(GatewayProblem):
    """The body did not come in time."""

    status, code, title = 408, "request_timeout", "Request timeout"
    advice = "The request did not arrive in time. Send it again."

    def __init__(self) -> None:
        super().__init__()
        self.headers["Connection"] = "close"  # what else comes of the body is not worth waiting for


class TurnInProgress(GatewayProblem):
    """Another turn of this conversation is running, maybe this very one."""

    status, code, title = 409, "turn_in_progress", "A turn is in progress"
    advice = "A turn of this conversation is still running. Wait for it, then try again."
    retry_after_seconds = 2.0


class TurnStopped(GatewayProblem):
    """The person has stopped this turn, by a request of its own."""

    status, code, title = 409, "turn_stopped", "The turn was stopped"
    advice = "You stopped this turn before it had an answer."


class BodyTooLarge(GatewayProblem):
    """The body is over 128 KiB."""

    status, code, title = 413, "body_too_large", "Body too large"
    advice = "The body may have 131072 bytes."


class UnsupportedMediaType(GatewayProblem):
    """The body is not declared as plain JSON in UTF-8."""

    status, code, title = 415, "unsupported_media_type", "Unsupported media type"
    advice = "Send the body as application/json in UTF-8, without a content coding."


class IdempotencyKeyReused(GatewayProblem):
    """The key was used before with another body."""

    status, code, title = 422, "idempotency_key_reused", "Idempotency key reused"
    advice = "This Idempotency-Key was sent before with another body. Make a new key."


class UnsupportedRequest(GatewayProblem):
    """A request of the ChatKit protocol that this service does not answer."""

    status, code, title = 422, "unsupported_request", "Unsupported request"
    advice = "This type of ChatKit request is not served here."


class BudgetUsedUp(GatewayProblem):
    """The person has used what one day allows: turns, or tokens of the model."""

    status, code, title = 429, "budget_used_up", "Today's budget is used up"
    advice = "You have used up what one day allows, and nothing was done."


class RateLimited(GatewayProblem):
    """The person has as much of this process as one may have."""

    status, code, title = 429, "rate_limited", "Too many requests"
    advice = "You have too many requests at once. Try again."
    retry_after_seconds = 1.0


class ModelError(GatewayProblem):
    """The model refused or answered nonsense."""

    status, code, title = 502, "model_error", "No usable answer from the model"
    advice = "The model gave no usable answer."


class ModelRefused(ModelError):
    """The model, or a filter before it, refused what was said; a repeat would not mend it."""

    advice = "The model refused to answer this message."


class ModelUnavailable(GatewayProblem):
    """The model cannot be reached or is over its limits."""

    status, code, title = 503, "model_unavailable", "Model unavailable"
    advice = "The model cannot be reached now."
    retry_after_seconds = 5.0


class ToolsUnavailable(GatewayProblem):
    """mcp-tools cannot be reached, or cannot reach its database."""

    status, code, title = 503, "tools_unavailable", "Tools unavailable"
    advice = "The task tools cannot be reached now."
    retry_after_seconds = 2.0


class Overloaded(GatewayProblem):
    """This process already runs as many turns as it may."""

    status, code, title = 503, "overloaded", "Overloaded"
    advice = "Too many turns are running. Nothing was stored; try again."
    retry_after_seconds = 1.0


class DeadlineExceeded(GatewayProblem):
    """The turn's deadline passed."""

    status, code, title = 504, "deadline_exceeded", "The turn took too long"
    advice = "The answer took too long. Try again; the same Idempotency-Key goes on from there."
