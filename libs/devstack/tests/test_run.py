"""`make run` as a person meets it: one terminal, all services, one Ctrl-C.

The only tests of devstack that need the services. They share one running system and go from what
leaves it as it is to what ends it.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from devstack.ports import free_port
from devstack.process_tree import descendants, wait_until_ended
from devstack.processes import probe

from .terminal import READY_LIMIT_SECONDS, Terminal

pytestmark = pytest.mark.timeout(180)
STOP_LIMIT_SECONDS = 5.0
PORT_VARIABLES = (
    "WEB_PORT", "CHAT_GATEWAY_PORT", "AUTH_PORT", "MCP_TOOLS_PORT", "GEMINI_SIMULATOR_PORT",
    "POSTGRES_PORT", "MAILBOX_PORT",
)  # fmt: skip


@pytest.fixture(scope="module")
def ports() -> dict[str, str]:
    return {variable: str(free_port()) for variable in PORT_VARIABLES}


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory, ports: dict[str, str]) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path_factory.mktemp("run"), {**ports, "TELEMETRY": "1"})
    yield terminal
    if terminal.process.poll() is None:
        terminal.process.terminate()
        terminal.process.wait(10)


@pytest.fixture
def ready(terminal: Terminal) -> Terminal:
    terminal.until_printed("Ctrl-C stops it")
    return terminal


def test_second_run_says_what_is_running(ready: Terminal, ports: dict[str, str]) -> None:
    second = ready.beside("run")
    assert second.returncode == 1
    assert f"taskchat is already running (pid {ready.process.pid})" in second.stderr
    assert f"http://localhost:{ports['CHAT_GATEWAY_PORT']}" in second.stderr
    assert ready.process.poll() is None


def test_taken_port_names_its_variable(
    ready: Terminal, ports: dict[str, str], tmp_path: Path
) -> None:
    other = Terminal(tmp_path, {**ports, "POSTGRES_PORT": str(free_port())})
    assert other.process.wait(20) == 2
    assert f"port {ports['WEB_PORT']} (WEB_PORT) is in use" in other.printed


def test_chat_without_a_run_says_how_to_start_one(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "devstack", "chat", "--folder", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "nothing is running; start it with: make run" in done.stdout


def test_services_are_ready_in_their_order(ready: Terminal) -> None:
    said = [line.partition("│ ")[2] for line in ready.printed.splitlines() if "is ready" in line]
    # Jaeger is started where the machine has it.
    names = [line.split()[0] for line in said if line.endswith(" s)") and "jaeger" not in line]
    services = ["auth", "chat-gateway", "gemini-simulator", "mcp-tools", "postgres", "web"]
    assert sorted(names) == services
    assert names[0] == "postgres"
    assert names.index("auth") < names.index("mcp-tools")
    assert names.index("auth") < names.index("chat-gateway")


def test_first_run_migrates(ready: Terminal) -> None:
    assert "up to date schema=tasks" in ready.printed
    assert "all schemas are up to date" not in ready.printed


def test_first_start_frightens_nobody(ready: Terminal) -> None:
    assert "postgres is ready" in ready.printed
    assert "FATAL" not in ready.printed
    assert "Traceback" not in ready.printed


def test_printed_commands_work_as_pasted(ready: Terminal) -> None:
    commands = ready.printed.partition("EMAIL=")
    pasted = commands[1] + commands[2].partition("\n\n")[0]
    done = subprocess.run(
        ["bash", "-c", pasted], capture_output=True, text=True, timeout=60, check=True
    )
    answer = json.loads(done.stdout)
    assert [call["name"] for call in answer["tool_calls"]] == ["add_task"]


def test_page_and_its_services_are_one_origin(ready: Terminal, ports: dict[str, str]) -> None:
    page = f"http://localhost:{ports['WEB_PORT']}"
    assert f"taskchat is ready: open {page}\n" in ready.printed
    with httpx2.Client(base_url=page, headers={"Origin": page}) as client:
        account = {"name": "Me", "email": "page@example.com", "password": "correct horse battery"}
        assert client.post("/api/auth/sign-up/email", json=account).json()["token"] is None
        open_mail(client.get("/api/auth/options").json()["mailboxUrl"], account["email"])
        user = client.post("/api/auth/sign-in/email", json=account).json()["user"]
        token = client.get("/api/auth/token").json()["token"]
        answer = client.post(
            f"/api/{user['id']}/chat",
            json={"message": "show my tasks"},
            headers={"Authorization": f"Bearer {token}"},
        )
        told = client.get("/config.json").json()
    assert [call["name"] for call in answer.json()["tool_calls"]] == ["list_tasks"]
    assert told == {"chatkitDomainKey": None, "modelIsSimulated": True}


def test_data_of_a_person_goes_out(ready: Terminal, ports: dict[str, str]) -> None:
    account = {"name": "Me", "email": "mine@example.com", "password": "correct horse battery"}
    auth = f"http://localhost:{ports['AUTH_PORT']}/api/auth"
    httpx2.post(f"{auth}/sign-up/email", json=account).raise_for_status()
    exported = ready.beside("export", PERSON=account["email"])
    assert exported.returncode == 0, exported.stderr
    parts = json.loads(exported.stdout)
    assert parts["account"]["email"] == account["email"]
    assert parts.keys() >= {"chat", "tasks"}


def test_old_things_go_from_each_schema(ready: Terminal) -> None:
    done = ready.beside("retention", RETENTION_DAYS="7")
    assert done.returncode == 0, done.stderr
    said = done.stdout + done.stderr
    assert {"chat.turn", "tasks.tool_call", "auth.session"} <= set(re.findall(r"\w+\.\w+", said))


@pytest.mark.parametrize("name", ["export", "erase"])
def test_nobody_is_erased_or_exported_by_accident(ready: Terminal, name: str) -> None:
    assert ready.beside(name).returncode == 2
    assert ready.beside(name, PERSON="nobody@example.com").returncode == 1


def open_mail(mailbox: str, to: str) -> str:
    """Open the link of the newest mail to an address; return it."""
    link = httpx2.get(f"{mailbox}/link", params={"to": to}).raise_for_status().text.strip()
    assert httpx2.get(link).status_code == httpx2.codes.FOUND
    return link


def test_mail_is_printed_with_its_link(ready: Terminal, ports: dict[str, str]) -> None:
    mailbox = f"http://localhost:{ports['MAILBOX_PORT']}"
    assert re.search(rf"^  mail +{mailbox}, and printed here$", ready.printed, re.MULTILINE)
    account = {"name": "Me", "email": "printed@example.com", "password": "correct horse battery"}
    auth = f"http://localhost:{ports['AUTH_PORT']}/api/auth"
    httpx2.post(f"{auth}/sign-up/email", json=account).raise_for_status()
    link = open_mail(mailbox, account["email"])
    ready.until_printed(f"  open {link}\n")
    assert "mail to printed@example.com: Confirm your address for taskchat\n" in ready.printed


def test_chat_shows_the_answer_and_each_tool_call(ready: Terminal) -> None:
    done = ready.beside("chat", MESSAGE="add a task to buy groceries")
    assert done.returncode == 0, done.stdout
    call, answer = done.stdout.rstrip().split("\n", 1)
    assert call == "✓ Added “buy groceries”"
    assert "groceries" in answer
    assert "\x1b" not in done.stdout, "a pipe gets no escape codes"


def test_ctrl_c_stops_an_answer_and_what_was_done_is_shown(
    ready: Terminal, ports: dict[str, str]
) -> None:
    simulator = f"http://localhost:{ports['GEMINI_SIMULATOR_PORT']}/admin"
    held = {"kind": "hang", "match": "buy butter", "step": 1, "count": 2}
    httpx2.post(f"{simulator}/faults", json=held).raise_for_status()
    chat = ready.start_beside("chat", MESSAGE="add a task to buy butter")
    deadline = time.monotonic() + READY_LIMIT_SECONDS
    while httpx2.get(f"{simulator}/held", params={"match": "butter"}).json()["held"] == 0:
        assert time.monotonic() < deadline, "the model was never asked"
        time.sleep(0.02)

    chat.send_signal(signal.SIGINT)

    printed, _ = chat.communicate(timeout=READY_LIMIT_SECONDS)
    assert chat.returncode == 0, printed
    assert printed.startswith("✓ Added “buy butter”\n")
    assert "stopped" in printed


def test_trace_shows_the_turn_through_all_services(ready: Terminal) -> None:
    ready.beside("chat", MESSAGE="add a task to buy bread")
    deadline = time.monotonic() + READY_LIMIT_SECONDS
    while "INSERT tasks.task" not in (done := ready.beside("trace")).stdout:
        assert time.monotonic() < deadline, done
    spans = (
        "POST /api/{user_id}/chat",
        "turn",
        "chat gemini-flash-latest",
        "execute_tool add_task",
    )
    places = [done.stdout.index(f" {span} ") for span in (*spans, "INSERT tasks.task")]
    assert places == sorted(places)


def test_demo_person_is_known_the_next_time(ready: Terminal) -> None:
    done = ready.beside("chat", MESSAGE="show my tasks")
    assert "groceries" in done.stdout


def test_killed_service_is_started_again_and_says_so(ready: Terminal) -> None:
    os.kill(ready.pid_of("gemini_simulator"), signal.SIGKILL)
    ready.until_printed("gemini-simulator was killed by SIGKILL; starting it again in 0.5 s")
    ready.until_printed("gemini-simulator is ready again")


def test_killed_database_is_started_again_with_its_data(ready: Terminal) -> None:
    os.kill(ready.pid_of("shared_buffers"), signal.SIGKILL)
    ready.until_printed("postgres is ready again")
    assert "groceries" in ready.beside("chat", MESSAGE="show my tasks").stdout


def test_ctrl_c_ends_every_process_within_five_seconds(
    ready: Terminal, ports: dict[str, str]
) -> None:
    services = descendants(ready.process.pid)
    assert len(services) >= len(PORT_VARIABLES)
    started_at = time.monotonic()
    ready.process.send_signal(signal.SIGINT)
    assert ready.process.wait(10) == 0
    assert wait_until_ended(services, 0.5)
    assert time.monotonic() - started_at < STOP_LIMIT_SECONDS
    assert not probe(f"http://127.0.0.1:{ports['AUTH_PORT']}/healthz")[0]


def test_stop_while_it_starts_leaves_nothing_behind(terminal: Terminal) -> None:
    terminal.start_again()
    terminal.until_printed("auth is ready")
    services = descendants(terminal.process.pid)
    started_at = time.monotonic()
    terminal.process.terminate()
    assert terminal.process.wait(10) == 0
    assert wait_until_ended(services, 0.5)
    assert time.monotonic() - started_at < STOP_LIMIT_SECONDS


def test_killed_supervisor_leaves_nothing_behind_and_the_next_run_starts(
    terminal: Terminal,
) -> None:
    terminal.start_again()
    terminal.until_printed("chat-gateway")
    services = descendants(terminal.process.pid)
    terminal.process.kill()
    terminal.process.wait()
    terminal.start_again()
    terminal.until_printed("Ctrl-C stops it")
    assert wait_until_ended(services, STOP_LIMIT_SECONDS)
    assert "all schemas are up to date" in terminal.printed
    assert "groceries" in terminal.beside("chat", MESSAGE="show my tasks").stdout


def test_key_without_a_model_ends_the_run_with_what_to_set(tmp_path: Path) -> None:
    ports = {variable: str(free_port()) for variable in PORT_VARIABLES}
    nowhere = f"http://localhost:{free_port()}/v1"
    run = Terminal(tmp_path, {**ports, "GEMINI_API_KEY": "a-key", "GEMINI_BASE_URL": nowhere})
    assert run.process.wait(READY_LIMIT_SECONDS) == 1
    said = run.printed.partition("taskchat could not start: ")[2]
    assert said.startswith("The model's endpoint is not reached: localhost:")
    assert "or set GEMINI_BASE_URL." in said
    assert "a-key" not in run.printed
    assert "taskchat is ready" not in run.printed
