"""Which models may be asked, and what each one's requests say beside the conversation.

No sampling parameters: Gemini 3.x ignores them and may refuse them (ADR 0021).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model.

    Attributes:
        variable: the setting that names it, for whoever must mend it.
        name: as the endpoint knows it.
        members: of each request's body.
    """

    variable: str
    name: str
    members: Mapping[str, object] = field(default_factory=dict)


def candidates(
    model: str, fallback_model: str, *, reasoning_effort: str, max_output_tokens: int
) -> tuple[Candidate, ...]:
    """The models in the order in which they are asked.

    Args: fallback_model: "": none. reasoning_effort: of the first model; "": the lowest that it
        takes. max_output_tokens: of one answer, thoughts included; > 0.
    """
    named = [("GEMINI_MODEL", model, reasoning_effort or lowest_effort(model))]
    if fallback_model and fallback_model != model:
        named.append(("GEMINI_FALLBACK_MODEL", fallback_model, lowest_effort(fallback_model)))
    return tuple(
        # `max_tokens` and not its successor: LiteLLM and Vertex AI know only this one.
        Candidate(variable, name, {"reasoning_effort": effort, "max_tokens": max_output_tokens})
        for variable, name, effort in named
    )


def lowest_effort(model: str) -> str:
    """The least thinking that a model takes: five seconds are the promise. Source: ADR 0021."""
    return "minimal" if "flash-lite" in model.lower() else "low"
