"""What the first contact tells the log of a process, and the person who asked for it."""

import asyncio
from collections.abc import Mapping

import pytest
from aiohttp import web
from chat_gateway.check_model import main
from chat_gateway.model.first_contact import report_first_contact
from devstack.ports import free_port

from ..equipment.endpoint import (
    BASE,
    FALLBACK,
    KEY,
    MODEL,
    UNKNOWN,
    WRONG_KEY,
    Endpoint,
    Said,
    settings,
)


class TestLog:
    """One line, when the process starts."""

    async def test_failure_names_the_variable(
        self, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
    ) -> None:
        endpoint.says = {MODEL: WRONG_KEY, FALLBACK: WRONG_KEY}
        await report_first_contact(settings(endpoint.url))
        (line,) = caplog.records
        assert (line.levelname, line.message) == ("ERROR", "the model cannot be used")
        assert line.__dict__["setting"] == "GEMINI_API_KEY"
        assert KEY not in str(line.__dict__)

    async def test_endpoint_that_comes_later_is_no_failure(
        self, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("INFO", "chat_gateway")
        port = free_port()
        chosen = settings(f"http://127.0.0.1:{port}{BASE}")
        reporting = asyncio.create_task(report_first_contact(chosen, pauses=[0.01] * 500))
        await asyncio.sleep(0)
        app = web.Application()
        app.router.add_post(f"{BASE}/chat/completions", endpoint.chat)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await reporting
        await runner.cleanup()
        assert [(one.levelname, one.message) for one in caplog.records] == [
            ("INFO", "the model answers")
        ]


class TestCommand:
    """`python -m chat_gateway.check_model`."""

    @pytest.mark.parametrize(
        ("says", "code", "printed"),
        [
            ({}, 0, "The model answers."),
            ({FALLBACK: UNKNOWN}, 0, "GEMINI_FALLBACK_MODEL="),
            ({MODEL: UNKNOWN}, 1, "GEMINI_MODEL="),
        ],
        ids=["good", "warning", "failure"],
    )
    async def test_exit_code(
        self,
        endpoint: Endpoint,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        says: Mapping[str, Said],
        code: int,
        printed: str,
    ) -> None:
        endpoint.says = dict(says)
        monkeypatch.setenv("GEMINI_API_KEY", KEY)
        monkeypatch.setenv("GEMINI_BASE_URL", endpoint.url)
        assert await asyncio.to_thread(main, ["--patient"]) == code
        out = capsys.readouterr().out
        assert printed in out
        assert out.count("\n") == 1
