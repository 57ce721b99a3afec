"""Among half a million turns, each statement about one of them finds it by an index of its user."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from chat_gateway.actions.repository import StopRepository
from chat_gateway.conversations.repository import ConversationRepository
from chat_gateway.turns.attempt import Attempt
from chat_gateway.turns.repository import TurnRepository
from chat_gateway.turns.rows import DailyLimits
from devstack.stack import Stack
from servicekit.database.transactions import UserTransaction

from tests.data.crowd import Somebody
from tests.data.plans import assert_by_index, explain
from tests.equipment.database import DatabaseView

A_TURN = "SELECT id FROM chat.turn WHERE user_id = $1 LIMIT 1"
Statement = Callable[[UserTransaction, UUID, UUID], Awaitable[object]]

pytestmark = pytest.mark.timeout(300)  # to fill the tables takes 20 s on an idle machine


def of_attempt(turn_id: UUID) -> Attempt:
    return Attempt(turn_id, 1, lease_seconds=10)


STATEMENTS: dict[str, tuple[str, Statement]] = {
    "a click looks for its conversation": (
        "conversation",
        lambda user, thread, _: ConversationRepository(user).holds(thread),
    ),
    "a click looks for its key": (
        "turn",
        lambda user, _, __: TurnRepository(user).by_key("a key"),
    ),
    "a watch looks whether an attempt stands": (
        "turn",
        lambda user, _, turn: TurnRepository(user).stands(of_attempt(turn)),
    ),
    "a lost attempt asks why": (
        "turn",
        lambda user, _, turn: TurnRepository(user).failure_of(turn),
    ),
    "a stop ends a turn": (
        "turn",
        lambda user, thread, turn: StopRepository(user).stop(thread, turn),
    ),
    "a stop that came too late looks for its turn": (
        "turn",
        lambda user, thread, turn: StopRepository(user).is_here(thread, turn),
    ),
    "a renewal": (
        "turn",
        lambda user, _, turn: TurnRepository(user).renew(of_attempt(turn)),
    ),
    "a record of a call": (
        "turn",
        lambda user, _, turn: TurnRepository(user).add_step(of_attempt(turn), {}),
    ),
    "a record of a result": (
        "turn",
        lambda user, _, turn: TurnRepository(user).set_result(of_attempt(turn), 0, {}),
    ),
    "an answer": (
        "turn",
        lambda user, _, turn: TurnRepository(user).complete(of_attempt(turn), "{}", None),
    ),
    "a failure": (
        "turn",
        lambda user, _, turn: TurnRepository(user).fail(
            of_attempt(turn), {"code": "model_error", "retryable": True}
        ),
    ),
    "a retry takes a turn over": (
        "turn",
        lambda user, _, turn: TurnRepository(user).take_over(of_attempt(turn)),
    ),
    "a retry looks what is left of its day": (
        "daily_use",
        lambda user, _, turn: TurnRepository(user).take_over(
            of_attempt(turn), DailyLimits(turns=10, model_tokens=10_000)
        ),
    ),
    "a message passes an abandoned turn over": (
        "turn",
        lambda user, _, turn: TurnRepository(user).pass_over(turn),
    ),
}


@pytest.fixture(scope="module")
async def turn_id(somebody: Somebody, database: DatabaseView) -> UUID:
    """One of the person's."""
    found: UUID = await database.value(A_TURN, somebody.user_id)
    return found


@pytest.mark.parametrize(("table", "statement"), STATEMENTS.values(), ids=STATEMENTS)
async def test_it_is_found_by_an_index_of_its_user(
    stack: Stack,
    somebody: Somebody,
    of_a_user: set[str],
    turn_id: UUID,
    table: str,
    statement: Statement,
) -> None:
    async def work(transaction: UserTransaction) -> None:
        await statement(transaction, somebody.conversation_id, turn_id)

    plans = await explain(stack.env("chat-gateway")["DATABASE_URL"], somebody.user_id, work)

    (plan,) = plans
    ((kind, index),) = plan.scans(table)
    assert index in of_a_user or kind == "Bitmap Heap Scan", plan  # whose index is looked at next
    assert_by_index(plans, table, of_a_user)
    assert not plan.sorts
