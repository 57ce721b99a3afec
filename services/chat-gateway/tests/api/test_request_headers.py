"""Headers: the key, the time zone, the media type; twice is never once."""

import pytest
from chat_gateway.api.identity import bearer_token, check_path_user
from chat_gateway.api.request_headers import check_media_type, idempotency_key, time_zone
from chat_gateway.errors import (
    InvalidRequest,
    Unauthenticated,
    UnsupportedMediaType,
    WrongUser,
)
from starlette.datastructures import Headers

from ..equipment.requests import somebody


def headers(*pairs: tuple[str, str]) -> Headers:
    return Headers(raw=[(name.encode(), value.encode("latin-1")) for name, value in pairs])


class TestBearerToken:
    @pytest.mark.parametrize(
        "value", ["", "Bearer", "Bearer ", "Basic eDp5", "BearerTOKEN", "token", "Bearer:x"]
    )
    def test_other_credentials_are_refused_with_a_challenge(self, value: str) -> None:
        with pytest.raises(Unauthenticated) as refused:
            bearer_token(headers(("authorization", value)))
        assert refused.value.headers["WWW-Authenticate"].startswith("Bearer")

    def test_none_and_two_are_refused(self) -> None:
        with pytest.raises(Unauthenticated):
            bearer_token(headers())
        twice = (("authorization", "Bearer x"), ("authorization", "Bearer x"))
        with pytest.raises(Unauthenticated):
            bearer_token(headers(*twice))

    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
    def test_scheme_is_case_insensitive(self, scheme: str) -> None:
        assert bearer_token(headers(("authorization", f"{scheme} a.b.c"))) == "a.b.c"

    def test_what_stands_after_the_token_stays_with_it_to_be_refused(self) -> None:
        assert bearer_token(headers(("authorization", "Bearer a.b.c d"))) == "a.b.c d"


class TestPathUser:
    def test_only_the_canonical_spelling_of_the_subject_passes(self) -> None:
        identity = somebody()
        check_path_user(identity, str(identity.user_id))
        for other in (
            str(somebody().user_id),
            str(identity.user_id).upper(),
            identity.user_id.hex,
            f"{{{identity.user_id}}}",
            "me",
            "",
        ):
            with pytest.raises(WrongUser):
                check_path_user(identity, other)


class TestIdempotencyKey:
    @pytest.mark.parametrize("key", ["", " ", "a b", "ü", "a\tb", "\x7f", "x" * 256, "a\n"])
    def test_other_than_1_to_255_visible_ascii_characters_is_refused(self, key: str) -> None:
        with pytest.raises(InvalidRequest):
            idempotency_key(headers(("idempotency-key", key)))

    def test_two_are_refused(self) -> None:
        with pytest.raises(InvalidRequest):
            idempotency_key(headers(("idempotency-key", "a"), ("idempotency-key", "a")))

    @pytest.mark.parametrize("key", ["!", "~", "x" * 255])
    def test_key_is_taken(self, key: str) -> None:
        assert idempotency_key(headers(("idempotency-key", key))) == key

    def test_absent_is_none(self) -> None:
        assert idempotency_key(headers()) is None


class TestTimeZone:
    @pytest.mark.parametrize(
        "name", ["", "Mars/Olympus", "../../etc/passwd", "America", "europe/berlin", "localtime"]
    )
    def test_unknown_name_is_refused(self, name: str) -> None:
        with pytest.raises(InvalidRequest):
            time_zone(headers(("time-zone", name)))

    def test_known_name_is_taken_and_absent_is_none(self) -> None:
        assert time_zone(headers(("time-zone", "Europe/Berlin"))) == "Europe/Berlin"
        assert time_zone(headers()) is None


class TestMediaType:
    @pytest.mark.parametrize(
        "value",
        [
            "",
            "json",
            "text/plain",
            "application/jsonx",
            "application/problem+json",
            "application/json; charset=latin-1",
            "application/json; boundary=x",
            "application/json, text/plain",
            "multipart/form-data; boundary=x",
            "application/json; charset*=utf-8''utf-8",
            "application/json; charset*=x'y'%ff",
            "application/json; charset*0*=a''b; charset*1=c",
            "application/json; charset=utf-8; charset=latin-1",
            'application/json; charset="utf-8',
            "application/json; charset",
            "application/json charset=utf-8",
            "application/json; charset=utf-8 x",
            "application/json; " + ";  " * 2_000 + "x",
            "\xff",
        ],
    )
    def test_other_types_are_refused(self, value: str) -> None:
        with pytest.raises(UnsupportedMediaType):
            check_media_type(headers(("content-type", value)))

    def test_none_and_two_are_refused(self) -> None:
        for pairs in ((), (("content-type", "application/json"),) * 2):
            with pytest.raises(UnsupportedMediaType):
                check_media_type(headers(*pairs))

    @pytest.mark.parametrize(
        "codings", [["gzip"], ["identity", "gzip"], ["gzip", "identity"], ["identity, gzip"], [""]]
    )
    def test_coded_body_is_refused(self, codings: list[str]) -> None:
        coded = [("content-encoding", coding) for coding in codings]
        with pytest.raises(UnsupportedMediaType):
            check_media_type(headers(("content-type", "application/json"), *coded))

    def test_coding_that_is_none_is_taken(self) -> None:
        uncoded = ("content-encoding", "Identity")
        check_media_type(headers(("content-type", "application/json"), uncoded))

    @pytest.mark.parametrize(
        "value",
        [
            "application/json",
            "Application/JSON",
            'application/json; charset="UTF-8"',
            "application/json ;charset=utf8",
            "application/json;",
        ],
    )
    def test_json_is_taken(self, value: str) -> None:
        check_media_type(headers(("content-type", value)))
