"""Limits trip breakers, which close by themselves only well below, and never what people opened."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.cases.model import CaseKind, CaseStatus
from shared.cases.store import CaseStore
from shared.kernel.clock import FixedClock
from shared.kernel.errors import NotFound, TemporarilyUnavailable
from shared.kernel.events import Event
from shared.kernel.ids import SequentialIds
from shared.kernel.money import Currency
from shared.ledger.accounts import customers_cash_at_broker, firm_cash_at_broker, fx_position
from shared.ledger.events import EntryPostedV1, Leg
from shared.market_data.breakers import Switches
from shared.market_data.model import Breaker, BreakerState
from shared.market_data.store import MarketStore
from shared.payments.readings import StoredBreakers
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.tables import Database
from shared.platform.work import ConditionFailed, Write
from shared.treasury.errors import LimitStillExceeded
from shared.treasury.keeping import Keeping, Limits
from shared.treasury.limits import FX, PREFUNDING, Limit, LimitSettings
from shared.treasury.recording import HouseRecorder

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
KES, USD, EUR = Currency.KES, Currency.USD, Currency.EUR
SETTINGS = LimitSettings(10_000, 2_000, {KES: 500_000, EUR: 1_000})


class House:
    """The treasury over one database, with people who are funded and currencies that move."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = FixedClock(NOW)
        self.facts = Facts(database, self.clock, SequentialIds("t1", self.clock))
        self.cases = CaseStore(database)
        self.switches = Switches(database)
        self.balances = HouseRecorder(database, self.clock)
        self.limits = self.limits_over(self.facts)
        self.keeping = Keeping(self.balances, self.limits)
        self.seq = 0

    def limits_over(self, facts: Any) -> Limits:
        return Limits(
            self.balances,
            self.switches,
            self.cases,
            facts,
            self.clock,
            SETTINGS,
            pause=lambda _: None,
        )

    def entry(self, kind: str, *legs: tuple[str, str, int]) -> EntryPostedV1:
        self.seq += 1
        return EntryPostedV1(
            owner_id="usr_t1_A",
            chain="USD",
            seq=self.seq,
            kind=kind,
            reference=f"dep_{self.seq}",
            at=self.clock.now(),
            legs=tuple(Leg(account=name, asset=asset, amount=n) for name, asset, n in legs),
        )

    def funded(self, minor: int) -> EntryPostedV1:
        """Cash of the firm became a person's; negative: it was recalled, or replenished."""
        broker = (customers_cash_at_broker(), USD.asset, minor)
        entry = self.entry("DEPOSIT_FUNDED", broker, (firm_cash_at_broker(), USD.asset, -minor))
        self.keeping.posted(entry)
        return entry

    def converted(self, currency: Currency, minor: int) -> None:
        """The firm bought so much of a currency from people."""
        clearing = f"house:gateway_clearing:mpesa:{currency.value}"
        legs = ((clearing, currency.asset, minor), (fx_position(), currency.asset, -minor))
        self.keeping.posted(self.entry("DEPOSIT_SETTLED", *legs))

    def state(self, name: str) -> BreakerState | None:
        breaker = self.switches.read([name]).get(name)
        return None if breaker is None else breaker.state

    def open_cases(self) -> list[dict[str, str]]:
        found = self.cases.listed(CaseStatus.OPEN, kind=CaseKind.LIMIT_REACHED)
        return [dict(case.facts) for case in found]


def test_what_is_forwarded_and_not_replenished_is_at_stake(database: Database) -> None:
    house = House(database)
    # Nothing was put there yet: the whole float is at stake.
    assert house.limits.now()[0] == Limit(PREFUNDING, PREFUNDING, USD, 10_000, 2_000)
    house.funded(-2_000)
    assert house.limits.now()[0].used_minor == 0
    house.funded(3_000)
    house.funded(-1_000)
    assert house.limits.now()[0].used_minor == 2_000
    house.funded(-5_000)
    assert house.limits.now()[0].used_minor == 0
    assert house.state(PREFUNDING) is None


def test_the_limit_itself_is_allowed_and_a_cent_more_stops_funding(database: Database) -> None:
    house = House(database)
    house.funded(8_000)
    assert house.state(PREFUNDING) is None
    house.funded(1)
    assert house.state(PREFUNDING) is BreakerState.OPEN
    assert StoredBreakers(database).is_open("prefunding")
    assert not StoredBreakers(database).is_open("fx")
    assert house.open_cases() == [
        {"breaker": "prefunding", "reason": "LIMIT: prefunding 10001 of 10000"}
    ]


