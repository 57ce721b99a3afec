"""In which order Gemini takes messages.

Gemini has `contents` of user and model turns with function calls and responses as parts; the
OpenAI messages are mapped onto them. Sources of the sentences: google-gemini/gemini-cli/issues/7410
(counts), langchain-ai/langchain/issues/33940 (nothing to answer). Where a rule's exact sentence was
not found, it is assumed.
"""

from collections.abc import Sequence

from gemini_simulator.protocol.errors import InvalidArgument
from gemini_simulator.protocol.requests import Message

NO_CONTENTS = "* GenerateContentRequest.contents: contents is not specified\n"
RESPONSE_COUNT = (
    "Please ensure that the number of function response parts is equal to the number of function "
    "call parts of the function call turn."
)
RESPONSE_ORDER = (
    "Please ensure that function response turn comes immediately after a function call turn."
)
CALL_ORDER = (
    "Please ensure that function call turn comes immediately after a user turn or after a "
    "function response turn."
)
MODEL_LAST = "Please ensure that single turn requests end with a user role."


def check_messages(messages: Sequence[Message]) -> None:
    """Refuse a conversation that Gemini would refuse.

    Raises: InvalidArgument (400): nothing to answer, an empty message, a tool message without its
        call, a call without its tool message, or the model speaking last.
    """
    contents = [message for message in messages if message.role not in ("system", "developer")]
    if not contents:
        raise InvalidArgument(NO_CONTENTS)
    unanswered: set[str] = set()
    previous: Message | None = None
    for position, message in enumerate(contents):
        if message.role == "tool":
            _check_response(message, previous, unanswered)
        else:
            if unanswered:
                raise InvalidArgument(RESPONSE_COUNT)
            unanswered = _check_speech(message, previous, position)
        previous = message
    if unanswered:
        raise InvalidArgument(RESPONSE_COUNT)
    if contents[-1].role == "assistant":
        raise InvalidArgument(MODEL_LAST)


def _check_response(message: Message, previous: Message | None, unanswered: set[str]) -> None:
    follows_call = previous is not None and (previous.role == "tool" or bool(previous.tool_calls))
    if not follows_call:
        raise InvalidArgument(RESPONSE_ORDER)
    if message.tool_call_id not in unanswered:
        raise InvalidArgument(RESPONSE_COUNT)
    unanswered.remove(message.tool_call_id)


def _check_speech(message: Message, previous: Message | None, position: int) -> set[str]:
    if not message.tool_calls:
        if not message.text:
            raise InvalidArgument(
                f"* GenerateContentRequest.contents[{position}].parts: contents.parts must not be "
                "empty.\n"
            )
        return set()
    if message.role != "assistant" or previous is None or previous.role == "assistant":
        raise InvalidArgument(CALL_ORDER)
    ids = {call.id for call in message.tool_calls}
    if len(ids) != len(message.tool_calls):
        raise InvalidArgument(RESPONSE_COUNT)
    return ids
