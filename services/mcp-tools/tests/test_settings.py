"""Settings: what is wrong is named, with an example."""

import pytest
from devstack.gateway_keys import GatewayKeys
from mcp_tools.settings import Settings
from servicekit.settings import load

PUBLIC = GatewayKeys.new().public
# openssl genpkey -algorithm x25519 | openssl pkey -pubout: a key of a kind that signs nothing.
OTHER_KIND = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VuAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZmM=
-----END PUBLIC KEY-----"""
RIGHT = {
    "DATABASE_URL": "postgresql://mcp_tools:pw@db/taskchat",
    "AUTH_JWKS_URL": "http://localhost:8001/api/auth/jwks",
    "AUTH_ISSUER": "http://localhost:8001",
    "GATEWAY_PROOF_PUBLIC_KEYS": GatewayKeys.new().public,
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in RIGHT.items():
        monkeypatch.setenv(variable, value)


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("DATABASE_URL", "mysql://u@h/d", "must begin with postgresql://"),
        ("DATABASE_POOL_SIZE", "0", "DATABASE_POOL_SIZE is wrong"),
        ("AUTH_JWKS_URL", "localhost:8001", "AUTH_JWKS_URL is wrong"),
        ("AUTH_ISSUER", "", "AUTH_ISSUER is wrong"),
        ("AUTH_AUDIENCE", "", "AUTH_AUDIENCE is wrong"),
        ("TURN_GRACE_SECONDS", "-1", "TURN_GRACE_SECONDS is wrong"),
        ("ALLOWED_HOSTS", "", "ALLOWED_HOSTS is wrong"),
        ("ALLOWED_HOSTS", "*", "without port or wildcard"),
        ("ALLOWED_HOSTS", "mcp-tools:8002", "without port or wildcard"),
        ("PORT", "http", "PORT is wrong"),
        ("GATEWAY_PROOF_PUBLIC_KEYS", "", "must be public keys in PEM"),
        ("GATEWAY_PROOF_PUBLIC_KEYS", GatewayKeys.new().private, "must be public keys in PEM"),
        ("GATEWAY_PROOF_PUBLIC_KEYS", f"{PUBLIC}{PUBLIC}hunter2", "and nothing else"),
        ("GATEWAY_PROOF_PUBLIC_KEYS", PUBLIC.replace("M", "-"), "cannot be read"),
        ("GATEWAY_PROOF_PUBLIC_KEYS", PUBLIC * 5, "at most 4 keys"),
        ("GATEWAY_PROOF_PUBLIC_KEYS", OTHER_KIND, "must hold Ed25519 keys only"),
    ],
)
def test_wrong_one_is_named_with_an_example(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    value: str,
    told: str,
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(SystemExit) as ended:
        load(Settings)

    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert told in said
    assert f"Example: {variable}=" in said
    assert said.count("\n") == 1


def test_hosts_are_a_comma_separated_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "mcp-tools, mcp-tools.taskchat.svc.cluster.local")

    assert load(Settings).allowed_hosts == ("mcp-tools", "mcp-tools.taskchat.svc.cluster.local")


def test_defaults_are_the_contracts() -> None:
    settings = load(Settings)

    assert settings.port == 8002
    assert settings.auth_audience == "mcp-tools"
    assert settings.turn_grace_seconds == 30
    assert settings.allowed_hosts == ("localhost", "127.0.0.1", "mcp-tools")
