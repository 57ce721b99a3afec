"""Which of the calls that a turn needs were made, and what came back."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from gemini_simulator.language.conversation import Outcome
from gemini_simulator.language.steps import ToolUse


class Ledger:
    """Pairs needed calls with made ones, each made call at most once, in the order of asking.

    Args: outcomes: the calls made in this turn. tools: offered tools and their parameters.
    """

    def __init__(self, outcomes: Sequence[Outcome], tools: Mapping[str, frozenset[str]]) -> None:
        self._unclaimed = list(outcomes)
        self._tools = tools

    def offers(self, name: str, *parameters: str) -> bool:
        """Whether the request offers this tool, and that it takes these parameters."""
        return name in self._tools and self._tools[name].issuperset(parameters)

    def use(self, name: str, **arguments: JsonValue) -> ToolUse:
        """A call with those of the arguments that the offered tool knows and that are not None."""
        known = self._tools.get(name, frozenset())
        given = {key: value for key, value in arguments.items() if value is not None}
        return ToolUse(name, {key: value for key, value in given.items() if key in known})

    def claim(self, use: ToolUse) -> Outcome | None:
        """What came of a call, or None when it was not made yet."""
        for outcome in self._unclaimed:
            if outcome.name == use.name and outcome.arguments == use.arguments:
                self._unclaimed.remove(outcome)
                return outcome
        return None
