"""SQL spans: one client span per statement, by the database semantic conventions.

Only inside a trace that is being recorded: with telemetry off, a statement costs a context lookup.
Source: OpenTelemetry semantic conventions 1.44, "Database client spans" and "SQL".
"""

import re
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind
from sqlalchemy import event
from sqlalchemy.engine import Connection, ExceptionContext, ExecutionContext
from sqlalchemy.ext.asyncio import AsyncEngine

from servicekit.database.errors import sqlstate
from servicekit.telemetry.failures import record_failure

_tracer = trace.get_tracer("servicekit.sql")
_SPAN: Final = "_servicekit_span"
# The operation, and the first table after the word that introduces one.
_WITH: Final = re.compile(r"\s*WITH\b", re.IGNORECASE)
_NOT_OVER: Final = re.compile(r"\s*(?:,|AS\b)", re.IGNORECASE)
_OPERATION: Final = re.compile(r"\s*([A-Za-z]+)")
_WRITE: Final = re.compile(r"\(\s*((?:INSERT|UPDATE|DELETE|MERGE)\b.*)", re.IGNORECASE | re.DOTALL)
_TARGET: Final = re.compile(r'\b(?:FROM|INTO|UPDATE)\s+((?:"?\w+"?\.)?"?\w+"?)', re.IGNORECASE)


def summarize(statement: str) -> tuple[str, str]:
    """Return a statement's operation and summary, e.g. (`SELECT`, `SELECT tasks.task`).

    Of a statement with common table expressions, those of the statement that they serve; where it
    only tells what they wrote, those of the first that writes.
    """
    main = _after_expressions(statement)
    if main is not statement and main.lstrip()[:6].upper() == "SELECT":
        write = _WRITE.search(statement)
        main = write.group(1) if write else main
    found = _OPERATION.match(main)
    operation = found.group(1).upper() if found else "SQL"
    target = _TARGET.search(main)
    if target is None:
        return operation, operation
    return operation, f"{operation} {target.group(1).replace(chr(34), '')}"


def _after_expressions(statement: str) -> str:
    if not _WITH.match(statement):
        return statement
    depth = 0
    for position, character in enumerate(statement):
        depth += (character == "(") - (character == ")")
        if character == ")" and depth == 0 and not _NOT_OVER.match(statement, position + 1):
            return statement[position + 1 :]
    return statement


def instrument_engine(engine: AsyncEngine) -> None:
    """Give each statement of an engine a span. Query text is parametrised; values never appear."""
    url = engine.url
    fixed: dict[str, str | int] = {"db.system.name": "postgresql"}
    if url.database:
        fixed["db.namespace"] = url.database
    if url.host:
        fixed["server.address"] = url.host
    if url.port:
        fixed["server.port"] = url.port

    def before(
        connection: Connection,
        cursor: object,
        statement: str,
        parameters: object,
        context: ExecutionContext | None,
        executemany: bool,
    ) -> None:
        if context is None or not trace.get_current_span().is_recording():
            return
        operation, summary = summarize(statement)
        span = _tracer.start_span(
            summary,
            kind=SpanKind.CLIENT,
            attributes={
                **fixed,
                "db.operation.name": operation,
                "db.query.summary": summary,
                "db.query.text": statement,
            },
        )
        setattr(context, _SPAN, span)

    def after(
        connection: Connection,
        cursor: object,
        statement: str,
        parameters: object,
        context: ExecutionContext | None,
        executemany: bool,
    ) -> None:
        span = _take_span(context)
        if span is not None:
            span.end()

    def failed(error: ExceptionContext) -> None:
        span = _take_span(error.execution_context)
        if span is None:
            return
        code = sqlstate(error.original_exception)
        if code is not None:
            span.set_attribute("db.response.status_code", code)
        record_failure(span, error.original_exception, error_type=code)
        span.end()

    event.listen(engine.sync_engine, "before_cursor_execute", before)
    event.listen(engine.sync_engine, "after_cursor_execute", after)
    event.listen(engine.sync_engine, "handle_error", failed)


def _take_span(context: ExecutionContext | None) -> Span | None:
    holder: Any = context
    span: Span | None = getattr(holder, _SPAN, None)
    if span is not None:
        setattr(holder, _SPAN, None)
    return span
