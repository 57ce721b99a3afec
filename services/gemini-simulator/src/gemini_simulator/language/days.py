"""Days and times in titles: "change the dentist to thursday" changes the day and nothing else."""

import re

_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
DAY = re.compile(
    rf"""\b(?:(?:next|this)\ )?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|week|month|weekend)\b
    |\b(?:today|tonight|tomorrow)\b|\b\d{{1,2}}(?:st|nd|rd|th)?(?:\ of)?\ {_MONTH}\b
    |\b{_MONTH}\ \d{{1,2}}(?:st|nd|rd|th)?\b|\b\d{{1,2}}[./]\d{{1,2}}(?:[./]\d{{2,4}})?(?!\d)""",
    re.IGNORECASE | re.VERBOSE,
)
TIME = re.compile(
    r"\b\d{1,2}(?::\d\d)? ?(?:am|pm)\b|\b\d{1,2}:\d\d\b|(?<=\bat )\d{1,2}\b|\b(?:noon|midnight)\b",
    re.IGNORECASE,
)
JOINTS = re.compile(r"(?:\b(?:on|at|in|the)\b|[\s,])+", re.IGNORECASE)


def is_when(text: str) -> bool:
    """Whether a text is a day, a time, or both, and nothing else."""
    rest = TIME.sub(" ", DAY.sub(" ", text))
    return rest != text and not JOINTS.sub("", rest)


def with_new_day(title: str, said: str) -> str:
    """A title with the day and the time that were said; what was said when that is neither."""
    if not is_when(said):
        return said
    for pattern in (DAY, TIME):
        new, old = pattern.search(said), pattern.search(title)
        if new is not None and old is not None:
            title = f"{title[: old.start()]}{new.group()}{title[old.end() :]}"
        elif new is not None:
            title = f"{title} {'at ' if pattern is TIME else ''}{new.group()}"
    return title
