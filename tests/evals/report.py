"""The results as a table by category, and each failure with what was expected."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from tests.evals.case import Task
from tests.evals.runner import Result

FLOOR = 0.95  # on the simulator; a real model has none, its rate is only printed
HEADING = f"{'category':<20}{'cases':>7}{'right':>7}{'rate':>8}{'mean':>10}"


def success_rate(results: Sequence[Result]) -> float:
    """The share of successes, 0 to 1. Raises: ZeroDivisionError: no results."""
    return sum(result.is_success for result in results) / len(results)


def table(results: Sequence[Result]) -> Iterator[str]:
    """Lines: one for each category, and the total. `mean` is seconds per case."""
    yield HEADING
    yield "-" * len(HEADING)
    for category, group in groupby(results, key=lambda result: result.category):
        yield _row(category, list(group))
    yield "-" * len(HEADING)
    yield _row("all", results)


def failures(results: Sequence[Result]) -> Iterator[str]:
    """Lines about each case that failed."""
    for result in results:
        if result.is_success:
            continue
        yield f"\n✗ {result.category}: {result.case.name}"
        if result.problem is not None:
            yield f"    problem:  {result.problem}"
            continue
        yield f"    expected: {_shown(result.case.right_outcomes[0])}"
        yield f"    found:    {_shown(result.tasks)}"
        for answer in result.answers:
            yield f"    answer:   {' '.join(answer.split())[:200]}"


def _row(name: str, results: Sequence[Result]) -> str:
    right = sum(result.is_success for result in results)
    seconds = sum(result.seconds for result in results) / len(results)
    return f"{name:<20}{len(results):>7}{right:>7}{success_rate(results):>8.1%}{seconds:>9.2f}s"


def _shown(tasks: Sequence[Task]) -> str:
    shown = (
        f"{'x ' if task.is_done else ''}{task.title}{' | ' + task.note if task.note else ''}"
        for task in tasks[:8]
    )
    return "; ".join(shown) + (f"; … {len(tasks)} in all" if len(tasks) > 8 else "") or "nothing"
