"""SQL spans: one a statement, under the transaction, without a single value."""

from collections.abc import AsyncIterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from servicekit.database.engine import create_engine
from servicekit.database.transactions import Database
from servicekit.identifiers import new_id
from servicekit.telemetry.sql import summarize
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ..ledger import Ledger
from .trees import tree

ANNA = new_id()
INSERT = text("INSERT INTO ledger.entry (user_id, id, note) VALUES (:user_id, :id, :note)")


@pytest.fixture
async def database(shared_ledger: Ledger) -> AsyncIterator[Database]:
    database = Database(create_engine(shared_ledger.service_url, application_name="tests"))
    yield database
    await database.dispose()


def named(spans: InMemorySpanExporter, name: str) -> ReadableSpan:
    (found,) = [span for span in spans.get_finished_spans() if span.name == name]
    return found


async def test_statements_stand_under_their_transaction(
    database: Database, spans: InMemorySpanExporter, shared_ledger: Ledger
) -> None:
    with trace.get_tracer("test").start_as_current_span("turn"):
        async with database.user_transaction(ANNA) as transaction:
            await transaction.execute(INSERT, {"user_id": ANNA, "id": ANNA, "note": "dear diary"})
    assert tree(spans.get_finished_spans()) == {
        "turn": {"transaction": {"SELECT": {}, "INSERT ledger.entry": {}}}
    }
    insert = named(spans, "INSERT ledger.entry")
    attributes = dict(insert.attributes or {})
    assert attributes.pop("server.port") == shared_ledger.postgres.port
    assert attributes.pop("db.query.text") == (
        "INSERT INTO ledger.entry (user_id, id, note) VALUES ($1, $2, $3)"
    )
    assert attributes == {
        "db.namespace": shared_ledger.name,
        "db.operation.name": "INSERT",
        "db.query.summary": "INSERT ledger.entry",
        "db.system.name": "postgresql",
        "server.address": "127.0.0.1",
    }
    told = "".join(span.to_json() for span in spans.get_finished_spans())
    assert "dear diary" not in told
    assert str(ANNA) not in told


async def test_failed_statement_says_its_sqlstate_and_not_its_message(
    database: Database, spans: InMemorySpanExporter
) -> None:
    with pytest.raises(DBAPIError), trace.get_tracer("test").start_as_current_span("turn"):
        async with database.user_transaction(ANNA) as transaction:
            await transaction.execute(INSERT, {"user_id": new_id(), "id": ANNA, "note": "diary"})
    insert = named(spans, "INSERT ledger.entry")
    assert insert.status.status_code is StatusCode.ERROR
    assert (insert.attributes or {})["db.response.status_code"] == "42501"
    transaction_span = named(spans, "transaction")
    assert transaction_span.status.status_code is StatusCode.ERROR
    assert (transaction_span.attributes or {})["error.type"] == "42501"
    # The span of the test is not ours: the SDK writes the exception's words into it.
    assert "policy" not in insert.to_json() + transaction_span.to_json()


async def test_outside_a_trace_there_are_no_statement_spans(
    shared_ledger: Ledger, spans: InMemorySpanExporter
) -> None:
    engine = create_engine(shared_ledger.service_url, application_name="tests")
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    await engine.dispose()
    assert spans.get_finished_spans() == ()


@pytest.mark.parametrize(
    ("statement", "summary"),
    [
        (
            "WITH held AS (UPDATE chat.conversation SET n = (1) WHERE id = $1), b (x) AS (SELECT 2)"
            " INSERT INTO chat.message (id) VALUES ($2)",
            "INSERT chat.message",
        ),
        (
            "WITH opened AS \n(INSERT INTO chat.turn (id) VALUES (now()) RETURNING id), counted AS"
            " (INSERT INTO chat.daily_use (day) SELECT day FROM opened RETURNING turns AS today)"
            " SELECT (SELECT counted.today FROM counted), EXISTS (SELECT FROM chat.daily_use)"
            " FROM opened",
            "INSERT chat.turn",
        ),
        ("WITH old AS (SELECT a FROM b) SELECT a FROM old", "SELECT old"),
        ("SELECT 1", "SELECT"),
        ("select a from tasks.task where b = $1", "SELECT tasks.task"),
        ('SELECT a FROM "chat"."turn"', "SELECT chat.turn"),
        ("\n  INSERT INTO task (a) VALUES ($1)", "INSERT task"),
        ("UPDATE task SET a = $1", "UPDATE task"),
        ("DELETE FROM task WHERE a = $1", "DELETE task"),
        ("WITH new AS (SELECT a FROM b) INSERT INTO task SELECT a FROM new", "INSERT task"),
        ("", "SQL"),
        ("(((", "SQL"),
    ],
)
def test_summary_is_operation_and_first_table(statement: str, summary: str) -> None:
    assert summarize(statement)[1] == summary
