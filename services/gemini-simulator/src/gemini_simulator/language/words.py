"""Words of titles: normal forms, stems, and the everyday verbs that tasks begin with."""

import re

from gemini_simulator.language.spelling import are_near, is_slip

# What people do on a to-do list. A clause that begins with one is a task of its own.
_TASK_VERBS = """
    answer apply arrange ask assemble attend back bake book borrow bring brush build buy call
    cancel change charge chat check clean clear collect contact cook copy cut decide deliver
    design discuss do donate download draft drink drive drop dust email empty exercise feed
    fetch figure file fill find finish fix fold follow get give go grab hang help hire hoover
    install invite iron join jog learn light listen look mail make measure meditate meet mend
    message mop mow move negotiate open order organise organize pack paint park pay phone pick
    plan plant play polish post practice practise prepare print purchase put read rebook
    record recycle refill register renew rent repair replace reply research reschedule reserve
    respond return review ring run save scan schedule sell send set sew sharpen shop sign sort
    speak start stop study submit sweep swim switch take talk tell test text throw tidy train
    transfer translate try turn update upload vacuum visit vote wake walk wash watch water
    weed weigh wipe work wrap write yoga
"""
TASK_VERBS = frozenset(_TASK_VERBS.split())
PAST_FORMS = {
    "bought": "buy",
    "paid": "pay",
    "wrote": "write",
    "written": "write",
    "sent": "send",
    "made": "make",
    "did": "do",
    "done": "do",
    "got": "get",
    "went": "go",
    "took": "take",
    "taken": "take",
    "gave": "give",
    "met": "meet",
    "read": "read",
    "ran": "run",
    "fed": "feed",
    "sold": "sell",
    "spoke": "speak",
    "told": "tell",
    "brought": "bring",
    "found": "find",
    "built": "build",
    "swept": "sweep",
    "swam": "swim",
    "drove": "drive",
    "chose": "choose",
    "hung": "hang",
    "rang": "ring",
    "put": "put",
    "cut": "cut",
    "set": "set",
    "saw": "see",
    "threw": "throw",
}
OBTAINED = {"got": ("get", "buy", "fetch", "collect")}
# Pasts that report a feeling or a remark, never a task that is done.
_REMARKS = """
    wanted needed liked loved hated tried decided noticed hoped wished planned asked said
    thought forgot remembered realized realised changed missed used mentioned meant wondered
    added created deleted removed renamed worked happened looked seemed named called-it heard
    saw had was were
"""
REMARKS = frozenset(_REMARKS.split())
_STOPWORDS = """
    a an the teh my your our this that these those to for of on in at with about and or is are it
    both task tasks todo todos item items one ones reminder reminders entry entries thing some any
    all please called named titled says saying from by
"""
STOPWORDS = frozenset(_STOPWORDS.split())
WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
PUNCTUATION = re.compile(r"[\s\"“”„«»'.,;:!?…()\[\]\-–—]+")


def normal_title(title: str) -> str:
    """A title as it is compared: lower case, no punctuation, single blanks."""
    return PUNCTUATION.sub(" ", title).strip().lower()


def stem(word: str) -> str:
    """A crude stem that makes "calls", "called" and "calling" one word."""
    word = word.lower().removesuffix("'s")
    word = PAST_FORMS.get(word, word)
    for suffix, minimum in (("ing", 6), ("ied", 5), ("ies", 5), ("ed", 5), ("es", 5), ("s", 4)):
        if word.endswith(suffix) and len(word) >= minimum and not word.endswith("ss"):
            base = word.removesuffix(suffix)
            base = base + "y" if suffix in ("ied", "ies") else base
            doubled = len(base) > 3 and base[-1] == base[-2] and base[-1] not in "ls"
            return (base[:-1] if doubled else base).removesuffix("e")
    return word.removesuffix("e") if len(word) > 3 else word


TASK_STEMS = frozenset(stem(verb) for verb in TASK_VERBS)


def same_word(a: str, b: str) -> bool:
    """Whether two lower-case words are one, but for its form or a slip; "tim" is no "time"."""
    is_form = stem(a) == stem(b) and f"{a}e" != b and a != f"{b}e"
    return a == b or is_form or is_slip(a, b) or b in OBTAINED.get(a, ())


def content_words(text: str) -> list[str]:
    """The words that tell tasks apart, in order and in lower case."""
    words = [word.lower() for word in WORD.findall(text)]
    return [word for word in words if word not in STOPWORDS] or words


def content_stems(text: str) -> list[str]:
    """The stems of the words that tell tasks apart, in order."""
    return [stem(word) for word in content_words(text)]


def share_found(wanted: list[str], title: str) -> float:
    """Which part of the wanted stems a title has, forgiving slips: 0 is none, 1 is all."""
    if not wanted:
        return 0.0
    present = [stem(word) for word in WORD.findall(title)]
    return sum(any(are_near(word, other) for other in present) for word in wanted) / len(wanted)


def begins_with_task_verb(text: str) -> bool:
    """Whether the words read like a task: "buy milk", "to call mom"."""
    match = WORD.search(text.lower().removeprefix("to "))
    return match is not None and match.group() in TASK_VERBS


def is_past_of_task(verb: str) -> bool:
    """Whether a verb reports that a task may be done: "bought", "cleaned"."""
    lower = verb.lower()
    if lower in REMARKS or lower in TASK_VERBS:
        return False
    return lower in PAST_FORMS or (lower.endswith("ed") and stem(lower) in TASK_STEMS)
