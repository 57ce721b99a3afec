"""Near words, stems, and tidied text."""

import pytest
from gemini_simulator.language.politeness import strip_closings, strip_openings
from gemini_simulator.language.spelling import are_near, distance, mend_nouns, readings
from gemini_simulator.language.text import Quotations, tidy
from gemini_simulator.language.words import content_stems, is_past_of_task, share_found, stem


@pytest.mark.parametrize(
    ("a", "b", "slips"),
    [("list", "list", 0), ("lsit", "list", 1), ("lis", "list", 1), ("lost", "list", 1)],
)
def test_distance_counts_slips(a: str, b: str, slips: int) -> None:
    assert distance(a, b, 2) == distance(b, a, 2) == slips


def test_distance_stops_at_its_limit() -> None:
    assert distance("abcdefgh", "stuvwxyz", 2) == 3


@pytest.mark.parametrize(
    ("a", "b"), [("anual", "annual"), ("kitchn", "kitchen"), ("appointmnet", "appointment")]
)
def test_near_words(a: str, b: str) -> None:
    assert are_near(a, b)


@pytest.mark.parametrize(("a", "b"), [("cat", "cut"), ("mom", "tom"), ("milk", "mill pond")])
def test_short_or_other_words_are_not_near(a: str, b: str) -> None:
    assert not are_near(a, b)


@pytest.mark.parametrize(
    "words",
    [
        "call calls called calling",
        "buy buys buying bought",
        "clean cleaned cleaning cleans",
        "plan planned planning",
        "write writes writing wrote",
        "finish finished finishing finishes",
        "party parties",
    ],
)
def test_forms_of_a_word_have_one_stem(words: str) -> None:
    assert len({stem(word) for word in words.split()}) == 1


def test_telling_words_only() -> None:
    assert content_stems("the task about calling my mom") == content_stems("call mom")
    assert content_stems("the") == ["the"]


def test_share_of_words_found() -> None:
    wanted = content_stems("annual raport")
    assert share_found(wanted, "write the annual report") == 1
    assert share_found(wanted, "write the report") == 0.5
    assert share_found(wanted, "call mom") == 0


@pytest.mark.parametrize("verb", ["bought", "cleaned", "paid", "sent"])
def test_past_of_a_task(verb: str) -> None:
    assert is_past_of_task(verb)


@pytest.mark.parametrize("verb", ["wanted", "loved", "need", "feed", "put", "decided", "speed"])
def test_no_past_of_a_task(verb: str) -> None:
    assert not is_past_of_task(verb)


def test_typing_errors_are_mended_from_the_front() -> None:
    assert next(readings("delte the list for lisa")) == "delete the list for lisa"
    assert list(readings("delete the milk")) == []
    assert mend_nouns("a taks and my taks") == "a task and my tasks"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("hey, could you please add milk", "add milk"),
        ("Hi there! I'd like to see my list", "see my list"),
        ("ok so then delete it", "delete it"),
        ("next week's plan", "next week's plan"),
        ("first one", "first one"),
        ("First, add milk", "add milk"),
        ("nothing", "nothing"),
        ("Also-ran list", "Also-ran list"),
    ],
)
def test_polite_openings_go(said: str, meant: str) -> None:
    assert strip_openings(said) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("add milk please!", "add milk"),
        ("add milk, thanks a lot", "add milk"),
        ("add milk if you can, thank you.", "add milk"),
        ("send a thank you", "send a"),
    ],
)
def test_polite_closings_go(said: str, meant: str) -> None:
    assert strip_closings(said) == meant


def test_invisible_signs_and_foreign_quotes_are_tidied() -> None:
    assert tidy("  add\u200b  ‘milk’\u00a0now \ue000 \n\n x") == "add 'milk' now\n\nx"


@pytest.mark.parametrize("text", ['"a b"', "“a b”", "'a b'", "„a b“", "«a b»"])
def test_quotations_are_one_sign_and_come_back(text: str) -> None:
    quotations = Quotations()
    protected = quotations.protect(f"add {text} now")
    assert len(protected) == len("add x now")
    assert quotations.restore(protected) == "add a b now"


def test_apostrophes_are_no_quotes() -> None:
    assert Quotations().protect("Tom's and Ana's list") == "Tom's and Ana's list"
