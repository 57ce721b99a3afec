"""What the edge says twice: paths, CORS and problems are the services' own, and stay so.

The edge must know them, or it could refuse nothing by itself; no template can read Python or
TypeScript. So they are compared here, without a cluster and without Helm.
"""

import re
from pathlib import Path

import pytest
from chat_gateway.api.middleware import origin
from chat_gateway.api.middleware.body_limit import MAX_BODY_BYTES
from chat_gateway.errors import BodyTooLarge, DeadlineExceeded, OriginNotAllowed
from servicekit.problems import MethodNotAllowed, NotFound, Problem, Unauthenticated, WrongUser
from servicekit.serve import KEEP_ALIVE_SECONDS

from tests.equipment.documents import CONTRACT, ROOT, error_rows, rows, section

TEMPLATES = ROOT / "charts" / "taskchat" / "templates" / "edge"
AUTH_SOURCES = ROOT / "services" / "auth" / "src"
PAGE = ROOT / "services" / "web"
PROBLEM = re.compile(
    r'"status" (?P<status>\d{3}) "code" "(?P<code>\w+)" "title" "(?P<title>[^"]+)"'
)


def source(path: Path) -> str:
    return path.read_text()


def found(pattern: str, text: str) -> str:
    """The first group. Raises: AssertionError: the text does not have it any more."""
    match = re.search(pattern, text, re.DOTALL)
    assert match, f"nothing looks like {pattern}"
    return match[1]


def words(text: str) -> set[str]:
    """The items of a list as YAML, Helm or TypeScript write it, without quotes."""
    return {word for word in re.split(r"[\s,\"'\[\]()]+", text) if word}


def alternatives(helper: str) -> set[str]:
    """The paths of a helper of _edge.tpl."""
    template = source(TEMPLATES / "_edge.tpl")
    pattern = rf'define "taskchat\.edge\.{helper}" -}}}}\n/api/auth/\((.*?)\)\n'
    return {f"/{path}" for path in found(pattern, template).split("|")}


@pytest.mark.parametrize(
    ("helper", "constant"), [("authReadPath", "GET_PATHS"), ("authWritePath", "POST_PATHS")]
)
def test_edge_routes_exactly_the_paths_that_auth_offers(helper: str, constant: str) -> None:
    paths = source(AUTH_SOURCES / "http" / "paths.ts")
    assert alternatives(helper) == words(found(rf"const {constant} = (\[.*?\]);", paths))


def page_path() -> re.Pattern[str]:
    """The paths of the page's files that the edge routes; Envoy compares all of a path."""
    helper = found(
        r'define "taskchat\.edge\.webPath" -}}\n(.*?)\n', source(TEMPLATES / "_edge.tpl")
    )
    return re.compile(helper)


def test_edge_routes_every_file_of_the_page() -> None:
    public = {f"/{path.relative_to(PAGE / 'public')}" for path in (PAGE / "public").rglob("*.*")}
    bundled = {"/assets/index-BWuq8uiz.js", "/assets/index-D_x-1.css"}
    places = words(
        found(r"const PLACES = new Set\((\[.*?\])\);", source(PAGE / "server" / "app.ts"))
    )
    for path in {"/", "/config.json", *places, *public, *bundled}:
        assert page_path().fullmatch(path), path


@pytest.mark.parametrize(
    "path",
    [
        *("/healthz", "/readyz", "/index.html", "/server.js", "/c", "/c/", "/c/new", "/C/", "//"),
        *("/assets", "/assets/", "/assets/a/b.js", "/assets/..", "/config.json/", "/configXjson"),
        *("/c/01990000-0000-7000-8000-00000000000", "/c/01990000-0000-7000-8000-000000000000/"),
        *("/account/", "/accounts", "/reset-password/", "/verify/a", "/verify-email", "/Account"),
        *("/c/01990000-0000-7000-8000-00000000000G", "/api/auth/token", "/favicon.ico"),
    ],
)
def test_edge_routes_nothing_else_of_the_page(path: str) -> None:
    assert not page_path().fullmatch(path)


def test_address_of_a_conversation_is_the_one_that_the_server_knows() -> None:
    server = "\n".join(source(path) for path in sorted((PAGE / "server").glob("*.ts")))
    known = found(r"const DEEP_LINK = /\^(.*?)\$/;", server).replace("\\/", "/").replace("?:", "")
    assert known.removeprefix("/") in page_path().pattern


def test_chat_may_be_asked_with_the_headers_that_the_gateway_takes() -> None:
    policy = source(TEMPLATES / "chat-securitypolicy.yaml")
    assert words(found(r'"allowHeaders" \(list (.*?)\)', policy)) == words(origin.ALLOWED_HEADERS)
    assert words(found(r'"exposeHeaders" \(list (.*?)\)', policy)) == words(origin.EXPOSED_HEADERS)
    assert found(r'"maxAge" "(\d+)s"', policy) == str(origin.PREFLIGHT_SECONDS)


@pytest.mark.parametrize(
    ("edge", "auth"),
    [
        ("allowMethods", "allowMethods"),
        ("allowHeaders", "allowHeaders"),
        ("exposeHeaders", "exposeHeaders"),
    ],
)
def test_auth_may_be_asked_with_the_headers_that_it_takes(edge: str, auth: str) -> None:
    policy = source(TEMPLATES / "auth-securitypolicy.yaml")
    app = source(AUTH_SOURCES / "http" / "app.ts")
    assert words(found(rf"{edge}: (\[.*?\])\n", policy)) == words(
        found(rf"{auth}: (\[.*?\]),", app)
    )


def test_body_may_be_as_long_as_the_gateway_takes() -> None:
    policy = source(TEMPLATES / "chat-backendtrafficpolicy.yaml")
    assert int(found(r"limit: (\d+)Ki", policy)) * 1024 == MAX_BODY_BYTES


def test_idle_connection_is_closed_here_before_the_gateway_does() -> None:
    policy = source(TEMPLATES / "chat-backendtrafficpolicy.yaml")
    assert int(found(r"connectionIdleTimeout: (\d+)s", policy)) < KEEP_ALIVE_SECONDS


def edge_problems() -> set[tuple[int, str, str]]:
    """Status, code and title of all that the edge can say."""
    templates = "\n".join(source(path) for path in sorted(TEMPLATES.iterdir()))
    return {
        (int(match["status"]), match["code"], match["title"])
        for match in PROBLEM.finditer(templates)
    }


@pytest.mark.parametrize(
    "problem",
    [
        BodyTooLarge,
        DeadlineExceeded,
        MethodNotAllowed,
        NotFound,
        OriginNotAllowed,
        Unauthenticated,
        WrongUser,
    ],
)
def test_same_problem_has_the_same_words(problem: type[Problem]) -> None:
    assert (problem.status, problem.code, problem.title) in edge_problems()


def test_every_problem_of_the_edge_is_in_the_contract() -> None:
    own = {
        (int(status), code.strip("`"))
        for status, code, _ in rows(section(CONTRACT, "At the edge"))
        if status.isdecimal()
    }
    shared = {(row.status, row.code) for row in error_rows()}
    said = {(status, code) for status, code, _ in edge_problems()}
    assert said <= own | shared
    assert own <= said, "a row that nobody can produce is a lie"
    assert not own & shared
