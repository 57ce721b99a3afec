"""What was asked before and is asked no more: only the last message counts."""

from tests.evals.case import Case, beyond, said

REPORTS = ("write the sales report", "write the annual report", "buy milk")

CASES: tuple[Case, ...] = (
    said("delete the report", "thanks", given=REPORTS),
    said("delete the report", "what time is it?", given=REPORTS),
    said("delete the report", "hm, I don't know", given=REPORTS),
    said("delete the report", "ok", given=REPORTS),
    said("delete the report", "no", "yes", given=REPORTS),
    said("delete the report", "add call mom", given=REPORTS, does=["+ call mom"]),
    said("delete the report", "add call mom", "thanks", given=REPORTS, does=["+ call mom"]),
    said("complete the report", "which ones are there?", given=REPORTS, hears=REPORTS[:2]),
    said("should I delete the milk?", "you tell me", given=REPORTS),
    said("add buy bread", "cool", given=REPORTS, does=["+ buy bread"]),
    said("add buy bread", "did you add it?", given=REPORTS, does=["+ buy bread"]),
    said("delete the milk", "is it gone?", given=REPORTS, does=["- buy milk"]),
    said("delete the boat", "ok thanks", "bye", given=REPORTS),
    beyond("don't delete the milk yet", "now you can", given=REPORTS, does=["- buy milk"]),
    beyond("I will buy milk later", "done!", given=REPORTS, does=["x buy milk"]),
    beyond(
        "complete the report",
        "both, and delete the milk",
        given=REPORTS,
        does=["x write the sales report", "x write the annual report", "- buy milk"],
    ),
)
