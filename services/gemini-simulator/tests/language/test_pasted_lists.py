"""A list that was pasted: a task for each line, in its order; and what is no list."""

import time

import pytest
from gemini_simulator.language.intents import Add
from gemini_simulator.language.pasted import MOST_ADDED
from gemini_simulator.language.requests import read_requests
from gemini_simulator.language.tasks import Task

from .chat import USUAL_TASKS, Chat

MILK, EGGS, BREAD = "add milk", "add eggs", "add bread"
LISTS = {
    "- milk\n- eggs": [MILK, EGGS],
    "milk\neggs\nbread": [MILK, EGGS, BREAD],
    "milk\r\n\r\neggs\r\n \r\nbread\r\n": [MILK, EGGS, BREAD],
    "milk\u2028eggs\rbread": [MILK, EGGS, BREAD],
    "milk,\neggs,\nbread.": [],
    "milk,\neggs,\nbread": [MILK, EGGS, BREAD],
    "1. milk\n2. eggs\n10) bread": [MILK, EGGS, BREAD],
    "a) milk\nb) eggs": [MILK, EGGS],
    "• milk\n•eggs\n-bread": [MILK, EGGS, BREAD],
    "  * milk\n    * eggs\n\t– bread": [MILK, EGGS, BREAD],
    "[ ] milk\n[] eggs\n- [ ] bread": [MILK, EGGS, BREAD],
    "☐ milk\n1. ☐ eggs": [MILK, EGGS],
    "- milk\n---\n- \n[ ]\n- eggs": [MILK, EGGS],
    "milk\neggs\nmilk": [MILK, EGGS, MILK],
    '- "milk"\n- call “mark as done”': [MILK, "add call “mark as done”"],
    "- milk and eggs\n- bread, the dark one": ["add milk and eggs", "add bread, the dark one"],
    "1) pay rent\n2) call Dr. Smith about the tax\n3) pack.": [
        "add pay rent",
        "add call Dr. Smith about the tax",
        "add pack",
    ],
    "add\nmilk\neggs": [MILK, EGGS],
    "add these:\nmilk\neggs\nbread": [MILK, EGGS, BREAD],
    "Please add the following tasks to my list\n[ ] milk\n[ ] eggs": [MILK, EGGS],
    "Hi! Can you put these on my list?\n- milk\n- eggs\nThank you!": [MILK, EGGS],
    "Hi\n\nCould you add the following?\n\n- milk\n- eggs\n\nThanks,\nTom": [MILK, EGGS],
    "task 1\ntask 2\nItem number 3": ["add task 1", "add task 2", "add Item number 3"],
    "Shopping list\nmilk\neggs": [MILK, EGGS],
    "Things I need to buy:\n- milk\n- eggs": [MILK, EGGS],
    "Here is my shopping list:\nmilk\neggs": [MILK, EGGS],
    "- remind me to call Bob\n- milk\n- don't forget the keys": [
        "add call Bob",
        MILK,
        "add the keys",
    ],
    "add buy milk\ncall mom\npay rent": ["add buy milk", "add call mom", "add pay rent"],
    "call Lisa\nfinish the slides\nbuy soap": [
        "add call Lisa",
        "add finish the slides",
        "add buy soap",
    ],
    "- change the tires\n- soap\n- update my CV\n- flour": [
        "add change the tires",
        "add soap",
        "add update my CV",
        "add flour",
    ],
}
"""Messages and what is done. A full stop makes a sentence of a line without a mark."""

NO_LISTS = (
    "milk\neggs",
    "I went to the shop\nIt was closed\nSo I went home",
    "Roses are red\nViolets are blue\nSugar is sweet",
    "Two roads diverged in a yellow wood\nAnd sorry I could not travel both\nAnd be one traveler",
    "Dear Anna\nI hope all is well\nBest wishes\nTom",
    "From: Tom\nTo: Anna\nSubject: lunch",
    "def f(x):\n    return x\nprint(f(1))",
    "Ich habe Milch gekauft\nSie war teuer\nMorgen gehe ich wieder",
    "- We talked about the budget\n- Anna is on holiday\n- The office is closed",
    "Tom said:\n- buy milk\n- call me",
    "milk\nno, wait\neggs\nbread",
    "milk\neggs\nno bread",
    "milk\neggs\nbread?",
    "milk\neggs\nwhat else?",
    "Don't add these:\n- milk\n- eggs",
    "Not needed:\n- milk\n- eggs",
    "should I add these?\n- milk\n- eggs",
    "Lösche:\n- Milch\n- Eier",
    "削除:\n- 牛乳\n- 卵",
    "paint the shed\n- white\n- 5 liters",
    "- milk\nand eggs\n- bread",
    "- milk\n- eggs\nGroceries:",
    "[x] milk\n[x] eggs",
    "✅ milk\n✅ eggs",
    f"- milk\n- {'very ' * 50}old cheese",
    "hi\nthanks\nbye",
    "1\n2\n3",
    "- the first one\n- the last one",
    "the first\nthe second\nit",
    "pros:\n- cheap\n- fast\ncons:\n- ugly",
)
ORDERS = (
    "delete:\n- buy milk\n- call mom",
    "- delete buy milk\n- buy soap",
    "delete buy milk\ncall Lisa\npay the bill",
    "Done:\n- buy milk\n- call mom",
    "bought milk\ncalled Lisa\npaid the bill",
    "- finish the annual report\n- mark buy milk as done\n- soap",
    "- soap\n- flour\nand delete the milk",
)
"""Of other things than to add; what of them is plain is done as ever, and no line is added."""