def test_it_closes_by_itself_below_four_fifths_and_not_before(database: Database) -> None:
    house = House(database)
    house.funded(8_001)
    for replenished in (1, 1_999, 1):
        house.funded(-replenished)
        assert house.state(PREFUNDING) is BreakerState.OPEN
    house.funded(-1)
    assert house.limits.now()[0].used_minor == 7_999
    assert house.state(PREFUNDING) is BreakerState.CLOSED
    house.funded(2_001)
    assert house.state(PREFUNDING) is BreakerState.CLOSED
    assert len(house.open_cases()) == 1
    house.clock.advance(timedelta(minutes=1))
    house.funded(1)
    assert house.state(PREFUNDING) is BreakerState.OPEN
    # Another time is another case.
    assert len(house.open_cases()) == 2


@pytest.mark.parametrize("direction", [1, -1])
def test_each_currency_has_a_limit_either_way(database: Database, direction: int) -> None:
    house = House(database)
    house.converted(KES, 500_000 * direction)
    assert house.state(FX) is None
    house.converted(EUR, 1_001 * direction)
    assert house.state(FX) is BreakerState.OPEN
    assert house.open_cases()[0]["reason"] == "LIMIT: fx:EUR 1001 of 1000"
    house.converted(EUR, -1_001 * direction)
    # The other currency is still near its own limit.
    assert house.state(FX) is BreakerState.OPEN
    house.converted(KES, -100_001 * direction)
    assert house.state(FX) is BreakerState.CLOSED
    assert house.state(PREFUNDING) is None


def test_dollars_are_no_position() -> None:
    house = House(MemoryDatabase())
    house.converted(USD, 10**12)
    assert house.state(FX) is None


def test_a_breaker_that_people_opened_is_left_to_them(database: Database) -> None:
    house = House(database)
    stopped = Breaker(PREFUNDING, BreakerState.OPEN, "the broker is down", NOW)
    MarketStore(database).set_breaker(stopped)
    house.funded(9_000)
    house.funded(-9_000)
    assert house.switches.read([PREFUNDING]) == {PREFUNDING: stopped}
    assert house.open_cases() == []


def test_a_duplicate_mends_what_a_crash_left_undecided() -> None:
    house = House(MemoryDatabase())
    entry = house.entry(
        "DEPOSIT_FUNDED",
        (customers_cash_at_broker(), USD.asset, 9_000),
        (firm_cash_at_broker(), USD.asset, -9_000),
    )
    house.balances.record(entry)
    assert house.state(PREFUNDING) is None
    house.keeping.posted(entry)
    assert house.state(PREFUNDING) is BreakerState.OPEN
    assert house.limits.now()[0].used_minor == 11_000
    house.keeping.posted(entry)
    assert len(house.open_cases()) == 1


class Meddled:
    """Somebody else acts just before, or just after, the fact is written."""

    def __init__(self, inner: Facts, before: Any = None, after: Any = None) -> None:
        self.inner, self.before, self.after = inner, before, after

    def commit(self, writes: Sequence[Write], *events: Event) -> None:
        act, self.before = self.before, None
        if act:
            act()
        self.inner.commit(writes, *events)
        act, self.after = self.after, None
        if act:
            act()


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_decision_on_old_balances_is_decided_again(when: str) -> None:
    house = House(MemoryDatabase())

    def replenish() -> None:
        # Another worker counts it, and finds nothing to change (or what is not yet open).
        house.balances.record(
            house.entry(
                "PREFUNDED",
                (firm_cash_at_broker(), USD.asset, 9_000),
                ("house:bank:USD", USD.asset, -9_000),
            )
        )

    limits = house.limits_over(Meddled(house.facts, **{when: replenish}))
    Keeping(house.balances, limits).posted(
        house.entry(
            "DEPOSIT_FUNDED",
            (customers_cash_at_broker(), USD.asset, 9_000),
            (firm_cash_at_broker(), USD.asset, -9_000),
        )
    )
    assert limits.now()[0].used_minor == 2_000
    assert house.state(PREFUNDING) is BreakerState.CLOSED


