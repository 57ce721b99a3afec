"""Talk that is about no task, and the answers to it."""

import re
from collections.abc import Mapping, Sequence

from gemini_simulator.language.intents import Talk, TalkKind

OFF_TOPIC = re.compile(
    r"^(?:(?:what|who|where|when|why|how|which)(?:'s|'re| is| are| was| were| do| does| did| can| could| much| old| far| many| tall)?\b.*"
    r"|(?:tell me (?:a story|about)|write me|write a (?:poem|story|song)|translate|calculate|sing|recommend|suggest|explain|book me|order me).*"
    r"|(?:is|are|do|does|did|can|could|will|would|should) (?:you|we|they|there|the|it|i|he|she)\b.*\?"
    r"|\d+\s*[-+*/x]\s*\d+.*)$",
    re.IGNORECASE,
)

PHRASES: Sequence[tuple[TalkKind, str]] = (
        (
            "never_mind",
            r"never ?mind(?: (?:that|it|then))?|forget (?:it|about it)|cancel|stop|none(?: of (?:them|these|those))?|"
            r"neither(?: of them)?|no(?:,|\.)? (?:never ?mind|forget it|leave it|none)|leave (?:it|them)(?: (?:be|alone|as is|there))?|"
            r"don't(?: do (?:it|that|anything))?|nothing|skip it|let it be",
        ),
        (
            "yes",
            r"yes|y|yep|yeah|yup|ya|sure(?: thing)?|ok(?:ay)?(?: do it| then)?|of course|please(?: do)?|go ahead|do it|do that|"
            r"absolutely|definitely|correct|right|exactly|that's right|(?:yes|yeah|yep|sure|ok)[, ]+(?:please|do it|go ahead|do that|"
            r"add it|i'?m sure|delete (?:it|them)|all of them|do)|sounds good|why not|confirm(?:ed)?|i'?m sure",
        ),
        ("no", r"no|n|nope|nah|no(?:,)? (?:thanks|thank you|thx|don't|not now|please don't)|not now|not yet|not really|don't add it"),
        (
            "how_are_you",
            r"(?:(?:hi|hey|hello)[,! ]*)?(?:how(?:'s| is) it going|how are you(?: doing)?(?: today)?|how do you do|what'?s up|sup|"
            r"how have you been|you ok|are you (?:ok|well|there)|how's your day(?: going)?)",
        ),
        (
            "thanks",
            r"(?:ok(?:ay)?,? |great,? |perfect,? |cool,? |awesome,? |nice,? )?(?:many )?(?:thanks?|thank you|thx|ty|cheers|much appreciated|appreciate it|i appreciate it)"
            r"(?: (?:a lot|so much|very much|again|a bunch|for (?:your|the|all(?: the)?) help|for that|for everything|buddy|mate|man|you))*",
        ),
        ("bye", r"(?:ok(?:ay)? )?(?:good ?bye|bye(?: bye)?|see (?:you|ya)(?: (?:later|soon|tomorrow))?|cya|later|good ?night|that's all(?: for (?:now|today))?|that is all|that will be all|i'?m off|talk (?:to you )?later|have a (?:nice|good|great) (?:day|one|evening|night|weekend))"),
        ("who", r"who are you|what are you|what'?s your name|are you (?:a |an )?(?:human|robot|bot|ai|real|person|gemini|chatgpt|real person)|who made you|who (?:built|created) you|which model are you|introduce yourself"),
        (
            "help",
            r"help(?: me)?|what can you do(?: for me)?|what do you do|how does (?:this|it) work|how do (?:i|you) (?:use (?:this|it|you)|work)|what are (?:you|your) (?:able to do|capabilities|features|commands|options)|"
            r"what can i (?:do|say|ask)(?: here)?|commands|options|menu|instructions|i need (?:some )?help|can you help(?: me)?|how can you help(?: me)?|what's possible",
        ),
        (
            "praise",
            r"(?:ok(?:ay)?|k|cool|great|nice|awesome|perfect|excellent|good|fine|wonderful|amazing|brilliant|lovely|sweet|got it|alright|all right|super|wow|yay|fantastic|neat|very good|well done|good job|great job|great work|nice work|good work|good bot|"
            r"you'?re (?:the best|great|awesome|amazing|so helpful|very helpful)|(?:that(?:'s| is)|it'?s) (?:great|perfect|good|nice|cool|all right|fine|awesome|helpful|it)|i (?:like|love) (?:it|this|that|you)|understood|i see|makes sense|interesting|lol|haha+|hm+)",
        ),
        ("sorry", r"(?:i'?m |im |oh |oops,? )?(?:so )?sorry(?: about that)?|my bad|oops|whoops|my mistake|excuse me|pardon"),
        ("joke", r"(?:tell me|say|do you know|got|know)(?: me)? (?:a |another |any |some |something )?(?:good |funny )?(?:jokes?|funny)|make me laugh"),
        ("greeting", r"(?:hi+|hey+|hello+|hiya|yo|howdy|greetings|good (?:morning|afternoon|evening|day)|hola|salut|moin)(?:[ ,]+(?:there|everyone|again|gemini|assistant|bot|friend|you|my friend))*|test(?:ing)?|ping|anyone there"),
)  # fmt: skip
PATTERNS = tuple((kind, re.compile(rf"(?:{pattern})", re.IGNORECASE)) for kind, pattern in PHRASES)

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
    "never_mind": ("All right, I have changed nothing.", "No problem, I leave everything as it is."),
    "off_topic": (
        "That is beyond me: I only look after your task list. Shall I add something to it, or show it?",
        "I cannot help with that, I only know your tasks. Would you like to see them?",
    ),
    "chatter": (
        "I see. Is there something I should add to your list, or change on it?",
        "Thanks for telling me. What can I do for your list?",
    ),
}  # fmt: skip


def read_small_talk(clause: str) -> Talk | None:
    """Small talk, when the whole clause is nothing else."""
    text = clause.strip(" \n.,!?…;:-)(🙂😊👍🙏").replace("  ", " ")
    for kind, pattern in PATTERNS:
        if pattern.fullmatch(text):
            return Talk(kind)
    return None


def read_off_topic(clause: str) -> Talk | None:
    """A question or order that has nothing to do with tasks, asked after everything else failed."""
    return Talk("off_topic") if OFF_TOPIC.match(clause.strip()) else None
