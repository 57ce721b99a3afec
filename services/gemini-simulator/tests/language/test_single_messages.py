"""What one message makes the model do, given the usual tasks (conftest.USUAL_TASKS)."""

import pytest

from .chat import USUAL_TASKS, Chat

ADDING = {
    "add a task to buy groceries": ["add buy groceries"],
    "Add task: renew passport": ["add renew passport"],
    "add buy stamps": ["add buy stamps"],
    "add buy stamps to my list": ["add buy stamps"],
    "Can you add 'order new tires' to my todo list please?": ["add order new tires"],
    "please create a new task called Plan holiday": ["add Plan holiday"],
    "create a task named “Read War and Peace”": ["add Read War and Peace"],
    "I need to buy stamps": ["add buy stamps"],
    "i have to pick up the kids at 5": ["add pick up the kids at 5"],
    "I should really call the bank tomorrow": ["add call the bank tomorrow"],
    "remind me to water the cactus tomorrow": ["add water the cactus tomorrow"],
    "don't let me forget to send the invoice": ["add send the invoice"],
    "Don't forget: oil change on Monday": ["add oil change on Monday"],
    "put wash the car on my list": ["add wash the car"],
    "new task: fix the bike": ["add fix the bike"],
    "todo: fix the bike": ["add fix the bike"],
    "ad a task to buy bread": ["add buy bread"],
    "add a taks to buy bread": ["add buy bread"],
    "creat a task to visit lisa": ["add visit lisa"],
    "ADD A TASK TO BUY SOAP": ["add BUY SOAP"],
    "hey there, could you please add a reminder to feed the cat? thanks!": ["add feed the cat"],
    "I'd like to add a task: learn to juggle": ["add learn to juggle"],
    "i want a task for the tax return": ["add the tax return"],
    "make a task to defrost the freezer": ["add defrost the freezer"],
    "Add buy soap and call dad": ["add buy soap", "add call dad"],
    "add buy bread and butter": ["add buy bread and butter"],
    "add buy soap, call dad and pay the phone bill": [
        "add buy soap",
        "add call dad",
        "add pay the phone bill",
    ],
    "add three tasks: wash the car, buy bread and butter, and call dad": [
        "add wash the car",
        "add buy bread and butter",
        "add call dad",
    ],
    "add the following tasks:\n- iron shirts\n- buy soap, the green one\n- call dad": [
        "add iron shirts",
        "add buy soap, the green one",
        "add call dad",
    ],
    "add these to my list: eggs, flour and sugar": ["add eggs", "add flour", "add sugar"],
    "add a task to iron shirts and another one to call dad": ["add iron shirts", "add call dad"],
    'add "iron shirts" and "call dad"': ["add iron shirts", "add call dad"],
    "add iron shirts with description only the white ones": [
        "add iron shirts | only the white ones"
    ],
    "add a task to iron shirts with the note: white ones first": [
        "add iron shirts | white ones first"
    ],
    "Add 'iron shirts' with the description 'white ones, then blue'": [
        "add iron shirts | white ones, then blue"
    ],
    "add call Dr. Smith. Description: ask about the results": [
        "add call Dr. Smith | ask about the results"
    ],
    "create a task to ship the parcel, details: use the big box": [
        "add ship the parcel | use the big box"
    ],
    "add a task to finish and send the proposal": ["add finish and send the proposal"],
    "add a task to delete old emails": ["add delete old emails"],
    "I need to cancel my gym membership": ["add cancel my gym membership"],
    "I need to do the laundry": ["add do the laundry"],
    "I have to ask Bob about the key": ["add ask Bob about the key"],
    "Add: 1. bread 2. butter 3. jam": ["add bread", "add butter", "add jam"],
    "add 1) milk 2) two eggs": ["add milk", "add two eggs"],
    "add\n- milk\n* eggs": ["add milk", "add eggs"],
    "add these:\n1) milk\n2) eggs": ["add milk", "add eggs"],
    "add a task to write the report\nit is due on monday": [
        "add write the report | it is due on monday"
    ],
    "add buy soap\nthanks": ["add buy soap"],
    "add task buy soap": ["add buy soap"],
    "create task call dad": ["add call dad"],
    "add 👨\u200d👩\u200d👧\u200d👦 dinner": ["add 👨\u200d👩\u200d👧\u200d👦 dinner"],
    "add می\u200cخواهم": ["add می\u200cخواهم"],
    "add क्\u200dष": ["add क्\u200dष"],
    "I must remember to finish the slides": ["add finish the slides"],
}
LISTING = {
    "show my tasks": ["list all"],
    "list my tasks": ["list all"],
    "Show me everything": ["list all"],
    "what's on my list?": ["list all"],
    "what are my tasks": ["list all"],
    "can I see my list please": ["list all"],
    "tasks": ["list all"],
    "my to-do list": ["list all"],
    "shwo me my taks": ["list all"],
    "lsit all tasks": ["list all"],
    "give me an overview of my tasks": ["list all"],
    "do I have any tasks?": ["list all"],
    "what do I have to do today?": ["list pending"],
    "what's left to do?": ["list pending"],
    "what is still open?": ["list pending"],
    "show pending tasks": ["list pending"],
    "which tasks are still pending": ["list pending"],
    "show me my unfinished tasks": ["list pending"],
    "what haven't I done yet?": ["list pending"],
    "anything left to do?": ["list pending"],
    "I need to see my open tasks": ["list pending"],
    "remind me what I have to do": ["list pending"],
    "show completed tasks": ["list completed"],
    "what have I finished?": ["list completed"],
    "which tasks are done?": ["list completed"],
    "what did I get done?": ["list completed"],
    "list everything I've completed": ["list completed"],
}
FINISHING = {
    "mark buy milk as done": ["complete buy milk"],
    "mark the milk task as complete": ["complete buy milk"],
    "Mark “call mom” completed": ["complete call mom"],
    "complete the report": ["complete finish the annual report"],
    "I finished the annual report": ["complete finish the annual report"],
    "i'm done with the kitchen": ["complete clean the kitchen"],
    "done with the kitchen!": ["complete clean the kitchen"],
    "the dentist thing is done": ["complete book dentist appointment"],
    "check off the dentist": ["complete book dentist appointment"],
    "tick off buy milk": ["complete buy milk"],
    "cross clean the kitchen off my list": ["complete clean the kitchen"],
    "I bought the milk": ["complete buy milk"],
    "I just called mom": ["complete call mom"],
    "cleaned the kitchen already": ["complete clean the kitchen"],
    "I cleaned the kitchen": ["complete clean the kitchen"],
    "buy milk is done": ["complete buy milk"],
    "mark milk as doen": ["complete buy milk"],
    "complte the kitchen task": ["complete clean the kitchen"],
    "mark milk and the kitchen as done": ["complete buy milk", "complete clean the kitchen"],
    "complete buy milk, call mom and the report": [
        "complete buy milk",
        "complete call mom",
        "complete finish the annual report",
    ],
    "I've finished the report and called mom": [
        "complete finish the annual report",
        "complete call mom",
    ],
    "mark all tasks as done": [
        "complete buy milk",
        "complete call mom",
        "complete finish the annual report",
        "complete book dentist appointment",
        "complete clean the kitchen",
        "complete buy a present for Anna",
    ],
    "complete the first two": ["complete buy milk", "complete call mom"],
    "mark the last task as done": [],
    "complete the oldest task": [],
    "finish the newest one": ["complete buy milk"],
    "mark pay rent as done": [],
    "mark the garage as done": [],
    "I wrote a poem": [],
}
REMOVING = {
    "delete buy milk": ["delete buy milk"],
    "Delete the milk task please": ["delete buy milk"],
    "remove call mom from my list": ["delete call mom"],
    "get rid of the dentist one": ["delete book dentist appointment"],
    "take the kitchen off my list": ["delete clean the kitchen"],
    "delte the milk": ["delete buy milk"],
    "drop the report": ["delete finish the annual report"],
    "I don't need the present for Anna anymore": ["delete buy a present for Anna"],
    "scratch call mom": [],
    "scratch call mom off my list": ["delete call mom"],
    "delete all completed tasks": ["delete water the plants", "delete pay rent"],
    "remove the finished ones": ["delete water the plants", "delete pay rent"],
    "clear everything that's done": ["delete water the plants", "delete pay rent"],
    "delete milk and the report": ["delete buy milk", "delete finish the annual report"],
    "delete the first and third task": ["delete buy milk", "delete finish the annual report"],
    "delete tasks 1, 2 and 4": [
        "delete buy milk",
        "delete call mom",
        "delete book dentist appointment",
    ],
    "delete the last two": ["delete water the plants", "delete pay rent"],
    "remove number 3": ["delete finish the annual report"],
    "delete the oldest task": ["delete pay rent"],
    "delete all the buy tasks": ["delete buy milk", "delete buy a present for Anna"],
    "delete everything except the milk and the report, I am sure": [
        "delete call mom",
        "delete book dentist appointment",
        "delete clean the kitchen",
        "delete buy a present for Anna",
        "delete water the plants",
        "delete pay rent",
    ],
    "delete all 8 tasks, yes I'm sure": [f"delete {task.title}" for task in USUAL_TASKS],
    "delete everything, no need to ask": [f"delete {task.title}" for task in USUAL_TASKS],
    "delete all 9 tasks, I am sure": [],
    "delete all my tasks": [],
    "delete the boat task": [],
    "delete the buy task": [],
}
CHANGING = {
    "rename buy milk to buy oat milk": ["rename buy milk -> buy oat milk"],
    "rename the milk task to “buy oat milk”": ["rename buy milk -> buy oat milk"],
    "change call mom to call mom and dad": ["rename call mom -> call mom and dad"],
    "Change the title of the kitchen task to clean the bathroom": [
        "rename clean the kitchen -> clean the bathroom"
    ],
    "update the report task to say finish the quarterly report": [
        "rename finish the annual report -> finish the quarterly report"
    ],
    "buy milk should be buy almond milk": ["rename buy milk -> buy almond milk"],
    "renmae buy milk to buy soy milk": ["rename buy milk -> buy soy milk"],
    "change the description of the report to due Monday": [
        "describe finish the annual report -> due Monday"
    ],
    "add a note to the milk task: two liters": ["describe buy milk -> two liters"],
    "set the description of buy milk to two liters, whole": [
        "describe buy milk -> two liters, whole"
    ],
    "add the description “two liters” to buy milk": ["describe buy milk -> two liters"],
    "remove the description of the report": ["describe finish the annual report -> "],
    "rename buy milk to buy oat milk and set the description to one liter": [
        "rename buy milk -> buy oat milk",
        "describe buy oat milk -> one liter",
    ],
    "rename the boat to ship": [],
    "change the dentist appointment to thursday": [
        "rename book dentist appointment -> book dentist appointment thursday"
    ],
    "move call mom to 6 may at 5pm": ["rename call mom -> call mom 6 may at 5pm"],
    "move the milk to the top": [],
}
SEVERAL = {
    "add buy soap and delete call mom": ["add buy soap", "delete call mom"],
    "delete milk and add buy bread": ["add buy bread", "delete buy milk"],
    "Mark the kitchen as done, then show me what's left": [
        "complete clean the kitchen",
        "list pending",
    ],
    "add buy soap then mark it as done": ["add buy soap", "complete buy soap"],
    "I finished the report. Please add 'send report to Bob' and remove the dentist task.": [
        "add send report to Bob",
        "complete finish the annual report",
        "delete book dentist appointment",
    ],
    "rename milk to oat milk and mark it as done": [
        "rename buy milk -> oat milk",
        "complete oat milk",
    ],
    "mark call mom as done and delete it": ["complete call mom", "delete call mom"],
    "add iron shirts, complete the kitchen, and show my list": [
        "add iron shirts",
        "complete clean the kitchen",
        "list all",
    ],
    "Thanks! Now delete buy milk.": ["delete buy milk"],
    "I'm so tired today. Add go to bed early": ["add go to bed early"],
}
NOTHING: dict[str, list[str]] = {
    "hi": [],
    "Hello there!": [],
    "how are you?": [],
    "thanks a lot": [],
    "thanks, bye": [],
    "what can you do?": [],
    "who are you": [],
    "tell me a joke": [],
    "what's the weather like in Paris?": [],
    "who won the world cup?": [],
    "ok cool": [],
    "never mind": [],
    "yes": [],
    "asdfgh qwerty": [],
    "buy soap": [],
    "?": [],
    "add a task": [],
    "delete": [],
}

ALL = [
    pytest.param(message, done, id=message[:60])
    for table in (ADDING, LISTING, FINISHING, REMOVING, CHANGING, SEVERAL, NOTHING)
    for message, done in table.items()
]


@pytest.mark.parametrize(("message", "done"), ALL)
def test_message_does_exactly_this(chat: Chat, message: str, done: list[str]) -> None:
    assert chat.say(message) == done
    assert chat.answer.strip()


def test_there_are_enough_sentences() -> None:
    assert len(ALL) >= 150
