"""Tidying what a person typed, and keeping quoted words out of the grammar's way."""

import re
import unicodedata

FIRST_PLACEHOLDER = 0xE000  # private use: stripped from input, so it can stand for a quotation
LAST_PLACEHOLDER = 0xF8FF
STRAIGHTENED = str.maketrans({"’": "'", "‘": "'", "´": "'", "`": "'", "\u00a0": " ", "\t": " "})
QUOTATION = re.compile(
    r'"([^"\n]+)"|“([^”\n]+)”|„([^“”\n]+)[“”]|«([^»\n]+)»|(?<![\w\'])\'([^\'\n]+(?:\'\w[^\'\n]*)*)\'(?!\w)'
)
PLACEHOLDER = re.compile("[\ue000-\uf8ff]")
BULLET = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)]|\[ ?\])\s+(?P<item>.+)$")
# "Add: 1. bread 2. butter": the numbers must count up from 1.
INLINE = re.compile(r"\s+(\d{1,2})[.)]\s+")
LINE_END = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
JOINERS = re.compile("(?<=[^\x00-\x7f])[\u200c\u200d](?=[^\x00-\x7f])")
HEADER = re.compile(
    r"(?:please )?(?:add|create|put)|"
    r".*(?::|\b(?:these|following|tasks|todos|list|things|items)\b.{0,15})$",
    re.IGNORECASE,
)


def tidy(message: str) -> str:
    """The message with plain quotes, single blanks, kept line ends and nothing invisible.

    Joiners inside of emoji and of Persian or Hindi words are kept: they change what is seen.
    """
    text = LINE_END.sub("\n", message).translate(STRAIGHTENED)
    joiners = {match.start() for match in JOINERS.finditer(text)}
    text = "".join(
        character
        for position, character in enumerate(text)
        if character == "\n"
        or position in joiners
        or (
            unicodedata.category(character) not in ("Cc", "Cf", "Cs")
            and not FIRST_PLACEHOLDER <= ord(character) <= LAST_PLACEHOLDER
        )
    )
    return "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()


class Quotations:
    """Replaces quoted words by one placeholder each, so that no rule looks into them."""

    def __init__(self) -> None:
        self._quoted: list[str] = []

    def take(self, quoted: str) -> str:
        """Keep some words; returns their placeholder."""
        self._quoted.append(quoted.strip())
        return chr(FIRST_PLACEHOLDER + len(self._quoted) - 1)

    def protect(self, text: str) -> str:
        """Replace every quotation, and every item of a list that stands in lines of its own."""
        protected = QUOTATION.sub(lambda match: self.take(next(filter(None, match.groups()))), text)
        return self._protect_items(protected)

    def restore(self, text: str) -> str:
        """Put the quoted words back, without their quotes."""
        return PLACEHOLDER.sub(self._quoted_at, text)

    def _quoted_at(self, match: re.Match[str]) -> str:
        position = ord(match.group()) - FIRST_PLACEHOLDER
        return self._quoted[position] if position < len(self._quoted) else ""

    def _protect_items(self, text: str) -> str:
        lines = _numbered_lines(text)
        if len(lines) < 2:
            return text
        header, *rest = lines
        bullets = [BULLET.match(line) for line in rest if line.strip()]
        if bullets and all(bullets) and HEADER.fullmatch(header):
            items = [self.take(self.restore(match["item"])) for match in bullets if match]
            return f"{header.rstrip(':')}: " + ", ".join(items)
        if header.endswith(":") and bullets:
            items = [self.take(self.restore(line)) for line in rest if line.strip()]
            return f"{header} " + ", ".join(items)
        return text


def _numbered_lines(text: str) -> list[str]:
    """The lines of a text, or of the numbered list that it has in one line."""
    header, *pieces = INLINE.split(text)
    numbers, items = pieces[::2], pieces[1::2]
    counts_up = numbers == [str(number) for number in range(1, len(numbers) + 1)]
    if "\n" in text or len(items) < 2 or not counts_up or not HEADER.fullmatch(header):
        return text.split("\n")
    return [header, *(f"- {item}" for item in items)]


def is_quoted(text: str) -> bool:
    """Whether the text is exactly one placeholder."""
    return len(text) == 1 and PLACEHOLDER.fullmatch(text) is not None


def placeholders(text: str) -> list[str]:
    """The placeholders in a text, in order."""
    return PLACEHOLDER.findall(text)
