"""Settings: what is refused, and that nothing has to be set."""

import pytest
from gemini_simulator.settings import SimulatorSettings
from servicekit.settings import load


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("SIMULATOR_SEED", "dice"),
        ("SIMULATOR_LATENCY", "slow"),
        ("SIMULATOR_TTFT_MEDIAN_MS", "0"),
        ("SIMULATOR_TTFT_SIGMA", "-1"),
        ("SIMULATOR_TOKEN_MS", "fast"),
        ("SIMULATOR_SLOW_SHARE", "1.5"),
        ("SIMULATOR_SLOW_MEDIAN_MS", "0"),
        ("SIMULATOR_SLOW_SIGMA", "-1"),
        ("SIMULATOR_THOUGHT_SIGNATURES", "sometimes"),
    ],
)
def test_wrong_value_ends_the_start_with_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        load(SimulatorSettings)
    assert ended.value.code == 2
    assert f"{name} is wrong" in capsys.readouterr().err


def test_nothing_has_to_be_set() -> None:
    settings = load(SimulatorSettings)
    assert settings.port == 8003
    assert settings.simulator_latency == "none"
    assert settings.simulator_thought_signatures == "always"


def test_key_is_not_shown() -> None:
    assert "simulator_api_key=SecretStr('**********')" in repr(load(SimulatorSettings))


@pytest.mark.parametrize(
    ("value", "keys"), [("old", ("old",)), ("old,new", ("old", "new")), ("a , b", ("a", "b"))]
)
def test_keys_are_listed_with_commas(
    monkeypatch: pytest.MonkeyPatch, value: str, keys: tuple[str, ...]
) -> None:
    monkeypatch.setenv("SIMULATOR_API_KEY", value)
    assert load(SimulatorSettings).api_keys == keys
