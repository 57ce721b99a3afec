"""What a first contact that went wrong means: one sentence that ends with what to set.

A sentence quotes the variables' values, but for the key, and never the endpoint's own words.
"""

import difflib
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from chat_gateway.model.answers import Answer, Obstacle, Unreached
from chat_gateway.model.refusal_body import PASSING

GOOGLE_HOST: Final = "generativelanguage.googleapis.com"
MOST_SUGGESTIONS: Final = 3
_NO_CHAT: Final = ("image", "tts", "audio", "live", "embedding", "robotics", "computer", "veo")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong.

    Attributes: variable: what to set. is_failure: turns cannot be answered as configured; else
        they can, but perhaps not all. may_pass: nobody need do anything; it is worth asking again.
    """

    sentence: str
    variable: str
    is_failure: bool
    may_pass: bool = False


NO_KEY: Final = Finding(
    "GEMINI_API_KEY has blanks or characters that no key has; set it to the key alone.",
    "GEMINI_API_KEY",
    is_failure=True,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who was asked.

    Attributes: variable: what names the model. is_spare: it is the fallback. is_told_effort:
        somebody chose how much it thinks.
    """

    base: str
    variable: str
    model: str
    is_spare: bool
    is_told_effort: bool

    @property
    def host(self) -> str:
        """Host and port."""
        return urlsplit(self.base).netloc

    @property
    def is_google(self) -> bool:
        """Whether it is Google's own endpoint, whose keys come from AI Studio."""
        return urlsplit(self.base).hostname == GOOGLE_HOST

    def finds(self, sentence: str, variable: str, *, may_pass: bool = False) -> Finding:
        """Without its fallback the product still answers."""
        return Finding(sentence, variable, is_failure=not self.is_spare, may_pass=may_pass)

    def warns(self, sentence: str) -> Finding:
        """It passes by itself."""
        return Finding(sentence, self.variable, is_failure=False)


def judge(asked: Asked, answer: Answer | Unreached, listed: Answer | Unreached) -> Finding | None:
    """Say what an answer to the tiny request means. Args: listed: the answer to `GET models`.

    Returns: None when the model answers.
    """
    if isinstance(answer, Unreached):
        return _unreached(asked, answer.obstacle, listed)
    names = listed.model_names if isinstance(listed, Answer) else ()
    status = answer.status
    if answer.is_completion:
        return None
    if 200 <= status < 400:
        return _no_such_api(asked, f"HTTP {status}, {answer.content_type or 'no content type'}")
    if status == 402 or (status == 429 and answer.has_no_quota):
        return _no_quota(asked)
    if status in PASSING or status >= 500:
        return _busy(asked, answer)
    if status == 401 or (status == 400 and answer.speaks_of_key):
        return _wrong_key(asked)
    if status == 403:
        return _key_may_not(asked, has_list=bool(names))
    if status == 400 and answer.name == "FAILED_PRECONDITION":
        return _wrong_region(asked)
    if status == 400 and answer.speaks_of_thinking:
        return _wrong_effort(asked)
    # There is nothing but the key in a request for the list.
    if status == 400 and isinstance(listed, Answer) and listed.status in (400, 401, 403):
        return _wrong_key(asked)
    if answer.refuses_model or (status == 404 and (names or answer.name == "NOT_FOUND")):
        return _no_model(asked, names, retired=answer.says_retired)
    if status in (404, 405) or not answer.is_json_error:
        return _no_such_api(asked, f"HTTP {status}")
    or_else = (
        "GEMINI_REASONING_EFFORT to what it takes"
        if asked.is_told_effort
        else "GEMINI_BASE_URL to the endpoint that has this one"
    )
    return asked.finds(
        f"{asked.variable}={asked.model} refuses even the smallest request (HTTP {status}"
        f"{' ' + answer.name if answer.name else ''}); set {asked.variable} to a model that "
        f"chats, or {or_else}.",
        asked.variable,
    )


def _unreached(asked: Asked, obstacle: Obstacle, listed: Answer | Unreached) -> Finding:
    if obstacle is Obstacle.SLOW and isinstance(listed, Answer) and listed.status == 200:
        return asked.warns(
            f"{asked.variable}={asked.model} did not answer in time, though its endpoint does; "
            f"set {asked.variable} to another model if that stays so."
        )
    host = asked.host
    said = {
        Obstacle.NAME: f"the name {host} cannot be resolved; connect this machine to the network",
        Obstacle.REFUSED: f"{host} takes no connection; start what should listen there",
        Obstacle.CERTIFICATE: f"the certificate of {host} is signed by nobody known here; set "
        "SSL_CERT_FILE to the authority's certificate",
        Obstacle.TLS: f"{host} does not speak TLS there; say http:// if that is meant",
        Obstacle.CONNECT_TIMEOUT: f"{host} cannot be reached; let this machine out to it",
        Obstacle.SLOW: f"{host} takes connections and does not answer; let this machine out to it",
        Obstacle.BROKEN: f"{host} broke the connection; let this machine out to it",
    }[obstacle]
    sentence = f"The model's endpoint is not reached: {said}, or set GEMINI_BASE_URL."
    return asked.finds(sentence, "GEMINI_BASE_URL", may_pass=True)


