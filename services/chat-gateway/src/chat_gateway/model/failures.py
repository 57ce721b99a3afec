"""What a failed request to the model means for the turn, and what somebody must set."""

import logging
import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from servicekit import clock
from servicekit.problems import Problem

from chat_gateway.errors import ModelError, ModelRefused, ModelUnavailable
from chat_gateway.model.answers import MODEL_REFUSED
from chat_gateway.model.candidates import Candidate
from chat_gateway.model.endpoint import (
    BrokenAnswer,
    EndpointRefusal,
    EndpointUnreachable,
)
from chat_gateway.model.refusal_body import PASSING, details_of, error_in
from chat_gateway.turns.retries import TryAgain

_LONGEST_WAIT_SECONDS: Final = 7 * 86_400.0
"""Beyond a week, and no number at all, is not a time to wait."""
UNREACHABLE: Final = "unreachable"
"""The reason of a TryAgain that no other model behind the same endpoint would mend."""
_DURATION: Final = re.compile(
    r"(?:PT)?(?=[0-9])(?:([0-9]{1,4})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,9}(?:\.[0-9]{1,9})?)s?)?",
    re.I,
)
_FILTERED: Final = re.compile(
    "content_?filter|content_?policy|prohibited_?content|responsible_?ai_?policy", re.I
)
"""LiteLLM's and Azure's words for a filter."""
logger = logging.getLogger(__name__)


class ModelGone(Exception):
    """The endpoint does not have this model, or no longer; it may have another one."""


def translate(
    error: EndpointRefusal | EndpointUnreachable | BrokenAnswer, candidate: Candidate
) -> Problem | TryAgain | ModelGone:
    """Say what a failed request to a model means.

    Returns: TryAgain with ModelUnavailable (503): a repeat may mend it. ModelGone: another model
        may. ModelError (502): neither does; the log says which variable is wrong.
    """
    if isinstance(error, EndpointUnreachable):
        logger.warning("model not reached", extra={"reason": str(error)})
        return TryAgain(ModelUnavailable(), reason=UNREACHABLE)
    if isinstance(error, BrokenAnswer):
        logger.warning("model's answer broke off", extra={"reason": error.reason})
        return TryAgain(ModelUnavailable(), reason=error.reason)
    status, (name, reason) = error.status, google_names(error.body)
    if _is_filtered(error):
        return ModelRefused()
    if status in PASSING or status >= 500:
        logger.warning("model unavailable", extra={"http_status": status, "google_status": name})
        after = _retry_after(error)
        reason = "rate_limited" if status == 429 else "server_error"
        failure = ModelUnavailable(retry_after_seconds=after)
        return TryAgain(failure, reason=reason, after_seconds=after)
    # Gateways say with 400 that there is no such model (LiteLLM).
    message = str(_google_error(error.body).get("message")).lower()
    is_gone = status in (404, 410) or (status == 400 and bool(MODEL_REFUSED.search(message)))
    # Somebody must act: the key, the model's name or our request is wrong.
    logger.error(
        "model refused our request",
        extra={
            "http_status": status,
            "google_status": name,
            "google_reason": reason,
            "setting": _setting(status, reason, candidate),
        },
    )
    return ModelGone() if is_gone else ModelError()


def _is_filtered(error: EndpointRefusal) -> bool:
    """Whether a gateway's filter refused what was said, which Gemini itself says in an answer."""
    members = _google_error(error.body)
    said = [members.get(member) for member in ("code", "type", "status")]
    if error.status == 400:
        said.append(members.get("message"))
    return any(isinstance(one, str) and _FILTERED.search(one) for one in said)


def _setting(status: int, reason: str | None, candidate: Candidate) -> str:
    """The variable to look at first."""
    if status in (401, 403) or (reason or "").startswith("API_KEY"):
        return "GEMINI_API_KEY"
    if status in (301, 302, 307, 308, 405):
        return "GEMINI_BASE_URL"
    return candidate.variable


def _retry_after(error: EndpointRefusal) -> float | None:
    """Seconds that Gemini asks us to wait: the header, or google.rpc.RetryInfo in the body."""
    values: list[object] = [error.retry_after]
    values += [detail.get("retryDelay") for detail in details_of(error_in(error.body))]
    for seconds in map(_seconds, values):
        if seconds is not None and 0 <= seconds <= _LONGEST_WAIT_SECONDS:
            return seconds
    return None


def _seconds(value: object) -> float | None:
    """How long a wait is: 5, "1.5s", "PT5S", {"seconds": 5}, or until the date of HTTP."""
    if isinstance(value, dict):
        value = value.get("seconds")
    text = str(value).strip()
    if duration := _DURATION.fullmatch(text):
        hours, minutes, seconds = (float(part or 0) for part in duration.groups())
        return hours * 3600 + minutes * 60 + seconds
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if until.tzinfo is None:  # "-0000", which is UTC too
        until = until.replace(tzinfo=UTC)
    return (until - clock.now()).total_seconds()


def google_names(body: object) -> tuple[str | None, str | None]:
    """Google's own names for a failure; never its message, which may quote the request.

    Returns: google.rpc.Status' `status`, and the `reason` of its first detail that has one.
    """
    status = _google_error(body).get("status")
    reasons = [detail.get("reason") for detail in details_of(error_in(body))]
    reason = next((reason for reason in reasons if isinstance(reason, str)), None)
    return _name(status), _name(reason)


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and re.fullmatch("[A-Z][A-Z0-9_]{2,63}", value) else None


def _google_error(body: object) -> dict[str, object]:
    error = error_in(body)
    return error if isinstance(error, dict) else {}
