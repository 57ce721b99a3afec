"""Words that the templates share, in the notation of grammar.py."""

from collections.abc import Mapping

VOCABULARY: Mapping[str, str] = {
    # Things
    "task": "(to do|to-do|todo) [task|item]|task|item|entry|reminder",
    "tasks": """(to do|to-do|todo) (tasks|items|entries)|tasks|to-dos|to dos|todos|items|entries|
        reminders|to do's|chores|errands""",
    "one": "<task>|one|thing",
    "ones": "<tasks>|ones|things|stuff",
    "list": "[task|to-do|to do|todo|shopping|grocery] (list|lists)|tasks|to-dos|todos|todo|agenda",
    "my": "my|the|our|that|this|your",
    "from_list": "(from|off|of|off of|out of|in|on) [of] <my> <list>",
    "description": "description|descriptions|note|notes|detail|details|comment|comments|desc|info",
    "task_noun": "<tasks>|<one>|<ones>",
    "determiner": """a|an|the|my|me|some|this|these|those|following|another|more|few|couple|
        couple of|of|both|all|new|next|quick|little|simple|separate|additional|extra|different|
        same|also|<cardinal>|<digits>""",
    "determiners": "<determiner> (<determiner>)*",
    "as_tasks": """as (separate|individual|different|single) <tasks>|as (one|a single|a) <task>""",
    # Status
    "completed": """[already] (completed|complete|finished|done|checked off|checked-off|ticked off|
        ticked-off|crossed off|closed)""",
    "pending": """[still] (pending|open|unfinished|incomplete|outstanding|remaining|uncompleted|
        undone|active|left|left over|not [yet] (done|complete|completed|finished))""",
    "status": "<completed>|<pending>",
    "not_done": """not [yet] (done|complete|completed|finished)|undone|incomplete|uncompleted|
        pending|open|unfinished|outstanding|todo|to do|unticked|unchecked""",
    "after_all": "after all|anymore|any more|again",
    "done": "all done|done|complete|completed|finished|finish|off",
    # Numbers
    "cardinal": "one|two|three|four|five|six|seven|eight|nine|ten",
    "digits": "1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20|21|22|23|24|25|30|40|50",
    "several": "two|three|four|five|six|2|3|4|5|6",
    "ordinal": """second to last|second last|first|second|third|fourth|fifth|sixth|seventh|eighth|
        ninth|tenth|last|final|bottom|top|1st|2nd|3rd|4th|5th|6th|7th|8th|9th|10th""",
    "number": "<ordinal>|#<digits>|<digits>",
    "numbers": "<number>|(<number>[,]|<number>,|and|or|&|the|number|task|<number>)*",
    # Joints
    "to": "to be|to say|to read|to|into|as|with|so it says|so that it says|=|->|→|:",
    "says": "saying that|that says|which says|saying|with the text|that|of|to say|as|:|-|—|=",
    # People and time
    "i_have": "i've|i have|i had|we've|we have|i|we",
    "when": """now|already|today|tonight|yesterday|this morning|this afternoon|this week|last night|
        earlier|earlier today|just now|finally|so far|yet|recently|at the moment|right now|again|
        too|as well|on my way home|in total|overall|for today|for now|tomorrow|next|first""",
    "day": """[on|next|this] (today|tomorrow|tonight|monday|tuesday|wednesday|thursday|friday|
        saturday|sunday|week|weekend|month) [morning|noon|afternoon|evening|night]|
        (this|in the) (morning|afternoon|evening)|later""",
    # Asking
    "ask": """(show|list|display|see|view|print|get|fetch|pull up|bring up|read|read out|read back|
        look at|check|give|tell|go through|go over|run through|recap|summarize|summarise|list out|
        name|enumerate|what's|whats|what is|what are|what|which|where is|where's|where are|
        how about|remind me of|remind me about|remind me|open) [me|us]""",
    "have": "do i have|have i got|is there|are there|do we have|i have",
    "own": """all|of|the|my|our|me|us|every|each|any|whole|entire|full|current|currently|only|
        just|again|up|out|through|overview|summary|an|a|names|titles|list|complete list|new|to""",
    "tail": """<from_list>|i have|do i have|have i got|i've got|there are|are there|there is|
        of mine|in order|again|<when>|are there for me|for me|do i have left|have""",
    "question": """what|what's|whats|what is|what are|which|which <ones>|which ones|which of them|
        what <ones>|what else|what things|what all""",
    "any": """anything|is there anything|is anything|is something|is there something|
        do i have anything|have i got anything|are there any <ones>|do i have any <ones>|
        have i got any <ones>|is there|are there any|how much|do i|is everything|any <ones>""",
    "finish": """do|done|finish|finished|complete|completed|accomplish|accomplished|achieve|
        achieved|get done|got done|gotten done|check off|checked off|tick off|ticked off|
        cross off|crossed off|manage|managed""",
}
