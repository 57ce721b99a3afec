"""Lists that are longer than one page of list_tasks, than an answer, or than a deletion unasked."""

from tests.evals.case import Case, beyond, said

MANY = tuple(f"read page {number}" for number in range(110, 0, -1))
SOME = tuple(f"read page {number}" for number in range(51, 0, -1))
SIX = MANY[-6:]
GONE = [f"- {title}" for title in SIX]

CASES: tuple[Case, ...] = (
    said("mark read page 7 as done", given=MANY, does=["x read page 7"]),
    said("delete the oldest task", given=MANY, does=["- read page 1"]),
    said("how many tasks do I have?", given=MANY, hears=["110"]),
    said("delete everything", "yes", given=SIX, does=GONE),
    beyond("delete all my tasks, I am sure", given=SIX, does=GONE),
    beyond("delete everything, no need to ask", given=SIX, does=GONE),
    beyond("delete everything", given=SIX[1:], does=GONE[1:]),
    beyond("delete everything from page 2 to page 4", given=SIX, does=GONE[2:5]),
    beyond("mark pages 1 to 30 as done", given=SOME, does=[f"x {one}" for one in SOME[-30:]]),
    beyond("complete all my tasks", given=SOME, does=[f"x {one}" for one in SOME]),
    beyond("show my tasks", given=SOME, hears=["read page 51", "read page 32", "31"]),
    beyond("do I have to read page 3?", given=MANY, hears=["read page 3"]),
    beyond("which page is the first that I added?", given=MANY, hears=["read page 1 or page 1"]),
)
