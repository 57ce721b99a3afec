"""Answers to talk that is about no task."""

from collections.abc import Mapping, Sequence

from gemini_simulator.language.intents import TalkKind

ANSWERS: Mapping[TalkKind, Sequence[str]] = {
    "greeting": (
        "Hello! Tell me what you want to get done, and I will keep the list.",
        "Hi there! What shall we put on your list, or take off it?",
        "Hello! You can ask me to add, show, finish, rename or delete tasks.",
    ),
    "how_are_you": (
        "All well here, thank you. What can I do for your list?",
        "I am fine, thanks for asking. Shall we look at your tasks?",
    ),
    "thanks": ("You are welcome!", "Happy to help!", "Any time!"),
    "bye": ("Goodbye! Your list will be here when you come back.", "See you soon!"),
    "who": (
        "I am the assistant of your task list. I can add tasks, show them, mark them as done, "
        "change them and delete them.",
    ),
    "help": (
        "Here is what I can do:\n"
        "- add tasks: add buy milk and call mom\n"
        "- show them: what is still open?\n"
        "- mark them as done: I finished the report\n"
        "- change them: rename milk to oat milk\n"
        "- delete them: delete the second one\n"
        "Just write as you would to a person.",
    ),
    "praise": ("Glad to hear it. Anything else for your list?", "Great! Is there anything else?"),
    "sorry": ("No problem at all.", "Nothing to worry about. What shall we do?"),
    "joke": (
        "Why did the to-do list go to therapy? It had too many unresolved items.",
        "I had a task to tell a joke. I keep postponing the punch line.",
    ),
    "yes": ("Good! What would you like me to do?",),
    "no": ("All right. I have changed nothing.",),
    "never_mind": (
        "All right, I have changed nothing.",
        "No problem, I leave everything as it is.",
    ),
    "off_topic": (
        "That is beyond me: I only look after your task list. Shall I show it to you?",
        "I cannot help with that, I only know your tasks. Would you like to see them?",
    ),
}
