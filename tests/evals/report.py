"""The results as a table by category, and each failure with what was expected.

A run is the results of all cases, once each; a real model has several, and its rates a spread.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from tests.evals.case import Case, Task
from tests.evals.runner import Result

Run = Sequence[Result]

FLOOR = 0.95  # on the simulator and plain English; a real model's rate is only printed
HEADING = f"{'category':<26}{'cases':>6}{'right':>8}{'min':>8}{'max':>8}{'touched':>9}{'mean':>9}"

#: Cases that a model passes by doing nothing are counted apart: they would flatter it.
GROUPS: dict[str, Callable[[Case], bool]] = {
    "plain English": lambda case: not (case.needs_model or case.passes_idle),
    "more than plain English": lambda case: case.needs_model and not case.passes_idle,
    "right by doing nothing": lambda case: case.passes_idle,
    "all": lambda _: True,
}


def success_rate(results: Run) -> float:
    """The share of successes, 0 to 1; of no results 1."""
    return sum(one.is_success for one in results) / len(results) if results else 1.0


def shortfalls(runs: Sequence[Run], *, is_real_model: bool) -> Iterator[str]:
    """What keeps the runs from passing, a line each.

    Args: is_real_model: only what it touched counts then.
    """
    for result in (one for run in runs for one in run if one.touched):
        yield f"✗ {result.category}: {result.case.name}: touched {_shown(result.touched)}"
    for run in () if is_real_model else runs:
        for name in ("plain English", "right by doing nothing"):
            held = [one for one in run if GROUPS[name](one.case) and not one.case.needs_model]
            if success_rate(held) < FLOOR:
                yield f"✗ {name}: {success_rate(held):.1%} is below {FLOOR:.0%}"


def table(runs: Sequence[Run]) -> Iterator[str]:
    """Lines: one for each category, and each group.

    Columns: right, min and max are rates, the mean over the runs and its spread; touched is how
    many cases lost a task that must not be touched; mean is seconds per case.
    """
    yield HEADING
    yield "-" * len(HEADING)
    for category, _ in groupby(runs[0], key=lambda result: result.category):
        yield _row(category, [[one for one in run if one.category == category] for run in runs])
    yield "-" * len(HEADING)
    for name, belongs in GROUPS.items():
        chosen = [[one for one in run if belongs(one.case)] for run in runs]
        if chosen[0]:
            yield _row(name, chosen)


def failures(runs: Sequence[Run], *, is_real_model: bool) -> Iterator[str]:
    """Lines about each case that failed: in how many runs, and how in the first of them.

    Args: is_real_model: else what plain English is not enough for is passed over.
    """
    for results in zip(*runs, strict=True):
        failed = [result for result in results if not result.is_success]
        if not failed or (failed[0].case.needs_model and not is_real_model):
            continue
        result = failed[0]
        how_often = f" ({len(failed)} of {len(runs)} runs)" if len(runs) > 1 else ""
        yield f"\n✗ {result.category}: {result.case.name}{how_often}"
        if result.problem is not None:
            yield f"    problem:  {result.problem}"
            continue
        facts = "".join(f" “{fact}”" for fact in result.case.hears)
        yield f"    expected: {_shown(result.case.right_outcomes[0])}" + (
            facts and f", heard{facts}"
        )
        yield f"    found:    {_shown(result.tasks)}"
        for answer in result.answers:
            yield f"    answer:   {' '.join(answer.split())[:200]}"


def _row(name: str, runs: Sequence[Run]) -> str:
    results = [result for run in runs for result in run]
    rates = [success_rate(run) for run in runs]
    spread = f"{sum(rates) / len(rates):>8.1%}{min(rates):>8.1%}{max(rates):>8.1%}"
    touched = sum(bool(result.touched) for result in results)
    seconds = sum(result.seconds for result in results) / len(results)
    return f"{name:<26}{len(runs[0]):>6}{spread}{touched:>9}{seconds:>8.2f}s"


def _shown(tasks: Sequence[Task]) -> str:
    shown = (
        f"{'x ' if task.is_done else ''}{task.title}{' | ' + task.note if task.note else ''}"
        for task in tasks[:8]
    )
    return "; ".join(shown) + (f"; … {len(tasks)} in all" if len(tasks) > 8 else "") or "nothing"
