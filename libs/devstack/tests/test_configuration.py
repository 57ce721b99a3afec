"""What a person may choose for a run, and what is refused."""

import socket
from pathlib import Path
from types import MappingProxyType

import pytest
from devstack.configuration import PORT_VARIABLES, ConfigurationWrong, read_configuration
from devstack.database_urls import DatabaseUrls, DatabaseUrlWrong, database_urls
from devstack.ports import PortTaken, free_port

NEON = "postgresql://me:s%40cret@ep-cool-1-pooler.eu.aws.neon.tech/taskchat?sslmode=require"


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


@pytest.mark.parametrize("value", ["http", "0", "65536", "-1", "8000.5", "٣"])
def test_port_that_is_none_is_refused_with_an_example(env_file: Path, value: str) -> None:
    with pytest.raises(ConfigurationWrong, match=r"AUTH_PORT=.* for example AUTH_PORT=8001"):
        read_configuration({"AUTH_PORT": value}, env_file)


def test_two_services_on_one_port_are_refused(env_file: Path) -> None:
    with pytest.raises(ConfigurationWrong, match="CHAT_GATEWAY_PORT and AUTH_PORT are both 8000"):
        read_configuration({"AUTH_PORT": "8000"}, env_file)


def test_taken_port_of_postgres_names_its_variable(env_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taker:
        port = taker.getsockname()[1]
        free = {
            name: str(port + offset)
            for offset, name in enumerate(
                ("CHAT_GATEWAY_PORT", "AUTH_PORT", "MCP_TOOLS_PORT", "GEMINI_SIMULATOR_PORT"), 1
            )
        }
        chosen = read_configuration({**free, "POSTGRES_PORT": str(port)}, env_file)
        with pytest.raises(PortTaken, match=rf"port {port} \(POSTGRES_PORT\) is in use"):
            chosen.require_free_ports()


def test_port_that_nobody_named_moves_when_it_is_taken(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taker:
        taken = taker.getsockname()[1]
        monkeypatch.setattr("devstack.configuration.POSTGRES_PORT", ("POSTGRES_PORT", taken))
        chosen = read_configuration({"AUTH_PORT": str(free_port())}, env_file)
        chosen.require_free_ports()
        moved = chosen.with_other_ports(chosen.taken_ports)
    assert chosen.postgres_port == taken != moved.postgres_port
    assert moved.ports["auth"] == chosen.ports["auth"]
    assert moved.taken_ports == {}


def test_allowed_origin_follows_the_page(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taker:
        taken = taker.getsockname()[1]
        page = MappingProxyType({**PORT_VARIABLES, "web": ("WEB_PORT", taken)})
        monkeypatch.setattr("devstack.configuration.PORT_VARIABLES", page)
        chosen = read_configuration({}, env_file)
        assert chosen.allowed_origins == (f"http://localhost:{taken}",)
        moved = chosen.with_other_ports(["WEB_PORT"])
    assert moved.ports["web"] != taken
    assert moved.allowed_origins == (moved.urls["web"],)
    own = read_configuration({"ALLOWED_ORIGINS": "https://a.example, https://b.example"}, env_file)
    assert own.allowed_origins == ("https://a.example", "https://b.example")
    assert own.origin == "https://a.example"


def test_direct_url_alone_is_refused(env_file: Path) -> None:
    with pytest.raises(ConfigurationWrong, match="DATABASE_URL is not"):
        read_configuration({"DATABASE_URL_DIRECT": NEON}, env_file)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://me:pw@host/db",
        "postgresql://host/db",
        "postgresql://me:pw@host",
        "postgresql://me:pw@/db",
        "host=localhost dbname=db",
    ],
)
def test_database_url_of_another_form_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(DatabaseUrlWrong, match="DATABASE_URL must look like") as refusal:
        database_urls(url, None)
    assert "pw@" not in str(refusal.value)


def test_pooler_without_a_direct_url_is_refused() -> None:
    with pytest.raises(DatabaseUrlWrong, match="DATABASE_URL_DIRECT is missing"):
        database_urls(NEON, None)


def test_url_of_a_role_keeps_host_and_options() -> None:
    urls = DatabaseUrls(pooled=NEON, direct=NEON)
    assert urls.of_role("auth", "p/w@:") == NEON.replace("me:s%40cret", "auth:p%2Fw%40%3A")


def test_database_without_a_pooler_needs_one_url() -> None:
    url = "postgres://me:pw@localhost:5433/db"
    assert database_urls(url, None) == DatabaseUrls(url, url)


def test_environment_wins_over_the_file(env_file: Path) -> None:
    env_file.write_text("AUTH_PORT=9001\nLOG_LEVEL=DEBUG\nGEMINI_API_KEY=\n")
    chosen = read_configuration({"AUTH_PORT": "9002", "LOG_LEVEL": ""}, env_file)
    assert chosen.ports["auth"] == 9002
    assert chosen.settings["LOG_LEVEL"] == "DEBUG"
    assert chosen.gemini_api_key is None


@pytest.mark.parametrize("where", ["environment", "file"])
def test_no_fallback_is_a_choice(env_file: Path, where: str) -> None:
    env_file.write_text("GEMINI_FALLBACK_MODEL=\n" if where == "file" else "")
    environ = {"GEMINI_FALLBACK_MODEL": ""} if where == "environment" else {}
    assert read_configuration(environ, env_file).settings["GEMINI_FALLBACK_MODEL"] == ""


def test_key_of_the_real_model_leaves_the_simulator_out(env_file: Path) -> None:
    chosen = read_configuration({"GEMINI_API_KEY": "k"}, env_file)
    assert chosen.gemini_api_key == "k"
    assert "gemini-simulator" not in chosen.ports


def test_secrets_are_not_handed_to_every_service(env_file: Path) -> None:
    secrets = {
        "GEMINI_API_KEY": "k",
        "BETTER_AUTH_SECRET": "s",
        "DATABASE_URL": NEON,
        "DATABASE_URL_DIRECT": NEON.replace("-pooler", ""),
    }
    chosen = read_configuration({**secrets, "TURN_DEADLINE_SECONDS": "20"}, env_file)
    assert not secrets.keys() & chosen.settings.keys()
    assert chosen.settings["TURN_DEADLINE_SECONDS"] == "20"


def test_requests_between_services_pass_by_every_proxy(env_file: Path) -> None:
    chosen = read_configuration({"NO_PROXY": "intra.example.com"}, env_file)
    assert chosen.settings["NO_PROXY"] == "intra.example.com,localhost,127.0.0.1,::1"


@pytest.mark.parametrize(
    ("chosen", "on"), [({}, False), ({"TELEMETRY": "0"}, False), ({"TELEMETRY": "1"}, True)]
)
def test_telemetry_is_off_unless_it_is_switched_on(
    env_file: Path, chosen: dict[str, str], on: bool
) -> None:
    configuration = read_configuration(chosen, env_file)
    assert configuration.telemetry is on
    assert "TELEMETRY" not in configuration.settings


def test_switch_that_is_neither_on_nor_off_is_refused(env_file: Path) -> None:
    with pytest.raises(ConfigurationWrong, match="TELEMETRY=yes is neither 1"):
        read_configuration({"TELEMETRY": "yes"}, env_file)
