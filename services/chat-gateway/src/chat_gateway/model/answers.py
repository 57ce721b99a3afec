"""What came back from the model's endpoint at the first contact, and what can be read in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self, cast

import aiohttp
import orjson

from chat_gateway.model.refusal_body import details_of, error_in

_NO_QUOTA: Final = re.compile(
    r"limit: ?0(?![.\d])|insufficient_quota|credits? (balance )?(are|is) (depleted|too low)"
)
MODEL_REFUSED: Final = re.compile(
    r"models?\b.{0,200}\b(not found|not exist|not supported|no longer available|not a valid|"
    r"decommissioned|deprecated|retired)|(invalid|unknown|unsupported) model|model_not_found"
)
_RETIRED: Final = re.compile(r"no longer available|decommissioned|deprecated|retired|shut ?down")


class Obstacle(StrEnum):
    """What was in the way of a request that brought no HTTP answer."""

    NAME = "name"
    REFUSED = "refused"
    CERTIFICATE = "certificate"
    TLS = "tls"
    CONNECT_TIMEOUT = "connect timeout"
    SLOW = "slow"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Unreached:
    """No HTTP answer."""

    obstacle: Obstacle

    @classmethod
    def by(cls, error: Exception) -> Self:
        """Name what an exception of the HTTP client says."""
        match error:
            case aiohttp.ClientConnectorDNSError():
                return cls(Obstacle.NAME)
            case aiohttp.ClientConnectorCertificateError():
                return cls(Obstacle.CERTIFICATE)
            case aiohttp.ClientSSLError():
                return cls(Obstacle.TLS)
            case aiohttp.ConnectionTimeoutError():
                return cls(Obstacle.CONNECT_TIMEOUT)
            case aiohttp.ClientConnectorError():
                return cls(Obstacle.REFUSED)
            case TimeoutError():
                return cls(Obstacle.SLOW)
            case _:
                return cls(Obstacle.BROKEN)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. It is read here and never shown: it may quote the request."""

    http_status: int
    content_type: str
    content: bytes

    @property
    def status(self) -> int:
        """The HTTP status, or that of an error object that came with 200."""
        code = self._error.get("code")
        if self.http_status == 200 and isinstance(code, int) and 400 <= code < 600:
            return code
        return self.http_status

    @property
    def is_completion(self) -> bool:
        """Whether this is a chat completion, a cut or empty one too."""
        parsed = self._parsed
        choices = parsed.get("choices") if isinstance(parsed, dict) else None
        return self.status == 200 and isinstance(choices, list)

    @property
    def is_json_error(self) -> bool:
        """Whether it is an API that refuses, rather than a web server that knows no such path."""
        return bool(self._error.get("message"))

    @property
    def name(self) -> str:
        """Google's name for the failure, e.g. `INVALID_ARGUMENT`; empty where there is none."""
        status = self._error.get("status")
        known = isinstance(status, str) and re.fullmatch(r"[A-Z_]{3,40}", status)
        return status if known and isinstance(status, str) else ""

    @property
    def speaks_of_key(self) -> bool:
        """Whether it says that the key is wrong, which Gemini says with 400."""
        return "API_KEY_INVALID" in self._reasons or "api key" in self._words

    @property
    def speaks_of_thinking(self) -> bool:
        """Whether it refuses how much the model shall think."""
        return any(one in self._words for one in ("thinking", "reasoning_effort"))

    @property
    def refuses_model(self) -> bool:
        """Whether it says that there is no such model, or none that chats."""
        return bool(MODEL_REFUSED.search(self._words))

    @property
    def says_retired(self) -> bool:
        """Whether it says that the model was there once."""
        return bool(_RETIRED.search(self._words))

    @property
    def has_no_quota(self) -> bool:
        """Whether this key will never get an answer, rather than not now."""
        return bool(_NO_QUOTA.search(self._words)) or any(
            str(violation.get("quotaValue")) == "0" for violation in self._violations
        )

    @property
    def is_out_for_today(self) -> bool:
        """Whether the quota of a day is used up."""
        return any("PerDay" in str(violation.get("quotaId")) for violation in self._violations)

    @property
    def model_names(self) -> tuple[str, ...]:
        """The names of a list of models: `{"data": [{"id": …}]}`, or Google's own shape."""
        parsed = self._parsed
        if self.status != 200 or not isinstance(parsed, dict):
            return ()
        entries = parsed.get("data", parsed.get("models"))
        if not isinstance(entries, list):
            return ()
        found = [one.get("id", one.get("name")) for one in entries if isinstance(one, dict)]
        return tuple(one.removeprefix("models/") for one in found if isinstance(one, str))

    @property
    def _parsed(self) -> object:
        try:
            return cast(object, orjson.loads(self.content))
        except orjson.JSONDecodeError:
            return None

    @property
    def _error(self) -> dict[str, object]:
        error = error_in(self._parsed)
        if isinstance(error, str):
            return {"message": error}
        return error if isinstance(error, dict) else {}

    @property
    def _words(self) -> str:
        """What it says, in lower case; with OpenAI's `code`, which is a word there."""
        return f"{self._error.get('message')} {self._error.get('code')}".lower()

    @property
    def _reasons(self) -> set[str]:
        return {str(detail.get("reason")) for detail in details_of(self._error)}

    @property
    def _violations(self) -> Iterator[dict[str, object]]:
        for detail in details_of(self._error):
            violations = detail.get("violations")
            for violation in violations if isinstance(violations, list) else []:
                if isinstance(violation, dict):
                    yield violation
