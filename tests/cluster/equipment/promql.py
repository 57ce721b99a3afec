"""Expressions of rules and dashboards, put to the cluster's Prometheus."""

from collections.abc import Iterable, Mapping

from tests.cluster.equipment.prometheus import Prometheus
from tests.equipment.waiting import wait_until

LOOK_SECONDS = 2.0
"""Between two looks; the cluster's Prometheus scrapes every 5 s."""
SHOWN = 20


async def refused(prometheus: Prometheus, expressions: Mapping[str, str]) -> dict[str, str]:
    """What Prometheus cannot run.

    Args: expressions: by where they stand, as `TaskchatJwksStale` or `Promise / p95`.
    Returns: its words, by the same names.
    """
    said = {}
    for place, expression in expressions.items():
        try:
            await prometheus.query(expression)
        except AssertionError as error:
            said[place] = str(error)
    return said


async def without_data(prometheus: Prometheus, expressions: Mapping[str, str]) -> list[str]:
    """Where no series is found now. Raises: AssertionError: Prometheus refused an expression."""
    return [
        place for place, expression in expressions.items() if not await prometheus.query(expression)
    ]


async def wait_until_data(
    prometheus: Prometheus, expressions: Mapping[str, str], limit_seconds: float = 60.0
) -> None:
    """Wait until every expression has found a series once.

    Raises: AssertionError: not in time, and where; or Prometheus refused one.
    """
    missing = dict(expressions)

    async def look() -> bool:
        for place in set(missing) - set(await without_data(prometheus, missing)):
            del missing[place]
        return not missing

    try:
        await wait_until(
            "every expression finds something", look, limit_seconds, every_seconds=LOOK_SECONDS
        )
    except AssertionError as error:
        raise AssertionError(f"{error}\nwithout data: {shown(missing.items())}") from error


def shown(pairs: Iterable[tuple[str, str]]) -> str:
    """The first of them, a line each."""
    lines = [f"{place}: {expression}" for place, expression in pairs]
    more = [f"and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return "\n".join([*lines[:SHOWN], *more])
