"""Thought signatures: given with the first tool call of a step, demanded when it is replayed.

Gemini signs what it thought before a call and wants the signature back in every later request of
the same turn; parallel calls after the first have none. Calls of earlier turns are not checked for
presence. Source: ai.google.dev/gemini-api/docs/thought-signatures; place and refusal on the OpenAI
endpoint: langroid/langroid/pull/969, google-gemini/gemini-cli/issues/13467.

The signature is an HMAC over the call under the seed, so any process with the seed can check it.
It does not cover the call's id: a client may rename calls.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence

from gemini_simulator.protocol.errors import InvalidArgument
from gemini_simulator.protocol.requests import FunctionCall, Message

MISSING = (
    "Function call is missing a thought_signature in functionCall parts. This is required for "
    "tools to work correctly, and missing thought_signature may lead to degraded model "
    "performance. Additional data, function call `default_api:{name}` , position {position}. "
    "Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details."
)
CORRUPTED = "Corrupted thought signature."


class Signer:
    """Signs calls and checks replayed ones. Args: seed: processes with the same one agree."""

    def __init__(self, seed: int) -> None:
        self._key = hashlib.sha256(f"thought-signature:{seed}".encode()).digest()

    def sign(self, call: FunctionCall) -> str:
        """The signature of a call, base64, a function of its name and arguments only."""
        payload = f"{call.name}\n{_canonical(call.arguments)}".encode()
        return base64.b64encode(hmac.digest(self._key, payload, "sha256")).decode()

    def verifies(self, call: FunctionCall, signature: str) -> bool:
        """Whether this signature was given for this call under this seed."""
        return hmac.compare_digest(self.sign(call).encode(), signature.encode())

    def check(self, messages: Sequence[Message], *, demanded: bool) -> None:
        """Check the replayed calls of a conversation.

        Args: demanded: whether calls of the running turn must be signed.
        Raises: InvalidArgument (400): a signature is missing where it is demanded, or is not the
            one that was given.
        """
        last_user = max((i for i, m in enumerate(messages) if m.role == "user"), default=-1)
        contents = 0
        for position, message in enumerate(messages):
            contents += message.role not in ("system", "developer")
            for ordinal, call in enumerate(message.tool_calls or ()):
                signature = call.thought_signature
                if signature is not None:
                    if not self.verifies(call.function, signature):
                        raise InvalidArgument(CORRUPTED)
                elif demanded and ordinal == 0 and position > last_user:
                    name = call.function.name
                    raise InvalidArgument(MISSING.format(name=name, position=contents))


def _canonical(arguments: str) -> str:
    """The same text for the same arguments, however a client has spaced or ordered them."""
    try:
        return json.dumps(json.loads(arguments), sort_keys=True, separators=(",", ":"))
    except ValueError:
        return arguments
