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
HEADER = re.compile(
    r".*(?::|\b(?:these|following|tasks|todos|list|things|items)\b.{0,15})$", re.IGNORECASE
)


def tidy(message: str) -> str:
    """The message with plain quotes, single blanks, kept line ends and nothing invisible."""
    text = message.translate(STRAIGHTENED)
    text = "".join(
        character
        for character in text
        if character == "\n"
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
        lines = text.split("\n")
        if len(lines) < 2:
            return text
        header, *rest = lines
        bullets = [BULLET.match(line) for line in rest if line.strip()]
        if bullets and all(bullets) and HEADER.fullmatch(header):
            items = [self.take(self.restore(match["item"])) for match in bullets if match]
            return f"{header} " + ", ".join(items)
        if header.endswith(":") and bullets:
            items = [self.take(self.restore(line)) for line in rest if line.strip()]
            return f"{header} " + ", ".join(items)
        return text


def is_quoted(text: str) -> bool:
    """Whether the text is exactly one placeholder."""
    return len(text) == 1 and PLACEHOLDER.fullmatch(text) is not None


def placeholders(text: str) -> list[str]:
    """The placeholders in a text, in order."""
    return PLACEHOLDER.findall(text)
