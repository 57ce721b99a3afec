"""The title of a new conversation: what the person has typed, not what they have quoted."""

import pytest
from chat_gateway.chatkit.requests import Say, parse_request
from chat_gateway.conversations.titles import TITLE_CHARACTERS, title_of
from servicekit.text import complaint_of_kept

QUOTED = "1. buy milk\n\n2. call mom"


def asked(text: str, quoted: str) -> str:
    """The message that a request of the protocol comes to."""
    given = {
        "content": [{"type": "input_text", "text": text}],
        "attachments": [],
        "inference_options": {},
        "quoted_text": quoted,
    }
    said = parse_request({"type": "threads.create", "params": {"input": given}})
    assert isinstance(said, Say)
    return said.message


@pytest.mark.parametrize(
    "quoted",
    [QUOTED, "x" * 2_000, ">\n> deeper", "one\u2028two"],
    ids=["paragraphs", "long", "quotation of a quotation", "other line ends"],
)
def test_what_is_quoted_is_not_in_it(quoted: str) -> None:
    assert title_of(asked("do that\nat once", quoted)) == "do that at once"


def test_only_what_is_quoted_first_is_left_out() -> None:
    assert title_of("> one\n\n> two\n \nwhat of\n\n> three") == "what of > three"


@pytest.mark.parametrize(
    "message",
    ["> milk", "> milk\n\n> eggs", "> milk\neggs", "> milk\n\n\u200b"],
    ids=["one", "two", "a paragraph that goes on", "nothing visible after it"],
)
def test_quotation_is_the_title_where_nothing_else_is_there(message: str) -> None:
    assert title_of(message) == " ".join(message.split())


def test_title_is_one_line_and_shortened() -> None:
    title = title_of("  buy \n\n milk " + "x" * 100)
    assert title.startswith("buy milk xxx")
    assert (len(title), title[-1]) == (TITLE_CHARACTERS, "…")


@pytest.mark.parametrize(
    "control",
    ["\x1b[2J\x1b]0;another\x07", "\x9b31m", "\x7f", "\x08\x08"],
    ids=["escape sequences", "their short form in C1", "delete", "backspaces"],
)
def test_title_holds_nothing_that_drives_a_terminal(control: str) -> None:
    """A message may; a title that a person gives may not, nor one that is made for them."""
    title = title_of(f"look at {control}this")

    assert complaint_of_kept(title) is None
    assert (title[:8], title[-4:]) == ("look at ", "this")
