"""Law 6's snapshots show what they are there to show: each kind of memory, planted."""

import functools
import sys
from types import ModuleType

import pytest

from tests.laws.process_state import StateInspector, difference

MEMORIES = {
    "a dict": ("seen = {}", "seen['x'] = 1"),
    "a list in a dict": ("seen = {'x': []}", "seen['x'].append(1)"),
    "a set": ("seen = set()", "seen.add(1)"),
    "a counter": ("count = 0", "globals().__setitem__('count', 1)"),
    "a name that was rebound": ("last = object()", "globals().__setitem__('last', object())"),
    "an attribute of a class": ("class A:\n    last = None", "A.last = 1"),
    "an object": ("class A:\n    pass\na = A()", "a.last = 1"),
    "an object with slots": ("class A:\n    __slots__ = ('x',)\na = A()", "a.x = 1"),
    "a default argument": ("def f(seen=[]):\n    seen.append(1)", "f()"),
    "a closure": (
        "def make():\n    seen = []\n    return lambda: seen.append(1)\nf = make()",
        "f()",
    ),
    "an attribute of a function": ("def f():\n    pass", "f.calls = 1"),
    "a cache": ("from functools import cache\n@cache\ndef f(x):\n    return x", "f(1)"),
    "a deque": ("from collections import deque\nseen = deque()", "seen.append(1)"),
}


@pytest.mark.parametrize(("code", "request_"), MEMORIES.values(), ids=MEMORIES.keys())
def test_memory_is_seen(monkeypatch: pytest.MonkeyPatch, code: str, request_: str) -> None:
    module = ModuleType("planted")
    monkeypatch.setitem(sys.modules, "planted", module)
    exec(code, vars(module))
    inspector = StateInspector(["planted"], {})
    before = inspector.snapshot()
    assert difference(before, inspector.snapshot()) == {}

    exec(request_, vars(module))

    assert difference(before, inspector.snapshot()) != {}


def test_configuration_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("planted")
    monkeypatch.setitem(sys.modules, "planted", module)
    exec("class Keys:\n    pass\nkeys = Keys()", vars(module))
    inspector = StateInspector(["planted"], {"Keys": "the keys are configuration"})
    before = inspector.snapshot()

    exec("keys.loaded = True", vars(module))

    assert difference(before, inspector.snapshot()) == {}


def test_caches_of_functools_are_what_is_looked_for() -> None:
    """The inspector names a private class of functools; here it would show that it is gone."""
    assert isinstance(functools.cache(len), functools._lru_cache_wrapper)


def test_object_that_no_module_names_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("planted")
    monkeypatch.setitem(sys.modules, "planted", module)
    exec("class Turns:\n    def __init__(self):\n        self.seen = []", vars(module))
    somewhere_else = [vars(module)["Turns"]()]
    inspector = StateInspector(["planted"], {})
    before = inspector.snapshot()

    somewhere_else[0].seen.append(1)

    assert list(difference(before, inspector.snapshot()).values()) == [(None, "1")]
