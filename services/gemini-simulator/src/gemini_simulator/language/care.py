"""Whether a message that would delete, complete or change something is a plain order for just that.

One rule for all of them: every word must be a word of orders or stand in a title that is touched.
A negation, a condition, a doubt, somebody else's words, another day, another language: each leaves
a word over, and then nothing is done.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from gemini_simulator.language.intents import (
    Add,
    Change,
    Complete,
    Delete,
    Describe,
    Everything,
    Intent,
    Places,
    Pronoun,
    Recent,
    Reopen,
    Show,
    Words,
)
from gemini_simulator.language.politeness import SURE
from gemini_simulator.language.spelling import mend_word
from gemini_simulator.language.targets import CARDINALS, ORDINALS
from gemini_simulator.language.tasks import Task
from gemini_simulator.language.text import QUOTATION, tidy
from gemini_simulator.language.words import WORD, same_word

MOST_DELETED_UNASKED = 5
_SMALL = """
    a an the teh my our your of on in from for to at as with and about then also too well plus so
    now please pls plz plese kindly hi hey hello thanks thank thx you u ok okay yes yeah yep sure
    good great nice cool perfect awesome morning task tasks todo todos item items entry entries
    reminder reminders thing things stuff list named titled saying word oh ah um
"""
_ORDERS = """
    delete remove erase drop trash discard clear purge eliminate nuke wipe bin toss scrap scratch
    ditch dump get rid take off out throw away empty strike cross pull mark set flag tick check
    label complete finish close resolve put undo revert go ahead do right correct exactly absolutely
    it its that those this these them they all every everything each whole entire both one ones last
    already just again another instead mentioned contain contains containing called i we what what's
    whats else left me clean show completely
"""
_REPORTS = """
    it's that's thats i'm i've ive we're we've have has been is are was were did got done doing
    dealt handled managed accomplished knocked took taken care wrapped up sorted ready through
    finally completed finished ticked checked crossed closed pending open unfinished incomplete
    remaining calling
"""
_CHANGES = """
    rename retitle reword change update edit modify replace swap turn make move reschedule postpone
    push call name title text say says read be should needs into old new give use description note
    notes detail details add describe attach write include want
"""
_REOPENINGS = """
    reopen re uncheck un untick unmark uncomplete undone incomplete uncompleted
    pending open unfinished outstanding unticked unchecked actually really back change switch
    turn make completing completion ticking checking checkmark should must needs be is was
    into being status
"""
SMALL = frozenset(_SMALL.split())
ORDERS = frozenset(_ORDERS.split())
REPORTS = frozenset(_REPORTS.split())
CHANGES = frozenset(_CHANGES.split())
REOPENINGS = frozenset(_REOPENINGS.split())
_MENDED = "delete remove complete completed finish finished mark done rename change update"
MENDED = frozenset(_MENDED.split())
EXCEPT = frozenset(["but", "except", "excluding", "besides", "other", "than", "apart"])
_DATES = """
    today tomorrow tonight yesterday monday tuesday wednesday thursday friday saturday sunday
    january february march april may june july august september october november december
