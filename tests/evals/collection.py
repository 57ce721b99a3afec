"""All cases, by category: the modules of `cases/`."""

import importlib
import pkgutil
from collections.abc import Sequence

from tests.evals import cases
from tests.evals.case import Case


def all_cases(categories: Sequence[str] = ()) -> list[tuple[str, Case]]:
    """The cases with their categories; of some categories only, when any are given.

    Raises: KeyError: no such category.
    """
    known = {module.name: module.name for module in pkgutil.iter_modules(cases.__path__)}
    chosen = [known[category] for category in categories] or sorted(known)
    return [
        (category, case)
        for category in chosen
        for case in importlib.import_module(f"{cases.__name__}.{category}").CASES
    ]
