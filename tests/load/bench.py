"""`make bench`: what a turn costs, beside a floor that does the same by hand without the SDK.

Four gateways on one stack, measured in turn in one run: the floor, ours without metrics, ours as
it is (plain, and streamed in the ChatKit protocol), and ours with tracing on. The last two are
scraped once a second, exemplars included, which is oftener than a Prometheus does. A turn is two
model calls and one tool call; the simulated model answers at once, so that the time to the first
text is what we take beyond the model's own.
"""

import asyncio
import platform
import shutil
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil
from devstack.guardian import Guardian
from devstack.people import Person
from devstack.ports import free_port
from devstack.processes import ManagedProcess
from devstack.stack import Stack, StackOptions, base_url
from rich.console import Console
from rich.table import Table

from tests.equipment.metrics import OPEN_METRICS
from tests.load.measure import Measurement, Turn, measure, percentile
from tests.load.streams import Beginnings, streamed_turn

ROOT = Path(__file__).resolve().parents[2]
DIRECTORY = ROOT / ".taskchat" / "bench"
MESSAGE, ONE_TOOL = "add a task to buy groceries", "one tool call"
GREETING, NO_TOOL = "hello", "no tool call"
STREAM_COLUMNS = ("event p50 ms", "event p95 ms", "text p50 ms", "text p95 ms")
IN_FLIGHT = (1, 16)
SCRAPE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to run the turn. processes: name → pid of what is charged. metrics: scraped pages."""

    name: str
    url: str
    processes: Mapping[str, int]
    metrics: Sequence[str] = ()
    is_streamed: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    variant: str
    in_flight: int
    measured: Measurement


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured. streams: what it was of → when it began to be seen."""

    rows: Sequence[Row]
    streams: Mapping[str, Beginnings]


async def bench(turns: int, rounds: int, console: Console) -> Report:
    """Measure every variant at every load, `rounds` times in turn, and keep each one's median.

    Args: turns: per measurement. rounds: odd, so that there is a median.
    """
    rows, streams = list[Row](), dict[str, Beginnings]()
    with console.status("starting the stack") as status:
        async with _variants() as (variants, people), _client() as client:
            for in_flight in IN_FLIGHT:
                results: dict[str, list[Measurement]] = {one.name: [] for one in variants}
                for number in range(rounds):
                    for variant in variants:
                        status.update(f"{variant.name}, {in_flight} in flight, round {number}")
                        turn = warm_up = _turn(client, variant.url, people)
                        if variant.is_streamed:
                            seen = streams.setdefault(f"{ONE_TOOL}, {in_flight}", Beginnings())
                            turn = streamed_turn(client, variant.url, people, MESSAGE, seen)
                        await measure(
                            warm_up, turns=in_flight * 3, in_flight=in_flight, processes={}
                        )
                        async with _scraping(client, variant.metrics):
                            results[variant.name].append(
                                await measure(
                                    turn,
                                    turns=turns,
                                    in_flight=in_flight,
                                    processes=variant.processes,
                                )
                            )
                rows += [Row(name, in_flight, _median(found)) for name, found in results.items()]
            status.update("streamed, without a tool")
            (streamed,) = (one for one in variants if one.is_streamed)
            seen = streams.setdefault(f"{NO_TOOL}, 1", Beginnings())
            turn = streamed_turn(client, streamed.url, people, GREETING, seen)
            await measure(turn, turns=turns, in_flight=1, processes={})
    return Report(rows, streams)


def table(rows: Sequence[Row]) -> Table:
    """The rows as a table; ratios are against the floor at the same load."""
    names = ("gateway", "mcp-tools", "simulator", "postgres")
    shown = Table(title=f"One turn: two model calls, one tool call · {machine()}")
    columns = ("variant", "in flight", "p50 ms", "p95 ms", "turns/s", "gateway × floor")
    for column in (*columns, *(f"{name} CPU ms" for name in names), "gateway MB", "mcp-tools MB"):
        shown.add_column(column, justify="left" if column == "variant" else "right")
    floors = {row.in_flight: row.measured for row in rows if row.variant == "floor"}
    for row in rows:
        found, floor = row.measured, floors[row.in_flight]
        ratio = found.costs["gateway"].cpu_ms_per_turn / floor.costs["gateway"].cpu_ms_per_turn
        shown.add_row(
            row.variant,
            str(row.in_flight),
            f"{found.percentile_ms(0.50):.1f}",
            f"{found.percentile_ms(0.95):.1f}",
            f"{found.turns_per_second:.1f}",
            f"{ratio:.2f}",
            *(f"{found.costs[name].cpu_ms_per_turn:.1f}" for name in names),
            f"{found.costs['gateway'].rss_mb:.0f}",
            f"{found.costs['mcp-tools'].rss_mb:.0f}",
        )
    return shown


