"""Database URLs: Neon's, libpq's and hostile ones."""

import json
import ssl
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servicekit.database.urls import asyncpg_url
from sqlalchemy.engine import URL, make_url

NEON = "postgresql://me:pw@ep-cool-1-pooler.eu-central-1.aws.neon.tech/db"

CASES: list[dict[str, str]] = json.loads(
    (Path(__file__).parent / "tls_cases.json").read_text(encoding="utf-8")
)


def context_of(url: str) -> ssl.SSLContext | bool:
    context = asyncpg_url(url)[1]["ssl"]
    assert isinstance(context, ssl.SSLContext | bool)
    return context


class TestRefusals:
    @pytest.mark.parametrize(
        "url", ["", "hush", "mysql://me:hush@h/db", "postgresql://me:hush@h:port/db"]
    )
    def test_url_that_is_none_is_refused_without_telling_it(self, url: str) -> None:
        with pytest.raises(ValueError, match="database URL") as caught:
            asyncpg_url(url)
        assert "hush" not in str(caught.value)

    def test_unknown_parameter_is_not_lost_in_silence(self) -> None:
        with pytest.raises(ValueError, match="sslcert"):
            asyncpg_url(f"{NEON}?sslmode=require&sslcert=me.crt")

    def test_unknown_sslmode_is_refused(self) -> None:
        with pytest.raises(ValueError, match="sslmode"):
            asyncpg_url(f"{NEON}?sslmode=requirre")

    def test_authorities_that_are_not_there_are_refused(self) -> None:
        with pytest.raises(OSError, match="No such file"):
            asyncpg_url(f"{NEON}?sslmode=verify-full&sslrootcert=/nowhere.pem")


class TestTls:
    """The rule; auth's tests read the same cases (services/auth/src/database/database.test.ts)."""

    @pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['why']}: {case['url']}")
    def test_each_url_is_taken_as_the_table_says(self, case: dict[str, str]) -> None:
        if case["tls"] == "refused":
            with pytest.raises(ValueError, match="database URL"):
                asyncpg_url(case["url"])
            return
        context = context_of(case["url"])
        if case["tls"] == "none":
            assert context is False
        else:
            assert isinstance(context, ssl.SSLContext)
            assert context.verify_mode is ssl.CERT_REQUIRED
            assert context.check_hostname


class TestTranslation:
    def test_parameters_of_libpq_do_not_reach_asyncpg(self) -> None:
        url = f"{NEON}?sslmode=require&channel_binding=require&options=endpoint%3Dep-cool-1"
        translated, _ = asyncpg_url(url)
        assert translated == NEON.replace("postgresql://", "postgresql+asyncpg://")

    def test_connect_timeout_is_kept(self) -> None:
        assert asyncpg_url(f"{NEON}?connect_timeout=7")[1]["timeout"] == 7

    def test_socket_directory_is_kept(self) -> None:
        translated, _ = asyncpg_url("postgres://me@/db?host=/run/postgresql")
        assert make_url(translated).query == {"host": "/run/postgresql"}

    @given(user=st.text(min_size=1), password=st.text(min_size=1))
    def test_any_password_survives(self, user: str, password: str) -> None:
        url = URL.create("postgresql", user, password, "localhost", 5432, "db")
        translated, _ = asyncpg_url(url.render_as_string(hide_password=False))
        assert make_url(translated).password == password
        assert make_url(translated).username == user
