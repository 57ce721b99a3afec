"""services/reload.py as a process of its own, with a service of a few lines."""

import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from textwrap import dedent
from typing import Final

import pytest

from tests.equipment.documents import ROOT
from tests.equipment.waiting import wait_until

LIMIT_SECONDS: Final = 20.0
SERVICE: Final = dedent(
    """
    import decimal
    import json, os, signal, sys

    def stop(signal_number, frame):
        print("stopping", flush=True)
        sys.exit(7)

    if __name__ == "__main__":
        signal.signal(signal.SIGTERM, stop)
        print("WORD", json.dumps([os.getpid(), os.getppid()]), flush=True)
        while True:
            signal.pause()
    """
)


class Running:
    """The reloader, and what it and its service have said."""

    def __init__(self, folder: Path) -> None:
        self.sources = folder / "sources"
        self._said = folder / "said"
        with self._said.open("wb") as said:
            argv = [sys.executable, str(folder / "reload.py"), "service", str(self.sources)]
            self.process = subprocess.Popen(argv, stdout=said, stderr=subprocess.STDOUT)

    @property
    def said(self) -> str:
        return self._said.read_text()

    def change(self, text: str) -> None:
        (self.sources / "service" / "__main__.py").write_text(text)

    async def says(self, words: str, times: int = 1) -> None:
        async def look() -> bool:
            return self.said.count(words) == times

        await wait_until(f"“{words}”, {times} times", look, LIMIT_SECONDS)

    async def ended(self) -> int:
        async def look() -> bool:
            return self.process.poll() is not None

        await wait_until("the reloader has ended", look, LIMIT_SECONDS)
        return self.process.returncode


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """As in an image: the reloader, the sources, and the names of what they import."""
    shutil.copy(ROOT / "services" / "reload.py", tmp_path)
    package = tmp_path / "src" / "service"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(SERVICE)
    (tmp_path / "modules").write_text("decimal\njson\nservice\nservice.__main__\nno.such.module\n")
    return tmp_path


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Running]:
    """The reloader, until the test is over."""
    reloader = Running(folder)
    try:
        yield reloader
    finally:
        reloader.process.terminate()
        try:
            reloader.process.wait(LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            reloader.process.kill()
            raise


class TestMistakes:
    async def test_a_mistake_is_shown_and_waits_for_its_correction(self, folder: Path) -> None:
        async with running(folder) as reloader:
            await reloader.says("WORD")
            reloader.change("unfinished = (")
            await reloader.says("was never closed")
            await reloader.says("it starts again when a source changes")
            reloader.change(SERVICE.replace("WORD", "CORRECTED"))
            await reloader.says("CORRECTED")

    async def test_a_service_that_does_not_stop_is_killed(self, folder: Path) -> None:
        async with running(folder) as reloader:
            await reloader.says("WORD")
            reloader.change(SERVICE.replace("sys.exit(7)", "").replace("WORD", "STUBBORN"))
            await reloader.says("STUBBORN")
            reloader.change(SERVICE.replace("WORD", "NEXT"))
            await reloader.says("NEXT")


class TestStopping:
    async def test_sigterm_is_handed_on_and_the_code_is_the_services(self, folder: Path) -> None:
        async with running(folder) as reloader:
            await reloader.says("WORD")
            reloader.process.send_signal(signal.SIGTERM)
            assert await reloader.ended() == 7
            assert reloader.said.endswith("stopping\n")

    async def test_sigterm_while_nothing_runs_ends_it(self, folder: Path) -> None:
        (folder / "src" / "service" / "__main__.py").write_text("raise SystemExit(2)")
        async with running(folder) as reloader:
            await reloader.says("service ended with 2")
            reloader.process.send_signal(signal.SIGTERM)
            assert await reloader.ended() == 0


class TestChanges:
    async def test_a_change_starts_it_once_more_in_order(self, folder: Path) -> None:
        async with running(folder) as reloader:
            await reloader.says("WORD")
            reloader.change(SERVICE.replace("WORD", "CHANGED"))
            await reloader.says("CHANGED")
            assert reloader.said.count("stopping") == 1

    async def test_what_was_synced_outlives_the_container(self, folder: Path) -> None:
        async with running(folder) as reloader:
            await reloader.says("WORD")
            reloader.change(SERVICE.replace("WORD", "SYNCED"))
            await reloader.says("SYNCED")
        async with running(folder) as restarted:
            await restarted.says("SYNCED")

    async def test_what_others_wrote_is_imported_before_it_starts(self, folder: Path) -> None:
        watched = SERVICE.replace("import decimal", "import sys; early = 'decimal' in sys.modules")
        watched = watched.replace('"WORD"', 'f"early: {early}"')
        (folder / "src" / "service" / "__main__.py").write_text(watched)
        async with running(folder) as reloader:
            await reloader.says("early: True")
