"""The one, or all of them; the one, or one that is merely similar."""

from tests.evals.case import Case, beyond, said

TRIP = ("book flights to Rome", "book a hotel in Rome", "call Tim", "buy milk", "buy oat milk")
DATES = ("dentist 5 may", "dentist 6 may", "call Tim", "call Tina", "pay invoice 118")

CASES: tuple[Case, ...] = (
    said("delete the Rome task", given=TRIP, hears=TRIP[:2]),
    said("complete the booking", given=TRIP),
    said("I called Tom", given=TRIP),
    said("I called Tom", given=DATES),
    said("mark the dentist on 7 may as done", given=DATES),
    said("delete dentist 4 may", given=DATES),
    said("delete dentist 15 may", given=DATES),
    said("delete the dentist", given=DATES, hears=DATES[:2]),
    said("delete dentist 6 may", given=DATES, does=["- dentist 6 may"]),
    said("I called Tina", given=DATES, does=["x call Tina"]),
    said("delete buy soy milk", given=TRIP),
    said("delete buy oat milk", given=TRIP, does=["- buy oat milk"]),
    said("tidy up my tasks a bit", given=TRIP),
    said("make my list shorter", given=TRIP),
    said("delete some of them", given=TRIP),
    said("delete one of them", given=TRIP),
    said("delete the milk and the boat", given=DATES[2:]),
    said("delete call Tina and the boat", given=DATES, or_does=["- call Tina"]),
    beyond("delete call Tim and the dentist", given=DATES, or_does=["- call Tim"], hears=DATES[:2]),
    beyond("delete everything about Rome", given=TRIP, does=[f"- {one}" for one in TRIP[:2]]),
    beyond("delete all Rome tasks", given=TRIP, does=[f"- {one}" for one in TRIP[:2]]),
    beyond("I did both bookings", given=TRIP, does=[f"x {one}" for one in TRIP[:2]]),
    beyond("delete both milk tasks", given=TRIP, does=[f"- {one}" for one in TRIP[3:]]),
    beyond("all the calls are made", given=DATES, does=["x call Tim", "x call Tina"]),
    beyond("delete both dentist dates", given=DATES, does=[f"- {one}" for one in DATES[:2]]),
    beyond("everything to do with milk is done", given=TRIP, does=[f"x {one}" for one in TRIP[3:]]),
    beyond("delete the later dentist one", given=DATES, does=["- dentist 6 may"]),
    said(
        "change call Tim to thursday",
        given=TRIP,
        does=["call Tim -> call Tim thursday"],
        or_does=["call Tim | thursday"],
    ),
)
