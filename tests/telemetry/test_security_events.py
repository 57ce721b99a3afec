"""The audit: what is listed is what the sources say, and what real lines of attempts look like."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import httpx2
from devstack.people import PASSWORD, Person
from devstack.stack import Stack

from tests.equipment.chat import ORIGIN, User, post, refusal
from tests.equipment.documents import ROOT
from tests.equipment.log_lines import Line, security_events
from tests.equipment.telemetry_schema import SecurityEvent, Service, field_schema, security_schema
from tests.equipment.tools import call_tool

PACKAGES: dict[Service, str] = {
    "chat-gateway": "services/chat-gateway/src",
    "mcp-tools": "services/mcp-tools/src",
}
SOURCES_OF_AUTH = ROOT / "services/auth/src"
IN_EVERY_AUDIT = {"ts", "level", "logger", "message", "service", "event", "outcome"}
WHERE_WE_ARE = {"trace_id", "span_id", "user_id", "turn_id", "tool"}


@dataclass(frozen=True, slots=True)
class Audited:
    """A call of `security_event`. outcome: None where it is decided elsewhere."""

    service: Service
    event: str
    outcome: str | None
    fields: frozenset[str]


def audited() -> list[Audited]:
    """Every call of `security_event` in the services of Python."""
    return [
        found
        for service, folder in PACKAGES.items()
        for path in sorted((ROOT / folder).rglob("*.py"))
        for found in _calls(service, ast.parse(path.read_text()))
    ]


def _calls(service: Service, tree: ast.Module) -> Iterator[Audited]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="security_event"), args=[ast.Constant(value=event)]):
                given = {keyword.arg: keyword.value for keyword in node.keywords}
                outcome = given.pop("outcome")
                told = outcome.value if isinstance(outcome, ast.Constant) else None
                fields = frozenset(str(name) for name in given)
                yield Audited(service, str(event), str(told) if told else None, fields)


def listed() -> dict[str, SecurityEvent]:
    return {event.event: event for event in security_schema().events}


def test_what_the_sources_audit_is_listed_and_the_reverse() -> None:
    events, seen = listed(), audited()
    for one in seen:
        event = events[one.event]
        assert one.service in event.services, one
        assert one.outcome is None or one.outcome in event.outcomes, one
        assert one.fields <= event.fields.keys(), one
    told = {(one.service, one.event) for one in seen}
    wanted = {
        (service, event.event)
        for event in events.values()
        for service in event.services
        if service in PACKAGES
    }
    assert wanted == told


def check(line: Line) -> None:
    """Hold a line of the audit against its entry in the schema."""
    event = listed()[line["event"]]
    assert line["service"] in event.services
    assert event.outcomes[line["outcome"]] == line["level"], line
    always = {name for name, when in event.fields.items() if when == "always"}
    assert always <= line.keys(), line
    assert line.keys() <= event.fields.keys() | IN_EVERY_AUDIT | WHERE_WE_ARE, line
    assert line.get("reason") is None or line["reason"] in event.reasons, line
    fields = {field.name: field for field in field_schema().fields}
    assert all(value is None or fields[name].holds(value) for name, value in line.items()), line


async def test_a_token_on_anothers_path_names_both(stack: Stack, alice: User) -> None:
    other = uuid4()
    refusal(await post(stack.urls.gateway, alice, b"{}", path_user=str(other)), 403, "wrong_user")

    line = next(
        one
        for one in security_events(stack.process("chat-gateway"), "wrong_user")
        if one["user_id"] == str(alice.user_id)
    )
    check(line)
    assert (line["path_user_id"], line["level"]) == (str(other), "WARNING")


async def test_a_path_that_is_no_id_is_not_repeated(stack: Stack, bob: User) -> None:
    canary = f"canary{uuid4().hex}"
    refusal(await post(stack.urls.gateway, bob, b"{}", path_user=canary), 403, "wrong_user")

    process = stack.process("chat-gateway")
    assert any(
        one["user_id"] == str(bob.user_id) and one["path_user_id"] is None
        for one in security_events(process, "wrong_user")
    )
    assert canary not in process.log_path.read_text()


async def test_a_tool_called_for_another_is_an_error_that_names_both(
    stack: Stack, alice: User
) -> None:
    other = uuid4()
    sent = {"user_id": str(other), "title": "planted"}
    refused = await call_tool(stack.urls.tools, alice.token, "add_task", sent)
    assert refused.code == "forbidden"

    (line,) = [
        one
        for one in security_events(stack.process("mcp-tools"), "forbidden")
        if one.get("claimed_user_id") == str(other)
    ]
    check(line)
    assert (line["level"], line["user_id"], line["tool"]) == (
        "ERROR",
        str(alice.user_id),
        "add_task",
    )


def words_of_auth(declared_after: str) -> set[str]:
    """The words of a declaration in auth's audit.ts, up to its semicolon."""
    text = (SOURCES_OF_AUTH / "telemetry/audit.ts").read_text()
    declaration = text.split(declared_after, 1)[1].split(";", 1)[0]
    return set(re.findall(r'"([a-z_]+)"', declaration))


def test_what_auth_can_say_is_listed_and_the_reverse() -> None:
    said = "".join(path.read_text() for path in SOURCES_OF_AUTH.rglob("[!.]*.ts"))
    named = words_of_auth("export type SecurityEventName =")
    of_auth = {event.event: event for event in listed().values() if "auth" in event.services}
    assert of_auth.keys() <= named
    assert set(re.findall(r'event: "([a-z_]+)"', said)) == of_auth.keys()
    reasons = {reason for event in of_auth.values() for reason in event.reasons}
    assert reasons <= words_of_auth("export const AUDIT_REASONS =")


async def test_a_life_at_auth_leaves_listed_lines(stack: Stack) -> None:
    person = await Person.sign_up(stack.urls.auth)
    async with httpx2.AsyncClient(base_url=stack.urls.auth, headers={"origin": ORIGIN}) as client:
        for path, body in (
            ("sign-in/email", {"email": person.email, "password": "a wrong password"}),
            ("sign-in/email", {"email": person.email, "password": PASSWORD}),
            ("sign-in/email", {"email": [person.email]}),
            ("change-password", {"currentPassword": "a", "newPassword": "b"}),
            ("revoke-other-sessions", {}),
            ("sign-out", {}),
        ):
            await client.post(f"/api/auth/{path}", json=body)
        await client.post(
            "/api/auth/sign-in/email", json={}, headers={"origin": "https://evil.example"}
        )

    auth = stack.process("auth")
    told = {(one["event"], one["outcome"]) for one in security_events(auth)}
    assert told >= {
        ("sign_up", "ok"),
        ("sign_in", "ok"),
        ("sign_in", "refused"),
        ("sign_out", "ok"),
        ("session_revoked", "ok"),
    }
    for line in security_events(auth):
        check(line)
    assert person.email not in auth.log_path.read_text()
