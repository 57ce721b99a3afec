"""Words around a request that carry no meaning: greetings, "could you", "please", "thanks"."""

import re

OPENINGS = re.compile(
    r"""^(?:
      please|pls|plz|kindly|hey+|hi+|hiya|hello|yo|ok(?:ay)?|so|and|also|then|now|well|um+|uh+|oh|
      right|alright|cool|great|perfect|awesome|nice|thanks|thank\ you|thx|good\ (?:morning|afternoon|evening)|
      can\ you|could\ you|would\ you(?:\ mind)?|will\ you|can\ u|could\ u|can\ i|could\ i|may\ i|
      can\ we|could\ we|you\ can|you\ could|
      i\ want\ you\ to|i'?d\ like\ you\ to|i\ would\ like\ you\ to|i\ need\ you\ to|
      i'?d\ like\ to|i\ would\ like\ to|i\ want\ to|i\ wanna|i'?d\ love\ to|i'?d\ love\ it\ if\ you\ could|
      i\ think\ (?:you|we|i)\ (?:can|should|could)|you\ should|
      let'?s|let\ me|go\ ahead\ and|just|maybe|perhaps|actually|quickly|quick\ one|first(?:\ of\ all)?(?=,)|next(?=,)|
      finally|lastly|after\ that|afterwards|in\ addition|additionally|plus|
      help\ me(?:\ to)?|do\ me\ a\ favou?r(?:\ and)?|be\ so\ kind\ as\ to|if\ you\ (?:can|could|don'?t\ mind)|
      when\ you\ (?:get|have)\ a\ (?:chance|moment|minute|second|sec)|
      there|assistant|gemini|buddy|friend|mate|bot|for\ me|real\ quick|by\ the\ way|btw|again|
      go\ on\ and|feel\ free\ to|make\ sure\ (?:to|you)|be\ sure\ to|hmm+|ah+|ooh?|yes|yep|yeah|sure|wait(?=[,.!…-])|no(?=[,.!])
    )(?:[,!.:…-]+\s*|\s+|$)""",
    re.IGNORECASE | re.VERBOSE,
)
CLOSINGS = re.compile(
    r"""(?:^|[,\s]+)(?:
      please|pls|plz|thanks(?:\ a\ lot|\ so\ much|\ in\ advance)?|thank\ you(?:\ so\ much|\ very\ much)?|thx|ty|
      for\ me|if\ you\ (?:can|could|don'?t\ mind)|will\ you|would\ you|could\ you|can\ you|ok(?:ay)?|
      when\ you\ (?:get|have)\ a\ (?:chance|moment|minute|second|sec)|my\ friend|buddy|mate|cheers|
      real\ quick|now\ please|lol|haha
    )$""",
    re.IGNORECASE | re.VERBOSE,
)
PUNCTUATION = " \t\n.,;:!?…-–—"


def strip_openings(clause: str) -> str:
    """The clause without polite or connecting words before it; may be empty."""
    stripped = clause.lstrip(PUNCTUATION + "✅☑️👍🙏")
    while match := OPENINGS.match(stripped):
        stripped = stripped[match.end() :].lstrip(PUNCTUATION)
    return stripped


def strip_closings(clause: str) -> str:
    """The clause without polite words and punctuation after it; may be empty."""
    stripped = clause.rstrip(PUNCTUATION + "🙏😊🙂👍")
    while match := CLOSINGS.search(stripped):
        stripped = stripped[: match.start()].rstrip(PUNCTUATION)
    return stripped
