"""What several messages make the model do: references, questions and their answers."""

from collections.abc import Callable

import pytest
from gemini_simulator.language.conversation import Conversation, Spoken
from gemini_simulator.language.tasks import Task
from gemini_simulator.protocol.requests import ChatRequest

from .chat import TOOLS, USUAL_TASKS, Chat

Said = tuple[tuple[str, list[str]], ...]

CONVERSATIONS: dict[str, Said] = {
    "it is what was added": (
        ("add buy soap", ["add buy soap"]),
        ("delete it", ["delete buy soap"]),
    ),
    "that one is what was added": (
        ("add buy soap", ["add buy soap"]),
        ("thanks", []),
        ("actually, mark that one as done", ["complete buy soap"]),
    ),
    "the second one is the second of the list that was shown": (
        ("what's open?", ["list pending"]),
        ("delete the second one", ["delete call mom"]),
    ),
    "the last one is the last of the list that was shown": (
        ("show pending tasks", ["list pending"]),
        ("complete the last one", ["complete buy a present for Anna"]),
    ),
    "places go by the list that was shown, not by the list of now": (
        ("show my tasks", ["list all"]),
        ("add buy soap", ["add buy soap"]),
        ("delete number 2", ["delete call mom"]),
    ),
    "both are the two that were added": (
        ("add buy soap and call dad", ["add buy soap", "add call dad"]),
        ("mark both as done", ["complete buy soap", "complete call dad"]),
    ),
    "both are the two that were added one after the other": (
        ("add buy soap", ["add buy soap"]),
        ("add call dad", ["add call dad"]),
        ("delete both", ["delete buy soap", "delete call dad"]),
    ),
    "them are all that were shown": (
        ("show completed tasks", ["list completed"]),
        ("delete them", ["delete water the plants", "delete pay rent"]),
    ),
    "it can be renamed and described": (
        ("add buy soap", ["add buy soap"]),
        ("rename it to buy green soap", ["rename buy soap -> buy green soap"]),
        ("add a note to it: two bars", ["describe buy green soap -> two bars"]),
    ),
    "an addition goes on": (
        ("add buy soap", ["add buy soap"]),
        ("and towels", ["add towels"]),
        ("call dad too", ["add call dad"]),
    ),
    "a deletion goes on": (
        ("delete buy milk", ["delete buy milk"]),
        ("and the kitchen as well", ["delete clean the kitchen"]),
    ),
    "a missing title is asked for": (
        ("add a task", []),
        ("iron the shirts", ["add iron the shirts"]),
    ),
    "a missing new title is asked for": (
        ("rename buy milk", []),
        ("buy oat milk", ["rename buy milk -> buy oat milk"]),
    ),
    "which one is asked, and answered by a word": (
        ("delete the buy task", []),
        ("the present", ["delete buy a present for Anna"]),
    ),
    "which one is asked, and answered by a place": (
        ("mark the buy task as done", []),
        ("the second one please", ["complete buy a present for Anna"]),
    ),
    "which one is asked, and answered by both": (
        ("delete the buy task", []),
        ("both", ["delete buy milk", "delete buy a present for Anna"]),
    ),
    "which one is asked, and taken back": (
        ("delete the buy task", []),
        ("never mind", []),
        ("yes", []),
    ),
    "which one is asked, and something else wanted": (
        ("delete the buy task", []),
        ("show my tasks", ["list all"]),
    ),
    "which one to rename is asked with the new title kept": (
        ("rename the buy task to get oat milk", []),
        ("milk", ["rename buy milk -> get oat milk"]),
    ),
    "it is asked for when several were spoken of": (
        ("add buy soap and call dad", ["add buy soap", "add call dad"]),
        ("delete it", []),
        ("the soap", ["delete buy soap"]),
    ),
    "words that may be a task are asked about": (
        ("iron the shirts", []),
        ("yes please", ["add iron the shirts"]),
    ),
    "words that may be a task are dropped on no": (
        ("iron the shirts", []),
        ("no", []),
    ),
    "an addition is undone": (
        ("add buy soap", ["add buy soap"]),
        ("undo that", ["delete buy soap"]),
    ),
    "a deletion is undone by a new task": (
        ("delete call mom", ["delete call mom"]),
        ("undo", ["add call mom"]),
    ),
    "a new title is undone": (
        ("rename call mom to call dad", ["rename call mom -> call dad"]),
        ("undo", ["rename call dad -> call mom"]),
    ),
    "a wrong name is corrected": (
        ("delete the boat", []),
        ("sorry, I meant call mom", ["delete call mom"]),
    ),
    "undo takes back the last addition alone": (
        ("add buy soap", ["add buy soap"]),
        ("add call dad", ["add call dad"]),
        ("undo", ["delete call dad"]),
    ),
    "it is no answer to which one": (
        ("delete the buy task", []),
        ("it", []),
        ("the present", ["delete buy a present for Anna"]),
    ),
    "more than five go only after a yes": (
        ("delete everything", []),
        ("yes", [f"delete {task.title}" for task in USUAL_TASKS]),
    ),
    "more than five stay without a yes": (
        ("delete everything", []),
        ("no", []),
        ("yes", []),
    ),
    "the similar one is asked about, and agreed to": (
        ("delete the oat milk", []),
        ("yes", ["delete buy milk"]),
    ),
    "nothing was spoken of": (("delete it", []), ("mark them as done", [])),
}


