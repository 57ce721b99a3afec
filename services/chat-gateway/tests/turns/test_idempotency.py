"""What a key means, decided without a database."""

from dataclasses import replace

import pytest
from chat_gateway.errors import IdempotencyKeyReused, TurnInProgress
from chat_gateway.turns.idempotency import request_hash, stored_answer
from chat_gateway.turns.rows import KnownTurn
from chat_gateway.turns.states import TurnState
from servicekit.identifiers import new_id

HASH = request_hash(None, "hello")
RUNNING = KnownTurn(
    id=new_id(),
    conversation_id=new_id(),
    user_message_id=new_id(),
    idempotency_key="key",
    request_hash=HASH,
    state=TurnState.RUNNING,
    attempt=1,
    abandoned=False,
    steps=[],
    tool_results={},
    answer=None,
)


class TestStoredAnswer:
    @pytest.mark.parametrize("state", TurnState)
    def test_key_of_another_body_is_refused_in_every_state(self, state: TurnState) -> None:
        with pytest.raises(IdempotencyKeyReused):
            stored_answer(replace(RUNNING, state=state), request_hash(None, "good bye"))

    def test_running_turn_is_refused_with_retry_after(self) -> None:
        with pytest.raises(TurnInProgress) as refused:
            stored_answer(RUNNING, HASH)
        assert refused.value.retry_after_seconds

    def test_abandoned_turn_is_free(self) -> None:
        assert stored_answer(replace(RUNNING, abandoned=True), HASH) is None

    def test_failed_turn_is_free(self) -> None:
        assert stored_answer(replace(RUNNING, state=TurnState.FAILED), HASH) is None

    def test_completed_turn_gives_its_answer(self) -> None:
        completed = replace(RUNNING, state=TurnState.COMPLETED, answer="{}")
        assert stored_answer(completed, HASH) == "{}"


class TestRequestHash:
    def test_other_message_and_other_conversation_differ(self) -> None:
        conversation_id = new_id()
        hashes = {
            request_hash(None, "a"),
            request_hash(None, "b"),
            request_hash(conversation_id, "a"),
            request_hash(new_id(), "a"),
        }
        assert len(hashes) == 4

    def test_message_cannot_pretend_to_be_a_conversation(self) -> None:
        conversation_id = new_id()
        assert request_hash(conversation_id, "a") != request_hash(None, f'{conversation_id}", "a')
