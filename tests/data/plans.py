"""Plans of the statements that a service really sends, found by asking Postgres to explain them."""

import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from servicekit.database.engine import create_engine
from servicekit.database.transactions import Database, UserTransaction
from sqlalchemy import event, text

Work = Callable[[UserTransaction], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Plan:
    """One statement and the nodes of its plan, the outermost first."""

    statement: str
    nodes: tuple[dict[str, Any], ...]

    def scans(self, table: str) -> list[tuple[str, str | None]]:
        """How a table is read: node type and index, without the node that writes to it."""
        return [
            (node["Node Type"], node.get("Index Name"))
            for node in self.nodes
            if node.get("Relation Name") == table and "Scan" in node["Node Type"]
        ]

    @property
    def sorts(self) -> bool:
        """Whether rows are put in order after they were read."""
        return any("Sort" in node["Node Type"] for node in self.nodes)


async def explain(database_url: str, user_id: UUID, work: Work) -> list[Plan]:
    """Run work of a service's own code in a user's transaction, and explain its statements.

    Args: database_url: of the service's role, so that its policies are part of the plan.
    Returns: a plan for each statement on a table, in order. Nothing of the work is kept.
    """
    engine = create_engine(database_url, application_name="plans")
    sent: list[tuple[str, Any]] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def _remember(
        _connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object
    ) -> None:
        sent.append((statement, parameters))

    plans: list[Plan] = []
    database = Database(engine)
    try:
        async with database.user_transaction(user_id) as transaction:
            sent.clear()
            await work(transaction)
            for statement, parameters in tuple(sent):
                connection = await transaction.session.connection()
                explained = await connection.exec_driver_sql(
                    f"EXPLAIN (FORMAT JSON) {statement}", parameters
                )
                found = explained.scalar_one()
                root = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
                plans.append(Plan(statement, tuple(_walk(root))))
            await transaction.execute(text("SELECT 1"))
            await transaction.session.rollback()
    finally:
        await database.dispose()
    return plans


def _walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _walk(child)


def assert_by_index(plans: list[Plan], table: str, indexes: set[str]) -> None:
    """Every plan reads the table by an index of the user's, and none reads all of it."""
    for plan in plans:
        for node_type, index in plan.scans(table):
            assert node_type in {"Index Scan", "Index Only Scan", "Bitmap Heap Scan"}, plan
            assert index is None or index in indexes, plan
        for node in plan.nodes:
            if node["Node Type"] == "Bitmap Index Scan":
                assert node["Index Name"] in indexes, plan
