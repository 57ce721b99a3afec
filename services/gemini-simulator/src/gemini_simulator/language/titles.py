"""Titles of new tasks: how many there are in what was said, and where a description begins."""

import re
from dataclasses import dataclass

from gemini_simulator.language.grammar import compile_template
from gemini_simulator.language.intents import NewTask
from gemini_simulator.language.politeness import strip_closings
from gemini_simulator.language.targets import CARDINALS
from gemini_simulator.language.text import PLACEHOLDER, placeholders
from gemini_simulator.language.words import begins_with_task_verb

# A title does not end in the place where it is to be put.
TO_MY_LIST = re.compile(
    r"\s+(?:to|on|onto|in|into) (?:my|the|our|this) (?:[\w-]+ )?(?:lists?|tasks|to-?dos|todos)$",
    re.IGNORECASE,
)
LEADING = re.compile(
    r"^(?:(?:called|named|titled|labelled|saying|that says|which says|with the title(?: of)?|about|"
    r"to remind me to|to|that i (?:need|have) to|for|where i|reading)\s+|[:\-–—=]\s*)+",
    re.IGNORECASE,
)
DESCRIPTION = re.compile(
    r"""(?:[\s,;.]+|^)
    (?:(?:with|and|plus|having|including|add|use|put|set)\s+)*(?:(?:a|an|the|its|this|as)\s+)*
    (?:descriptions?|notes?|details?|desc|comments?|more\ info|additional\ info)
    (?:\s+(?:should\ be|is|that\ says|which\ says|saying\ that|saying|says|to\ say|of|being|that|to)
      |\s*[:=\-–—]|\s*,)?
    \s*(?P<text>\S.*)$""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
ANOTHER = re.compile(
    r"""(?:,\s*|\s+)(?:and|then|plus|also|as\ well\ as|&)?\s*(?:also\s+)?
    (?:another|one\ more|one|a\ second|a\ third|a|the\ other)
    (?:\ one|\ task|\ todo|\ reminder|\ new\ task)?\ (?:to|for|called|named|about|saying)\s+""",
    re.IGNORECASE | re.VERBOSE,
)
COMMA = re.compile(
    r"\s*[,;]\s*(?:and\s+(?:then\s+|also\s+)?|&\s*|then\s+|also\s+)?|\s+as well as\s+|\s+\+\s+|\n+",
    re.IGNORECASE,
)
AND = re.compile(r"\s+(?:and(?: then| also)?|&|plus|then)\s+", re.IGNORECASE)
AS_SEPARATE = re.compile(
    r"\s+as (?:separate|individual|different|single|\w+) (?:tasks|items|todos)$", re.IGNORECASE
)
AS_ONE = re.compile(r"\s+(?:as|in) (?:one|a single|a) (?:task|item|todo)$", re.IGNORECASE)
JOINTS = re.compile(
    r"\b(?:and|also|then|plus|another|one|called|task|a|to)\b|[\s,;.&+:]", re.IGNORECASE
)
BARE_WORDS = 3  # a shopping item has no more words than this

PLACE = "[(to|on|onto|in|into) (my|the|our) <list>]"
HEADS = (
    compile_template(f"{{how=<determiners>}} {{noun=<task_noun>}} {PLACE}"),
    compile_template(f"{{noun=<task_noun>}} {PLACE}"),
    compile_template(f"{{how=<determiners>}} {PLACE}"),
)
SEVERAL = re.compile(
    r"\b(?:these|those|following|some|couple|few|both|all|two|three|four|five|six|seven|eight|nine|"
    r"ten|\d+)\b|s$",
    re.IGNORECASE,
)
LEADS_TO_TITLE = re.compile(
    r"\s*(?:[:,–—-]|$|(?:to|for|called|named|titled|about|saying|that|which|with|on|in|of|reading|"
    r"where)\b|[\ue000-\uf8ff])",
    re.IGNORECASE,
)
NEEDS_NO_NOUN = re.compile(r"(?:another|one more|also|these|(?:the )?following)$", re.IGNORECASE)
COUNT = re.compile(rf"\b(?:{'|'.join(CARDINALS)}|\d{{1,2}})\b", re.IGNORECASE)


@dataclass(frozen=True)
class TitleHead:
    """The words between "add" and the titles: "three new tasks:", "a task to".

    Args: is_many: whether they speak of several tasks. count: how many, if that was said.
        rest: the titles.
    """

    is_many: bool
    count: int | None
    rest: str

    @classmethod
    def read(cls, phrase: str) -> "TitleHead | None":
        """The head of a phrase, or None when it begins with a title."""
        match = next(filter(None, (head.match(phrase) for head in HEADS)), None)
        if match is None:
            return None
        said = match.groupdict()
        how, noun, rest = said.get("how") or "", said.get("noun"), phrase[match.end() :]
        if rest and rest[0].isalnum():
            return None
        has_lead = LEADS_TO_TITLE.match(rest) is not None
        if not noun and not (rest.startswith(":") or NEEDS_NO_NOUN.search(how)):
            return None
        if noun and not how and not has_lead and not begins_with_task_verb(rest):
            return None  # "reminder stickers" is a title
        is_many = SEVERAL.search(f"{how} {noun or ''}".strip()) is not None
        count = COUNT.search(how)
        word = count.group().lower() if count else ""
        number = (CARDINALS.get(word) or int(word)) if word else None
        return cls(is_many, number if is_many else None, rest.lstrip(" :,-–—"))


def read_new_tasks(text: str, *, many: bool | None, count: int | None = None) -> list[NewTask]:
    """The new tasks that a phrase names.

    Args: text: what follows "add"; quotations as placeholders. many: True when it was said that
        there are several, False when it was said that there is one, None when neither.
        count: how many there are, if that was said.
    Returns: at least one task, or none when no title is left.
    """
    text = strip_closings(text.strip())
    apart = AS_SEPARATE.search(text) or AS_ONE.search(text)
    if apart is not None:
        text, many = text[: apart.start()], apart.re is AS_SEPARATE
    phrase, description = split_description(TO_MY_LIST.sub("", text))
    titles = [clean_title(part) for part in _split(phrase, many, count)]
    tasks = [NewTask(title) for title in titles if title]
    if description and tasks:
        tasks[-1] = NewTask(tasks[-1].title, description)
    return tasks


def split_description(text: str) -> tuple[str, str | None]:
    """A phrase without its description, and the description if there is one."""
    match = DESCRIPTION.search(text)
    if match is None or not text[: match.start()].strip(" ,.:;"):
        return text, None
    return text[: match.start()], strip_closings(match["text"]).strip(" ,;:")


def clean_title(part: str) -> str:
    """A title without the words and signs that only led to it."""
    title = TO_MY_LIST.sub("", strip_closings(part.strip(" ,;:-–—.")))
    title = LEADING.sub("", title).strip(" ,;:-–—.")
    quoted = placeholders(title)
    return quoted[0] if len(quoted) == 1 and not PLACEHOLDER.sub("", title).strip() else title


def _split(phrase: str, many: bool | None, count: int | None) -> list[str]:
    text = LEADING.sub("", phrase)
    quoted = placeholders(text)
    if len(quoted) > 1 and _only_joins(PLACEHOLDER.sub("", text)):
        return quoted
    another = [part for part in ANOTHER.split(text) if part.strip()]
    if len(another) > 1 and not many:
        return another
    commas = [part for part in COMMA.split(text) if part.strip()]
    everywhere = [piece for part in commas for piece in AND.split(part)]
    last_too = [*commas[:-1], *AND.split(commas[-1])] if commas else []
    if count is not None:
        for parts in (commas, last_too, everywhere):
            if len(parts) == count:
                return parts
    if many:
        ends_open = len(commas) > 1 and not re.search(r"[,;]\s*(?:and|&)\s", text)
        return last_too if len(commas) == 1 or ends_open else commas
    if many is False:
        return [text]
    return next((parts for parts in (everywhere, last_too, commas) if _are_titles(parts)), [text])


def _are_titles(parts: list[str]) -> bool:
    """Whether parts read like titles of their own: all begin with a verb, or all are bare nouns."""
    if len(parts) < 2:
        return False
    verbs = [begins_with_task_verb(part) for part in parts]
    return all(verbs) or (not any(verbs) and all(len(part.split()) <= BARE_WORDS for part in parts))


def _only_joins(rest: str) -> bool:
    return not JOINTS.sub("", rest)
