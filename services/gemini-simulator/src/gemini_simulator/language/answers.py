"""What the simulator says: only what a tool's result shows, in friendly plain English."""

from collections.abc import Sequence

from gemini_simulator.language.conversation import Spoken
from gemini_simulator.language.intents import (
    Add,
    Change,
    Complete,
    Delete,
    Describe,
    Inspect,
    MissingTitle,
    Pasted,
    Reopen,
    Show,
    Talk,
    Unclear,
    Words,
)
from gemini_simulator.language.lists import say_shown
from gemini_simulator.language.mentions import all_named, listed, named
from gemini_simulator.language.plan import UNSURE, Deed, Planned, Work
from gemini_simulator.language.questions import TITLE, ask_new_title, ask_whether_to_add, ask_which
from gemini_simulator.language.references import Found, Missing, Unsure
from gemini_simulator.language.small_talk_answers import ANSWERS
from gemini_simulator.language.tasks import Task
from gemini_simulator.language.wording import Wording

NO_TOOL = "I have no tool for that here, so I have changed nothing."
NOTICE = "(I am a simulated model: I understand plain English about tasks.)"
UNDERSTOOD_NOTHING = (
    "I am not sure what you mean. I can add, show, finish, rename and delete tasks.",
    "Sorry, I did not get that. Tell me what to add to your list, show, finish, change or delete.",
)


