"""Everything that a process could remember: what is reachable from modules and from an app.

A photograph maps the path of each reachable value to what it looks like. Two photographs that are
alike mean that nothing was remembered in between. Values of other libraries are seen by identity,
unless they are containers: a dict, list, set or cache is looked into, whoever made it.
"""

import functools
import sys
from collections.abc import Iterator, Mapping, Sequence, Set
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

PLAIN = (str, bytes, int, float, complex, bool, type(None))
MAX_DEPTH = 12

Photograph = Mapping[str, str]


def modules_of(packages: Sequence[str]) -> dict[str, ModuleType]:
    """The loaded modules of some packages."""
    return {
        name: module
        for name, module in sorted(sys.modules.items())
        if name.partition(".")[0] in packages
    }


class Camera:
    """Photographs what is reachable.

    Args: packages: whose modules are ours, and whose objects are looked into. configuration: names
        of classes whose objects may change, because they hold configuration or are resources of the
        process; each needs a reason where the camera is made.
    """

    def __init__(self, packages: Sequence[str], configuration: Mapping[str, str]) -> None:
        self._packages = tuple(packages)
        self._configuration = frozenset(configuration)

    def photograph(self, **roots: object) -> Photograph:
        """Photograph the packages' modules and some further roots."""
        seen: dict[int, str] = {}
        found: dict[str, str] = {}
        for name, module in modules_of(self._packages).items():
            for member, value in sorted(vars(module).items()):
                if not member.startswith("__"):
                    self._look(f"{name}.{member}", value, seen, found, 0)
        for name, root in roots.items():
            self._look(name, root, seen, found, 0)
        return found

    def _look(
        self, path: str, value: Any, seen: dict[int, str], found: dict[str, str], depth: int
    ) -> None:
        if isinstance(value, PLAIN):
            found[path] = repr(value)
            return
        kind = type(value)
        if isinstance(value, ModuleType | BuiltinFunctionType) or kind.__name__ in (
            self._configuration
        ):
            return
        if id(value) in seen:
            found[path] = f"see {seen[id(value)]}"
            return
        seen[id(value)] = path
        if depth > MAX_DEPTH:
            raise RecursionError(f"{path} is deeper than {MAX_DEPTH}")
        found[path] = f"{kind.__module__}.{kind.__qualname__} at {id(value):x}"
        for name, child in self._children(value):
            self._look(f"{path}{name}", child, seen, found, depth + 1)

    def _children(self, value: Any) -> Iterator[tuple[str, Any]]:
        if isinstance(value, Mapping):
            yield from ((f"[{key!r}]", child) for key, child in list(value.items()))
        elif isinstance(value, Sequence):
            yield from ((f"[{position}]", child) for position, child in enumerate(value))
        elif isinstance(value, Set):
            yield "{}", sorted(repr(child) for child in value)
        elif isinstance(value, functools._lru_cache_wrapper):
            yield ".cached", value.cache_info().currsize
            yield ".wrapped", value.__wrapped__
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

    def _is_ours(self, module: str | None) -> bool:
        return (module or "").partition(".")[0] in self._packages


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


def difference(before: Photograph, after: Photograph) -> dict[str, tuple[str | None, str | None]]:
    """What one photograph shows and the other does not."""
    return {
        path: (before.get(path), after.get(path))
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    }
