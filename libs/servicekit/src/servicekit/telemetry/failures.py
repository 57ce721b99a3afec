"""Failures on spans: what broke and where, once, without the words of an exception.

Every span that a failure passes says `error.type`; the exception itself, its type and stack, is an
event of the span where it was first known. Its text is left out: it may quote a person's words, a
row or a token.

Source: OpenTelemetry semantic conventions 1.44, "Recording errors" and "Exceptions on spans".
"""

import asyncio
import traceback
from collections.abc import Iterator
from typing import Final

from opentelemetry.trace import Span, StatusCode

from servicekit.problems import Problem

MAX_FRAMES: Final = 30
_RECORDED: Final = "_servicekit_recorded"


def failure_type(error: BaseException) -> str:
    """Name a failure for `error.type`: a problem's code, or the class of anything else."""
    return error.code if isinstance(error, Problem) else type(error).__qualname__


def type_name(error: BaseException) -> str:
    """An exception's class with its module, e.g. `asyncpg.exceptions.DeadlockDetectedError`."""
    return f"{type(error).__module__}.{type(error).__qualname__}"


def stack(error: BaseException) -> list[str]:
    """The innermost 30 frames as `file:line function`, outermost first, without source lines."""
    frames = traceback.extract_tb(error.__traceback__)[-MAX_FRAMES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def record_failure(span: Span, error: BaseException, *, error_type: str | None = None) -> None:
    """Say on a span that it ended with an exception, which the caller raises on.

    A problem below 500 is the caller's mistake and a cancellation somebody's decision: both are
    named, neither makes the span an error.

    Args: error_type: value of `error.type`; default: see `failure_type`.
    """
    span.set_attribute("error.type", error_type or failure_type(error))
    if isinstance(error, asyncio.CancelledError):
        return
    if isinstance(error, Problem) and error.status < 500:
        return
    span.set_status(StatusCode.ERROR)
    if not span.is_recording() or any(_RECORDED in one.__dict__ for one in _chain(error)):
        return
    error.__dict__[_RECORDED] = True
    span.add_event(
        "exception",
        {"exception.type": type_name(error), "exception.stacktrace": "\n".join(stack(error))},
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and what it came from, also what `from None` hides from a reader."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__]
