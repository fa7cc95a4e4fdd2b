"""The worth of each day, unwound from the journal, is what a diary kept day by day would say."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.ids import Kind, SequentialIds, dated
from shared.kernel.money import Currency, Price, Quantity
from shared.ledger import accounts
from shared.ledger.model import Draft, EntryKind, Posting
from shared.management_fees.accruing import DayWorth
from shared.management_fees.worths import Held, changes, daily, day_of

USER = SequentialIds("t1").new(Kind.USER)
FIRST, LAST = date(2026, 2, 1), date(2026, 2, 28)
USD, SHARE = "USD/2", 10**9


class Closes:
    """Prices that rise by a dollar a day; nothing is known of what is not in ``known``."""

    def __init__(self, *known: str) -> None:
        self._known = known

    def close(self, symbol: str, day: date) -> Price | None:
        return Price(Decimal(10 + day.day), Currency.USD) if symbol in self._known else None


def draft(kind: EntryKind, day: date, *legs: tuple[str, str, int], hour: int = 17) -> Draft:
    postings = tuple(Posting(*leg) for leg in legs)
    return Draft(kind, "x", datetime.combine(day, time(hour), UTC), postings)


def paid_in(day: date, minor: int, hour: int = 17) -> Draft:
    mine, other = accounts.customer_cash(USER), accounts.customers_cash_at_broker()
    return draft(EntryKind.DEPOSIT_FUNDED, day, (mine, USD, -minor), (other, USD, minor), hour=hour)


def bought(day: date, symbol: str, nanos: int, minor: int) -> Draft:
    return draft(
        EntryKind.BUY,
        day,
        (accounts.customer_cash(USER), USD, minor),
        (accounts.customers_cash_at_broker(), USD, -minor),
        (accounts.shares_at_broker(), f"{symbol}/9", nanos),
        (accounts.customer_shares(USER), f"{symbol}/9", -nanos),
    )


def worths(held: Held, *drafts: Draft, first=FIRST, last=LAST, closes=None) -> list[DayWorth]:
    found = daily(held, changes(USER, drafts), first, last, closes or Closes("AAAB"))
    return sorted(found, key=lambda one: one.day)


def test_cash_counts_from_the_day_on_which_it_came() -> None:
    found = worths(Held(100), paid_in(date(2026, 2, 3), 100))
    assert [one.minor for one in found] == [0, 0] + [100] * 26
    assert [one.day for one in found] == [FIRST + timedelta(days=n) for n in range(28)]


def test_shares_count_at_the_close_of_each_day_and_weekends_at_the_last_one() -> None:
    class Fridays:
        def close(self, symbol: str, day: date) -> Price | None:
            known = day if day.weekday() < 5 else day - timedelta(days=day.weekday() - 4)
            return Price(Decimal(known.day), Currency.USD)

    held = Held(0, {"AAAB": 2 * SHARE})
    found = worths(held, first=date(2026, 2, 5), last=date(2026, 2, 9), closes=Fridays())
    assert [one.minor for one in found] == [1_000, 1_200, 1_200, 1_200, 1_800]


def test_a_purchase_turns_cash_into_shares_on_its_day() -> None:
    day = date(2026, 2, 10)
    held = Held(50, {"AAAB": 3 * SHARE})
    found = worths(held, bought(day, "AAAB", 3 * SHARE, 6_000))
    before, at = found[8], found[9]
    assert before == DayWorth(day - timedelta(days=1), 6_050)
    assert at == DayWorth(day, 50 + 3 * 20 * 100)


def test_what_came_after_the_last_day_does_not_count() -> None:
    later = paid_in(date(2026, 3, 4), 1_000)
    assert {one.minor for one in worths(Held(1_000), later)} == {0}


def test_an_evening_in_new_york_belongs_to_its_own_day() -> None:
    late = paid_in(date(2026, 2, 11), 100, hour=3)  # 22:00 on the tenth in New York
    found = {one.day: one.minor for one in worths(Held(100), late)}
    assert (found[date(2026, 2, 9)], found[date(2026, 2, 10)]) == (0, 100)


def test_a_split_counts_from_the_day_on_which_prices_change_with_it() -> None:
    ex = date(2026, 2, 17)
    reference = dated(Kind.ACTION, USER, datetime.combine(ex, time(), UTC), "split")
    legs = (
        Posting(accounts.shares_at_broker(), "AAAB/9", SHARE),
        Posting(accounts.customer_shares(USER), "AAAB/9", -SHARE),
    )
    evening = datetime(2026, 2, 13, 21, 30, tzinfo=UTC)  # of the Friday before a long weekend
    booked = Draft(EntryKind.SPLIT, reference, evening, legs)
    assert day_of(booked) == ex

    class Halved:
        def close(self, symbol: str, day: date) -> Price | None:
            return Price(Decimal(50 if day >= ex else 100), Currency.USD)

    found = worths(Held(0, {"AAAB": 2 * SHARE}), booked, closes=Halved())
    assert {one.minor for one in found} == {10_000}


def test_what_is_owed_lowers_the_worth_and_never_below_zero() -> None:
    owes = draft(
        EntryKind.DISPUTE_OPENED,
        date(2026, 2, 10),
        (accounts.receivable(USER), USD, 70),
        (accounts.contested(), USD, -70),
    )
    found = worths(Held(-20), owes)
    assert [one.minor for one in found] == [50] * 9 + [0] * 19


def test_a_symbol_without_any_price_is_named_and_counts_nothing() -> None:
    (found,) = worths(Held(7, {"AAAB": SHARE, "ODD": SHARE}), first=LAST)
    assert found == DayWorth(LAST, 7 + 3_800, ("ODD",))


def test_entries_about_others_and_other_currencies_change_nothing() -> None:
    other = SequentialIds("t1").new(Kind.USER).replace("usr_t1_0", "usr_t1_1")
    theirs = draft(
        EntryKind.DEPOSIT_FUNDED,
        LAST,
        (accounts.customer_cash(other), USD, -5),
        (accounts.customers_cash_at_broker(), USD, 5),
    )
    shillings = draft(
        EntryKind.DEPOSIT_SETTLED,
        LAST,
        (accounts.fx_position(), "KES/2", -5),
        (accounts.customer_cash(USER), "KES/2", 5),
    )
    assert changes(USER, [theirs, shillings]) == {}


@given(
    steps=st.lists(
        st.tuples(st.integers(-3, 40), st.integers(1, 10**6), st.booleans()), max_size=25
    ),
    seed=st.randoms(),
)
def test_unwinding_is_the_diary_read_backwards_whatever_the_order_of_booking(steps, seed) -> None:
    drafts, cash, nanos = [], 0, 0
    for offset, amount, buys in steps:
        day = FIRST + timedelta(days=offset)
        if buys:
            drafts.append(bought(day, "AAAB", amount, amount))
            cash, nanos = cash - amount, nanos + amount
        else:
            drafts.append(paid_in(day, 2 * amount))
            cash += 2 * amount
    seed.shuffle(drafts)
    found = worths(Held(cash, {"AAAB": nanos}), *drafts)
    assert len(found) == 28
    for worth in found:
        kept = [each for each in drafts if day_of(each) <= worth.day]
        of_cash = sum(-leg.amount for each in kept for leg in each.postings if _mine(leg, "cash"))
        shares = sum(-leg.amount for each in kept for leg in each.postings if _mine(leg, "shares"))
        price = Price(Decimal(10 + worth.day.day), Currency.USD)
        value = price.value_of(Quantity(shares)).minor if shares > 0 else 0
        assert worth.minor == max(of_cash + value, 0)


def _mine(leg: Posting, what: str) -> bool:
    return leg.account == f"customer:{USER}:{what}"
