"""The first contact with the model before a run is ready. The endpoint is a real one, but small."""

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from devstack.database_urls import DatabaseUrls
from devstack.deployment import KINDS, Deployment, system_environment
from devstack.guardian import Guardian
from devstack.model_check import ModelUnusable, finish_model_check, start_model_check
from devstack.secret_store import SecretStore

URL = "postgresql://owner:pw@127.0.0.1:5432/taskchat"
KNOWN = "gemini-known"


class Model(http.server.BaseHTTPRequestHandler):
    """Knows one model, and a second one that is busy."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))["model"]
        known, busy = asked == KNOWN, asked == "gemini-busy"
        self.send_response(200 if known else 503 if busy else 404)
        self.end_headers()
        body: dict[str, object] = (
            {"choices": []} if known else {"error": {"message": "x", "status": "NOT_FOUND"}}
        )
        self.wfile.write(json.dumps(body).encode())

    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def guardian() -> Iterator[Guardian]:
    watching = Guardian()
    yield watching
    watching.dismiss()


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """A system with a key of that endpoint."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=server.serve_forever).start()
    ports = {kind: 8000 + number for number, kind in enumerate(KINDS)}
    yield Deployment(
        root=tmp_path,
        ports=ports,
        metrics_ports=ports,
        database=DatabaseUrls(URL, URL),
        secrets=SecretStore(tmp_path / "secrets.json"),
        settings={
            **system_environment(),
            "GEMINI_BASE_URL": f"http://127.0.0.1:{server.server_port}/v1",
            "GEMINI_MODEL": KNOWN,
            "GEMINI_FALLBACK_MODEL": "",
        },
        gemini_api_key="key",
    )
    server.shutdown()
    server.server_close()


def check(deployment: Deployment, guardian: Guardian, **settings: str) -> list[str]:
    chosen = replace(deployment, settings={**deployment.settings, **settings})
    process = start_model_check(chosen, log_dir=deployment.root, guardian=guardian)
    assert process is not None
    return finish_model_check(process)


def test_unknown_model_says_what_to_set(deployment: Deployment, guardian: Guardian) -> None:
    with pytest.raises(ModelUnusable, match="GEMINI_MODEL=gemini-x is not a model of"):
        check(deployment, guardian, GEMINI_MODEL="gemini-x")


def test_wrong_setting_says_what_it_must_be(deployment: Deployment, guardian: Guardian) -> None:
    with pytest.raises(ModelUnusable, match="GEMINI_BASE_URL is wrong"):
        check(deployment, guardian, GEMINI_BASE_URL="localhost")


@pytest.mark.parametrize("fallback", ["gemini-x", "gemini-busy"])
def test_fallback_that_fails_is_a_warning(
    deployment: Deployment, guardian: Guardian, fallback: str
) -> None:
    (warning,) = check(deployment, guardian, GEMINI_FALLBACK_MODEL=fallback)
    assert warning.startswith(f"GEMINI_FALLBACK_MODEL={fallback} is ")


def test_simulator_is_not_asked(deployment: Deployment, guardian: Guardian, tmp_path: Path) -> None:
    simulated = replace(deployment, gemini_api_key=None)
    assert start_model_check(simulated, log_dir=tmp_path, guardian=guardian) is None


def test_model_that_answers_is_no_news(deployment: Deployment, guardian: Guardian) -> None:
    assert check(deployment, guardian) == []
