"""The budget: what one person may use on one day, so that nobody costs without end (ADR 0033).

Turns are counted where they open, clicks too: each is kept in the database; and again with each
attempt beyond a few, since not every request to the model tells what it cost. Tokens of the model
are counted where an attempt ends, whatever became of it. Both by whatever process, in one row.
"""

import logging
import math
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, Literal
from uuid import UUID

from servicekit import clock
from servicekit.database.transactions import Database
from servicekit.telemetry.audit import security_event

from chat_gateway.errors import BudgetUsedUp, DatabaseUnavailable
from chat_gateway.telemetry.metrics import GatewayMetrics
from chat_gateway.turns.attempt import Attempt
from chat_gateway.turns.budget_repository import BudgetRepository
from chat_gateway.turns.repository import TurnRepository
from chat_gateway.turns.rows import NO_LIMITS, Admitted, DailyLimits, Ended, NewClick, NewTurn

Kind = Literal["turns", "model_tokens"]
COUNT_SECONDS: Final = 2.0
"""How long what a lost attempt has used may take to be counted."""

_logger = logging.getLogger(__name__)


class LostRace(Exception):
    """Another request took the key or the conversation a moment ago: look again."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Admits turns to the day they open on. limits: of each person."""

    metrics: GatewayMetrics
    limits: DailyLimits = NO_LIMITS

    def without_model(self) -> "Budget":
        """What clicks are held to: they cost no tokens, so none need be left."""
        return replace(self, limits=replace(self.limits, model_tokens=None))

    async def open(
        self, turns: TurnRepository, opening: NewTurn | NewClick, first: Attempt
    ) -> None:
        """Open a turn, in the transaction that stores all that belongs to it.

        Raises: LostRace; BudgetUsedUp (429). The transaction must not be committed then.
        """
        self._let_in(turns, await turns.open(opening, first, self.limits))

    async def take_over(self, turns: TurnRepository, last: Attempt) -> None:
        """Begin the next attempt at a turn, which was counted when it opened.

        Raises: LostRace; BudgetUsedUp (429): no tokens are left to go on with, or it is one of
            those attempts that count as turns, and no turn is left. The transaction must not be
            committed then.
        """
        self._let_in(turns, await turns.take_over(last, self.limits))

    def ended(self, ended: Ended, tokens: int) -> None:
        """An attempt has ended its turn. Args: tokens: that it had used."""
        if ended.tokens_today is not None:
            self._spent(ended.tokens_today, tokens)

    async def lost(self, database: Database, user_id: UUID, tokens: int) -> None:
        """Count what an attempt has used that is not the last of its turn any more."""
        if tokens == 0:
            return
        with suppress(DatabaseUnavailable):
            # Makes true: to stop a turn, or to delete its conversation, saves no budget.
            async with database.user_transaction(
                user_id, timeout_seconds=COUNT_SECONDS
            ) as transaction:
                today = await BudgetRepository(transaction).add_tokens(tokens)
            return self._spent(today, tokens)
        _logger.warning("tokens of a lost attempt were not counted")

    def _let_in(self, turns: TurnRepository, admitted: Admitted | None) -> None:
        if admitted is None:
            raise LostRace()
        if admitted.tokens_are_used_up:
            raise _used_up(turns, "model_tokens", admitted)
        if admitted.counts and admitted.turns_today is None:
            raise _used_up(turns, "turns", admitted)
        if admitted.turns_today is not None and admitted.turns_today == self.limits.turns:
            self.metrics.limits.budget_used_up("turns")

    def _spent(self, today: int, tokens: int) -> None:
        limit = self.limits.model_tokens
        if limit is not None and today - tokens < limit <= today:
            self.metrics.limits.budget_used_up("model_tokens")


def _used_up(turns: TurnRepository, kind: Kind, admitted: Admitted) -> BudgetUsedUp:
    user_id = turns.transaction.user_id
    security_event("budget_used_up", outcome="refused", user_id=user_id, budget=kind)
    seconds = max(1, math.ceil((admitted.renewal - clock.now()).total_seconds()))
    what = "messages and clicks" if kind == "turns" else "tokens of the model"
    left = "" if kind == "turns" else " Your tasks can still be changed by hand."
    return BudgetUsedUp(
        f"You have used up the {what} of one day, and nothing was done. There will be more"
        f" {_in_words(seconds)}, at {admitted.renewal:%H:%M} UTC.{left}",
        retry_after_seconds=seconds,
    )


def _in_words(seconds: int) -> str:
    hours, minutes = seconds // 3600, math.ceil(seconds / 60)
    if hours >= 1:
        return f"in about {hours} hour{'s' if hours > 1 else ''}"
    return f"in {minutes} minute{'s' if minutes > 1 else ''}"
