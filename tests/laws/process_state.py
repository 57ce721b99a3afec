"""Everything that a process could remember: its modules, and every living object of our classes.

A snapshot maps the path of each value to what it looks like. Two snapshots that are alike mean
that nothing was remembered in between. Values of other libraries are seen by identity, unless they
are containers: a dict, list, set or cache is looked into, whoever made it.

Objects that come and go are not compared, only those that outlive a request: a database connection
that was opened during a request keeps that request's context variables alive as long as it lives
(asyncio hands each callback a copy of the context), and nobody reads them.
"""

import functools
import gc
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

PLAIN = (str, bytes, int, float, complex, bool, type(None))
MAX_DEPTH = 40

Snapshot = Mapping[str, Mapping[str, str]]
"""Module or object → path below it → what is there."""


def modules_of(packages: Sequence[str]) -> dict[str, ModuleType]:
    """The loaded modules of some packages."""
    return {
        name: module
        for name, module in sorted(sys.modules.items())
        if name.partition(".")[0] in packages
    }


class StateInspector:
    """Describes what is reachable.

    Args: packages: whose modules are ours, and whose objects are looked into. configuration: names
        of classes whose objects may change, because they hold configuration or are resources of the
        process; each needs a reason where the inspector is made.
    """

    def __init__(self, packages: Sequence[str], configuration: Mapping[str, str]) -> None:
        self._packages = tuple(packages)
        self._configuration = frozenset(configuration)
        self._seen: list[object] = []
        """Kept alive: an address that is given out again would look like a changed object."""

    def snapshot(self) -> Snapshot:
        """Describe the packages' modules, and every object of their classes that still lives."""
        found: dict[str, dict[str, str]] = {}
        for name, module in modules_of(self._packages).items():
            members = (item for item in vars(module).items() if not item[0].startswith("__"))
            found[name] = self._described((f".{member}", value) for member, value in members)
        gc.collect()
        alive = gc.get_objects()
        ours = {kind for kind in {type(thing) for thing in alive} if self._is_ours(kind.__module__)}
        for thing in alive:
            if type(thing) in ours and not self._may_change(thing):
                found[_name(thing)] = self._described(self._children(thing))
                self._seen.append(thing)
        return found

    def _described(self, children: Iterable[tuple[str, Any]]) -> dict[str, str]:
        found: dict[str, str] = {}
        for path, child in children:
            self._look(path, child, found, frozenset())
        return found

    def _look(self, path: str, value: Any, found: dict[str, str], above: frozenset[int]) -> None:
        """Describe a value and what it contains; an object of ours has a place of its own."""
        if isinstance(value, ModuleType | BuiltinFunctionType) or self._may_change(value):
            return
        found[path] = repr(value) if isinstance(value, PLAIN) else _name(value)
        if isinstance(value, PLAIN) or id(value) in above or self._is_ours(type(value).__module__):
            return
        if len(above) > MAX_DEPTH:
            raise RecursionError(f"{path} is deeper than {MAX_DEPTH}")
        for name, child in self._children(value):
            self._look(f"{path}{name}", child, found, above | {id(value)})

    def _may_change(self, value: object) -> bool:
        return type(value).__name__ in self._configuration

    def _children(self, value: Any) -> Iterator[tuple[str, Any]]:
        if isinstance(value, Mapping):
            yield from ((f"[{key!r}]", child) for key, child in list(value.items()))
        elif isinstance(value, Sequence):
            yield from ((f"[{position}]", child) for position, child in enumerate(value))
        elif isinstance(value, Set):
            yield "{}", repr(sorted(repr(child) for child in value))
        elif isinstance(value, functools._lru_cache_wrapper):
            if self._is_ours(value.__wrapped__.__module__):
                yield ".cached", value.cache_info().currsize
        elif isinstance(value, FunctionType):
            if self._is_ours(value.__module__):
                yield from self._function(value)
        elif isinstance(value, type):
            if self._is_ours(value.__module__):
                yield from _members(vars(value))
        elif self._is_ours(type(value).__module__):
            yield from _members(getattr(value, "__dict__", {}))
            yield from _slots(value)

    def _function(self, function: FunctionType) -> Iterator[tuple[str, Any]]:
        yield ".defaults", function.__defaults__
        yield ".keyword_defaults", function.__kwdefaults__
        yield from _members(vars(function))
        for position, cell in enumerate(function.__closure__ or ()):
            yield f".cell{position}", cell.cell_contents

    def _is_ours(self, module: object) -> bool:
        return isinstance(module, str) and module.partition(".")[0] in self._packages


def _name(value: object) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}@{id(value):x}"


def _members(members: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, child in list(members.items()):
        if not (name.startswith("__") and name.endswith("__")) and not name.startswith("_abc_"):
            yield f".{name}", child


def _slots(value: Any) -> Iterator[tuple[str, Any]]:
    for kind in type(value).__mro__:
        slots = vars(kind).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if hasattr(value, name):
                yield f".{name}", getattr(value, name)


def difference(before: Snapshot, after: Snapshot) -> dict[str, tuple[str | None, str | None]]:
    """What changed in the modules and objects that are on both snapshots."""
    return {
        f"{root}{path}": (before[root].get(path), after[root].get(path))
        for root in sorted(before.keys() & after.keys())
        for path in sorted({*before[root], *after[root]})
        if before[root].get(path) != after[root].get(path)
    }