class Speaker:
    """Puts finished works into words. Args: wording: chooses among phrases."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def answer(self, planned: Planned) -> str:
        """The answer of a turn."""
        if planned.lookup_error is not None:
            done = [self._say(work) for work in planned.works if isinstance(work.meaning, Add)]
            failure = f"I could not look at your tasks: {_sentence(planned.lookup_error)}"
            return " ".join([*done, failure])
        if planned.doubt is not None:
            return " ".join([*map(self._say, planned.works), planned.doubt]).strip()
        parts = [self._say(work) for work in _with_questions_last(planned.works)]
        has_list = any("\n" in part for part in parts)
        return ("\n\n" if has_list else " ").join(part for part in parts if part)

    def introduced(self, answer: str, planned: Planned, history: Sequence[Spoken]) -> str:
        """The answer with what says it: once in a conversation, and whenever it is at a loss."""
        is_known = any(NOTICE in one.text for one in history if one.role == "assistant")
        unclear = [work for work in planned.works if isinstance(work.meaning, Unclear)]
        is_lost = planned.doubt == UNSURE or bool(unclear)
        return answer if is_known and not is_lost else f"{answer}\n\n{NOTICE}"

    def _say(self, work: Work) -> str:
        if not work.is_possible:
            return NO_TOOL
        match work.meaning:
            case Talk(kind=kind):
                return self._wording.pick(ANSWERS[kind])
            case Unclear(text=text, maybe_task=True):
                return ask_whether_to_add(text)
            case Unclear():
                return self._wording.pick(UNDERSTOOD_NOTHING)
            case Delete(target=Words("")):
                return "Which task should I delete? Tell me its title."
            case MissingTitle(target=None):
                return TITLE
            case Add():
                return self._added(work)
            case Show():
                return say_shown(work.meaning, work.pages)
            case _:
                return self._touched(work)

    def _added(self, work: Work) -> str:
        made = [deed for deed in work.deeds if deed.outcome and not deed.outcome.error]
        titles = [str(deed.use.arguments.get("title", "")) for deed in made]
        parts = []
        if len(titles) == 1:
            phrases = ("I added {} to your tasks.", "Done, I added {} to your list.")
            parts.append(self._wording.pick(phrases).format(named(titles[0])))
        elif titles:
            parts.append(f"I added {len(titles)} tasks: {all_named(titles)}.")
        noted = [deed.use.arguments.get("description") for deed in made]
        if len(made) == 1 and noted[0]:
            parts[-1] = f"{parts[-1][:-1]}, with the note: {noted[0]}."
        if made and isinstance(work.meaning, Add) and work.meaning.pasted:
            parts += _beside_tasks(work.meaning.pasted)
        for deed in work.deeds:
            if deed not in made:
                parts.append(_failure("add", str(deed.use.arguments.get("title", "")), deed))
        return " ".join(parts)

    def _touched(self, work: Work) -> str:
        match work.resolution:
            case Unsure(candidates=candidates):
                return ask_which(work.meaning, candidates)
            case Missing(phrase=phrase):
                return self._missing(work, phrase)
        return self._about_found(work)

    def _about_found(self, work: Work) -> str:
        match work.meaning:
            case Complete():
                return self._completed(work)
            case Delete():
                return _reported(work, "delete", "I deleted {}.")
            case Change() | Describe():
                return _changed(work)
            case Inspect():
                return f"Here it is:\n{listed(work.tasks)}"
            case Reopen(is_guess=is_guess):
                return _reopened(work, is_guess=is_guess)
            case MissingTitle():
                return ask_new_title(work.tasks[0].title)
            case _:
                return ""

    def _missing(self, work: Work, phrase: str | None) -> str:
        if isinstance(work.meaning, Complete) and work.meaning.is_guess:
            return "Well done! I found no open task about that, so I changed nothing."
        if phrase is None:
            return "I found no task for that, so I changed nothing."
        phrases = (
            "I found no task that matches {}, so I changed nothing.",
            "There is no task on your list that matches {}. I changed nothing.",
        )
        return self._wording.pick(phrases).format(named(phrase))

    def _completed(self, work: Work) -> str:
        already = [task.title for task in work.tasks if task.completed]
        phrases = ("I marked {} as done.", "Well done! I marked {} as complete.")
        said = _reported(work, "complete", self._wording.pick(phrases))
        if not already:
            return said
        verb = "is" if len(already) == 1 else "are"
        known = "" if said and len(already) > 1 else f"{all_named(already)} {verb} already done."
        return " ".join(part for part in (said, known) if part)


def _beside_tasks(pasted: Pasted) -> list[str]:
    """What a pasted list had beside its tasks. Curly quotes would name what was done."""
    parts = []
    if pasted.ticked:
        verb = "was" if len(pasted.ticked) == 1 else "were"
        them = ", ".join(f'"{title}"' for title in pasted.ticked)
        is_open = "it is" if len(pasted.ticked) == 1 else "they are"
        parts.append(f"In your list {them} {verb} ticked off; here {is_open} open.")
    if pasted.headings:
        them = ", ".join(f'"{heading}"' for heading in pasted.headings)
        kind = "a heading" if len(pasted.headings) == 1 else "headings"
        parts.append(f"I took {them} for {kind}.")
    if pasted.left:
        lines = "1 more line" if pasted.left == 1 else f"{pasted.left} more lines"
        parts.append(
            f'That is all I can add at once: there are {lines}, from "{pasted.next_line}" on. '
            "Send me the rest, and I will add it."
        )
    return parts


def _reported(work: Work, verb: str, sentence: str) -> str:
    """One sentence for the calls that worked, one for each that did not."""
    done = [d.task.title for d in work.deeds if d.task and d.outcome and not d.outcome.error]
    failed = [d for d in work.deeds if d.task and d.outcome and d.outcome.error]
    parts = [sentence.format(all_named(done))] if done else []
    parts += [_failure(verb, deed.task.title, deed) for deed in failed if deed.task]
    return " ".join(parts)


def _reopened(work: Work, *, is_guess: bool) -> str:
    """What is open again; what was open anyway; what has a tick that nobody asked to take away."""
    parts = [_reported(work, "open", "I opened {} again.")]
    still = [task.title for task in work.tasks if not task.completed]
    if still:
        parts.append(f"{all_named(still)} {'is' if len(still) == 1 else 'are'} still open.")
    ticked = [task.title for task in work.tasks if task.completed] if is_guess else []
    if ticked:
        them, verb = ("it", "is") if len(ticked) == 1 else ("them", "are")
        parts.append(
            f"{all_named(ticked)} {verb} ticked off. Tell me to reopen {them} if that is wrong."
        )
    return " ".join(part for part in parts if part)


def _changed(work: Work) -> str:
    parts = []
    for deed in work.deeds:
        if deed.task is None or deed.outcome is None:
            continue
        if deed.outcome.error:
            parts.append(_failure("change", deed.task.title, deed))
            continue
        now = Task.read((deed.outcome.result or {}).get("task")) or deed.task
        if "title" in deed.use.arguments:
            parts.append(f"I renamed {named(deed.task.title)} to {named(now.title)}.")
        if "description" in deed.use.arguments and now.description:
            parts.append(f"The description of {named(now.title)} is now: {now.description}.")
        elif "description" in deed.use.arguments:
            parts.append(f"I removed the description of {named(now.title)}.")
    return " ".join(parts)


def _failure(verb: str, title: str, deed: Deed) -> str:
    reason = (
        deed.outcome.error if deed.outcome and deed.outcome.error else "the tool did not answer"
    )
    return f"I could not {verb} {named(title)}: {_sentence(reason)}"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _with_questions_last(works: Sequence[Work]) -> list[Work]:
    """Reports first, then the first question alone: only one can be answered at a time."""
    asks = [work for work in works if _is_question(work)]
    return [work for work in works if not _is_question(work)] + asks[:1]


def _is_question(work: Work) -> bool:
    if isinstance(work.meaning, MissingTitle):
        return work.meaning.target is None or isinstance(work.resolution, Found)
    return isinstance(work.resolution, Unsure)
