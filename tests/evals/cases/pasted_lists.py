"""Lists that were pasted: a task for each line, in any notation; and lines that are no list."""

from tests.evals.case import Case, beyond, said

THREE = ["+ milk", "+ eggs", "+ bread"]
HOME = ("call the plumber", "finish the report", "buy milk")
TEN = tuple(f"item number {number}" for number in range(1, 11))
FORTY = tuple(f"read page {number}" for number in range(1, 41))

CASES: tuple[Case, ...] = (
    said("\n".join(f"- {title}" for title in TEN), does=[f"+ {title}" for title in TEN]),
    said("\n".join(TEN), does=[f"+ {title}" for title in TEN]),
    said("\r\n".join(f"{n}. {one}" for n, one in enumerate(TEN, 1)), does=[f"+ {t}" for t in TEN]),
    said("\n".join(f"[ ] {title}" for title in FORTY), does=[f"+ {title}" for title in FORTY]),
    said("• milk\n• eggs\n• bread", does=THREE),
    said("- milk\n\n- eggs\n\n\n- bread\n", does=THREE),
    said("1) milk\n2) eggs\n3) bread", does=THREE),
    said("milk\neggs\nmilk", does=["+ milk", "+ eggs", "+ milk"], or_does=THREE[:2]),
    said("Groceries:\n- milk\n- eggs\n- bread", does=THREE),
    said("Groceries:\nmilk\neggs\n\nBakery:\nbread", does=THREE),
    said("- [x] milk\n- [ ] eggs\n- [ ] bread", does=THREE, hears=["open"]),
    said("add these:\n- milk\n- eggs\n- bread", does=THREE),
    said("add\nmilk\neggs\nbread", does=THREE),
    said("Hi! Can you put these on my list?\n- milk\n- eggs\n- bread\nThanks!", does=THREE),
    said("Things I need to buy:\nmilk\neggs\nbread", does=THREE),
    said("add\n- call mom, it is her birthday\n- buy bread, the dark one", does=[
        "+ call mom, it is her birthday", "+ buy bread, the dark one",
    ]),
    said(
        "call the plumber\nfinish the report\nbuy soap",
        given=HOME[1:],
        does=["+ call the plumber", "+ finish the report", "+ buy soap"],
    ),
    said("milk\neggs\nbread", "undo", given=HOME, does=[]),
    said("delete buy milk\nand the report", given=HOME, does=[], or_does=[
        "- buy milk", "- finish the report",
    ]),
    said("I went to the shop\nIt was closed\nSo I went home", given=HOME),
    said("Roses are red\nViolets are blue\nSugar is sweet", given=HOME),
    said("Don't add these:\n- milk\n- eggs", given=HOME),
    said("- We talked about the budget\n- Anna is on holiday\n- The office is closed", given=HOME),
    said("milk\neggs\nno wait, forget it", given=HOME),
    beyond("Not needed any more:\n- buy milk\n- finish the report", given=HOME, does=[
        "- buy milk", "- finish the report",
    ], or_does=[]),
    beyond("Done:\n- buy milk\n- finish the report", given=HOME, does=[
        "x buy milk", "x finish the report",
    ]),
    beyond("Einkaufen:\n- Milch\n- Eier\n- Brot", does=["+ Milch", "+ Eier", "+ Brot"]),
)  # fmt: skip
