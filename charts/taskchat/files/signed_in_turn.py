"""What `helm test` runs: a person signs up, adds a task by chat, sees it, and deletes it.

Standard library only, in chat-gateway's image. Everything goes in by the public door, with the
public host's name and a page's origin; only the address to connect to is the cluster's own. The
exit code is 0, or 1 with a line that says which answer was not as it should be.
"""

import http.client
import json
import os
import secrets
import socket
import ssl
import sys
import time
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit

AUTH_URL: Final = os.environ["AUTH_URL"]
CHAT_URL: Final = os.environ["CHAT_URL"]
PUBLIC_HOST: Final = os.environ["PUBLIC_HOST"]
ORIGIN: Final = os.environ["ORIGIN"]
# The answer to a turn that is too slow is the gateway's to give.
TIMEOUT_SECONDS: Final = float(os.environ["TURN_DEADLINE_SECONDS"]) + 10
# Until the cluster's network knows this pod's address, its connections lead nowhere.
CONNECT_LIMIT_SECONDS: Final = 20.0
CONNECT_ATTEMPT_SECONDS: Final = 2.0


def fail(reason: str) -> NoReturn:
    """End the test."""
    print(f"FAILED: {reason}", flush=True)
    sys.exit(1)


def connect(url: str) -> http.client.HTTPConnection:
    """Connect to the address of a URL, as a client of the public host: its name in TLS too."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    assert parts.hostname is not None
    give_up_at = time.monotonic() + CONNECT_LIMIT_SECONDS
    while True:
        try:
            stream = socket.create_connection((parts.hostname, port), CONNECT_ATTEMPT_SECONDS)
            break
        except OSError as error:
            if time.monotonic() > give_up_at:
                fail(f"no connection to {parts.hostname}:{port} in 20 s: {error}")
            time.sleep(0.2)
    stream.settimeout(TIMEOUT_SECONDS)
    if parts.scheme == "https":
        name = urlsplit(f"//{PUBLIC_HOST}").hostname
        stream = ssl.create_default_context().wrap_socket(stream, server_hostname=name)
    connection = http.client.HTTPConnection(PUBLIC_HOST)
    connection.sock = stream
    return connection


def ask(
    url: str, method: str, path: str, *, bearer: str = "", body: object = None
) -> tuple[dict[str, Any], http.client.HTTPMessage]:
    """Send one request, and fail unless the answer is a 200 with a JSON object."""
    headers = {"Origin": ORIGIN, "Content-Type": "application/json"}
    if bearer:
        headers["Authorization"] = f"Bearer {bearer}"
    connection = connect(url)
    try:
        content = None if body is None else json.dumps(body)
        connection.request(method, path, content, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
    except (OSError, http.client.HTTPException) as error:
        fail(f"{method} {path}: no answer: {type(error).__name__} {error}")
    finally:
        connection.close()
    if answer.status != 200:
        fail(f"{method} {path}: {answer.status} {text[:500]}")
    return json.loads(text), answer.headers


class Person:
    """Somebody with an account and a token."""

    def __init__(self) -> None:
        account = {
            "name": "helm test",
            "email": f"helm-test-{secrets.token_hex(8)}@example.com",
            "password": secrets.token_urlsafe(24),
        }
        signed_up, headers = ask(AUTH_URL, "POST", "/api/auth/sign-up/email", body=account)
        session = headers["set-auth-token"] or fail("sign-up: no header set-auth-token")
        token, _ = ask(AUTH_URL, "GET", "/api/auth/token", bearer=session)
        self.user_id: str = signed_up["user"]["id"]
        self._token: str = token["token"]
        self._conversation_id: str | None = None

    def say(self, message: str) -> list[dict[str, Any]]:
        """Make one turn of this person's conversation, and give its tool calls."""
        body = {"message": message, "conversation_id": self._conversation_id}
        turn, _ = ask(CHAT_URL, "POST", f"/api/{self.user_id}/chat", bearer=self._token, body=body)
        self._conversation_id = turn["conversation_id"]
        calls: list[dict[str, Any]] = turn["tool_calls"]
        print(f"> {message}\n{turn['response']}", flush=True)
        for call in calls:
            print(f"  {call['name']} → {call['status']}", flush=True)
        return calls


def output_of(tool: str, calls: list[dict[str, Any]]) -> dict[str, Any]:
    """Take what a tool answered last; fail when it was not called, or with an error."""
    of_tool = [call for call in calls if call["name"] == tool]
    if not of_tool or of_tool[-1]["status"] != "ok":
        fail(f"the last turn should have called {tool}, and that should have been ok")
    return dict(of_tool[-1]["output"])


def main() -> None:
    """Add, list, delete, list."""
    person = Person()
    title = f"check the installation {secrets.token_hex(3)}"
    task_id = output_of("add_task", person.say(f"Add a task: {title}"))["task"]["id"]
    listed = output_of("list_tasks", person.say("Show my tasks"))["tasks"]
    if [task["id"] for task in listed] != [task_id]:
        fail("the list does not hold the task, or holds another")
    calls = person.say(f"Delete the task “{title}”")
    if all(call["name"] != "delete_task" for call in calls):
        calls = person.say("Yes, delete it")  # a real model may ask back
    if output_of("delete_task", calls)["deleted"]["id"] != task_id:
        fail("another task was deleted")
    if output_of("list_tasks", person.say("Show my tasks"))["tasks"]:
        fail("the task is still there")
    print("PASSED: signed up, added, listed and deleted a task by chat", flush=True)


if __name__ == "__main__":
    main()
