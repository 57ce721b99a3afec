"""The notation of sentence templates."""

import pytest
from gemini_simulator.language.grammar import (
    LONGEST_CLAUSE_FOR_TWO_SLOTS,
    Slots,
    compile_template,
    rule,
)
from gemini_simulator.language.intents import Complete, Delete, Pronoun

MATCHES = {
    "delete {x}": (["delete milk", "Delete the milk", "DELETE  milk"], ["delete", "undelete milk"]),
    "mark {x} as (done|complete)": (
        ["mark milk as done", "mark a b as complete"],
        ["mark milk as", "mark milk done"],
    ),
    "[please] stop": (["stop", "please stop"], ["pleasestop", "please"]),
    "stop [now]": (["stop", "stop now"], ["stop ", "stopnow"]),
    "stop [right] [now]": (["stop", "stop now", "stop right", "stop right now"], ["stopright"]),
    "a [b] [c] d": (["a d", "a b d", "a c d", "a b c d"], ["a bd", "ad"]),
    "(very|so)* good": (["good", "very good", "so very good"], ["verygood", "very"]),
    "{x}[,] please": (["milk, please", "milk please"], ["milk,please"]),
    "[the] <task>": (["task", "the to-do item"], ["the", "taskforce"]),
    "a -> b": (["a -> b"], ["a b"]),
    "first {n=<number>}": (["first 2", "first second"], ["first milk"]),
    "a\n   b": (["a b"], ["ab"]),
}


@pytest.mark.parametrize("template", MATCHES)
def test_template_matches_whole_clauses_only(template: str) -> None:
    pattern = compile_template(template)
    fitting, others = MATCHES[template]
    assert [clause for clause in fitting if not pattern.fullmatch(clause)] == []
    assert [clause for clause in others if pattern.fullmatch(clause)] == []


def test_unknown_word_is_an_error() -> None:
    with pytest.raises(KeyError):
        compile_template("<nonsense>")


def test_stray_bracket_is_an_error() -> None:
    with pytest.raises(ValueError, match="not a template"):
        compile_template("delete {x")


def test_template_in_which_all_may_be_left_out_is_an_error() -> None:
    with pytest.raises(ValueError, match="must be there"):
        compile_template("[a] [b]")


def test_slots_are_given_without_blanks_and_empty_when_left_out() -> None:
    seen: list[dict[str, str]] = []

    def keep(slots: Slots) -> Delete:
        seen.append(dict(slots))
        return Delete(Pronoun())

    read = rule("put {x} [on {y}]", keep)
    read.read("put  the milk  on  ice")
    read.read("put milk")
    assert seen == [{"x": "the milk", "y": "ice"}, {"x": "milk", "y": ""}]


def test_rule_that_declines_leaves_the_clause_to_others() -> None:
    assert rule("{x}", lambda _: None).read("anything") is None


def test_two_slots_are_not_tried_on_very_long_clauses() -> None:
    long = "a " * LONGEST_CLAUSE_FOR_TWO_SLOTS
    one, two = rule("{x}", lambda _: Complete(Pronoun())), rule("{x} a {y}", lambda _: Pronoun())
    assert one.read(long) is not None
    assert two.read(long) is None
