"""Talk that is about no task."""

import re
from collections.abc import Mapping

from gemini_simulator.language.grammar import compile_template
from gemini_simulator.language.intents import Talk, TalkKind

PHRASES: Mapping[TalkKind, str] = {
    "never_mind": """never mind [that|it|then]|nevermind [that|it]|forget (it|about it)|cancel|stop|
        none [of (them|these|those)]|neither [of them]|nothing|skip it|let it be|
        no[,] (never mind|nevermind|forget it|leave it|none)|leave (it|them) [alone|as is|there]|
        don't [do (it|that|anything)]""",
    "yes": """yes|y|yep|yeah|yup|ya|sure [thing]|ok|okay|(ok|okay) (do it|then)|of course|
        please [do]|go ahead|(do it|do that)|absolutely|definitely|correct|right|exactly|
        that's right|sounds good|why not|confirm|confirmed|i'm sure|im sure|
        (yes|yeah|yep|sure|ok|okay)[,] (please|do it|go ahead|do that|add it|i'm sure|do|
        please do|delete (it|them)|all of them|you can)""",
    "no": """no|n|nope|nah|no[,] (thanks|thank you|thx|don't|not now|please don't)|not now|not yet|
        not really|don't add it""",
    "how_are_you": """[hi|hey|hello|hi,|hey,|hello,] (how's it going|how is it going|
        how are you [doing] [today]|how do you do|what's up|whats up|sup|how have you been|you ok|
        are you (ok|well|there)|how's your day [going])""",
    "thanks": """[ok|okay|great|perfect|cool|awesome|nice|ok,|great,|perfect,|cool,] [many]
        (thanks|thank you|thx|ty|cheers|much appreciated|i appreciate it|appreciate it)
        (a lot|so much|very much|again|a bunch|buddy|mate|man|for everything|for that|for now|
        for (your|the|all the|all your) help)*""",
    "bye": """[ok|okay] (goodbye|good bye|bye [bye]|see (you|ya) [later|soon|tomorrow]|cya|later|
        good night|goodnight|that's all [for (now|today)]|that is all|that will be all|i'm off|
        talk [to you] later|have a (nice|good|great) (day|one|evening|night|weekend))""",
    "who": """(who|what) are you|what's your name|what is your name|introduce yourself|
        who (made|built|created) you|which model are you|
        are you (human|real|gemini|chatgpt|a (human|robot|bot|real person|person)|an ai|a bot)""",
    "help": """[can you|i need|i need some|how can you|could you] help [me] [please]|
        what can you do [for me]|what do you do|how does (this|it) work|how do i use (this|it|you)|
        how do you work|what are (you able to do|your (capabilities|features|commands|options))|
        what can i (do|say|ask) [here]|commands|options|menu|instructions|what's possible""",
    "praise": """[ok|okay] (ok|okay|k|cool|great|nice|awesome|perfect|excellent|good|fine|
        wonderful|amazing|brilliant|lovely|sweet|got it|alright|all right|super|wow|yay|fantastic|
        neat|very good|well done|(good|great|nice) (job|work|bot)|understood|i see|makes sense|
        interesting|lol|haha|hm|hmm|you're (the best|great|awesome|amazing|so helpful)|
        (that's|it's|that is) (great|perfect|good|nice|cool|fine|awesome|helpful|it)|
        i (like|love) (it|this|that|you))""",
    "sorry": """[oh|oops|oh,|oops,] [i'm|im] [so] sorry [about that]|my bad|oops|whoops|my mistake|
        excuse me|pardon""",
    "joke": """(tell me|say|do you know|know|got) [a|another|any|some] [good|funny]
        (joke|jokes|something funny)|make me laugh""",
    "greeting": """(hi|hey|hello|hiya|yo|howdy|greetings|good (morning|afternoon|evening|day)|hola|
        heya|hii|heyy|helloo)[,] (there|everyone|again|gemini|assistant|bot|friend|you|my friend)*|
        hi|hey|hello|test|testing|ping|anyone there""",
}
PATTERNS = {kind: compile_template(phrases) for kind, phrases in PHRASES.items()}
OFF_TOPIC = compile_template(
    """(what|who|where|when|why|how|which|what's|who's|where's|how's|whats) {rest}|
    (tell me a story|tell me about|write me|write a|translate|calculate|sing|recommend|suggest|
    explain|book me|order me|define) {order}|
    (is|are|do|does|did|can|could|will|would|should) (you|we|they|there|the|it|i|he|she) {asked}"""
)
PAUSE = re.compile(r"[,.!;?]+\s+")
SUM = re.compile(r"[\d\s().+*/x-]+=?")
SIGNS = " \n.,!?…;:-)(🙂😊👍🙏😀"


def read_small_talk(clause: str) -> Talk | None:
    """Small talk, when the whole clause is nothing else."""
    text = clause.strip(SIGNS)
    kind = _kind(text)
    if kind is None:
        kinds = [_kind(part) for part in PAUSE.split(text)]
        kind = kinds[-1] if all(kinds) else None  # "thanks, bye"
    return Talk(kind) if kind else None


def _kind(text: str) -> TalkKind | None:
    return next((kind for kind, known in PATTERNS.items() if known.fullmatch(text)), None)


def read_off_topic(clause: str) -> Talk | None:
    """A question or order that has nothing to do with tasks, asked after everything else failed."""
    text = clause.strip(SIGNS)
    is_sum = len(text) > 2 and SUM.fullmatch(text)
    return Talk("off_topic") if is_sum or OFF_TOPIC.fullmatch(text) else None
