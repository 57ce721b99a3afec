"""How people talk when nobody told them how: longer, looser, with context around the request."""

from tests.evals.case import Case, said

HOME = ("fix the garden fence", "buy milk", "email the landlord about the heating", "x pay rent")
WORK = (
    "prepare slides for Monday",
    "review Ana's pull request",
    "book a meeting room",
    "update the budget sheet",
    "x send invoice to ACME",
)

CASES: tuple[Case, ...] = (
    said(
        "I just remembered that I have to buy a present for Ana, can you add that?",
        given=WORK,
        does=["+ buy a present for Ana"],
    ),
    said("ok so I reviewed Ana's pull request", given=WORK, does=["x review Ana's pull request"]),
    said(
        "The slides for Monday are ready, you can check that off",
        given=WORK,
        does=["x prepare slides for Monday"],
    ),
    said(
        "we don't need a meeting room anymore, please delete it",
        given=WORK,
        does=["- book a meeting room"],
    ),
    said("what's still on my plate for work?", given=WORK, hears=WORK[:4]),
    said(
        "Could you remove the thing about the budget?",
        given=WORK,
        does=["- update the budget sheet"],
    ),
    said("throw out everything I've finished", given=WORK, does=["- send invoice to ACME"]),
    said("milk's bought", given=HOME, does=["x buy milk"]),
    said("Fence is fixed!", given=HOME, does=["x fix the garden fence"]),
    said("got the milk", given=HOME, does=["x buy milk"]),
    said("I emailed the landlord", given=HOME, does=["x email the landlord about the heating"]),
    said(
        "put a note on the landlord task that the radiator in the bathroom is cold",
        given=HOME,
        does=["email the landlord about the heating | the radiator in the bathroom is cold"],
    ),
    said(
        "Make that milk task oat milk instead: rename it to buy oat milk",
        given=HOME,
        does=["buy milk -> buy oat milk"],
    ),
    said("Good morning! What's on the agenda?", given=WORK, hears=WORK[:4]),
    said("anything about Ana on my list?", given=WORK, hears=[WORK[1]]),
    said("add dentist tuesday 3pm", does=["+ dentist tuesday 3pm"]),
    said("need milk", given=(), does=["+ milk"]),
    said("also need to call the insurance company", does=["+ call the insurance company"]),
    said(
        "Let's add a few things: sunscreen, towels, swimsuit",
        does=["+ sunscreen", "+ towels", "+ swimsuit"],
    ),
    said(
        "Tomorrow I have to bring the car to the garage",
        does=["+ bring the car to the garage tomorrow"],
    ),
    said(
        "add bring the car to the garage",
        "wait, no, make it bring the van to the garage",
        does=["+ bring the van to the garage"],
    ),
    said(
        "add buy wine",
        "and cheese",
        "and mark both as done, I was at the shop",
        does=["+ x buy wine", "+ x cheese"],
    ),
    said(
        "show me what's open",
        "I did the first and the last one",
        given=WORK,
        does=["x prepare slides for Monday", "x update the budget sheet"],
    ),
    said("delete the one about the fence please", given=HOME, does=["- fix the garden fence"]),
    said("is the rent paid?", given=HOME, hears=["rent or paid or yes"]),
    said("how's my list looking", given=HOME),
    said(
        "nuke all of it",
        "yes, everything",
        given=HOME[:2],
        does=["- fix the garden fence", "- buy milk"],
    ),
    said(
        "start over, delete everything on my list",
        given=HOME[:2],
        does=["- fix the garden fence", "- buy milk"],
    ),
    said(
        "I think I'm done with the fence and the milk",
        given=HOME,
        does=["x fix the garden fence", "x buy milk"],
    ),
    said("can you mark the first task complete", given=HOME, does=["x fix the garden fence"]),
    said(
        "remind me tomorrow morning to water the orchids",
        does=["+ water the orchids tomorrow morning"],
    ),
    said("please note: oil for the lawn mower", does=["+ oil for the lawn mower"]),
    said("would you be so kind as to add polish the silver", does=["+ polish the silver"]),
    said("task: pick up Leo from school at 4", does=["+ pick up Leo from school at 4"]),
    said("stick buy batteries on the list", does=["+ buy batteries"]),
    said("I'd like to get rid of the milk task", given=HOME, does=["- buy milk"]),
    said(
        "add the following: tent, sleeping bag and stove",
        does=["+ tent", "+ sleeping bag", "+ stove"],
    ),
    said(
        "change the meeting room task to book the big meeting room, please",
        given=WORK,
        does=["book a meeting room -> book the big meeting room"],
    ),
    said(
        "the slides task needs a note: 10 pages at most",
        given=WORK,
        does=["prepare slides for Monday | 10 pages at most"],
    ),
    said("which of my tasks are about Ana or the budget?", given=WORK, hears=[WORK[1], WORK[3]]),
    said("not much today, just checking in", given=WORK),
    said("mark the invoice as not done again", given=WORK, does=["o send invoice to ACME"]),
    said("oops, I added that twice, delete one of the two", given=("buy milk", "call Tom")),
    said("could you add 'buy milk' again?", given=HOME[2:], does=["+ buy milk"]),
)
