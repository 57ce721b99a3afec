"""Lists that are longer than one page of list_tasks."""

from tests.evals.case import Case, said

MANY = tuple(f"read page {number}" for number in range(110, 0, -1))

CASES: tuple[Case, ...] = (
    said("mark read page 7 as done", given=MANY, does=["x read page 7"]),
    said("delete the oldest task", given=MANY, does=["- read page 1"]),
    said("how many tasks do I have?", given=MANY),
)
