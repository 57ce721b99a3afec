"""Every failure that chat-gateway answers with: one class per row of contract.md "Errors".

Problem (servicekit)
├── MalformedJson          400 malformed_json
├── Unauthenticated        401 unauthenticated        (servicekit)
├── OriginNotAllowed       403 origin_not_allowed
├── WrongUser              403 wrong_user             (servicekit)
├── ConversationNotFound   404 conversation_not_found
├── TurnInProgress         409 turn_in_progress       Retry-After
├── BodyTooLarge           413 body_too_large
├── UnsupportedMediaType   415 unsupported_media_type
├── InvalidRequest         422 invalid_request        errors
├── IdempotencyKeyReused   422 idempotency_key_reused
├── ModelError             502 model_error
├── AuthUnavailable        503 auth_unavailable       (servicekit) Retry-After
├── DatabaseUnavailable    503 database_unavailable   (servicekit) Retry-After
├── ModelUnavailable       503 model_unavailable      Retry-After
├── Overloaded             503 overloaded             Retry-After
├── ToolsUnavailable       503 tools_unavailable      Retry-After
└── DeadlineExceeded       504 deadline_exceeded

429 rate_limited is the edge's answer; the gateway never makes it.
"""

from servicekit.problems import Problem


class MalformedJson(Problem):
    """The body is not JSON, or not an object."""

    status = 400
    code = "malformed_json"
    title = "The body is not a JSON object"


class OriginNotAllowed(Problem):
    """Origin is missing, repeated or not byte for byte on the list."""

    status = 403
    code = "origin_not_allowed"
    title = "This origin is not allowed"


class ConversationNotFound(Problem):
    """No such conversation of this user; a stranger's looks the same."""

    status = 404
    code = "conversation_not_found"
    title = "No such conversation"


class TurnInProgress(Problem):
    """Another turn of this conversation is running."""

    status = 409
    code = "turn_in_progress"
    title = "A turn of this conversation is running"


class BodyTooLarge(Problem):
    """The body is over 64 KiB."""

    status = 413
    code = "body_too_large"
    title = "The body is too large"


class UnsupportedMediaType(Problem):
    """The body is not declared as JSON."""

    status = 415
    code = "unsupported_media_type"
    title = "The body must be application/json"


class InvalidRequest(Problem):
    """Fields or headers break a rule; `errors` says which."""

    status = 422
    code = "invalid_request"
    title = "The request is not valid"


class IdempotencyKeyReused(Problem):
    """The key was used before with another body."""

    status = 422
    code = "idempotency_key_reused"
    title = "This idempotency key was used with another body"


class ModelError(Problem):
    """The model refused or answered nonsense."""

    status = 502
    code = "model_error"
    title = "The model gave no usable answer"


class ModelUnavailable(Problem):
    """The model cannot be reached or is over its limits."""

    status = 503
    code = "model_unavailable"
    title = "The model is not available"


class ToolsUnavailable(Problem):
    """mcp-tools cannot be reached or cannot reach its database."""

    status = 503
    code = "tools_unavailable"
    title = "The tools are not available"


class Overloaded(Problem):
    """This process runs as many turns as it may."""

    status = 503
    code = "overloaded"
    title = "Too many turns are running"


class DeadlineExceeded(Problem):
    """The turn's deadline passed."""

    status = 504
    code = "deadline_exceeded"
    title = "The turn took too long"
