"""Which tests may run beside which: those of one stack stay on one xdist worker.

pytest-xdist has marks for this (`xdist_group`), which 3.8.0 loses under pytest 9.2.0: it writes
them into an attribute that is no longer there. A scheduler is told the ids, and needs nothing else.
"""

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped] # ships no types
from xdist.workermanage import WorkerController  # type: ignore[import-untyped] # as above

OWN_STACK = frozenset({"docs", "faults", "evals", "load", "people"})
"""Folders of tests that start a stack of their own; all others share one."""

NO_STACK = frozenset({"chart"})
"""Folders of tests that start none: their files may run beside each other."""


BEGUN_FIRST = "people"
"""Its few tests wait for minutes: at the end, where xdist puts the shortest lane, nothing would run
beside them."""


def lane_of(nodeid: str) -> str:
    """The lane of a test: its file where there is no stack, its folder if that has its own, or all.

    Args: nodeid: as pytest writes it, "tests/<folder>/<file>::<test>".
    """
    folder = nodeid.removeprefix("tests/").partition("/")[0]
    if folder in NO_STACK:
        return nodeid.partition("::")[0]
    return folder if folder in OWN_STACK else "shared"


class OneWorkerPerStack(LoadScopeScheduling):  # type: ignore[misc] # as above
    """Gives each lane as a whole to one worker, so that no stack is started twice."""

    def _split_scope(self, nodeid: str) -> str:
        return lane_of(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        if BEGUN_FIRST in self.workqueue:
            self.workqueue.move_to_end(BEGUN_FIRST, last=False)
        super()._assign_work_unit(node)
