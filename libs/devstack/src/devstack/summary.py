"""What `make run` says when all is ready: where things are, and what to type next."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from devstack.configuration import Configuration
from devstack.deployment import Deployment, local_url
from devstack.run_record import RunRecord

DEFAULT_MODEL = "gemini-flash-latest"


def ready_text(record: RunRecord, notes: Mapping[str, str], mailbox: str | None) -> str:
    """URLs, how to sign in, and commands that work as pasted.

    Args: notes: further lines. mailbox: URL of the one that confirmations come to, if there is one.
    """
    gateway, auth = record.urls["chat-gateway"], record.urls["auth"]
    return "\n".join(
        [
            f"taskchat is ready: open {record.urls['web']}",
            "",
            url_table(record.urls, notes),
            "",
            "Without a browser, in another terminal:  make chat",
            'or one message:  make chat MESSAGE="add a task to buy groceries"',
            "",
            "By hand, paste this; /api/auth/sign-in/email takes the same body the next time:",
            "",
            curl_text(gateway, auth, record.origin, mailbox),
        ]
    )


def running_text(record: RunRecord | None) -> str:
    """What a second `make run` says."""
    if record is None:
        return "taskchat is already starting in another terminal."
    return "\n".join(
        [
            f"taskchat is already {'running' if record.ready else 'starting'} (pid {record.pid}):",
            "",
            url_table(record.urls, {}),
            "",
            f"Talk to it:  open {record.urls['web']}, or make chat",
            f"Stop it:     Ctrl-C in its terminal, or kill {record.pid}",
        ]
    )


def mail_note(mailbox: str | None) -> str:
    """Where mails go. Args: mailbox: URL of ours, None where the person named a server."""
    return "sent by the server of SMTP_URL" if mailbox is None else f"{mailbox}, and printed here"


def model_note(configuration: Configuration) -> str:
    """Which model answers."""
    elsewhere = configuration.settings.get("GEMINI_BASE_URL")
    if configuration.gemini_api_key is None and elsewhere is not None:
        return f"at {elsewhere}, as GEMINI_BASE_URL says, without a key of yours"
    if configuration.gemini_api_key is None:
        return "simulated; set GEMINI_API_KEY, in .env for example, for the real one"
    name = configuration.settings.get("GEMINI_MODEL", DEFAULT_MODEL)
    where = "Gemini" if elsewhere is None else elsewhere
    return f"{where}, {name}"


def database_note(configuration: Configuration, data: Path) -> str:
    """Where the tasks are kept. Args: data: of the embedded database."""
    if configuration.database is None:
        return f"embedded, port {configuration.postgres_port}, data in {data}"
    return f"{configuration.database.host}, as DATABASE_URL says"


def metrics_note(deployment: Deployment) -> str:
    """Where each service's metrics are."""
    return ", ".join(
        f"{kind} {local_url(deployment.metrics_ports[kind])}/metrics"
        for kind in deployment.kinds
        if kind != "web"
    )


def url_table(urls: Mapping[str, str], notes: Mapping[str, str]) -> str:
    """One line per service and note."""
    rows = {**urls, **notes}
    width = max(len(name) for name in rows)
    return "\n".join(f"  {name:<{width}}  {value}" for name, value in rows.items())


def curl_text(gateway: str, auth: str, origin: str, mailbox: str | None) -> str:
    """Shell commands that make an account, sign in with it and send one message.

    Args: mailbox: where the mail is whose link must be opened between the two.
    """
    way_in = "sign-up" if mailbox is None else "sign-in"
    if mailbox is None:
        first = ""
    else:
        post = f"curl -s {auth}/api/auth/sign-up/email -H 'Origin: {origin}'"
        first = (
            f"{post} \\\n  -H 'Content-Type: application/json' -d \"$ME\" > /dev/null\n"
            f'curl -s "$(curl -s "{mailbox}/link?to=$EMAIL")"\n'
        )
    return dedent(
        f"""\
        EMAIL="me-$(date +%s)@example.com"
        ME='{{"name": "Me", "email": "'$EMAIL'", "password": "correct horse battery"}}'
        {{first}}ANSWER=$(curl -si {auth}/api/auth/{way_in}/email -H 'Origin: {origin}' \\
          -H 'Content-Type: application/json' -d "$ME")
        SESSION=$(echo "$ANSWER" | grep -i '^set-auth-token:' | cut -d' ' -f2 | tr -d '\\r')
        USER_ID=$(echo "$ANSWER" | grep -o '"id":"[^"]*"' | cut -d'"' -f4)
        TOKEN=$(curl -s {auth}/api/auth/token -H "Authorization: Bearer $SESSION" | cut -d'"' -f4)
        curl -s {gateway}/api/$USER_ID/chat -H "Authorization: Bearer $TOKEN" \\
          -H 'Origin: {origin}' -H 'Content-Type: application/json' \\
          -d '{{"message": "add a task to buy groceries"}}'"""
    ).replace("{first}", first)
