"""What standing orders bring in a month."""

from dataclasses import replace
from datetime import date

from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.payments.methods import Method
from shared.recurring.dates import Frequency, Rule, Zone
from shared.recurring.model import Schedule, ScheduleStatus
from shared.recurring.monthly import a_month

ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
WEEKLY, MONTHLY = Rule(Frequency.WEEKLY, 5), Rule(Frequency.MONTHLY, 31)


def of(rule: Rule, minor: int, currency: Currency = Currency.KES) -> Schedule:
    return Schedule(
        user_id=f"usr_t1_{ULID}",
        schedule_id=f"{Kind.SCHEDULE.value}_t1_{ULID}",
        rule=rule,
        amount=Money(minor, currency),
        method=Method.MPESA,
        zone=Zone.NAIROBI,
        sealed=b"",
        shown_as="",
        next_on=date(2026, 3, 31),
    )


def test_a_weekly_one_counts_52_times_in_twelve_months_and_the_sum_is_rounded_down_once() -> None:
    assert a_month([of(MONTHLY, 500)]) == {Currency.KES: Money(500, Currency.KES)}
    assert a_month([of(WEEKLY, 100)]) == {Currency.KES: Money(433, Currency.KES)}
    # 433 1/3 three times are 1,300.
    assert a_month([of(WEEKLY, 100)] * 3) == {Currency.KES: Money(1_300, Currency.KES)}


def test_each_currency_has_a_sum_of_its_own() -> None:
    found = a_month([of(MONTHLY, 500), of(MONTHLY, 7, Currency.USD), of(WEEKLY, 12, Currency.USD)])
    assert found == {
        Currency.KES: Money(500, Currency.KES),
        Currency.USD: Money(59, Currency.USD),
    }


def test_what_does_not_run_brings_nothing() -> None:
    still = [replace(of(MONTHLY, 500), status=one) for one in ScheduleStatus if one != "ACTIVE"]
    assert len(still) == 2
    assert a_month(still) == {}
    assert a_month([]) == {}