@pytest.mark.parametrize("message", LISTS)
def test_each_line_is_a_task(message: str) -> None:
    chat = Chat()
    assert chat.say(message) == LISTS[message]
    assert [task for task in chat.tasks if task in USUAL_TASKS] == list(USUAL_TASKS)


@pytest.mark.parametrize("message", NO_LISTS)
def test_what_could_be_something_else_adds_nothing(message: str) -> None:
    chat = Chat()
    assert chat.say(message) == []
    assert chat.tasks == list(USUAL_TASKS)


@pytest.mark.parametrize("message", ORDERS)
def test_list_of_orders_adds_nothing(message: str) -> None:
    chat = Chat()
    chat.say(message)
    assert {task.id for task in chat.tasks} <= {task.id for task in USUAL_TASKS}


def test_heading_is_no_task_and_is_told() -> None:
    chat = Chat()
    done = chat.say("Groceries:\nmilk\neggs\n\nHardware store:\nnails")
    assert done == [MILK, EGGS, "add nails"]
    assert 'I took "Groceries", "Hardware store" for headings.' in chat.answer


def test_ticked_line_is_added_as_open_and_told() -> None:
    chat = Chat()
    assert chat.say("- [x] milk\n- [ ] eggs\n- [ ] bread") == [MILK, EGGS, BREAD]
    assert 'In your list "milk" was ticked off; here it is open.' in chat.answer
    assert not any(task.completed for task in chat.tasks[:3])


def test_forty_lines_are_added_in_one_turn() -> None:
    titles = [f"item number {number}" for number in range(1, 41)]
    chat = Chat()
    assert chat.say("\n".join(f"- {title}" for title in titles)) == [f"add {one}" for one in titles]
    assert chat.answer.startswith("I added 40 tasks: “item number 1”,")


def test_of_more_lines_than_one_message_adds_the_rest_is_named() -> None:
    chat = Chat(tasks=[])
    done = chat.say("\n".join(f"{number}. item {number}" for number in range(1, 121)))
    assert len(done) == MOST_ADDED
    assert 'there are 20 more lines, from "item 101" on' in chat.answer


def test_undo_takes_a_pasted_list_back() -> None:
    chat = Chat()
    chat.say("Groceries:\n- [x] milk\n- eggs\n- bread")
    assert sorted(chat.say("undo")) == ["delete bread", "delete eggs", "delete milk"]
    assert chat.tasks == list(USUAL_TASKS)


def test_what_was_shown_is_not_added_again() -> None:
    chat = Chat(tasks=[Task("1", "buy oat milk"), Task("2", "buy milk")])
    chat.say("delete the milk task")
    shown = [line for line in chat.answer.split("\n") if "☐" in line]
    assert chat.say("\n".join(shown)) == []
    assert len(chat.tasks) == 2


@pytest.mark.parametrize(
    "line", ["- a", "buy thing 17", "[ ] b", "- change the tires", "- please mvoe", ":"]
)
def test_long_list_is_read_within_a_second(line: str) -> None:
    message = f"{line}\n" * (8_000 // (len(line) + 1))
    began = time.process_time()
    read_requests(message)
    assert time.process_time() - began < 1


def test_long_list_of_different_lines_is_read_within_a_second() -> None:
    message = "\n".join(f"- organise the {number}th meeting of Lisa" for number in range(200))
    began = time.process_time()
    meaning = read_requests(message)[0]
    assert time.process_time() - began < 1
    assert isinstance(meaning, Add)
    assert len(meaning.tasks) == MOST_ADDED
