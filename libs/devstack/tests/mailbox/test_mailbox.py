"""The mailbox as a mailer, a browser and a hostile page meet it: over its two ports."""

import smtplib
import socket
from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage
from urllib.parse import urlsplit

import httpx2
import pytest
from devstack.mailbox.letters import MOST_KEPT, Letter
from devstack.mailbox.mailbox import Mailbox, told_by
from devstack.mailbox.smtp import LARGEST_MAIL

LINK = "http://localhost:8001/api/auth/verify-email?token=a.b.c&callbackURL=%2F"


@pytest.fixture
def heard() -> list[Letter]:
    return []


@pytest.fixture
def mailbox(heard: list[Letter]) -> Iterator[Mailbox]:
    with closing(Mailbox(on_letter=heard.append)) as mailbox:
        yield mailbox


def mail(text: str, subject: str = "Confirm") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Subject"] = "taskchat <t@example.com>", subject
    message.set_content(text)
    return message


def send(mailbox: Mailbox, message: EmailMessage, *to: str) -> None:
    port = urlsplit(mailbox.settings["SMTP_URL"]).port
    with smtplib.SMTP("127.0.0.1", port or 0, timeout=10) as client:
        client.send_message(message, to_addrs=list(to))


def get(mailbox: Mailbox, path: str, **headers: str) -> httpx2.Response:
    return httpx2.get(f"{mailbox.url}{path}", headers=headers)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "localhost", "localhost:1", "localhost.:{port}"]
)
def test_foreign_name_reads_nothing(mailbox: Mailbox, host: str) -> None:
    send(mailbox, mail(LINK), "ada@example.com")
    port = urlsplit(mailbox.url).port
    for path in ("/", "/mails.json", "/link?to=ada@example.com"):
        answer = get(mailbox, path, Host=host.format(port=port))
        assert answer.status_code == 421
        assert "token" not in answer.text


def test_both_ports_are_of_this_machine_alone(mailbox: Mailbox) -> None:
    for url in (mailbox.url, mailbox.settings["SMTP_URL"]):
        port = urlsplit(url).port or 0
        with socket.socket() as other:
            # Free on another loopback address: it does not listen on all.
            other.bind(("127.0.0.2", port))


def test_mail_that_is_too_large_is_refused(mailbox: Mailbox, heard: list[Letter]) -> None:
    with pytest.raises(smtplib.SMTPException):
        send(mailbox, mail("x" * 70 + "\n" + "y\n" * LARGEST_MAIL), "ada@example.com")
    assert heard == []


def test_nobody_to_send_to_is_refused(mailbox: Mailbox) -> None:
    port = urlsplit(mailbox.settings["SMTP_URL"]).port
    with smtplib.SMTP("127.0.0.1", port or 0, timeout=10) as client:
        client.ehlo()
        client.mail("t@example.com")
        assert client.rcpt("")[0] == 501
        assert client.docmd("DATA")[0] == 503
        assert client.docmd("VRFY ada")[0] == 502


def test_what_is_in_a_mail_is_shown_as_text(mailbox: Mailbox) -> None:
    send(mailbox, mail("<script>alert(1)</script>", "<b>x</b>"), "ada@example.com")
    answer = get(mailbox, "/")
    assert "<script>" not in answer.text
    assert "<b>" not in answer.text
    assert "script" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_empty_box_looks_for_mail_by_itself_and_a_mail_stays_for_its_reader(
    mailbox: Mailbox,
) -> None:
    assert "No mail yet" in get(mailbox, "/").text
    assert 'http-equiv="refresh"' in get(mailbox, "/").text
    send(mailbox, mail(LINK), "ada@example.com")
    page = get(mailbox, "/").text
    assert 'http-equiv="refresh"' not in page
    # All of a link is for the browser: nobody reads a token.
    assert ">Open localhost:8001/api/auth/verify-email…</a>" in page


def test_oldest_mails_go(mailbox: Mailbox) -> None:
    for number in range(MOST_KEPT + 1):
        mailbox.letters.add(["ada@example.com"], f"Subject: {number}\r\n\r\nx".encode())
    mails = get(mailbox, "/mails.json").json()
    assert [mails[0]["subject"], mails[-1]["subject"]] == [str(MOST_KEPT), "1"]


def test_link_of_nobody_is_not_found(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devstack.mailbox.page.LINK_WAIT_SECONDS", 0.01)
    assert get(mailbox, "/link?to=ada@example.com").status_code == 404
    assert get(mailbox, "/link").status_code == 404
    assert get(mailbox, "/nope").status_code == 404


def test_mail_is_kept_for_each_of_its_people_and_links_can_be_opened(
    mailbox: Mailbox, heard: list[Letter]
) -> None:
    text = f"Schön, dass du da bist.\n\n.ein Punkt\n\n{LINK}\n"
    send(mailbox, mail(text), "ada@example.com", "Bob@Example.com")
    assert [letter.to for letter in heard] == ["ada@example.com", "bob@example.com"]
    [bobs] = get(mailbox, "/mails.json?to=bob@example.com").json()
    assert bobs["text"].replace("\r\n", "\n") == text
    assert bobs["links"] == [LINK]
    assert get(mailbox, "/link?to=ada@example.com").text == f"{LINK}\n"
    assert f'href="{LINK.replace("&", "&amp;")}"' in get(mailbox, "/").text


def test_terminal_shows_two_lines() -> None:
    said: list[str] = []
    letter = Letter(1, "ada@example.com", "Confirm", LINK, (LINK,), "")
    told_by(said.append)(letter)
    assert said == ["mail to ada@example.com: Confirm", f"  open {LINK}"]
