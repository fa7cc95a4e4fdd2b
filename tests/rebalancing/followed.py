"""A follower of runs with a calendar that tests set, and what it asks of planning."""

from shared.investing.rebalanced import Mark, mark_key
from shared.kernel.clock import FixedClock
from shared.platform.outbox import Facts
from shared.platform.tables import Database
from shared.rebalancing.following import Follower
from shared.rebalancing.model import Run, RunStatus
from shared.rebalancing.store import RunStore
from tests.rebalancing.conftest import MONDAY, Books

SELLS, BUYS = ("AAAB", "QUAL"), ("MTUM",)


class World:
    """The follower; whatever it asks is in ``asked``."""

    def __init__(self, database: Database, facts: Facts, clock: FixedClock) -> None:
        self.runs, self.asked, self.today = RunStore(database), list[Run](), MONDAY
        self._database = database
        self.follower = Follower(
            self.runs, facts, clock, lambda: self.today, self, lambda number: None
        )

    def ask(self, run: Run) -> None:
        """See Continuations."""
        self.asked.append(run)

    def look(self, books: Books, plan_id: str) -> Run:
        """The run after another look at a plan."""
        run = self.follower.look(books.user, plan_id)
        assert run is not None
        return run

    def sold(self, books: Books) -> Run:
        """A run whose sales were filled, and settle."""
        first = books.plan()
        books.end(first, *SELLS)
        run = self.look(books, first.plan_id)
        assert run.status is RunStatus.SETTLING
        return run

    def mark(self, books: Books) -> Mark | None:
        """What the person's state says."""
        found = self.runs.get(books.user, books.run_id)
        return None if found is None else found[1]

    def marked(self, books: Books) -> bool:
        """Whether the state says anything."""
        key = mark_key(books.user, "")
        return key in self._database.get_many([key])
