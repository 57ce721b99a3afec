"""Settings: a wrong variable stops the start with a line that helps, and tells no secret."""

import pytest
from pydantic import Field, ValidationError
from servicekit.settings import (
    HttpUrl,
    PostgresUrl,
    SerializedOrigins,
    ServiceSettings,
    load,
    parse_origins,
)


class Settings(ServiceSettings):
    database_url: PostgresUrl = Field(
        description="URL of the service's own role", examples=["postgresql://me:pw@host/db"]
    )
    keys_url: HttpUrl = Field("http://localhost/jwks", description="where the keys are")
    allowed_origins: SerializedOrigins = Field(
        ("http://localhost:3000",),
        description="comma-separated origins",
        examples=["https://app.example.com"],
    )


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("PORT", "8000")
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hush@host/db")
    return monkeypatch


def complaint(capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as caught:
        load(Settings)
    assert caught.value.code == 2
    return capsys.readouterr().err


class TestWrongEnvironment:
    def test_missing_variable_is_named_with_its_meaning_and_an_example(
        self, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        environment.delenv("DATABASE_URL")
        assert complaint(capsys) == (
            "DATABASE_URL is missing. It is the URL of the service's own role."
            " Example: DATABASE_URL=postgresql://me:pw@host/db\n"
        )

    def test_each_wrong_variable_has_its_line(
        self, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        environment.setenv("PORT", "80000")
        environment.setenv("LOG_LEVEL", "chatty")
        environment.setenv("ALLOWED_ORIGINS", "https://app.example.com/")
        lines = complaint(capsys).splitlines()
        assert [line.split()[0] for line in lines] == ["PORT", "LOG_LEVEL", "ALLOWED_ORIGINS"]

    @pytest.mark.parametrize(
        "url", ["hush", "mysql://me:hush@h/db", "postgresql://h/db?hush", "postgresql://me:hush@h"]
    )
    def test_value_is_never_told(
        self, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
    ) -> None:
        environment.setenv("DATABASE_URL", url)
        told = complaint(capsys)
        assert told.startswith("DATABASE_URL is wrong")
        assert "hush" not in told

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "localhost/jwks",
            "ftp://h/",
            "http://",
            "http://me:pw@h/",
            "http://h/#x",
            "http://h/ a",
        ],
    )
    def test_http_url_must_be_absolute_and_plain(
        self, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
    ) -> None:
        environment.setenv("KEYS_URL", url)
        assert complaint(capsys).startswith("KEYS_URL is wrong")


class TestGoodEnvironment:
    def test_secret_is_not_shown(self) -> None:
        settings = load(Settings)
        assert "hush" not in repr(settings)
        assert settings.database_url.get_secret_value() == "postgresql://me:hush@host/db"

    def test_settings_cannot_be_changed(self) -> None:
        settings = load(Settings)
        with pytest.raises(ValidationError, match="frozen"):
            settings.port = 1  # type: ignore[misc]  # the point of the test

    @pytest.mark.parametrize(("text", "port"), [("", None), ("0", 0), ("9000", 9000)])
    def test_empty_metrics_port_turns_it_off(
        self, environment: pytest.MonkeyPatch, text: str, port: int | None
    ) -> None:
        environment.setenv("METRICS_PORT", text)
        assert load(Settings).metrics_port == port

    def test_file_is_not_read(
        self, environment: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        directory = tmp_path_factory.mktemp("cwd")
        (directory / ".env").write_text("HOST=10.0.0.1\n")
        environment.chdir(directory)
        assert load(Settings).host == "127.0.0.1"


class TestOrigins:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            ",",
            "null",
            "*",
            "https://*.example.com",
            "https://*",
            "app.example.com",
            "//app.example.com",
            "ftp://app.example.com",
            "https://app.example.com/",
            "https://app.example.com/path",
            "https://app.example.com?q",
            "https://app.example.com#f",
            "https://app.example.com:443",
            "http://app.example.com:80",
            "https://app.example.com:",
            "https://app.example.com:0443",
            "https://app.example.com:99999",
            "https://app.example.com:port",
            "HTTPS://app.example.com",
            "https://App.example.com",
            "https://app.example.com.",
            "https://me@app.example.com",
            "https://me:pw@app.example.com",
            "https://äpp.example.com",
            "https://app.example.com https://b.example.com",
            "https://app.example.com,",
            "https://app.example.com,null",
            "https://app.exa mple.com",
            "https://app.example.com\\evil",
            "https://",
            "https://[::1",
            "https://[0:0::1]",
            "https://[::G]",
            "http://127.1",
            "http://010.0.0.1",
            "https://-a.example.com",
            "https://a..example.com",
        ],
    )
    def test_what_no_browser_sends_so_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="origin"):
            parse_origins(text)

    @pytest.mark.parametrize(
        "origin",
        [
            "https://app.example.com",
            "http://localhost:3000",
            "https://app.example.com:8443",
            "http://127.0.0.1:3000",
            "http://[::1]:3000",
            "https://xn--pp-via.example.com",
        ],
    )
    def test_serialized_origin_is_kept_byte_for_byte(self, origin: str) -> None:
        assert parse_origins(origin) == (origin,)

    def test_list_keeps_its_order_and_drops_repetitions(self) -> None:
        text = "https://b.example.com, https://a.example.com,https://b.example.com"
        assert parse_origins(text) == ("https://b.example.com", "https://a.example.com")

    def test_variable_is_a_list(self, environment: pytest.MonkeyPatch) -> None:
        environment.setenv("ALLOWED_ORIGINS", "https://a.example.com,http://localhost:3000")
        assert load(Settings).allowed_origins == (
            "https://a.example.com",
            "http://localhost:3000",
        )
