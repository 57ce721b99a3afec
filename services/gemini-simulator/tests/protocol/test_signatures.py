"""Thought signatures: who must have one, and which are good."""

import pytest
from gemini_simulator.protocol.errors import InvalidArgument
from gemini_simulator.protocol.models import model_of
from gemini_simulator.protocol.requests import FunctionCall, Message, ToolCall
from gemini_simulator.protocol.signatures import Signer

SIGNER = Signer(seed=1)
MODEL = model_of("gemini-flash-latest")
OTHER = model_of("gemini-flash-lite-latest")
CALL = FunctionCall(name="add_task", arguments='{"title": "buy milk"}')
USER = Message(role="user", content="add buy milk")
RESULT = Message(role="tool", tool_call_id="a", content="{}")


def replayed(*signatures: str | None, call: FunctionCall = CALL) -> Message:
    calls = [
        ToolCall(
            id=chr(ord("a") + position),
            function=call,
            extra_content={"google": {"thought_signature": signature}} if signature else None,
        )
        for position, signature in enumerate(signatures)
    ]
    return Message(role="assistant", tool_calls=calls)


def test_missing_signature_is_refused_in_geminis_words() -> None:
    with pytest.raises(InvalidArgument) as refusal:
        SIGNER.check([USER, replayed(None), RESULT], MODEL, demanded=True)
    assert "missing a thought_signature" in refusal.value.message
    assert "`default_api:add_task` , position 2" in refusal.value.message


def test_missing_signature_is_accepted_where_none_is_demanded() -> None:
    SIGNER.check([USER, replayed(None), RESULT], MODEL, demanded=False)


@pytest.mark.parametrize(
    "signature",
    [
        "AAAA",
        "not base64 ☃",
        Signer(seed=2).sign(CALL, MODEL),
        SIGNER.sign(FunctionCall(name="delete_task", arguments=CALL.arguments), MODEL),
        SIGNER.sign(FunctionCall(name="add_task", arguments='{"title": "buy tea"}'), MODEL),
        SIGNER.sign(CALL, OTHER),
    ],
)
@pytest.mark.parametrize("demanded", [True, False])
def test_wrong_signature_is_refused(signature: str, demanded: bool) -> None:
    with pytest.raises(InvalidArgument, match="Corrupted thought signature"):
        SIGNER.check([USER, replayed(signature), RESULT], MODEL, demanded=demanded)


def test_only_the_first_call_of_a_step_needs_one() -> None:
    SIGNER.check(
        [USER, replayed(SIGNER.sign(CALL, MODEL), None, None), RESULT], MODEL, demanded=True
    )
    with pytest.raises(InvalidArgument, match="missing"):
        SIGNER.check([USER, replayed(None, SIGNER.sign(CALL, MODEL)), RESULT], MODEL, demanded=True)


def test_calls_of_earlier_turns_need_none() -> None:
    SIGNER.check([USER, replayed(None), RESULT, USER], MODEL, demanded=True)


def test_another_process_with_the_seed_agrees() -> None:
    Signer(seed=1).check([USER, replayed(SIGNER.sign(CALL, MODEL)), RESULT], MODEL, demanded=True)


def test_spacing_and_order_of_arguments_do_not_matter() -> None:
    given = FunctionCall(name="x", arguments='{"a": 1, "b": "é"}')
    sent_back = FunctionCall(name="x", arguments='{"b":"\\u00e9","a":1}')
    assert SIGNER.verifies(sent_back, SIGNER.sign(given, MODEL), MODEL)


def test_broken_arguments_can_be_signed() -> None:
    broken = FunctionCall(name="x", arguments='{"a": ')
    assert SIGNER.verifies(broken, SIGNER.sign(broken, MODEL), MODEL)
