"""Questions about the list: nothing may change."""

from tests.evals.case import Case, said

TASKS = ("buy milk", "call mom", "write the report | for Anna", "x pay rent", "x book flights")
QUESTIONS = (
    "show my tasks",
    "What's on my list?",
    "list everything please",
    "what do I still have to do?",
    "which tasks are done?",
    "what have I finished so far?",
    "show me pending tasks",
    "how many tasks do I have?",
    "is there anything left for today?",
    "do I have a task about milk?",
    "have I paid the rent?",
    "What does the report task say?",
    "tasks?",
    "Can you read me my to-do list",
    "what should I do next?",
    "did I already book the flights?",
    "show completed",
    "how many are still open",
)

CASES: tuple[Case, ...] = (
    *(said(question, given=TASKS) for question in QUESTIONS),
    said("show my tasks"),
    said("what's left?", "and what is done already?", given=TASKS),
    said("list my tasks", "thanks, that's all", given=TASKS),
)
