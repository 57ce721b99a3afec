"""Whatever is wrong with key, model or network: one sentence that names the variable to set."""

import re
from pathlib import Path

import orjson
import pytest
from chat_gateway.model.first_contact import first_contact
from chat_gateway.model.verdicts import Finding
from devstack.ports import free_port

from ..equipment.endpoint import (
    FALLBACK,
    KEY,
    MODEL,
    MODEL_LIST,
    NO_QUOTA,
    NOT_FOUND,
    OUT_FOR_TODAY,
    QUOTA_VALUE,
    RETIRED,
    UNKNOWN,
    WRONG_KEY,
    Endpoint,
    Said,
    bare,
    google,
    own_certificate,
    served,
    settings,
)


async def the_one(url: str, **changes: str) -> Finding:
    """What is wrong, which is one thing, and said in one sentence without key or quotes."""
    (found,) = await first_contact(settings(url, **changes), answer_seconds=0.5)
    assert KEY not in found.sentence
    assert "Say OK" not in found.sentence
    assert found.variable in found.sentence
    assert re.search(r"\bset\b", found.sentence)
    assert found.sentence.endswith(".")
    assert ". " not in found.sentence
    return found


@pytest.mark.parametrize(
    "said",
    [
        WRONG_KEY,
        bare(401, message="Incorrect API key provided", code="invalid_api_key"),
        bare(400, message="API key expired. Please renew the API key.", code=400),
        bare(400, message="No connected db.", type="no_db_connection", code="400"),
    ],
    ids=["gemini", "gateway", "expired", "litellm"],
)
async def test_wrong_key(endpoint: Endpoint, said: Said) -> None:
    endpoint.listed = said
    endpoint.says = {MODEL: said, FALLBACK: said}
    found = await the_one(endpoint.url)
    assert (found.variable, found.is_failure, found.may_pass) == ("GEMINI_API_KEY", True, False)
    assert "does not know the key" in found.sentence


@pytest.mark.parametrize("key", ["AIza two words", "AIza\n", "АIza"])
async def test_key_that_is_none_is_not_sent(endpoint: Endpoint, key: str) -> None:
    found = await the_one(endpoint.url, gemini_api_key=key)
    assert (found.variable, found.is_failure) == ("GEMINI_API_KEY", True)
    assert endpoint.asked == []


async def test_blocked_key(endpoint: Endpoint) -> None:
    blocked = google(403, "Your API key was reported as leaked.", "PERMISSION_DENIED")
    endpoint.listed = blocked
    endpoint.says = {MODEL: blocked, FALLBACK: blocked}
    found = await the_one(endpoint.url)
    assert (found.variable, found.is_failure) == ("GEMINI_API_KEY", True)


async def test_model_that_the_key_may_not_use(endpoint: Endpoint) -> None:
    endpoint.says = {MODEL: bare(403, message="key not allowed to access model", code=403)}
    found = await the_one(endpoint.url)
    assert (found.variable, found.is_failure) == ("GEMINI_MODEL", True)


async def test_retired_model_is_told_with_the_alias_that_moves(endpoint: Endpoint) -> None:
    endpoint.says = {"gemini-2.5-flash": RETIRED}
    found = await the_one(endpoint.url, gemini_model="gemini-2.5-flash")
    assert (found.variable, found.is_failure) == ("GEMINI_MODEL", True)
    assert "has been retired; set GEMINI_MODEL to gemini-flash-latest" in found.sentence
    assert "2.5-flash-lite" not in found.sentence


@pytest.mark.parametrize(
    ("model", "meant"),
    [
        ("gemini-3.8-falsh", "gemini-3.8-flash"),
        ("Gemini-3.8-Flash", "gemini-3.8-flash"),
        ("gemini-flash-lates", "gemini-flash-latest"),
    ],
)
async def test_unknown_model_is_told_with_near_names(
    endpoint: Endpoint, model: str, meant: str
) -> None:
    endpoint.says = {model: UNKNOWN}
    found = await the_one(endpoint.url, gemini_model=model)
    assert found.variable == "GEMINI_MODEL"
    assert f"is not a model of {endpoint.url.split('/')[2]}; set" in found.sentence
    assert f"GEMINI_MODEL to {meant}" in found.sentence
    assert "image" not in found.sentence


