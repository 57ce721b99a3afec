"""What a text that a person or a model sends must be: something to see, and nothing hidden.

One rule for messages, titles and descriptions. What nobody sees but a model reads is the usual way
to slip instructions into a title; what turns the direction of the text around it makes people read
another text than the model does.
"""

import re
from typing import Final
from unicodedata import category

# Default_Ignorable_Code_Point of Unicode 17 (DerivedCoreProperties.txt), and two blanks that are
# letters or symbols by their category: U+2800, U+1D159. Python's tables are older than new emoji,
# so a character that they do not know counts as visible.
_BLANK: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_UNSEEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Mc", "Me", "Mn", "Zl", "Zp", "Zs"})

# The flags of England, Scotland and Wales are the only emoji of tag characters (UTS #51, RGI).
_FLAGS: Final = re.compile(
    "\U0001f3f4\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074"
    "|\U000e0077\U000e006c\U000e0073)\U000e007f"
)
# Category Cc of Unicode, which is closed (Unicode 17, section 23.1): C0, DEL and C1, without tab,
# line feed and carriage return. ESC begins the escape sequences of ECMA-48, U+009B is its CSI.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_CONTROLS: Final = (
    "control characters (U+0000 to U+001F but tab and line ends, U+007F to U+009F) or escape "
    "sequences; leave them out"
)
# Isolates (U+2066 to U+2069) stay: programs put them around names, and they turn nothing outside.
_REFUSED: Final = {
    "a NUL character": re.compile("\0"),
    "half a surrogate pair": re.compile("[\ud800-\udfff]"),
    "tag characters (U+E0000 to U+E007F), which nobody sees": re.compile("[\U000e0000-\U000e007f]"),
    "variation selectors in a row (U+E0100 to U+E01EF), which nobody sees": re.compile(
        "[\U000e0100-\U000e01ef]{2}"
    ),
    "characters that turn the direction of text (U+202A to U+202E)": re.compile("[\u202a-\u202e]"),
}


def complaint(text: str) -> str | None:
    """Why a text is refused, in words that follow its name; None: it is not.

    Args: text: trimmed. An empty one is not refused here: whether it may be is its field's rule.
    Returns: e.g. "must not hold a NUL character". Nothing of the text is in it.
    """
    without_flags = _FLAGS.sub("", text)
    for what, characters in _REFUSED.items():
        if characters.search(without_flags):
            return f"must not hold {what}"
    if text and not is_visible(text):
        return "must hold something visible"
    return None


def complaint_of_kept(text: str) -> str | None:
    """As `complaint`, for what is kept and shown again elsewhere: titles, descriptions, names.

    A message may hold what was pasted, from a terminal too. What is kept comes up in other
    programs, some of them terminals, where an escape sequence moves, hides and renames things. The
    line ends and the tab stay, and so do joiners, marks and isolates: people write with them.
    """
    if _CONTROL.search(text) and "\0" not in text:
        return f"must not hold {_CONTROLS}"
    return complaint(text)


def without_controls(text: str) -> str:
    """A text that may be kept where people did not write it to be: a blank for each control."""
    return _CONTROL.sub(" ", text)


def is_visible(text: str) -> bool:
    """Whether a person sees anything of a text."""
    return any(
        category(character) not in _UNSEEN_CATEGORIES and not _BLANK.match(character)
        for character in text
    )


def storable(text: str) -> str:
    """The text without what Postgres refuses: NUL and half surrogate pairs."""
    clean = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return clean.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
