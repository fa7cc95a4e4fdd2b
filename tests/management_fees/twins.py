"""A process that may die, a broker that moves the firm's fees, and closing prices."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from shared.kernel.events import Event
from shared.kernel.money import Currency, Money, Price
from shared.management_fees.model import Charge
from shared.management_fees.ports import FeeJournal
from shared.payments.errors import GatewayUnavailable
from shared.payments.ports import JournalRefused, JournalState
from shared.platform.outbox import Facts
from shared.platform.work import Write

USD = Currency.USD


class Crash(RuntimeError):
    """The process died."""


@dataclass
class CrashingFacts:
    """A unit of work that dies before or after its n-th commit."""

    inner: Facts
    die_at: int = 0
    after: bool = False
    commits: int = 0
    events: list[Event] = field(default_factory=list)

    def commit(self, writes: list[Write], *events: Event) -> None:
        self.commits += 1
        if self.commits == self.die_at and not self.after:
            raise Crash
        self.inner.commit(writes, *events)
        self.events += events
        if self.commits == self.die_at:
            raise Crash


@dataclass
class FakeBroker:
    """Moves cash once per key; what it answers is scripted."""

    state: JournalState = JournalState.EXECUTED
    script: list[str] = field(default_factory=list)
    made: dict[str, FeeJournal] = field(default_factory=dict)
    """By key."""
    off_by: int = 0

    def find(self, charge: Charge) -> FeeJournal | None:
        mine = [
            one
            for one in self.made.values()
            if one.charge_id == charge.charge_id and self.state is not JournalState.REJECTED
        ]
        return self._now(mine[0]) if mine else None

    def journal(self, charge: Charge) -> FeeJournal:
        step = self.script.pop(0) if self.script else "ok"
        if step == "refused":
            raise JournalRefused
        if step == "down":
            raise GatewayUnavailable()
        assert charge.account_id is not None
        made = FeeJournal(
            f"journal-{len(self.made)}",
            self.state,
            charge.account_id,
            Money(charge.amount_minor + self.off_by, USD),
            charge.user_id,
            charge.charge_id,
        )
        self.made.setdefault(charge.journal_key, made)
        if step == "lost":
            raise GatewayUnavailable()
        if step == "crash":
            raise Crash
        return self._now(self.made[charge.journal_key])

    def read(self, journal_id: str) -> FeeJournal | None:
        found = [one for one in self.made.values() if one.journal_id == journal_id]
        return self._now(found[0]) if found else None

    def _now(self, one: FeeJournal) -> FeeJournal:
        return replace(one, state=self.state)

    @property
    def moved(self) -> int:
        """Cents that left people's accounts."""
        return sum(one.amount.minor for one in self.made.values())


@dataclass
class Prices:
    """Closing prices by symbol and day; the last known one holds."""

    known: dict[str, dict[date, str]] = field(default_factory=dict)

    def close(self, symbol: str, day: date) -> Price | None:
        until = [each for each in sorted(self.known.get(symbol, {})) if each <= day]
        return Price(Decimal(self.known[symbol][until[-1]]), USD) if until else None