@pytest.mark.parametrize("said", CONVERSATIONS.values(), ids=CONVERSATIONS.keys())
def test_conversation_does_exactly_this(chat: Chat, said: Said) -> None:
    assert [chat.say(message) for message, _ in said] == [done for _, done in said]


def test_equal_titles_are_told_apart_by_their_place(new_chat: Callable[..., Chat]) -> None:
    chat = new_chat(tasks=[Task("1", "buy milk"), Task("2", "buy milk"), Task("3", "call mom")])
    chat.say("show my tasks")
    chat.say("delete the second one")
    assert [task.id for task in chat.tasks] == ["1", "3"]


def test_title_with_quotes_can_be_spoken_of(chat: Chat) -> None:
    chat.say('add say "hello" to “Ann” tomorrow')
    assert len(chat.tasks) == 9
    chat.say("delete it")
    assert len(chat.tasks) == 8


def test_task_on_a_later_page_is_found(new_chat: Callable[..., Chat]) -> None:
    tasks = [Task(str(number), f"read page {number}") for number in range(1, 31)]
    chat = new_chat(tasks=tasks, page_size=10)
    assert chat.say("delete read page 27") == ["delete read page 27"]
    assert chat.say("how many tasks do I have?") == []
    assert "29" in chat.answer


def test_endless_pages_come_to_an_end(new_chat: Callable[..., Chat]) -> None:
    tasks = [Task(str(number), f"read page {number}") for number in range(1, 31)]
    chat = new_chat(tasks=tasks, page_size=1)
    assert chat.say("delete read page 27") == []
    assert chat.answer