def _wrong_key(asked: Asked) -> Finding:
    return asked.finds(
        f"{asked.host} does not know the key; set GEMINI_API_KEY to {_a_key(asked)}.",
        "GEMINI_API_KEY",
    )


def _key_may_not(asked: Asked, *, has_list: bool) -> Finding:
    if has_list:
        return asked.finds(
            f"The key may not use {asked.variable}={asked.model} (HTTP 403); set {asked.variable} "
            f"to a model that it may use, or GEMINI_API_KEY to {_a_key(asked)}.",
            asked.variable,
        )
    return asked.finds(
        f"{asked.host} refuses the key (HTTP 403): it is blocked, restricted or its project lacks "
        f"the API; set GEMINI_API_KEY to {_a_key(asked)}.",
        "GEMINI_API_KEY",
    )


def _a_key(asked: Asked) -> str:
    return "one of https://aistudio.google.com/apikey" if asked.is_google else "one that it takes"


def _no_quota(asked: Asked) -> Finding:
    return asked.finds(
        f"The key's quota for {asked.variable}={asked.model} is zero; turn billing on for its "
        f"project, or set {asked.variable} to a model of its plan.",
        asked.variable,
    )


def _wrong_region(asked: Asked) -> Finding:
    return asked.finds(
        f"{asked.host} does not serve where this machine is, or only with billing; turn billing "
        "on for the project of GEMINI_API_KEY, or set GEMINI_BASE_URL to an endpoint that does.",
        "GEMINI_BASE_URL",
    )


def _wrong_effort(asked: Asked) -> Finding:
    return asked.finds(
        f"{asked.variable}={asked.model} does not think as little, or as much, as it is told to; "
        "set GEMINI_REASONING_EFFORT=low, which every Gemini model takes.",
        "GEMINI_REASONING_EFFORT",
    )


def _no_such_api(asked: Asked, got: str) -> Finding:
    return asked.finds(
        f"{asked.base} is not an OpenAI-compatible endpoint (chat/completions under it answered "
        f"{got}); set GEMINI_BASE_URL to https://{GOOGLE_HOST}/v1beta/openai/, for one.",
        "GEMINI_BASE_URL",
    )


def _busy(asked: Asked, answer: Answer) -> Finding:
    if answer.is_out_for_today:
        return asked.warns(
            f"{asked.variable}={asked.model} has used up today's quota; turn billing on for the "
            f"key's project, or set {asked.variable} to another model until tomorrow."
        )
    return asked.warns(
        f"{asked.variable}={asked.model} is busy just now (HTTP {answer.status}); set "
        f"{asked.variable} to another model if that stays so."
    )


def _no_model(asked: Asked, names: tuple[str, ...], *, retired: bool) -> Finding:
    # Google still lists what it retired, for those who used it.
    retired = retired or asked.model in names
    is_what = "has been retired" if retired else f"is not a model of {asked.host}"
    near = " or ".join(suggestions(asked.model, names, retired=retired))
    set_to = near or "a model that it has"
    return asked.finds(
        f"{asked.variable}={asked.model} {is_what}; set {asked.variable} to {set_to}.",
        asked.variable,
    )


def suggestions(model: str, names: tuple[str, ...], *, retired: bool) -> list[str]:
    """Names of the list that may be meant, the likeliest first.

    A retired model is still listed for those who used it, and so are its brothers: the alias that
    moves is offered first then, and nothing of the same generation.
    """
    usable = [name for name in names if name != model and not any(no in name for no in _NO_CHAT)]
    if retired:
        generation = "-".join(_short(model).split("-")[:2])
        usable = [name for name in usable if not _short(name).startswith(f"{generation}-")]
    family = next((one for one in ("flash-lite", "pro") if one in model), "flash")
    aliases = [name for name in usable if _short(name) == f"gemini-{family}-latest"]
    by_short = {_short(name): name for name in usable}
    near = difflib.get_close_matches(_short(model), by_short, n=MOST_SUGGESTIONS, cutoff=0.6)
    found = [by_short[one] for one in near]
    ordered = [*aliases, *found] if retired else [*found, *aliases]
    return list(dict.fromkeys(ordered))[:MOST_SUGGESTIONS]


def _short(name: str) -> str:
    """A name without who serves it: `google/`, `vertex_ai/`."""
    return name.rpartition("/")[2]
