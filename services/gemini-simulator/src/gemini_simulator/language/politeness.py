"""Words around a request that carry no meaning: greetings, "could you", "please", "thanks"."""

import re

from gemini_simulator.language.grammar import compile_template

OPENINGS = compile_template(
    """please|pls|plz|kindly|hey|heya|hi|hiya|hello|yo|ok|okay|so|and|but|also|then|now|well|um|uh|
    oh|hmm|ah|ooh|right|alright|cool|great|perfect|awesome|nice|yes|yep|yeah|sure|sorry|oops|
    thanks|thank you|thx|good (morning|afternoon|evening)|
    there|assistant|gemini|buddy|friend|mate|bot|
    (can|could|would|will|may) (you|u|i|we) [mind]|you (can|could|should)|
    i want you to|i'd like you to|i would like you to|i need you to|
    i'd like to|i would like to|i want to|i wanna|i'd love to|
    i think (you|we|i) (can|should|could)|i (think|believe|guess|suppose)|looks like|it seems|
    i [just] (remembered|realised|realized|noticed|thought) [that]|it turns out [that]|
    fyi|guess what|good news|unfortunately|luckily|you know what|
    let's|let me|go ahead and|go on and|feel free to|make sure (to|you)|be sure to|
    be so kind as to|just|maybe|perhaps|actually|quickly|quick one|
    first of all|finally|lastly|after that|afterwards|in addition|additionally|plus|
    by the way|btw|again|for me|real quick|help me [to]|do me a (favor|favour) [and]|
    if you (can|could|don't mind)|when you (get|have) a (chance|moment|minute|second|sec)"""
)
# These begin titles and targets too ("first one", "next week"), so a sign must follow them.
OPENINGS_BEFORE_A_SIGN = compile_template(
    "first|second|third|next|wait|no|sorry|oops|then|ok|last|start over"
)
CLOSINGS = compile_template(
    """please|pls|plz|thanks [a lot|so much|in advance]|thank you [so much|very much]|thx|ty|
    for me|if you (can|could|don't mind)|(will|would|could|can) you|ok|okay|
    when you (get|have) a (chance|moment|minute|second|sec)|my friend|buddy|mate|cheers|
    real quick|lol|haha"""
)
SURE = re.compile(
    r"[,.;!]*\s*(?:yes,? )?(?:\b(?:i am|i'm|im) (?:(?:really|absolutely|very|quite) )?"
    r"(?:sure|certain|serious)\b|\bi (?:really )?mean it\b|\bi confirm\b|"
    r"\b(?:no need to|without|don't|do not) ask(?:ing)?\b)[.!]*",
    re.IGNORECASE,
)
SIGNS = " \t\n.,;:!?…-–—✅☑👍🙏😊🙂"


def strip_openings(clause: str) -> str:
    """The clause without polite or connecting words before it; may be empty."""
    rest = clause.lstrip(SIGNS)
    while (end := _opening_end(rest)) is not None:
        rest = rest[end:].lstrip(SIGNS)
    return rest


def strip_closings(clause: str) -> str:
    """The clause without polite words and signs after it; may be empty."""
    rest = clause.rstrip(SIGNS)
    while (start := _closing_start(rest)) is not None:
        rest = rest[:start].rstrip(SIGNS)
    return rest


def _opening_end(text: str) -> int | None:
    match = OPENINGS.match(text)
    if match is not None and not text[match.end() : match.end() + 1].isalnum():
        is_word = text[match.end() : match.end() + 1] not in ("'", "-")
        return match.end() if is_word else None
    match = OPENINGS_BEFORE_A_SIGN.match(text)
    if match is not None and text[match.end() : match.end() + 1] in tuple(",.!…"):
        return match.end()
    return None


def _closing_start(text: str) -> int | None:
    """Where the polite words at the end begin: at the start, or after a blank or comma."""
    words = text.split(" ")
    for count in range(min(7, len(words)), 0, -1):
        tail = " ".join(words[-count:])
        if CLOSINGS.fullmatch(tail):
            return len(text) - len(tail)
    return None
