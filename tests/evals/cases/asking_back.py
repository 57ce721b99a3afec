"""Requests that fit several tasks or none: nothing may happen until it is clear."""

from tests.evals.case import Case, said

TWO = ("buy milk", "buy oat milk", "call mom")
REPORTS = ("write the sales report", "write the annual report", "send the report to Tom")

CASES: tuple[Case, ...] = (
    said("delete the report", given=REPORTS, hears=REPORTS),
    said("delete the report", "the annual one", given=REPORTS, does=["- write the annual report"]),
    said(
        "delete the report task",
        "the first one",
        given=("file the report", "sign the report"),
        does=["- file the report"],
    ),
    said(
        "mark the report as done",
        "2",
        given=("file the report", "sign the report"),
        does=["x sign the report"],
    ),
    said(
        "complete the report", "the one for Tom", given=REPORTS, does=["x send the report to Tom"]
    ),
    said(
        "delete the report", "all of them", given=REPORTS, does=[f"- {title}" for title in REPORTS]
    ),
    said("delete the report", "never mind", given=REPORTS),
    said("delete the report", "none of them, sorry", given=REPORTS),
    said("delete the boat", given=TWO),
    said("mark the garage as done", given=TWO),
    said("rename the boat to ship", given=TWO),
    said("delete the report", "show my tasks", given=REPORTS, hears=REPORTS),
    said("delete it"),
    said("mark it as done"),
    said(
        "delete the report",
        "both",
        given=("file the report", "sign the report"),
        does=["- file the report", "- sign the report"],
    ),
    said("delete the boat", "sorry, I meant call mom", given=TWO, does=["- call mom"]),
)
