"""Which models there are, how hard each can think, and what Gemini says of the others.

State of November 2026. Thinking levels: ai.google.dev/gemini-api/docs/whats-new-gemini-3.6 and
docs.cloud.google.com/gemini-enterprise-agent-platform/models/guides/gemini-3-8-flash. Refusals,
seen on the real endpoint: sohzm/cheating-daddy/issues/476 (retired), agentjido/req_llm/issues/971
(level), ctrl-space-labs/gendox-core/issues/480 (unknown effort), google-gemini/cookbook/issues/1290
(penalty). Where an alias leads today, and the sentence for `none`, are assumed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gemini_simulator.protocol.errors import GeminiError, InvalidArgument
from gemini_simulator.protocol.requests import ChatRequest

EFFORTS = ("high", "low", "medium", "minimal", "none")
THOUGHT_TOKENS: Mapping[str, int] = {"minimal": 0, "low": 40, "medium": 160, "high": 640}  # assumed


@dataclass(frozen=True)
class Model:
    """A model that can be called. Args: efforts: the thinking levels it takes, its own first."""

    name: str
    efforts: tuple[str, ...]


_LOW_AND_UP = ("medium", "low", "high")
_FLASH = Model("gemini-3.8-flash", _LOW_AND_UP)
_LITE = Model("gemini-3.5-flash-lite", ("minimal", "low", "medium", "high"))
_PRO = Model("gemini-3.1-pro-preview", ("high", "low", "medium"))

MODELS: Mapping[str, Model] = {
    "gemini-flash-latest": _FLASH,
    "gemini-flash-lite-latest": _LITE,
    "gemini-pro-latest": _PRO,
    **{
        model.name: model
        for model in (
            _FLASH,
            Model("gemini-3.7-flash", _LOW_AND_UP),
            Model("gemini-3.6-flash", ("medium", "minimal", "low", "high")),
            Model("gemini-3.5-flash", ("medium", "minimal", "low", "high")),
            _LITE,
            Model("gemini-3.1-flash-lite", ("minimal", "low", "medium", "high")),
            _PRO,
            Model("gemini-3-flash-preview", ("high", "minimal", "low", "medium")),
        )
    },
}
"""What can be called by which name; an alias has the name of the model behind it."""

RETIRED = frozenset(
    {
        "gemini-2.0-flash",
        "gemini-2.0-flash-lite",
        "gemini-2.5-flash",
        "gemini-2.5-flash-lite",
        "gemini-2.5-pro",
        "gemini-3-pro-preview",
    }
)


class ModelNotFound(GeminiError):
    """No such model, or none any more (404)."""

    def __init__(self, name: str) -> None:
        super().__init__(
            404,
            f"This model models/{name} is no longer available to new users. Please update your "
            "code to use a newer model for the latest features and improvements."
            if name in RETIRED
            else f"models/{name} is not found for API version v1main, or is not supported for "
            "generateContent. Call ListModels to see the list of available models and their "
            "supported methods.",
        )


def model_of(name: str) -> Model:
    """The model of a name without `models/`. Raises: ModelNotFound (404)."""
    if name not in MODELS:
        raise ModelNotFound(name)
    return MODELS[name]


def thought_tokens(request: ChatRequest) -> int:
    """How many tokens the model thinks before it answers.

    Raises: ModelNotFound (404), InvalidArgument (400) for an effort that the model does not take.
    """
    model, effort = model_of(request.model_id), request.reasoning_effort
    if effort is not None and effort not in EFFORTS:
        raise InvalidArgument(
            f"Invalid reasoning_effort: {effort}. Valid values are: {', '.join(EFFORTS)}"
        )
    if effort == "none":
        raise InvalidArgument("Budget 0 is invalid. This model only works in thinking mode.")
    if effort is not None and effort not in model.efforts:
        raise InvalidArgument(
            f"Thinking level {effort.upper()} is not supported for this model. Please retry with "
            "other thinking level."
        )
    return THOUGHT_TOKENS[effort or model.efforts[0]]


def check_sampling(request: ChatRequest) -> None:
    """Refuse what 3.x refuses; temperature and top_p it takes and ignores.

    Raises: InvalidArgument (400) for several candidates or a penalty.
    """
    if request.n not in (None, 1):
        raise InvalidArgument("Only one candidate can be specified.")
    if request.frequency_penalty or request.presence_penalty:
        raise InvalidArgument("Penalty is not enabled for this model")
