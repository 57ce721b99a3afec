"""The simulated model: a conversation in, the next step out; no state, no chance but the seed."""

from collections.abc import Mapping
from dataclasses import replace

from gemini_simulator.language.answers import Speaker
from gemini_simulator.language.care import is_risky
from gemini_simulator.language.conversation import Conversation
from gemini_simulator.language.plan import LIST, Planner
from gemini_simulator.language.requests import read_requests
from gemini_simulator.language.steps import Say, Step, ToolUse, UseTools
from gemini_simulator.language.understanding import understand
from gemini_simulator.language.wording import Wording

MAX_STEPS = 9  # below the agent's own limit of 10, so that a turn ends with an answer
TOO_LONG = "This takes me too many steps. Please ask for a part of it."


def next_step(conversation: Conversation, *, seed: int) -> Step:
    """What the model does next: calls of offered tools, or the answer.

    Args: seed: chooses the wording; equal conversations get equal steps.
    """
    forced = _forced_tools(conversation)
    meanings = understand(conversation.history, conversation.user_message)
    # A reply or an addition ("and the kitchen") asks for nothing in itself.
    is_reply = not any(is_risky(meaning) for meaning in read_requests(conversation.user_message))
    planned = Planner(replace(conversation, tools=forced), meanings, is_reply=is_reply).plan()
    if planned.calls and conversation.step >= MAX_STEPS:
        return Say(TOO_LONG)
    if planned.calls:
        calls = planned.calls if conversation.may_call_in_parallel else planned.calls[:1]
        return UseTools(calls)
    if conversation.choice not in ("auto", "none") and forced:
        return UseTools((_any_call(conversation, forced),))
    speaker = Speaker(Wording(seed, conversation.user_message))
    return Say(speaker.introduced(speaker.answer(planned), planned, conversation.history))


def _forced_tools(conversation: Conversation) -> Mapping[str, frozenset[str]]:
    """The tools that `tool_choice` leaves."""
    match conversation.choice:
        case "auto" | "required":
            return conversation.tools
        case "none":
            return {}
        case name:
            return {name: conversation.tools[name]} if name in conversation.tools else {}


def _any_call(conversation: Conversation, tools: Mapping[str, frozenset[str]]) -> ToolUse:
    """A call for the sake of calling, when the request insists: listing does no harm."""
    if LIST in tools:
        return ToolUse(LIST, {})
    name = next(iter(tools))
    parameters = sorted(tools[name])
    return ToolUse(name, {parameter: conversation.user_message for parameter in parameters})