def test_who_loses_the_race_for_a_breaker_reads_it_again() -> None:
    house = House(MemoryDatabase())
    stopped = Breaker(PREFUNDING, BreakerState.OPEN, "a person was faster", NOW)
    limits = house.limits_over(
        Meddled(house.facts, before=lambda: MarketStore(house.database).set_breaker(stopped))
    )
    entry = house.entry(
        "DEPOSIT_FUNDED",
        (customers_cash_at_broker(), USD.asset, 9_000),
        (firm_cash_at_broker(), USD.asset, -9_000),
    )
    Keeping(house.balances, limits).posted(entry)
    assert house.switches.read([PREFUNDING]) == {PREFUNDING: stopped}
    assert house.open_cases() == []


def test_whoever_never_wins_comes_again_later() -> None:
    house = House(MemoryDatabase())

    class Refusing:
        def commit(self, writes: Sequence[Write], *events: Event) -> None:
            raise ConditionFailed({"breaker:prefunding": None})

    house.balances.record(
        house.entry(
            "DEPOSIT_FUNDED",
            (customers_cash_at_broker(), USD.asset, 9_000),
            (firm_cash_at_broker(), USD.asset, -9_000),
        )
    )
    with pytest.raises(TemporarilyUnavailable):
        house.limits_over(Refusing()).watch()


def test_a_change_of_a_breaker_holds_only_against_what_was_read(database: Database) -> None:
    house = House(database)
    first = Breaker("fx", BreakerState.OPEN, "one", NOW)
    house.facts.commit([house.switches.change(None, first)])
    with pytest.raises(ConditionFailed) as refused:
        house.facts.commit([house.switches.change(None, first)])
    assert set(refused.value.found) == {"breaker:fx"}
    other = Breaker("fx", BreakerState.CLOSED, "two", NOW)
    with pytest.raises(ConditionFailed):
        house.facts.commit([house.switches.change(other, other)])
    house.facts.commit([house.switches.change(first, other)])
    assert house.switches.read(["fx", "prefunding"]) == {"fx": other}


def test_a_currency_that_the_ledger_does_not_keep_is_no_limit() -> None:
    with pytest.raises(ValueError, match="JPY"):
        LimitSettings.of(1, 0, {"JPY": 1})


def reset(house: House, name: str = PREFUNDING) -> list[tuple[str, str]]:
    """Closes a breaker, and what was recorded with it."""
    recorded: list[tuple[str, str]] = []

    def record(before: Breaker, after: Breaker) -> list[Write]:
        recorded.append((before.state.value, after.state.value))
        return []

    house.limits.reset(name, record)
    return recorded


def test_a_person_closes_a_breaker_between_four_fifths_and_the_limit(database: Database) -> None:
    house = House(database)
    house.funded(8_001)
    with pytest.raises(LimitStillExceeded):
        reset(house)
    assert house.state(PREFUNDING) is BreakerState.OPEN
    house.funded(-1)
    assert house.state(PREFUNDING) is BreakerState.OPEN
    assert reset(house) == [("OPEN", "CLOSED")]
    assert house.switches.read([PREFUNDING])[PREFUNDING].reason == "RESET"
    # Again changes nothing and records nothing.
    assert reset(house) == []
    house.clock.advance(timedelta(minutes=1))
    house.funded(1)
    assert house.state(PREFUNDING) is BreakerState.OPEN


def test_a_person_closes_what_a_person_opened() -> None:
    house = House(MemoryDatabase())
    MarketStore(house.database).set_breaker(Breaker(FX, BreakerState.OPEN, "no rates", NOW))
    assert reset(house, FX) == [("OPEN", "CLOSED")]
    assert house.state(FX) is BreakerState.CLOSED


def test_breakers_of_others_are_none_of_the_treasurys() -> None:
    house = House(MemoryDatabase())
    stopped = Breaker("trading", BreakerState.OPEN, "volatility", NOW)
    MarketStore(house.database).set_breaker(stopped)
    with pytest.raises(NotFound):
        reset(house, "trading")
    assert house.switches.read(["trading"]) == {"trading": stopped}


def test_a_refusal_of_those_who_record_a_reset_is_theirs() -> None:
    house = House(MemoryDatabase())
    MarketStore(house.database).set_breaker(Breaker(FX, BreakerState.OPEN, "no rates", NOW))

    class Unauthorised:
        def commit(self, writes: Sequence[Write], *events: Event) -> None:
            raise ConditionFailed({"authority": None})

    with pytest.raises(ConditionFailed) as refused:
        house.limits_over(Unauthorised()).reset(FX, lambda before, after: [])
    assert set(refused.value.found) == {"authority"}
    assert house.state(FX) is BreakerState.OPEN
