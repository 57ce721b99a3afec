"""Remarks and questions that sound like requests and are none: nothing may change."""

from tests.evals.case import Case, said

TASKS = (
    "buy milk",
    "call mom",
    "finish the annual report",
    "clean the kitchen",
    "book flights to Rome",
    "x pay rent",
)
REMARKS = (
    "should I delete the milk task?",
    "don't delete the milk",
    "what happens if I delete everything?",
    "I didn't finish the report",
    "I haven't called mom yet",
    "can you delete tasks?",
    "how do I delete a task?",
    "why is milk on my list?",
    "did you delete it?",
    "I hate cleaning the kitchen",
    "do not mark the milk as done",
    "please don't remove anything",
    "is it possible to rename a task?",
    "when is the report due?",
    "I love milk",
    "mom called me today",
    "who is going to clean the kitchen?",
    "the flights to Rome are expensive",
    "never delete my tasks",
    "which one should I do first?",
    "are you able to mark things as done?",
    "the kitchen is dirty",
    "I'm not done with the report",
    "not yet",
    "have you added milk?",
)

CASES: tuple[Case, ...] = tuple(said(remark, given=TASKS) for remark in REMARKS)
