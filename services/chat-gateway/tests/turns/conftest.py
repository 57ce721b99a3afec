"""One process: its pool, its agent, and the turns that they run."""

import pytest
from chat_gateway.conversations.history import HistoryLimits
from chat_gateway.telemetry.metrics import unread_metrics
from chat_gateway.turns.budget import Budget
from chat_gateway.turns.service import TurnService
from servicekit.database.transactions import Database

from ..equipment.scripted_agent import ScriptedAgent


@pytest.fixture
def agent() -> ScriptedAgent:
    return ScriptedAgent()


@pytest.fixture
def service(database: Database, agent: ScriptedAgent) -> TurnService:
    return TurnService(
        database=database,
        agent=agent,
        metrics=unread_metrics(),
        budget=Budget(unread_metrics()),
        history_limits=HistoryLimits(max_messages=6, max_tokens=1000),
        lease_seconds=10,
    )