def stream_table(streams: Mapping[str, Beginnings]) -> Table:
    """When a person sees the first event and the first text, after the request was sent."""
    shown = Table(title="Streamed: first event and first text, the model's own time is none")
    for column in ("turn, in flight", "streams", *STREAM_COLUMNS):
        shown.add_column(column, justify="left" if column == "turn, in flight" else "right")
    for name, seen in streams.items():
        firsts = (sorted(seen.event_ms), sorted(seen.text_ms))
        figures = [f"{percentile(ms, share):.1f}" for ms in firsts for share in (0.50, 0.95)]
        shown.add_row(name, str(len(seen.event_ms)), *figures)
    return shown


def machine() -> str:
    """Where it was measured."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{psutil.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"


@asynccontextmanager
async def _variants() -> AsyncIterator[tuple[Sequence[Variant], Sequence[Person]]]:
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    stack = await asyncio.to_thread(Stack.start, StackOptions(directory=DIRECTORY))
    guardian = Guardian()
    own: list[ManagedProcess] = []
    try:
        sink, floor, unmeasured = (
            _process(stack, guardian, name) for name in ("otlp_sink", "floor", "unmeasured")
        )
        for process in (sink, floor, unmeasured):
            own.append(process)
            process.start()
        traced = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{sink.env['PORT']}"}
        add = stack.add_process
        traced_tools = await asyncio.to_thread(add, "mcp-tools", "mcp-tools-traced", **traced)
        traced_gateway = await asyncio.to_thread(
            add,
            "chat-gateway",
            "chat-gateway-traced",
            MCP_URL=f"{base_url(traced_tools)}/mcp",
            **traced,
        )
        for process in (floor, unmeasured):
            await asyncio.to_thread(process.wait_ready)
        people = [await Person.sign_up(stack.urls.auth) for _ in range(max(IN_FLIGHT))]
        shared = {
            "simulator": stack.process("gemini-simulator").pid,
            "postgres": stack.postgres.pid,
        }
        ours, tools = stack.process("chat-gateway"), stack.process("mcp-tools")
        yield (
            (
                Variant("floor", base_url(floor), _pids(floor, tools, shared)),
                Variant(
                    "taskchat, no metrics", base_url(unmeasured), _pids(unmeasured, tools, shared)
                ),
                Variant(
                    "taskchat", base_url(ours), _pids(ours, tools, shared), _pages(ours, tools)
                ),
                Variant(
                    "taskchat, streamed",
                    base_url(ours),
                    _pids(ours, tools, shared),
                    _pages(ours, tools),
                    is_streamed=True,
                ),
                Variant(
                    "taskchat, traced",
                    base_url(traced_gateway),
                    _pids(traced_gateway, traced_tools, shared),
                    _pages(traced_gateway, traced_tools),
                ),
            ),
            people,
        )
    finally:
        for process in own:
            process.stop()
        guardian.dismiss()
        await asyncio.to_thread(stack.stop)


def _pids(
    gateway: ManagedProcess, tools: ManagedProcess, shared: Mapping[str, int]
) -> Mapping[str, int]:
    return {"gateway": gateway.pid, "mcp-tools": tools.pid, **shared}


def _pages(*processes: ManagedProcess) -> Sequence[str]:
    return [f"http://127.0.0.1:{process.env['METRICS_PORT']}/metrics" for process in processes]


@asynccontextmanager
async def _scraping(client: httpx2.AsyncClient, pages: Sequence[str]) -> AsyncIterator[None]:
    """Read these pages once a second, as Prometheus asks for them, while the block runs."""

    async def scrape() -> None:
        while True:
            for page in pages:
                (await client.get(page, headers={"accept": OPEN_METRICS})).raise_for_status()
            await asyncio.sleep(SCRAPE_SECONDS)

    scraping = asyncio.create_task(scrape())
    try:
        yield
    finally:
        scraping.cancel()
        await asyncio.wait([scraping])
    if not scraping.cancelled() and (failure := scraping.exception()) is not None:
        raise failure


def _process(stack: Stack, guardian: Guardian, name: str) -> ManagedProcess:
    port = str(free_port())
    return ManagedProcess(
        name,
        [sys.executable, "-m", f"tests.load.{name}", port],
        {
            **stack.env("chat-gateway"),
            "GEMINI_MODEL": "gemini-flash-latest",
            "PORT": port,
            "METRICS_PORT": "",
        },
        cwd=ROOT,
        log_path=stack.log_dir / f"{name}.log",
        ready_url=f"http://127.0.0.1:{port}/readyz",
        guardian=guardian,
    )


def _client() -> httpx2.AsyncClient:
    return httpx2.AsyncClient(timeout=60, trust_env=False)


def _turn(client: httpx2.AsyncClient, url: str, people: Sequence[Person]) -> Turn:
    async def turn(caller: int) -> None:
        response = await people[caller].chat(url, MESSAGE, client=client)
        if response.status_code != 200:
            raise RuntimeError(f"a turn answered {response.status_code}: {response.text[:300]}")

    return turn


def _median(found: Sequence[Measurement]) -> Measurement:
    return sorted(found, key=lambda one: one.wall_seconds)[len(found) // 2]
