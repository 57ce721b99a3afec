"""A wrong setting ends the start with a line that helps."""

import pytest
from chat_gateway.settings import GatewaySettings
from devstack.gateway_keys import GatewayKeys
from servicekit.settings import load

GOOD = {
    "PORT": "8000",
    "DATABASE_URL": "postgresql://chat_gateway:pw@localhost/taskchat",
    "AUTH_JWKS_URL": "http://localhost:8001/api/auth/jwks",
    "AUTH_ISSUER": "http://localhost:8001",
    "ALLOWED_ORIGINS": "http://localhost:3000",
    "MCP_URL": "http://localhost:8002/mcp",
    "GEMINI_API_KEY": "key",
    "GATEWAY_PROOF_KEY": GatewayKeys.new().private,
}
REQUIRED = sorted(GOOD)
WRONG = {
    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "EVENT_ONLY",
    "DATABASE_URL": "postgresql://u:p@localhost/db?target_session_attrs=any",
    "ALLOWED_ORIGINS": "http://localhost:3000/",
    "AUTH_JWKS_URL": "localhost:8001",
    "MCP_URL": "ftp://localhost/mcp",
    "GEMINI_REASONING_EFFORT": "a lot",
    "GEMINI_MAX_OUTPUT_TOKENS": "999",
    "TURN_DEADLINE_SECONDS": "0",
    "TURN_LEASE_SECONDS": "0.5",
    "MAX_TURNS_IN_FLIGHT": "0",
    "HISTORY_MAX_MESSAGES": "-1",
    "HISTORY_MAX_TOKENS": "many",
    "AGENT_MAX_STEPS": "0",
    "GATEWAY_PROOF_KEY": GatewayKeys.new().public,
}


@pytest.fixture(autouse=True)
def good_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def complaints(capsys: pytest.CaptureFixture[str]) -> list[str]:
    with pytest.raises(SystemExit) as stopped:
        load(GatewaySettings)
    assert stopped.value.code == 2
    return capsys.readouterr().err.splitlines()


@pytest.mark.parametrize("name", REQUIRED)
def test_missing_variable_is_named_with_an_example(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(name)
    (line,) = complaints(capsys)
    assert line.startswith(f"{name} is missing.")
    assert f"Example: {name}=" in line


@pytest.mark.parametrize(("name", "value"), WRONG.items(), ids=WRONG.keys())
def test_wrong_variable_is_named_without_its_value(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    (line,) = complaints(capsys)
    assert line.startswith(f"{name} is wrong:")
    assert f"={value}" not in line


def test_defaults_are_the_contracts() -> None:
    settings = load(GatewaySettings)
    assert settings.turn_deadline_seconds == 30
    assert settings.turn_lease_seconds == 10
    assert settings.max_turns_in_flight == 200
    assert (settings.history_max_messages, settings.history_max_tokens) == (40, 8000)
    assert settings.agent_max_steps == 10
    assert settings.auth_audience == "chat-gateway"


@pytest.mark.parametrize(
    ("value", "captured"),
    [
        ("NO_CONTENT", False),
        ("false", False),
        ("", False),
        ("SPAN_ONLY", True),
        ("span_only", True),
        ("True", True),
    ],
)
def test_contents_are_captured_only_when_that_is_said(
    value: str, captured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not load(GatewaySettings).captures_contents
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", value)
    assert load(GatewaySettings).captures_contents is captured


def test_secrets_are_not_shown() -> None:
    shown = repr(load(GatewaySettings))
    assert "pw" not in shown
    assert "'key'" not in shown
