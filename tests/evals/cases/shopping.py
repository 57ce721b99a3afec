"""Shopping lists and lists of things: one task each."""

from tests.evals.case import Case, beyond, said

FOUR = ["+ milk", "+ eggs", "+ bread", "+ butter"]

CASES: tuple[Case, ...] = (
    said("add milk, eggs and bread", does=FOUR[:3]),
    said("add:\n1. milk\n2. eggs\n3. bread", does=FOUR[:3]),
    said("add\n- milk\n- eggs\n- bread\n- butter", does=FOUR),
    said("Add: 1. milk 2. eggs 3. bread", does=FOUR[:3]),
    said("add:\n* milk\n* eggs", does=FOUR[:2]),
    beyond("milk, eggs, bread, butter", does=FOUR),
    beyond("shopping: milk, eggs and bread", does=FOUR[:3]),
    said("milk\neggs\nbread", does=FOUR[:3]),
    beyond(
        "I need 2 liters of milk, a dozen eggs and bread",
        does=["+ 2 liters of milk", "+ a dozen eggs", "+ bread"],
    ),
    beyond("put milk and eggs on the list, but only one bread", does=[*FOUR[:2], "+ one bread"]),
    beyond("add mac and cheese, and fish and chips", does=["+ mac and cheese", "+ fish and chips"]),
    beyond("add salt and pepper as a single task", does=["+ salt and pepper"]),
    said(
        "add a task to write the report\nit is due on monday",
        does=["+ write the report | due on monday"],
    ),
    said("add 👨‍👩‍👧‍👦 family dinner", does=["+ 👨‍👩‍👧‍👦 family dinner"], hears=["👨‍👩‍👧‍👦"]),
)