async def test_gateway_is_told_its_own_names(endpoint: Endpoint) -> None:
    own = ["google/gemini-3.8-flash", "other/model"]
    endpoint.listed = Said(200, orjson.dumps({"data": [{"id": one} for one in own]}))
    endpoint.says = {
        "gemini-3.8-flash": bare(400, message="Invalid model name passed in", code=400)
    }
    found = await the_one(endpoint.url, gemini_model="gemini-3.8-flash")
    assert "set GEMINI_MODEL to google/gemini-3.8-flash." in found.sentence


async def test_unknown_model_where_there_is_no_list(endpoint: Endpoint) -> None:
    endpoint.listed = NOT_FOUND
    endpoint.says = {MODEL: UNKNOWN}
    found = await the_one(endpoint.url)
    assert found.sentence.endswith("set GEMINI_MODEL to a model that it has.")


@pytest.mark.parametrize("said", [NO_QUOTA, QUOTA_VALUE, bare(402, message="no credit")])
async def test_quota_of_zero_is_no_busy_model(endpoint: Endpoint, said: Said) -> None:
    endpoint.says = {MODEL: said}
    found = await the_one(endpoint.url)
    assert (found.variable, found.is_failure) == ("GEMINI_MODEL", True)
    assert f"quota for GEMINI_MODEL={MODEL} is zero" in found.sentence


@pytest.mark.parametrize("status", [429, 499, 500, 503])
async def test_busy_model_is_a_warning(endpoint: Endpoint, status: int) -> None:
    endpoint.says = {MODEL: google(status, "limit: 0.5 a second; try again", "UNAVAILABLE")}
    found = await the_one(endpoint.url)
    assert not found.is_failure
    assert f"is busy just now (HTTP {status})" in found.sentence


async def test_used_up_day_is_a_warning(endpoint: Endpoint) -> None:
    endpoint.says = {MODEL: OUT_FOR_TODAY}
    found = await the_one(endpoint.url)
    assert not found.is_failure
    assert "today's quota" in found.sentence


async def test_wrong_country(endpoint: Endpoint) -> None:
    refused = google(400, "User location is not supported for the API use.", "FAILED_PRECONDITION")
    endpoint.says = {MODEL: refused, FALLBACK: refused}
    found = await the_one(endpoint.url)
    assert (found.variable, found.is_failure) == ("GEMINI_BASE_URL", True)


async def test_effort_that_the_model_does_not_take(endpoint: Endpoint) -> None:
    endpoint.says = {
        MODEL: google(
            400, "Thinking level MINIMAL is not supported for this model.", "INVALID_ARGUMENT"
        )
    }
    found = await the_one(endpoint.url)
    assert (found.variable, found.is_failure) == ("GEMINI_REASONING_EFFORT", True)


async def test_effort_that_a_gateway_hides_is_named_where_it_was_chosen(endpoint: Endpoint) -> None:
    endpoint.says = {MODEL: bare(400, message="OpenAIException - Error code: 400", code="400")}
    found = await the_one(endpoint.url, gemini_reasoning_effort="minimal")
    assert "or GEMINI_REASONING_EFFORT to what it takes." in found.sentence
    assert "REASONING" not in (await the_one(endpoint.url)).sentence


async def test_other_refusal_names_the_model_and_quotes_nothing(endpoint: Endpoint) -> None:
    endpoint.says = {MODEL: google(400, "Say OK is forbidden.", "INVALID_ARGUMENT")}
    found = await the_one(endpoint.url)
    assert found.variable == "GEMINI_MODEL"
    assert "(HTTP 400 INVALID_ARGUMENT)" in found.sentence


