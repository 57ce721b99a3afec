"""Where the spans of `make run TELEMETRY=1` go."""

from contextlib import closing
from pathlib import Path

import pytest
from devstack.local_traces.telemetry import ENDPOINT, NO_TELEMETRY, LocalTelemetry


def test_off_sets_nothing_and_says_how_to_turn_it_on() -> None:
    assert NO_TELEMETRY.settings == {}
    assert "make run TELEMETRY=1" in NO_TELEMETRY.note
    NO_TELEMETRY.close()


def test_services_export_to_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "traces.jsonl").write_text("of an earlier run")
    with closing(LocalTelemetry.start({}, tmp_path)) as telemetry:
        assert telemetry.receiver is not None
        assert telemetry.settings[ENDPOINT] == telemetry.receiver.url
        assert telemetry.note == "make trace"
        assert not (tmp_path / "traces.jsonl").exists()


def test_endpoint_that_was_chosen_wins(tmp_path: Path) -> None:
    chosen = {ENDPOINT: "http://collector.example:4318"}
    telemetry = LocalTelemetry.start(chosen, tmp_path)
    assert telemetry.settings == {}
    assert telemetry.receiver is None
    assert "http://collector.example:4318" in telemetry.note