class TestAnswers:
    """Only what a tool returned may be said to have happened."""

    def test_nothing_matching_is_said_and_changes_nothing(self, chat: Chat) -> None:
        chat.say("delete the boat task")
        assert "boat" in chat.answer
        assert "deleted" not in chat.answer

    def test_part_that_matches_nothing_is_said_and_changes_nothing(self, chat: Chat) -> None:
        assert chat.say("delete the boat and the milk") == []
        assert "“boat”" in chat.answer

    def test_question_lists_the_tasks_that_fit(self, chat: Chat) -> None:
        chat.say("delete the buy task")
        assert "buy milk" in chat.answer
        assert "buy a present for Anna" in chat.answer
        assert "call mom" not in chat.answer

    def test_list_shows_status_and_description(self, chat: Chat) -> None:
        chat.say("show my tasks")
        assert "☐ finish the annual report" in chat.answer
        assert "due Friday" in chat.answer
        assert "☑ pay rent" in chat.answer

    def test_error_of_a_tool_is_passed_on(self, chat: Chat) -> None:
        chat.fails_with = "the title is longer than 200 characters"
        assert chat.say("add buy soap") == []
        assert "200 characters" in chat.answer
        assert "added" not in chat.answer

    def test_unreachable_list_is_said(self, chat: Chat) -> None:
        chat.fails_with = "the database is away"
        assert chat.say("delete buy milk") == []
        assert "the database is away" in chat.answer

    def test_tool_that_is_not_offered_is_not_called(self, new_chat: Callable[..., Chat]) -> None:
        chat = new_chat(tools={name: TOOLS[name] for name in ("add_task", "list_tasks")})
        assert chat.say("delete buy milk") == []
        assert "deleted" not in chat.answer
        assert chat.say("add buy soap") == ["add buy soap"]

    def test_order_of_the_tools_does_not_matter(self, new_chat: Callable[..., Chat]) -> None:
        chat = new_chat(tools=dict(reversed(TOOLS.items())))
        assert chat.say("mark buy milk as done") == ["complete buy milk"]

    def test_tools_of_before_that_reopen_nothing_are_not_asked_to(
        self, new_chat: Callable[..., Chat]
    ) -> None:
        chat = new_chat(tools=TOOLS | {"update_task": frozenset({"task_id", "title"})})
        assert chat.say("mark pay rent as not done") == []
        assert "no tool for that" in chat.answer


NOTICE = "simulated model"


class TestNotice:
    def test_it_is_said_once_in_a_conversation(self, chat: Chat) -> None:
        said = []
        for message in ("add buy soap", "show my tasks", "delete it", "thanks"):
            chat.say(message)
            said.append(NOTICE in chat.answer)
        assert said == [True, False, False, False]

    @pytest.mark.parametrize("message", ["lösche alles", "supprime le lait", "删除所有任务"])
    def test_other_languages_are_told_each_time(self, chat: Chat, message: str) -> None:
        for _ in range(2):
            assert chat.say(message) == []
            assert NOTICE in chat.answer

    def test_list_can_be_spoken_of_below_it(self, chat: Chat) -> None:
        chat.say("show pending tasks")
        assert chat.say("complete the last one") == ["complete buy a present for Anna"]


class TestDeterminism:
    def test_same_seed_says_the_same(self, new_chat: Callable[..., Chat]) -> None:
        answers = []
        for _ in range(2):
            chat = new_chat(seed=7)
            for message in ("hi", "add buy soap", "delete the boat", "what's the weather?"):
                chat.say(message)
                answers.append(chat.answer)
        assert answers[:4] == answers[4:]

    def test_other_seed_words_it_differently(self, new_chat: Callable[..., Chat]) -> None:
        greetings = set()
        for seed in range(10):
            chat = new_chat(seed=seed)
            chat.say("hi")
            greetings.add(chat.answer)
        assert len(greetings) > 1


NOTE = '\n\n[done: add_task "call “grandma”\\n1. ☐ x" id=01a2; and 31 more]'
FAILED = '[No answer was given: it broke. Done before that: add_task "x" id=1. It is not pending.]'


def test_notes_of_the_gateway_are_not_taken_for_what_was_said() -> None:
    messages = [
        {"role": "user", "content": "add buy soap"},
        {"role": "assistant", "content": f"Added “buy soap”.{NOTE}"},
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": FAILED},
        {"role": "user", "content": "delete it"},
    ]
    request = ChatRequest.model_validate({"model": "gemini", "messages": messages})

    assert Conversation.of(request).history == (
        Spoken("user", "add buy soap"),
        Spoken("assistant", "Added “buy soap”."),
        Spoken("user", "hello"),
    )
