"""Logs: one JSON line per event on stdout, everybody's, with the trace they belong to.

Fields: ts, level, logger, message, service, trace_id and span_id (inside a trace), what
`bind_log_fields` bound, what the call gave as `extra`, and `error` for an exception. The text of
an exception is left out: it may quote a person's words, a row or a token. Its type, code and stack
stay. What nobody catches, in whatever thread or task, is such a line too.
"""

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Final

from pythonjsonlogger.core import RESERVED_ATTRS, LogData
from pythonjsonlogger.json import JsonFormatter

from servicekit.settings import LogLevel
from servicekit.telemetry.failures import stack, type_name
from servicekit.telemetry.trace_context import current_trace_ids, remembered_trace_ids

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_FieldValue = str | int | float | bool | None
_bound: ContextVar[dict[str, _FieldValue]] = ContextVar("log_fields")
# uvicorn repeats each message with terminal colours.
_DROPPED_EXTRAS: Final = frozenset({"color_message"})
# Libraries that say on INFO what a span says better, or that quote requests and answers on DEBUG.
_QUIET_LOGGERS: Final = (
    "httpx",
    "httpx2",
    "httpcore",
    "httpcore2",
    "openai",
    "openai.agents",
    "mcp",
    "fastmcp",
    "sqlalchemy",
    "servicekit.database.pool",  # SQLAlchemy's lines again, under the name of its class's heir
    "urllib3",
    "alembic.runtime.plugins",
)
_logger = logging.getLogger(__name__)

_ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None]


@contextmanager
def bind_log_fields(**fields: _FieldValue) -> Iterator[None]:
    """Add fields to every log line of this task, and of those it starts, until the block ends."""
    token = _bound.set({**_bound.get({}), **fields})
    try:
        yield
    finally:
        _bound.reset(token)


def _describe(error: BaseException) -> dict[str, object]:
    """Say what broke and where, without the exception's own words."""
    chain: list[str] = []
    current: BaseException | None = error
    while current is not None and len(chain) < 8:
        chain.append(type_name(current))
        current = current.__cause__ or (
            None if current.__suppress_context__ else current.__context__
        )
    described: dict[str, object] = {"type": chain[0], "stack": stack(error)}
    if len(chain) > 1:
        described["caused_by"] = chain[1:]
    for name in ("sqlstate", "errno"):
        code = getattr(error, name, None)
        if isinstance(code, str | int):
            described[name] = code
    return described


def _message(record: logging.LogRecord) -> str:
    message = record.getMessage()
    # asyncio goes on with the reprs of tasks and futures, which hold an exception's own words.
    return message.partition("\n")[0] if record.name == "asyncio" else message


class JsonLines(JsonFormatter):
    """Renders a record as one line. Args: service: the value of `service` in each line."""

    def __init__(self, service: str) -> None:
        super().__init__(reserved_attrs=RESERVED_ATTRS, json_ensure_ascii=False, json_default=str)
        self._service = service

    def add_fields(
        self, log_data: LogData, record: logging.LogRecord, message_dict: LogData
    ) -> None:
        """Fill the line in a fixed order; `extra` never overwrites what we say."""
        extras: LogData = {}
        super().add_fields(extras, record, {})
        log_data.update(
            ts=datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
            level=record.levelname,
            logger=record.name,
            message=_message(record),
            service=self._service,
        )
        info: _ExceptionInfo | tuple[None, None, None] | None = record.exc_info
        error = info[1] if info is not None else None
        ids = current_trace_ids() or (remembered_trace_ids(error) if error is not None else None)
        if ids is not None:
            log_data["trace_id"], log_data["span_id"] = ids
        for name, value in {**_bound.get({}), **extras}.items():
            if name not in _DROPPED_EXTRAS:
                log_data.setdefault(name, value)
        if error is not None:
            log_data["error"] = _describe(error)


def set_up_logs(service: str, level: LogLevel) -> None:
    """Send every logger of the process through one JSON handler on stdout.

    Args: service: name in each line. level: least severe level of our own loggers; libraries that
        talk about contents stay at WARNING whatever the level.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines(service))
    root = logging.getLogger()
    root.handlers = [handler]
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    sys.unraisablehook = _unraisable
    for name in list(logging.root.manager.loggerDict):
        # Handlers that a library gave itself at import would print a second, unstructured line.
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
    set_log_level(level)


def set_log_level(level: LogLevel) -> None:
    """Change what is logged from now on. Args: level: see `set_up_logs`."""
    logging.getLogger().setLevel(level)
    for name in _QUIET_LOGGERS:
        logging.getLogger(name).setLevel(max(logging.WARNING, getattr(logging, level)))


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A program that ends by an exception says so in its own form, without the exception's text."""
    if not issubclass(kind, KeyboardInterrupt):
        _logger.error("uncaught exception", exc_info=(kind, error, trace))


def _uncaught_in_thread(caught: threading.ExceptHookArgs) -> None:
    if caught.exc_value is not None and not issubclass(caught.exc_type, SystemExit):
        _logger.error(
            "uncaught exception in a thread",
            exc_info=(caught.exc_type, caught.exc_value, caught.exc_traceback),
        )


def _unraisable(caught: "UnraisableHookArgs") -> None:
    error = caught.exc_value
    _logger.error("exception that could not be raised", exc_info=error or caught.exc_type())
