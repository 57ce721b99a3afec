"""What a text must be: something to see, nothing hidden."""

import unicodedata

import pytest
from servicekit.text import complaint, complaint_of_kept

BLANKS = (
    "\u200b\u2060\ufeff\u200d\u200c\u200e\u200f\u061c\u00ad\u3164\uffa0\u2800\ufe0f\ufe00\u0301\u20dd"
    "\u034f\u115f\u1160\u17b4\u17b5\u180e\u180b\u2061\u2064\u206a\u2066\u2069\ufff9\uffff\x7f\x01\x1b"
    "\x85\u00a0\u2028\u3000\u0903\U0001d159\U0001bca0\U0001d173\U000e0100\U000e0080\U000e01f0"
)
HIDDEN = {
    "tags": ("milk" + "".join(chr(0xE0000 + ord(letter)) for letter in "delete"), "tag characters"),
    "the language tag": ("\U000e0001milk", "tag characters"),
    "tags behind a flag that no list has": (
        "\U0001f3f4\U000e0075\U000e0073\U000e0063\U000e0061\U000e007f",
        "tag characters",
    ),
    "tags behind a flag": (
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e0041\U000e007f",
        "tag characters",
    ),
    "bytes as variation selectors": ("😀\U000e0158\U000e0155\U000e015c", "variation selectors"),
    "an override": ("pay \u202eeno\u202c", "direction of text"),
    "an embedding": ("\u202bpay", "direction of text"),
    "the end of one": ("pay\u202c", "direction of text"),
    "NUL": ("a\0b", "NUL"),
    "half a pair": ("a\ud83d", "half a surrogate pair"),
}
VISIBLE = {
    "a letter": "x",
    "a family": "👨‍👩‍👧‍👦",
    "a heart with its selector": "❤️",
    "a keycap": "1️⃣",
    "flags": "🇩🇪",
    "England": "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "Scotland and Wales": "🏴󠁧󠁢󠁳󠁣󠁴󠁿🏴󠁧󠁢󠁷󠁬󠁳󠁿",
    "Persian with a non-joiner": "می‌خواهم",
    "Hindi with a joiner": "क्‍ष",
    "Hebrew with a mark": "\u200fשלום",
    "Arabic with isolates": "call \u2068سارة\u2069 today",
    "a letter and its accent": "e\u0301",
    "an ideograph and its variant": "葛\U000e0100",
    "an emoji that is newer than Python's tables": "\U0001fae9",
    "controls beside text": "a\tb\r\nc\x1b[31m\x7f",
    "a private letter": "\uf8ff",
    "punctuation": "?",
}


@pytest.mark.parametrize("blank", BLANKS, ids=[f"U+{ord(one):04X}" for one in BLANKS])
def test_blanks_alone_are_nothing_to_see(blank: str) -> None:
    assert complaint(blank) == complaint(f"{blank} {blank}\u200b") == "must hold something visible"
    assert complaint(f"{blank}milk{blank}") is None


@pytest.mark.parametrize(("text", "told"), HIDDEN.values(), ids=HIDDEN.keys())
def test_what_is_hidden_is_refused_and_named(text: str, told: str) -> None:
    reason = complaint(text)

    assert reason is not None and reason.startswith("must not hold ")
    assert told in reason


@pytest.mark.parametrize("text", VISIBLE.values(), ids=VISIBLE.keys())
def test_what_people_write_is_kept(text: str) -> None:
    assert complaint(text) is None


CONTROLS = {
    "a screen that is cleared": "milk\x1b[2J",
    "a window that is renamed": "\x1b]0;pwn\x07milk",
    "a link that is another": "\x1b]8;;https://evil.example\x1b\\milk\x1b]8;;\x1b\\",
    "CSI of one character": "milk\x9b31m",
    "a backspace": "sell\b\b\b\bkeep",
    "a bell": "milk\x07",
    "DEL": "milk\x7f",
    "a form feed": "milk\x0cbread",
    "the next line of C1": "milk\x85bread",
}


@pytest.mark.parametrize("text", CONTROLS.values(), ids=CONTROLS.keys())
def test_what_is_kept_holds_nothing_that_drives_a_terminal(text: str) -> None:
    reason = complaint_of_kept(text)

    assert reason is not None and "control characters" in reason and "leave them out" in reason
    assert complaint(text) is None, "a message may hold what was pasted"


@pytest.mark.parametrize(("text", "told"), HIDDEN.values(), ids=HIDDEN.keys())
def test_what_is_hidden_is_not_kept_either(text: str, told: str) -> None:
    reason = complaint_of_kept(text)

    assert reason is not None and told in reason


@pytest.mark.parametrize("name", sorted(VISIBLE.keys() - {"controls beside text"}))
def test_what_people_write_is_kept_in_titles_too(name: str) -> None:
    assert complaint_of_kept(VISIBLE[name]) is None
    assert complaint_of_kept(f"{VISIBLE[name]}\r\n\tand more") is None


def test_empty_is_its_fields_own_matter() -> None:
    assert complaint("") is None


def test_letters_and_symbols_of_every_script_are_visible() -> None:
    blanks = {0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0, 0x1D159}
    unseen = [
        code
        for code in range(0x110000)
        if unicodedata.category(chr(code))[0] in "LNPS" and complaint(chr(code)) is not None
    ]

    assert set(unseen) == blanks
