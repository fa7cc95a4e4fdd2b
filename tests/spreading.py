"""Which worker runs which tests, so that waiting costs no time and nothing is set up more often
than it is worth."""

import os
from typing import Any

from xdist.scheduler import LoadScopeScheduling

JOURNEYS = "tests/journeys/"
TEMPLATES = "tests/infra/"
STACKS = 2
"""So many workers deploy the platform and share its journeys, which wait more than they compute."""
BEHIND = 5
"""How nice all others are: they use the time in which journeys wait, and do not delay them."""


def takes_journeys(worker: str) -> bool:
    """Whether a worker, gw0 and so on, is one of those."""
    return int(worker.removeprefix("gw")) < STACKS


def step_behind(worker: str) -> None:
    """Called in a worker before its tests."""
    if not takes_journeys(worker):
        os.nice(BEHIND)


class Spread(LoadScopeScheduling):
    """Files stay whole, in their order. Journeys go to the first workers only; whoever has none
    left, or takes none, does the rest. All templates are read by one worker, which makes them."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return TEMPLATES if file.startswith(TEMPLATES) else file

    def _next_for(self, node: Any) -> str | None:
        """The first of what waits that suits a worker; its name ends with its number."""
        waiting = [str(scope) for scope in self.workqueue]
        others = [scope for scope in waiting if not scope.startswith(JOURNEYS)]
        journeys = [scope for scope in waiting if scope.startswith(JOURNEYS)]
        suiting = journeys + others if takes_journeys(str(node.gateway.id)) else others
        return suiting[0] if suiting else None

    def _assign_work_unit(self, node: Any) -> None:
        scope = self._next_for(node)
        if scope is not None:
            self.workqueue.move_to_end(scope, last=False)
            super()._assign_work_unit(node)

    def _reschedule(self, node: Any) -> None:
        # A worker runs its last test when it is told that there is no other one.
        if not node.shutting_down and self._next_for(node) is None:
            node.shutdown()
            return
        super()._reschedule(node)
