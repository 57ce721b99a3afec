"""A list that was pasted: one new task for each of its lines, when they can be nothing else.

Lines with marks before them are a list from two on, bare ones from three on, or from two on below a
heading or "add these:". One line that could be said to us, an order, a question, a remark, and all
of it is left to the other grammars: prose is no list, and neither is a list of orders.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gemini_simulator.language.clauses import ABBREVIATION, sentences
from gemini_simulator.language.grammar import compile_template
from gemini_simulator.language.intents import (
    Add,
    Complete,
    Delete,
    Inspect,
    Intent,
    MissingTitle,
    NewTask,
    Pasted,
    Unclear,
    Words,
)
from gemini_simulator.language.smalltalk import read_small_talk
from gemini_simulator.language.targets import read_target
from gemini_simulator.language.text import QUOTATION, Quotations
from gemini_simulator.language.words import begins_with_task_verb

MOST_ADDED = 100  # of one message: more is no list that somebody has read
FEWEST_MARKED, FEWEST_BARE = 2, 3
LONGEST_LINE, LONGEST_BARE_LINE = 200, 60  # characters; 200 is the most that a title may have
MOST_BARE_WORDS, MOST_BARE_TASK_WORDS = 5, 10  # a line that begins with a verb may say more
MOST_HEADING_WORDS = 5

LINE = re.compile(
    r"""(?P<mark>
        (?:[-*+–—•‣◦·∙▪●○]\s+|[•‣◦·∙▪●○]|[-–—](?=[^\W\d_])|\(?\d{1,3}[.)]\s+|\(?[a-z]\)\s+)?
        (?:\[\s?(?P<cross>[xX✓✔✅]\ufe0f?)?\s?\](?!\()\s*
          |(?P<tick>[☑✓✔✅])\ufe0f?\s*|[☐□⬜]\ufe0f?\s*)?
    )(?P<item>.*)""",
    re.VERBOSE,
)
SIGNATURE = re.compile(r"[A-Z]\w+(?: [A-Z]\w+)?")
COUNTED = re.compile(r"(?:task|item|thing)\s(?:number\s|no\.?\s|#)?\d+", re.IGNORECASE)
RULER = re.compile(r"[-–—=_*~#`.\s•·|]*")
BESIDE_A_LIST = ("greeting", "thanks", "praise", "bye", "yes")
# Headings: an order to add in other words, or the name of a kind of things.
WISH = compile_template(
    """[here is|here are|here's|this is|these are] [all] [of] [my|the|our|a] [new|full|whole]
    (<list>|to do|things|to-do items) [[for|from|of] [the|this|next] (today|tomorrow|week|weekend|
    month|trip|party|holiday|<day>)]|
    [the|all|all the|some|other|more] (things|stuff|what|everything) [that] (i|we) [still|also]
    (need|have|want|must|should) [to (do|buy|get|remember|bring|pack)] [<day>]|
    (i|we) [still|also|really] (need|have to|need to|must|should) [do|buy|get|pack] [<day>]"""
)
BARE_ORDER = compile_template(
    """[please|can you|could you] (add|create|put|note|write) [down] [me] [all]
    [these|this|them|the following|following|some|new] [new] [<tasks>|things]
    [(to|on|onto|in|into) (my|the|our) <list>] [please|for me]"""
)
THESE = re.compile(
    r"\b(?:all (?:of )?)?(?:(?:these|the following)(?: (?:tasks|things|items|todos|to-dos))?|them|"
    r"this(?: list)?)\b",
    re.IGNORECASE,
)
_NO_HEADING = """
    delete remove erase drop trash discard clear forget cancel undo mark tick untick check uncheck
    cross complete finish close rename change update replace edit move postpone reopen keep leave
    skip ignore stop show done finished completed bought paid already did was were have has had
    not no never don't dont without except nothing none said says wrote writes told tells asks asked
    according instead pros cons favourite favorite likes dislikes minutes what which why how who
    when where i we you he she they it
    lösche löschen entferne erledigt fertig gekauft nicht keine supprime supprimer efface fait pas
    terminé acheté borra borrar elimina eliminar hecho terminado comprado cancella fatto feito apaga
"""
NO_HEADING = frozenset(_NO_HEADING.split())
HEADING_WORD = re.compile(r"[A-Za-zÀ-ɏ'&]+|\d+")
# A sentence has one of these, the name of a thing to do or to buy hardly ever.
PROSE = re.compile(
    r"\b(?:i|we|he|she|they|it|there|who|\w+'(?:m|re|ll|ve|d)|(?:it|he|she|that|there|what)'s|am|is|"
    r"are|was|were|been|has|had|have|did|does|will|would|could|should|can|cannot|must|\w+n't|dont|"
    r"ich|wir|ist|sind|habe|haben|nicht|je|nous|vous|est|sont|pas|estoy|está|tengo)\b",
    re.IGNORECASE,
)
SAID_TO_US = re.compile(
    r"(?:no|nope|not|never|don'?t|do not|scratch|except|but|or|instead)\b|"
    r"(?:wait|actually|sorry|oops|ok|okay|yes|please)\b[,.! ]",
    re.IGNORECASE,
)
REMEMBER = re.compile(r"(?:don'?t|do not) (?:let me )?forget ", re.IGNORECASE)
NO_BARE_LINE = re.compile(r"[?!…{}<>=|\\`]|://|\byour?s?\b|\w: \w|\.$", re.IGNORECASE)
# Verbs of orders that as often begin a thing to do: "finish the report".
MAYBE_ORDER = re.compile(
    r"(?:finish|complete|close|cancel|change|update|open|clean|clear|edit)\s+"
    r"(?!off\b|out\b|it\b|them\b|that\b|this\b|all\b|everything\b|.*\b(?:tasks?|list|to-?dos?)\b)",
    re.IGNORECASE,
)

Read = Callable[[str], Intent]


@dataclass(frozen=True)
class Line:
    """A line of a message.

    Args: is_marked: with a bullet, a number or a box before it. is_apart: below an empty line.
    """

    text: str
    is_marked: bool
    is_ticked: bool
    is_apart: bool

    @classmethod
    def read(cls, line: str, before: str) -> "Line":
        """A line without its mark. Args: before: the line above it."""
        match = LINE.fullmatch(line)
        assert match is not None
        is_ticked = bool(match["cross"] or match["tick"])
        return cls(match["item"].strip(), bool(match["mark"]), is_ticked, not before.strip())

    @property
    def looks_like_heading(self) -> bool:
        """Whether it is set off from the lines around it."""
        return self.is_apart or self.text.endswith(":") or self.text.startswith(("#", "**"))


def read_pasted(text: str, read: Read) -> Add | None:
    """The tasks of a list, or None when a message is none.

    Args: text: tidied. read: what a clause means.
    """
    said = text.split("\n")
    pairs = zip(said, ["", *said], strict=False)
    lines = [Line.read(line, before) for line, before in pairs if not RULER.fullmatch(line)]
    lines = _without_talk([line for line in lines if line.text])
    if len(lines) < min(FEWEST_MARKED, FEWEST_BARE):
        return None
    are_marked = any(line.is_marked for line in lines)
    parts = list(_headings_and_items(lines, are_marked=are_marked))
    headings = [line for line, is_item in parts if not is_item]
    items = [line for line, is_item in parts if is_item]
    fewest = FEWEST_MARKED if are_marked or headings else FEWEST_BARE
    if len(items) < fewest or all(item.is_ticked for item in items) or not parts[-1][1]:
        return None  # what is ticked from end to end rather reports what is done
    if any(_is_said(item.text, is_marked=are_marked) for item in items):
        return None
    names = [heading for heading in headings if not _is_wish(heading.text, read)]
    if not all(heading.looks_like_heading and _is_name(heading.text, read) for heading in names):
        return None
    return _add(items, [heading.text.strip(" :#*_") for heading in names], read)


def _without_talk(lines: list[Line]) -> list[Line]:
    """Without a greeting above the list, and thanks below it, which may be signed."""
    while lines and _is_talk(lines[0].text):
        lines = lines[1:]
    if len(lines) > 1 and SIGNATURE.fullmatch(lines[-1].text) and _is_talk(lines[-2].text):
        lines = lines[:-1]
    while lines and _is_talk(lines[-1].text):
        lines = lines[:-1]
    return lines


def _is_talk(text: str) -> bool:
    talk = read_small_talk(text)
    return (talk is not None and talk.kind in BESIDE_A_LIST) or text.lower() == "please"


def _headings_and_items(lines: Sequence[Line], *, are_marked: bool) -> Iterator[tuple[Line, bool]]:
    """Each line, and whether it is an item. Of bare lines the first may be "add these"."""
    for number, line in enumerate(lines):
        is_order = number == 0 and (BARE_ORDER.fullmatch(line.text) or WISH.fullmatch(line.text))
        if are_marked:
            yield line, line.is_marked
        else:
            yield line, not (line.text.endswith(":") or is_order)


def _is_said(text: str, *, is_marked: bool) -> bool:
    """Whether a line is rather a sentence than a thing to do."""
    is_task = begins_with_task_verb(text)
    text = REMEMBER.sub("", text)
    if len(text) > LONGEST_LINE or SAID_TO_US.match(text) or (not is_task and PROSE.search(text)):
        return True
    if is_marked:
        return False
    words = len(text.split())
    most = MOST_BARE_TASK_WORDS if is_task else MOST_BARE_WORDS
    is_comma = text.endswith((",", ";")) and words > 3
    return (
        words > most or len(text) > LONGEST_BARE_LINE or is_comma or bool(NO_BARE_LINE.search(text))
    )


def _is_wish(heading: str, read: Read) -> bool:
    """Whether a heading asks for what is below it to be added: "put these on my list:"."""
    parts = [part for part in sentences(heading) if not _is_talk(part)]
    if len(parts) != 1:
        return False
    said = parts[0].rstrip(" :")
    it = Quotations().take("it")
    orders = (f"{said}: {it}", THESE.sub(it, said, count=1))
    return (
        WISH.fullmatch(said) is not None
        or read(said) == MissingTitle()
        or any(it in order and read(order) == Add((NewTask(it),)) for order in orders)
    )


def _is_name(heading: str, read: Read) -> bool:
    """Whether a heading names a kind of things: "Groceries:", "# Weekend"."""
    said = heading.strip(" :#*_")
    if begins_with_task_verb(said) and not heading.endswith(":"):
        return False  # "paint the shed", and what there is to say about it below
    words = said.lower().split()
    are_words = all(HEADING_WORD.fullmatch(word.strip("(),-/")) for word in words)
    is_short = 0 < len(words) <= MOST_HEADING_WORDS
    return (
        is_short and are_words and not NO_HEADING & set(words) and isinstance(read(said), Unclear)
    )


def _add(items: Sequence[Line], headings: Sequence[str], read: Read) -> Add | None:
    """The tasks of the lines, as far as one message goes; None if one of them is an order."""
    tasks: list[NewTask] = []
    ticked: list[str] = []
    maybe_orders, orders = 0, 0
    taken = items[:MOST_ADDED]
    for item in taken:
        meaning = read(Quotations().protect(item.text))
        titles = _titles(item.text, meaning)
        if not titles:
            return None
        maybe_orders += not isinstance(meaning, Unclear | Add)
        orders += isinstance(meaning, Add)
        tasks += titles
        ticked += [task.title for task in titles if item.is_ticked]
    if maybe_orders * 2 > len(taken):
        return None
    is_about_it = not all(item.is_marked or begins_with_task_verb(item.text) for item in taken[1:])
    if orders and is_about_it:
        return None  # "add write the report", and what there is to say about it below
    next_line = items[MOST_ADDED].text if len(items) > MOST_ADDED else ""
    left = len(items) - len(taken)
    return Add(tuple(tasks), Pasted(tuple(headings), tuple(ticked), left, next_line))


def _titles(text: str, meaning: Intent) -> tuple[NewTask, ...]:
    """What one line adds; nothing, if it is rather an order or talk."""
    title = _title(text)
    match meaning:
        case Add(tasks=tasks) if not begins_with_task_verb(text):
            return tasks  # "remind me to call Bob"
        case Unclear() | Add() if _is_new(text):
            return (NewTask(title),) if title else ()
        case Complete(is_guess=False) | Delete() | Inspect() | MissingTitle():
            return (NewTask(title),) if MAYBE_ORDER.match(text) else ()
        case _:
            return ()


def _is_new(text: str) -> bool:
    """Whether a line is no place in a list, or a pronoun: "the first one" names a task."""
    return isinstance(read_target(text), Words) or COUNTED.fullmatch(text) is not None


def _title(text: str) -> str:
    title = text.strip(" ,;")
    if QUOTATION.fullmatch(title):
        return title[1:-1].strip()
    ends_in_dot = (
        title.endswith(".") and not title.endswith("..") and not ABBREVIATION.search(title)
    )
    return title.removesuffix(".") if ends_in_dot else title
