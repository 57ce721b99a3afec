"""Thought signatures: given with the first tool call of a step, demanded when it is replayed.

Gemini signs what it thought before a call and wants the signature back in every later request of
the same turn; parallel calls after the first have none. Calls of earlier turns are not checked for
presence. A text is signed too, and nobody demands that back. Source:
ai.google.dev/gemini-api/docs/thought-signatures; place and refusal on the OpenAI endpoint:
langroid/langroid/pull/969, google-gemini/gemini-cli/issues/13467, mozilla-ai/any-llm/pull/1320.

The signature is an HMAC over model and call under the seed, so any process with the seed can check
it. Reports differ on whether one Gemini takes another's (RooCodeInc/Roo-Code/pull/10554 says no):
it is refused, so that what works here works with all. It does not cover the call's id: a client may
rename calls.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence

from gemini_simulator.protocol.errors import InvalidArgument
from gemini_simulator.protocol.models import Model
from gemini_simulator.protocol.requests import FunctionCall, Message

MISSING = (
    "Function call is missing a thought_signature in functionCall parts. This is required for "
    "tools to work correctly, and missing thought_signature may lead to degraded model "
    "performance. Additional data, function call `default_api:{name}` , position {position}. "
    "Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details."
)
CORRUPTED = "Corrupted thought signature."
STAND_INS = frozenset({"skip_thought_signature_validator", "context_engineering_is_the_way_to_go"})
"""What may stand for the signature of a call that another model made."""


class Signer:
    """Signs calls and checks replayed ones. Args: seed: processes with the same one agree."""

    def __init__(self, seed: int) -> None:
        self._key = hashlib.sha256(f"thought-signature:{seed}".encode()).digest()

    def sign(self, call: FunctionCall, model: Model) -> str:
        """The signature of a call, base64, a function of model, name and arguments only."""
        return self.sign_text(f"{call.name}\n{_canonical(call.arguments)}", model)

    def sign_text(self, text: str, model: Model) -> str:
        """The signature of what a model has said, base64."""
        payload = f"{model.name}\n{text}".encode()
        return base64.b64encode(hmac.digest(self._key, payload, "sha256")).decode()

    def verifies(self, call: FunctionCall, signature: str, model: Model) -> bool:
        """Whether this model gave this signature for this call under this seed."""
        given = self.sign(call, model).encode()
        return signature in STAND_INS or hmac.compare_digest(given, signature.encode())

    def check(self, messages: Sequence[Message], model: Model, *, demanded: bool) -> None:
        """Check the replayed calls of a conversation.

        Args: model: whom it is sent to. demanded: whether calls of the running turn must be signed.
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
                    if not self.verifies(call.function, signature, model):
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
