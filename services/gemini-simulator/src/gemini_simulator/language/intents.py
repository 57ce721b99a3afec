"""What a person can want, as far as the simulator understands it."""

from dataclasses import dataclass, field
from typing import Literal

Status = Literal["all", "pending", "completed"]


@dataclass(frozen=True)
class Words:
    """Tasks by words of their title. Args: every: all that match, not just one."""

    text: str
    every: bool = False
    status: Status = "all"


@dataclass(frozen=True)
class Places:
    """Tasks by their place in the list that was shown: 1 is the first, -1 the last."""

    numbers: tuple[int, ...]
    phrase: str


@dataclass(frozen=True)
class Pronoun:
    """What was spoken of last: "it" or, when `many`, "them"."""

    many: bool = False


@dataclass(frozen=True)
class Recent:
    """Tasks by age: the `count` newest, or oldest."""

    count: int = 1
    oldest: bool = False


@dataclass(frozen=True)
class Everything:
    """All tasks of a status, but for those that match `but`."""

    status: Status = "all"
    but: str | None = None


Target = Words | Places | Pronoun | Recent | Everything


@dataclass(frozen=True)
class NewTask:
    """A task to be added."""

    title: str
    description: str | None = None


@dataclass(frozen=True)
class Pasted:
    """What a pasted list holds beside its tasks.

    Args: headings: lines that are no tasks. ticked: titles of lines that were ticked there.
        left: how many lines are more than one message can add. next_line: the first of those.
    """

    headings: tuple[str, ...] = ()
    ticked: tuple[str, ...] = ()
    left: int = 0
    next_line: str = ""


@dataclass(frozen=True)
class Add:
    """Add tasks, in this order. Args: pasted: of a list, what is to be said of it."""

    tasks: tuple[NewTask, ...]
    pasted: Pasted | None = None


@dataclass(frozen=True)
class Show:
    """Show or count tasks. Args: about: only those whose words match."""

    status: Status = "all"
    about: str | None = None
    count_only: bool = False


@dataclass(frozen=True)
class Inspect:
    """Tell more about tasks: description and status."""

    target: Target


@dataclass(frozen=True)
class Complete:
    """Mark tasks as done. Args: is_guess: read from a remark ("I bought milk"), not a command."""

    target: Target
    is_guess: bool = False


@dataclass(frozen=True)
class Delete:
    """Delete tasks. Args: is_confirmed: the person was asked whether to, and agreed."""

    target: Target
    is_confirmed: bool = False


@dataclass(frozen=True)
class Change:
    """Give a task another title, another description, or both. An empty description removes it."""

    target: Target
    title: str | None = None
    description: str | None = None


@dataclass(frozen=True)
class Describe:
    """A sentence of its own that describes the task just spoken of ("Description: whole milk")."""

    description: str


@dataclass(frozen=True)
class Meant:
    """Other words for what was said last ("sorry, I meant call mom")."""

    text: str


@dataclass(frozen=True)
class Undo:
    """Take back what the last answer reports."""


@dataclass(frozen=True)
class Reopen:
    """Make completed tasks open again.

    Args: is_guess: read from a remark ("the rent is not paid"), not a command.
    """

    target: Target
    is_guess: bool = False


TalkKind = Literal[
    "greeting",
    "how_are_you",
    "thanks",
    "bye",
    "who",
    "help",
    "praise",
    "sorry",
    "joke",
    "yes",
    "no",
    "never_mind",
    "off_topic",
]


@dataclass(frozen=True)
class Talk:
    """Small talk."""

    kind: TalkKind


@dataclass(frozen=True)
class Unclear:
    """Not understood. Args: maybe_task: the words could be meant as a task's title."""

    text: str
    maybe_task: bool = False


@dataclass(frozen=True)
class MissingTitle:
    """A task is to be added, or a title changed, but no title was given."""

    target: Target | None = field(default=None)


Intent = (
    Add
    | Show
    | Inspect
    | Complete
    | Delete
    | Change
    | Describe
    | Meant
    | Undo
    | Reopen
    | Talk
    | Unclear
    | MissingTitle
)
