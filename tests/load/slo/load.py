"""One stage of load: an order for Locust, a process of its own, and what came of each arrival."""

import asyncio
import contextlib
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from devstack.people import Person

from tests.load.slo.plan import Stage

ROOT = Path(__file__).resolve().parents[3]
LOCUSTFILE = Path(__file__).with_name("locustfile.py")
LAST_ANSWER_SECONDS = 60.0
PROGRESS_SECONDS = 1.0
STARTING_SECONDS = 0.1
"""Between two looks whether it has begun to send."""


class LoadFailed(Exception):
    """Locust ended otherwise than by having sent everything; its last lines are the message."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of one arrival.

    at: when it was due, in seconds of the stage. lag: how much later it was sent, in seconds.
    seconds: from when it was due to its answer. status: of the answer, 0 without one. code: of the
    problem. turn_id, tool_call_ids: of a 200.
    """

    at: float
    lag: float
    seconds: float
    status: int
    code: str | None
    key: str
    user_id: str
    turn_id: str | None
    conversation_id: str | None
    tool_call_ids: tuple[str, ...]

    @property
    def answered(self) -> bool:
        """Whether it got its answer."""
        return self.status == 200


async def send(
    stage: Stage,
    people: Sequence[Person],
    gateway_url: str,
    directory: Path,
    *,
    host: str | None,
    began: Callable[[int], None],
    progress: Callable[[int, float], Awaitable[None]],
) -> Sequence[Arrival]:
    """Send a stage's arrivals, and wait until each has its answer.

    Args: directory: gets the order, the results and Locust's log. host: the Host header, unless it
        is the URL's. began: told the load generator's process id when it begins to send. progress:
        told about every second how many answers there are, and for how long it has been sending.
    Returns: all arrivals, those of the warm-up too, in the order of their answers.
    Raises: LoadFailed: Locust ended in another way; SignInFailed: a person got no token.
    """
    # Names without a slash; results of an earlier stage of this name are not taken for new ones.
    order, results, log = (
        directory / f"{stage.name.replace('/', ' a ')}.{kind}" for kind in ("json", "jsonl", "log")
    )
    seconds = stage.warm_up_seconds + stage.seconds
    good_for = seconds + LAST_ANSWER_SECONDS
    order.write_text(
        json.dumps(
            {
                "url": gateway_url,
                "headers": {} if host is None else {"Host": host},
                "people": [
                    {
                        "user_id": str(person.user_id),
                        "token": await person.token(good_for),
                        "origin": person.origin,
                    }
                    for person in people
                ],
                "turns_per_second": stage.turns_per_second,
                "seconds": seconds,
                "seed": f"{stage.turns_per_second}",
                "results": str(results),
            }
        )
    )
    order.chmod(0o600)  # it holds tokens
    results.unlink(missing_ok=True)
    with log.open("wb") as output:
        locust = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "locust",
            *("--headless", "--only-summary", "-u", "1", "-f", str(LOCUSTFILE)),
            cwd=ROOT,
            env={"SLO_ORDER": str(order), "PATH": "", "HOME": str(directory)},
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
        )
    try:
        await _watch(locust, results, seconds, began, progress)
    finally:
        if locust.returncode is None:
            locust.kill()
            await locust.wait()
        order.unlink()
    # 1: it has sent everything, and some answers were failures.
    if locust.returncode not in (0, 1) or not results.exists():
        raise LoadFailed("\n".join(log.read_text().splitlines()[-15:]))
    return [_arrival(line) for line in results.read_text().splitlines()]


async def _watch(
    locust: asyncio.subprocess.Process,
    results: Path,
    seconds: float,
    began: Callable[[int], None],
    progress: Callable[[int, float], Awaitable[None]],
) -> None:
    clock = asyncio.get_running_loop().time
    started_at, sending_since = clock(), None
    while True:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PROGRESS_SECONDS if sending_since else STARTING_SECONDS):
                await locust.wait()
        if locust.returncode is not None:
            return
        if sending_since is None and _has_begun(results):
            sending_since = clock()
            began(locust.pid)
        if sending_since is not None:
            await progress(_lines(results), clock() - sending_since)
        if clock() - started_at > seconds + LAST_ANSWER_SECONDS * 2:
            raise LoadFailed("Locust does not end")


def _has_begun(results: Path) -> bool:
    return results.exists()


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def _arrival(line: str) -> Arrival:
    found = json.loads(line)
    return Arrival(**{**found, "tool_call_ids": tuple(found["tool_call_ids"])})