@pytest.mark.parametrize(
    "said",
    [
        Said(200, b"<html>Sign in</html>", "text/html"),
        Said(200, b'{"choices": null}'),
        Said(200, b""),
        Said(302, b""),
        NOT_FOUND,
        Said(404, b'{"detail": "Not Found"}'),
        Said(405, b"Method Not Allowed", "text/plain"),
    ],
    ids=["html", "no choices", "empty", "redirect", "html 404", "json 404", "405"],
)
async def test_wrong_base_url(endpoint: Endpoint, said: Said) -> None:
    endpoint.listed = NOT_FOUND
    endpoint.says = {MODEL: said, FALLBACK: said}
    found = await the_one(endpoint.url)
    assert (found.variable, found.is_failure) == ("GEMINI_BASE_URL", True)
    assert "is not an OpenAI-compatible endpoint" in found.sentence


async def test_error_that_comes_with_200_counts_as_one(endpoint: Endpoint) -> None:
    said = bare(503, message="overloaded", code=503)
    endpoint.says = {MODEL: Said(200, said.body)}
    assert not (await the_one(endpoint.url)).is_failure


async def test_nobody_listens() -> None:
    found = await the_one(f"http://127.0.0.1:{free_port()}/v1")
    assert (found.variable, found.is_failure, found.may_pass) == ("GEMINI_BASE_URL", True, True)
    assert "takes no connection" in found.sentence


async def test_name_that_cannot_be_resolved() -> None:
    found = await the_one("https://gemini.invalid/v1")
    assert (found.variable, found.is_failure) == ("GEMINI_BASE_URL", True)
    assert "the name gemini.invalid cannot be resolved" in found.sentence


async def test_endpoint_without_tls(endpoint: Endpoint) -> None:
    found = await the_one(endpoint.url.replace("http:", "https:"))
    assert (found.variable, found.is_failure) == ("GEMINI_BASE_URL", True)
    assert "does not speak TLS" in found.sentence


async def test_certificate_of_nobody(tmp_path: Path) -> None:
    async with served(Endpoint(), own_certificate(tmp_path)) as endpoint:
        found = await the_one(endpoint.url)
    assert (found.variable, found.is_failure) == ("GEMINI_BASE_URL", True)
    assert "SSL_CERT_FILE" in found.sentence


async def test_endpoint_that_never_answers(endpoint: Endpoint) -> None:
    endpoint.hangs = frozenset({"models", MODEL, FALLBACK})
    found = await the_one(endpoint.url)
    assert (found.variable, found.is_failure) == ("GEMINI_BASE_URL", True)
    assert "does not answer" in found.sentence


async def test_model_that_never_answers_is_a_warning(endpoint: Endpoint) -> None:
    endpoint.hangs = frozenset({MODEL})
    found = await the_one(endpoint.url)
    assert (found.variable, found.is_failure) == ("GEMINI_MODEL", False)


@pytest.mark.parametrize("said", [UNKNOWN, NO_QUOTA])
async def test_fallback_alone_is_a_warning(endpoint: Endpoint, said: Said) -> None:
    endpoint.says = {FALLBACK: said}
    found = await the_one(endpoint.url)
    assert (found.variable, found.is_failure) == ("GEMINI_FALLBACK_MODEL", False)


@pytest.mark.parametrize("listed", [MODEL_LIST, NOT_FOUND, Said(405, b""), Said(200, b"[1]")])
async def test_models_that_answer_need_no_list(endpoint: Endpoint, listed: Said) -> None:
    endpoint.listed = listed
    assert await first_contact(settings(endpoint.url)) == []
    assert [one["model"] for one in endpoint.asked] == [MODEL, FALLBACK]
    assert [one["reasoning_effort"] for one in endpoint.asked] == ["low", "minimal"]


async def test_without_a_fallback_one_model_is_asked(endpoint: Endpoint) -> None:
    assert await first_contact(settings(endpoint.url, gemini_fallback_model="")) == []
    assert [one["model"] for one in endpoint.asked] == [MODEL]
