"""Questions about the list: nothing may change."""

from tests.evals.case import Case, said

TASKS = ("buy milk", "call mom", "write the report | for Anna", "x pay rent", "x book flights")
OPEN = ("buy milk", "call mom", "write the report")
DONE = ("pay rent", "book flights")
QUESTIONS: dict[str, tuple[str, ...]] = {
    "show my tasks": (*OPEN, *DONE),
    "What's on my list?": OPEN,
    "list everything please": (*OPEN, *DONE),
    "what do I still have to do?": OPEN,
    "which tasks are done?": DONE,
    "what have I finished so far?": DONE,
    "show me pending tasks": OPEN,
    "how many tasks do I have?": ("5 or five",),
    "is there anything left for today?": (),
    "do I have a task about milk?": ("buy milk",),
    "have I paid the rent?": ("pay rent or paid or yes",),
    "What does the report task say?": ("for Anna",),
    "tasks?": OPEN,
    "Can you read me my to-do list": OPEN,
    "what should I do next?": (),
    "did I already book the flights?": ("flights",),
    "show completed": DONE,
    "how many are still open": ("3 or three",),
}

CASES: tuple[Case, ...] = (
    *(said(question, given=TASKS, hears=facts) for question, facts in QUESTIONS.items()),
    said("show my tasks"),
    said("what's left?", "and what is done already?", given=TASKS, hears=DONE),
    said("list my tasks", "thanks, that's all", given=TASKS),
)
