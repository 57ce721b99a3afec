"""Ticks that are taken away again: asked for, or undone."""

from tests.evals.case import Case, beyond, said

TASKS = ("buy milk", "call mom", "x pay rent", "x water the plants")
OPEN = ["o pay rent"]
ORDERS = (
    "uncheck pay rent",
    "untick the rent",
    "reopen pay rent please",
    "mark pay rent as not done",
    "mark the rent as undone",
    "set pay rent back to pending",
    "can you mark the rent as open again?",
    "pay rent is not done after all",
    "oops, I haven't paid the rent after all",
)
HARMLESS = (
    "don't reopen the rent",
    "should I untick pay rent?",
    "untick pay rent if it is still due",
    "is the rent not done?",
    "reopen the window",
)
ALREADY_OPEN = ("mark call mom as not done", "I haven't called mom yet", "untick call mom")
GERMAN = ("Milch kaufen", "x Miete zahlen")

CASES: tuple[Case, ...] = (
    *(said(message, given=TASKS, does=OPEN) for message in ORDERS),
    *(said(message, given=TASKS) for message in (*HARMLESS, *ALREADY_OPEN)),
    said("reopen everything", given=TASKS, does=["o pay rent", "o water the plants"]),
    said("show what is done", "untick the second one", given=TASKS, does=["o water the plants"]),
    said("mark call mom as done", "undo that", given=TASKS),
    said("mark call mom as done", "untick it again", given=TASKS),
    said("mark call mom as done", "undo", "which tasks are open?", given=TASKS, hears=["call mom"]),
    said("untick pay rent", "undo that", given=TASKS),
    said("untick pay rent and add buy bread", given=TASKS, does=[*OPEN, "+ buy bread"]),
    beyond(
        "rename pay rent to pay June's rent and make it open again",
        given=TASKS,
        does=[*OPEN, "pay rent -> pay June's rent"],
    ),
    beyond("the landlord says my rent never came, put it back on", given=TASKS, does=OPEN),
    beyond("Die Miete ist doch noch nicht bezahlt", given=GERMAN, does=["o Miete zahlen"]),
    beyond("rouvre « payer le loyer »", given=("x payer le loyer",), does=["o payer le loyer"]),
    beyond("desmarca pagar la renta", given=("x pagar la renta",), does=["o pagar la renta"]),
    beyond(
        "家賃をまだ払っていなかった、未完了に戻して",
        given=("x 家賃を払う",),
        does=["o 家賃を払う"],
    ),
)
