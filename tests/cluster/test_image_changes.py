"""A changed source: how soon it answers in the `dev` target, and how soon it is in an image."""

import asyncio
import io
import shutil
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.cluster.images import (
    PYTHON_SERVICES,
    SERVICES,
    SETTINGS,
    WEB,
    Container,
    Image,
    needs_engine,
)
from tests.equipment.documents import ROOT
from tests.equipment.waiting import wait_until

pytestmark = [
    needs_engine,
    pytest.mark.timeout(900),  # the first build fetches every dependency
]

SYNCED: Final = "tmp/src/"
PROBES: Final = "libs/servicekit/src/servicekit/probes.py"
START_LIMIT_SECONDS: Final = 60.0
RELOAD_LIMIT_SECONDS: Final = 5.0
BUNDLED: Final = {"auth": "src/http/app.ts", "web": "src/main.tsx"}
"""A source of each that is no Python."""
REBUILD_LIMIT_SECONDS: Final = 10.0
STOP_LIMIT_SECONDS: Final = 10
FETCH: Final = "fetch('http://127.0.0.1:3000/').then(r => r.text()).then(console.log, () => {})"
ASK: Final = (
    "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=1).read().decode())"
)


@pytest.fixture(scope="module", params=PYTHON_SERVICES, ids=lambda service: service.name)
def development(request: pytest.FixtureRequest) -> Iterator[Image]:
    """The `dev` target of a service."""
    service: Image = request.param
    image = Image(service.name, service.dockerfile, target="dev")
    image.build()
    yield image
    image.remove()


@pytest.fixture(scope="module")
def page() -> Iterator[Image]:
    """The `dev` target of the page."""
    image = Image(WEB.name, WEB.dockerfile, target="dev")
    image.build()
    yield image
    image.remove()


class TestReload:
    async def test_a_changed_line_answers_soon(self, development: Image) -> None:
        with development.started(SETTINGS) as container:
            await answers(development, container, '"ok"', START_LIMIT_SECONDS)
            container.copy_in(archive(probes().replace('"ok"', '"changed"')))
            await answers(development, container, '"changed"', RELOAD_LIMIT_SECONDS)

    async def test_a_mistake_waits_for_its_correction(self, development: Image) -> None:
        with development.started(SETTINGS) as container:
            await answers(development, container, '"ok"', START_LIMIT_SECONDS)
            container.copy_in(archive(probes() + "\nunfinished = ("))
            await wait_until(
                "the mistake is told",
                lambda: asyncio.to_thread(lambda: "was never closed" in container.logs()),
                RELOAD_LIMIT_SECONDS,
                every_seconds=0.2,
            )
            container.copy_in(archive(probes().replace('"ok"', '"corrected"')))
            await answers(development, container, '"corrected"', RELOAD_LIMIT_SECONDS)

    async def test_it_ends_in_order(self, development: Image) -> None:
        with development.started(SETTINGS) as container:
            await answers(development, container, '"ok"', START_LIMIT_SECONDS)
            code, took = await asyncio.to_thread(container.stop, STOP_LIMIT_SECONDS)
            assert code == 0, container.logs()
            assert took < STOP_LIMIT_SECONDS


class TestPage:
    async def test_a_changed_source_is_shown_soon(self, page: Image) -> None:
        index = (ROOT / "services/web/index.html").read_text()
        with page.started(SETTINGS) as container:
            await shows(container, "<title>taskchat", START_LIMIT_SECONDS)
            changed = index.replace("<title>taskchat", "<title>changed")
            container.copy_in(archive(changed, "index.html"))
            await shows(container, "<title>changed", RELOAD_LIMIT_SECONDS)

    async def test_a_mistake_leaves_the_page_as_it_was(self, page: Image) -> None:
        with page.started(SETTINGS) as container:
            await shows(container, "<title>taskchat", START_LIMIT_SECONDS)
            container.copy_in(archive("const unfinished = (", "src/main.tsx"))
            await wait_until(
                "the mistake is told",
                lambda: asyncio.to_thread(lambda: "the build has failed" in container.logs()),
                RELOAD_LIMIT_SECONDS,
                every_seconds=0.2,
            )
            await shows(container, "<title>taskchat", RELOAD_LIMIT_SECONDS)

    async def test_it_ends_in_order(self, page: Image) -> None:
        with page.started(SETTINGS) as container:
            await shows(container, "<title>taskchat", START_LIMIT_SECONDS)
            code, took = await asyncio.to_thread(container.stop, STOP_LIMIT_SECONDS)
            assert code == 0, container.logs()
            assert took < STOP_LIMIT_SECONDS


class TestRebuild:
    @pytest.fixture
    def checkout(self, tmp_path: Path) -> Path:
        """A copy of what a build gets, and a bit more."""
        unneeded = shutil.ignore_patterns("node_modules", "dist", "tests", "test", "__pycache__")
        for folder in ("libs", "services"):
            shutil.copytree(ROOT / folder, tmp_path / folder, ignore=unneeded)
        for file in (".dockerignore", "pyproject.toml", "uv.lock"):
            shutil.copy(ROOT / file, tmp_path)
        return tmp_path

    @pytest.fixture(params=SERVICES, ids=lambda service: service.name)
    def image(self, request: pytest.FixtureRequest, checkout: Path) -> Iterator[Image]:
        """The image of a service, built from the copy."""
        of: Image = request.param
        image = Image(of.name, of.dockerfile, checkout, target="production", packages=of.packages)
        image.build()
        yield image
        image.remove()

    def test_a_changed_source_is_soon_in_it(self, image: Image) -> None:
        before = image.layers()
        module = f"src/{image.packages[0]}/app.py" if image.packages else BUNDLED[image.name]
        source = image.context / "services" / image.name / module
        # No comment, and nothing that nobody uses: bundles have none.
        mark = "CHANGED = True" if image.packages else "Object.assign(globalThis, { changed: 1 });"
        source.write_text(f"{source.read_text()}\n{mark}\n")

        started = time.monotonic()
        image.build()
        took = time.monotonic() - started

        assert took <= REBUILD_LIMIT_SECONDS
        after = image.layers()
        assert after[:-1] == before[:-1], "only the layer of the sources is another"
        assert after[-1] != before[-1]


async def answers(image: Image, container: Container, words: str, limit_seconds: float) -> None:
    """Wait until the service's /healthz answers these words."""
    url = f"http://127.0.0.1:{image.environment['PORT']}/healthz"
    await wait_until(
        f"{image.name} answers {words}",
        lambda: asyncio.to_thread(lambda: words in container.run("python", "-c", ASK, url).stdout),
        limit_seconds,
        every_seconds=0.1,
    )


async def shows(container: Container, words: str, limit_seconds: float) -> None:
    """Wait until the page has these words."""
    await wait_until(
        f"the page has {words}",
        lambda: asyncio.to_thread(lambda: words in container.run("node", "-e", FETCH).stdout),
        limit_seconds,
        every_seconds=0.1,
    )


def probes() -> str:
    """The module that answers /healthz, as it is in the image."""
    return (ROOT / PROBES).read_text()


def archive(text: str, name: str = "servicekit/probes.py") -> bytes:
    """What skaffold sends when that source has changed."""
    content = text.encode()
    file = tarfile.TarInfo(SYNCED + name)
    file.size = len(content)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.addfile(file, io.BytesIO(content))
    return packed.getvalue()
