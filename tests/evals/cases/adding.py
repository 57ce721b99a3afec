"""One new task."""

from tests.evals.case import Case, said

SOME = ("call the dentist", "x pay rent")

CASES: tuple[Case, ...] = (
    said("add a task to buy groceries", does=["+ buy groceries"]),
    said("Add buy groceries", does=["+ buy groceries"]),
    said('Please add "renew passport" to my list.', given=SOME, does=["+ renew passport"]),
    said("can you add a task for me? water the plants", does=["+ water the plants"]),
    said("I need to pick up the dry cleaning", does=["+ pick up the dry cleaning"]),
    said("remind me to call grandma on Sunday", given=SOME, does=["+ call grandma on Sunday"]),
    said("new task: finish the slide deck", does=["+ finish the slide deck"]),
    said("todo: clean the garage", does=["+ clean the garage"]),
    said("Put 'book flights' on my todo list", does=["+ book flights"]),
    said("create a task called Quarterly review", does=["+ Quarterly review"]),
    said("I don't want to forget to feed the cat, add that please", does=["+ feed the cat"]),
    said("don't let me forget to send Tom the invoice", does=["+ send Tom the invoice"]),
    said("could you jot down a task: return library books", does=["+ return library books"]),
    said("Add a reminder to take out the trash tonight", does=["+ take out the trash tonight"]),
    said("I have to prepare for the interview", does=["+ prepare for the interview"]),
    said("add task buy a birthday cake", does=["+ buy a birthday cake"]),
    said("hey! add walk the dog :)", does=["+ walk the dog"]),
    said("I'd like to add a new task: learn the guitar", does=["+ learn the guitar"]),
    said("make a task to renew the car insurance", does=["+ renew the car insurance"]),
    said("Could you please put down that I must call the bank?", does=["+ call the bank"]),
    said("add fix the leaking tap to the list, thanks", does=["+ fix the leaking tap"]),
    said("Add a task: delete old emails", given=SOME, does=["+ delete old emails"]),
    said("I need to cancel my gym membership", given=SOME, does=["+ cancel my gym membership"]),
    said("add a task to complete the tax form", given=SOME, does=["+ complete the tax form"]),
    said("add call the plumber about the kitchen sink", does=["+ call plumber about kitchen sink"]),
    said("Remember to buy stamps!", does=["+ buy stamps"]),
    said("set a reminder to stretch every hour", does=["+ stretch every hour"]),
    said("add a task", "buy candles", does=["+ buy candles"]),
    said("I want to add something", "iron my shirts", does=["+ iron my shirts"]),
)
