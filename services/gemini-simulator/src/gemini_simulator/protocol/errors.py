"""Errors as Gemini's OpenAI-compatible endpoint sends them.

GeminiError
├── InvalidArgument      400 INVALID_ARGUMENT
├── InvalidApiKey        400 INVALID_ARGUMENT, reason API_KEY_INVALID
└── ModelNotFound        404 NOT_FOUND (models.py)
Faults build a plain GeminiError for every other status.

The body is a JSON *list* with one object, not OpenAI's `{"error": ...}`.
Source, seen on the real endpoint by others: github.com/manthanabc/paws/issues/103 and
langroid/langroid/pull/969 (list shape, thought signatures), continuedev/continue/issues/8516
(invalid key is 400, not 401), ychoi-kr/llm-api-prog/issues/1 (no usable Authorization header),
BerriAI/litellm/issues/14330 (field violations), continuedev/continue/issues/9745 (429, RetryInfo),
google-gemini/gemini-cli/issues/5191 (503) and 20309 (499), continuedev/continue/issues/9645 (quota
of 0). The text of 401, 403, 500, 502 and 504 is assumed after google.rpc.Code.
"""

from collections.abc import Mapping, Sequence

from starlette.responses import JSONResponse

STATUS_NAMES: Mapping[int, str] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}

DEFAULT_MESSAGES: Mapping[int, str] = {
    400: "Request contains an invalid argument.",
    401: "Request had invalid authentication credentials.",
    403: "The caller does not have permission.",
    404: "Requested entity was not found.",
    429: (
        "You exceeded your current quota, please check your plan and billing details. For more "
        "information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits."
    ),
    499: "The operation was cancelled.",
    500: "An internal error has occurred. Please retry or report in "
    "https://developers.generativeai.google/guide/troubleshooting",
    502: "Bad gateway.",
    503: "The model is overloaded. Please try again later.",
    504: "Deadline expired before operation could complete.",
}

QUOTA_METRIC = "generativelanguage.googleapis.com/generate_content_free_tier_requests"

Detail = Mapping[str, object]


class GeminiError(Exception):
    """A refusal or failure, with everything that its answer needs.

    Args: status: HTTP status. message: what Gemini would say; default by status.
        details: google.rpc detail objects. retry_after_seconds: sent as `Retry-After`.
    """

    def __init__(
        self,
        status: int,
        message: str | None = None,
        *,
        details: Sequence[Detail] = (),
        retry_after_seconds: int | None = None,
    ) -> None:
        self.status = status
        self.message = message or DEFAULT_MESSAGES.get(status, "Unknown error.")
        self.details = tuple(details)
        self.retry_after_seconds = retry_after_seconds
        super().__init__(self.message)


class InvalidArgument(GeminiError):
    """The request is not one that Gemini would accept (400)."""

    def __init__(self, message: str, *, details: Sequence[Detail] = ()) -> None:
        super().__init__(400, message, details=details)


class InvalidApiKey(GeminiError):
    """The bearer is not the configured key (400: Gemini does not use 401 here)."""

    def __init__(self) -> None:
        message = "API key not valid. Please pass a valid API key."
        error_info: Detail = {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "API_KEY_INVALID",
            "domain": "googleapis.com",
            "metadata": {"service": "generativelanguage.googleapis.com"},
        }
        super().__init__(400, message, details=(error_info,))


def retry_info(seconds: float) -> Detail:
    """The detail that accompanies a 429: how long the client should wait."""
    return {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{seconds:g}s"}


def quota_failure(model: str, value: str) -> Detail:
    """Which quota is used up. Args: value: how much of it there was; "0" is none on this plan."""
    return {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [
            {
                "quotaMetric": QUOTA_METRIC,
                "quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
                "quotaDimensions": {"location": "global", "model": model},
                "quotaValue": value,
            }
        ],
    }


def bad_request(violations: Sequence[tuple[str, str]]) -> InvalidArgument:
    """One 400 for several offending fields.

    Args: violations: (field path, sentence) pairs, at least one.
    """
    field_violations = [{"field": field, "description": text} for field, text in violations]
    return InvalidArgument(
        "\n".join(text for _, text in violations),
        details=(
            {
                "@type": "type.googleapis.com/google.rpc.BadRequest",
                "fieldViolations": field_violations,
            },
        ),
    )


def error_response(error: GeminiError) -> JSONResponse:
    """The answer for an error: a list with one error object, `Retry-After` when there is one."""
    body: dict[str, object] = {
        "code": error.status,
        "message": error.message,
        "status": STATUS_NAMES.get(error.status, "UNKNOWN"),
    }
    if error.details:
        body["details"] = list(error.details)
    headers = (
        {"retry-after": str(error.retry_after_seconds)}
        if error.retry_after_seconds is not None
        else None
    )
    return JSONResponse([{"error": body}], status_code=error.status, headers=headers)