"""
DATES = frozenset(_DATES.split())
_AGES = "newest oldest latest earliest recent most added number numbers"
PLACES = frozenset([*CARDINALS, *ORDINALS, *_AGES.split(), *map(str, range(100))])
NUMBERS = frozenset([*CARDINALS, *map(str, range(100))]) - {"one"}
ALL = frozenset(["all", "everything", "every", "each", "whole", "entire", "empty", "clear", "wipe"])
ADDING = frozenset(["add", "create"])  # "add a task: be bold and delete everything"
SHOPPING = re.compile(r"^(?:buy|get|order)\b")
FRIENDLY = "✅☑✔✓👍🙏😊🙂🎉"  # other pictures can mean that it is not to be done
PAST_DAYS = frozenset({"today", "yesterday"})

# What is plain as a phrase, though a word in it alone is not.
PHRASES = re.compile(
    r"^(?:(?:please|and|so|ok|okay|hey|hi),? )*(?:can|could|would|will) (?:you|u|we)\b|"
    r"^actually,? |\byou can\b|"
    r"\b(?:first|second|third|next|lastly), |^start over, |\b(?:is|are) no longer needed\b|"
    r"\bthis (?:morning|afternoon)\b|"
    r"\b(?:i want|i'd like|i would like|let's|lets)(?: you)?(?: to)? "
    r"(?=(?:delete|remove|erase|get rid|drop|clear|rename|change|mark|tick|check)\b)"
)
NO_NEED = re.compile(r"\b(?:don't|do not) need(?: to)?\b(.*?)\b(?:anymore|any ?more|any longer)\b")
BETTER_NAME = re.compile(r"^(?:oh|no|sorry|oops|[, ])*(?:i meant|i mean|i actually meant) ")
SECOND_THOUGHT = re.compile(r"^(?:(?:wait|no|oh|oops|sorry|actually)[,. ]+)+")
DOUBTFUL = re.compile(
    r"^(?:did|do|does|is|are|was|were|have|has|had)\b|\bone of\b|\b(?:have|has|got) to\b|"
    r"[,.;!–-]\s*(?:oh |hmm |um )?(?:no|wait|leave|keep|actually|never ?mind|nvm|don'?t|stop)\b"
)
NEGATED = re.compile(
    r"\b(?:no|not|never|\w+n't|dont|didnt|nothing|keep|leave|except|but|only|if|unless|until|when|once|"
    r"should|maybe|wait|or)\b"
)
NOT_DONE = re.compile(
    r"\b(?:not|isn't|isnt|wasn't|haven't|have not|didn't|did not|i've not)"
    r"(?: (?:actually|really|yet))* (?:done|do|completed?|finish(?:ed)?)\b|"
    r"\b(?:haven't|have not|didn't|did not|i've not)(?= .*\bafter all\b)|"
    r"\b(?:yet|after all|any ?more)\b"
)
# In a new title without quotes, these are more likely said about the order.
CONDITION = re.compile(
    r"\b(?:if|unless|until|whether|when|once|not|never|or|but|except|maybe|later|cancel|kidding)\b"
)
Meant = tuple[Intent, Sequence[Task]]


def is_risky(meaning: Intent) -> bool:
    """Whether a request takes something away, if only a tick."""
    return isinstance(meaning, Delete | Complete | Change | Describe | Reopen)


def is_sure(message: str) -> bool:
    """Whether a message says itself that the person is sure."""
    return SURE.search(tidy(message).lower()) is not None


def is_doubtful(message: str, meanings: Sequence[Intent]) -> bool:
    """Whether a message says what is not to be done, so that asking "which one?" would mislead."""
    text = QUOTATION.sub(" ", tidy(message).lower())
    return NEGATED.search(_without_not_done(text, meanings)) is not None


def is_plain(message: str, meant: Sequence[Meant], *, is_reply: bool) -> bool:
    """Whether a message says what was read in it and nothing more.

    Args: meant: its requests with the tasks that they touch. is_reply: to a question, so that a
        title alone is an order.
    """
    text = SURE.sub(" ", tidy(message).lower())
    meanings = [meaning for meaning, _ in meant]
    if len(meanings) == 1:
        text = BETTER_NAME.sub("", text)
        if isinstance(meanings[0], Change | Reopen):
            text = SECOND_THOUGHT.sub("", text)
    asks = "?" in text and not any(isinstance(meaning, Show) for meaning in meanings)
    polite = PHRASES.match(text) is not None
    text = _without_not_done(text, meanings)
    unquoted = QUOTATION.sub(" ", text)
    is_change = any(isinstance(meaning, Change | Describe) for meaning in meanings)
    if DOUBTFUL.search(unquoted) or (is_change and CONDITION.search(unquoted)):
        return False
    if asks and not (polite and _is_definite(meanings)):
        return False
    text = NO_NEED.sub(r" \1 ", PHRASES.sub(" ", text))
    words = WORD.findall(text)
    touched = " ".join(task.title.lower() for _, tasks in meant for task in tasks)
    titles = WORD.findall(touched)
    pictures = {character for character in text if unicodedata.category(character) == "So"}
    if not pictures <= {*FRIENDLY, *touched}:
        return False
    known = [*titles, *_new_words(meanings)]
    allowed = _allowed(meanings, titles)
    if not all(word in allowed or _is_known(word, known) or _is_slip(word) for word in words):
        return False
    if not all(_is_meant(meaning, tasks, words) for meaning, tasks in meant):
        return False
    is_title = all(word in SMALL or word in titles for word in words)
    return is_reply or not is_title or any(isinstance(one, Reopen) for one in meanings)


def _without_not_done(text: str, meanings: Sequence[Intent]) -> str:
    """ "Mark it as not done" negates nothing where all that is asked for is to take ticks away."""
    is_reopening = all(isinstance(one, Reopen) for one in meanings)
    return NOT_DONE.sub(" ", text) if is_reopening else text


def _is_definite(meanings: Sequence[Intent]) -> bool:
    """ "Can you delete everything?" asks what can be done."""
    targets = [getattr(meaning, "target", None) for meaning in meanings]
    return not any(isinstance(t, Everything) and t.status == "all" and not t.but for t in targets)


def _allowed(meanings: Sequence[Intent], titles: Sequence[str]) -> frozenset[str]:
    allowed = SMALL | ORDERS
    targets = [getattr(meaning, "target", None) for meaning in meanings]
    if any(isinstance(meaning, Change | Describe) for meaning in meanings):
        allowed |= CHANGES
    if any(isinstance(meaning, Show) for meaning in meanings):
        allowed |= {"rest", "remains", "there"}
    if any(isinstance(meaning, Reopen) for meaning in meanings):
        allowed |= REOPENINGS
    if any(isinstance(meaning, Add) for meaning in meanings):
        allowed |= {"add", "create", "new"}
    if any(isinstance(target, Everything) and target.but for target in targets):
        allowed |= EXCEPT
    is_status = any(isinstance(one, Everything) and one.status != "all" for one in targets)
    if is_status or any(isinstance(meaning, Complete) for meaning in meanings):
        allowed |= REPORTS
    if any(isinstance(target, Places | Recent | Everything | Pronoun) for target in targets):
        allowed |= PLACES
    is_dated = any(word in DATES or word.isdigit() for word in titles)
    if not is_dated and all(not isinstance(meaning, Delete) for meaning in meanings):
        allowed |= PAST_DAYS
    return frozenset(allowed)


def _new_words(meanings: Sequence[Intent]) -> Iterator[str]:
    """The words of what is added or written, and of what a target named beside titles."""
    for meaning in meanings:
        texts: list[str | None] = []
        match meaning:
            case Add(tasks=tasks):
                texts = [text for task in tasks for text in (task.title, task.description)]
            case Change(title=title, description=description):
                texts = [title, description]
            case Describe(description=text):
                texts = [text]
        target = getattr(meaning, "target", None)
        if isinstance(target, Everything):
            texts.append(target.but)
        if isinstance(target, Words) and target.every:
            texts.append(target.text)
        for text in filter(None, texts):
            yield from WORD.findall(text.lower())


def _is_known(word: str, known: Sequence[str]) -> bool:
    return any(same_word(word, other) for other in known)


def _is_slip(word: str) -> bool:
    """ "delte" is an order; "dont" is not "done"."""
    return not word.endswith(("nt", "n't")) and mend_word(word) in MENDED


def _is_meant(meaning: Intent, tasks: Sequence[Task], words: Sequence[str]) -> bool:
    """ "Both" are two, "all 12 tasks" twelve; "my list is done", "we finished the milk" is talk."""
    if not isinstance(meaning, Delete | Complete):
        return True
    if isinstance(meaning, Delete) and meaning.is_confirmed:
        return True
    target = meaning.target
    counts = {2} if "both" in words else set()
    if isinstance(target, Everything | Pronoun):
        counts |= {CARDINALS.get(word) or int(word) for word in words if word in NUMBERS}
    if counts and len(tasks) not in counts:
        return False
    if isinstance(target, Everything) and target.status == "all":
        return not ALL.isdisjoint(words) and ADDING.isdisjoint(words)
    is_eaten = len(tasks) == 1 and SHOPPING.match(tasks[0].title.lower())
    return not (isinstance(target, Words) and is_eaten and "finished" in words)
