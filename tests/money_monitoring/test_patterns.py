"""Each rule by its numbers: what hits, what is just below, and what nobody told."""

from datetime import date

import pytest

from shared.money_monitoring.judging import judged
from shared.money_monitoring.names import Outcome, Rule
from shared.money_monitoring.patterns import PATTERNS, Seen
from shared.money_monitoring.table import DatedRule, RuleTable, rule_table
from shared.money_monitoring.window import Payer, Slot, Window
from shared.withdrawals.screening import PARAMETERS
from tests.money_monitoring.conftest import (
    DAY,
    HOUR,
    NOW,
    OLD_USER,
    USER,
    account,
    deposit,
    withdrawal,
)

NEVER = frozenset()


def says(rule, *movements, income=None, user_id=USER, last_before=None):
    window = Window(user_id, last_before=last_before).heard(*movements)
    return next(one for one in judged(Seen(window, income), rule_table()) if one.rule is rule)


def test_three_deposits_just_below_the_threshold_within_five_days_are_structuring():
    near = [deposit(1, 800_000, NOW - 5 * DAY), deposit(2, 999_999, NOW - DAY), deposit(3, 900_000)]
    found = says(Rule.STRUCTURING, *near)
    assert (found.outcome, found.version) == (Outcome.ALERT, 1)
    assert found.numbers == {"count": "3", "threshold_minor": "1000000"}
    assert found.minor == 2_699_999
    assert found.evidence == tuple(one.id for one in near)


@pytest.mark.parametrize(
    "odd",
    [
        deposit(3, 799_999),
        deposit(3, 1_000_000),
        deposit(3, 900_000, void=True),
        deposit(3, 900_000, NOW + 5 * DAY),
        withdrawal(3, 900_000),
    ],
    ids=["below", "at the threshold", "undone", "too late", "a withdrawal"],
)
def test_two_deposits_and_something_else_are_no_structuring(odd):
    near = [deposit(1, 900_000, NOW - HOUR), deposit(2, 900_000, NOW - 2 * HOUR)]
    assert says(Rule.STRUCTURING, *near, odd).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("minor", "income", "outcome", "numbers"),
    [
        (3_000_001, 6_000_000, Outcome.ALERT, {"income": "DECLARED", "limit_percent": "50"}),
        (3_000_000, 6_000_000, Outcome.PASS, {}),
        (2_500_001, None, Outcome.ALERT, {"income": "UNDECLARED", "limit_minor": "2500000"}),
        (2_500_000, None, Outcome.UNKNOWN, {"income": "UNDECLARED"}),
        (499_999, None, Outcome.PASS, {}),
        (499_999, 100, Outcome.PASS, {}),
    ],
)
def test_what_comes_in_a_day_is_held_against_the_income(minor, income, outcome, numbers):
    found = says(Rule.VELOCITY, deposit(1, minor), income=income)
    period = {"period": "DAY"} if outcome is Outcome.ALERT else {}
    assert (found.outcome, found.numbers) == (outcome, numbers | period)


def test_a_week_may_bring_a_year_s_income_and_no_more():
    days = [deposit(n, 1_000_000, NOW + n * DAY) for n in range(6)]
    assert says(Rule.VELOCITY, *days, income=6_000_000).outcome is Outcome.PASS
    found = says(Rule.VELOCITY, *days, deposit(7, 1, NOW + 6 * DAY), income=6_000_000)
    assert (found.outcome, found.numbers["period"]) == (Outcome.ALERT, "WEEK")


@pytest.mark.parametrize(
    ("out", "bought", "outcome"),
    [
        (80_000, 20_000, Outcome.ALERT),
        (79_999, 0, Outcome.PASS),
        (80_000, 20_001, Outcome.PASS),
        (80_000, None, Outcome.UNKNOWN),
    ],
)
def test_what_came_and_leaves_within_three_days_uninvested_is_in_and_out(out, bought, outcome):
    came = deposit(1, 100_000, NOW - 72 * HOUR)
    found = says(Rule.IN_AND_OUT, came, withdrawal(1, out, bought_minor=bought))
    assert found.outcome is outcome
    if outcome is Outcome.ALERT:
        assert found.numbers == {
            "in_minor": "100000",
            "out_minor": "80000",
            "bought_minor": "20000",
        }


def test_in_and_out_adds_withdrawals_up_and_forgets_what_was_undone_small_or_long_ago():
    came = deposit(1, 100_000, NOW - 3 * HOUR)
    first, second = withdrawal(1, 40_000, NOW - HOUR), withdrawal(2, 40_000, bought_minor=0)
    assert says(Rule.IN_AND_OUT, came, first, second).outcome is Outcome.ALERT
    undone = withdrawal(1, 40_000, NOW - HOUR, void=True)
    assert says(Rule.IN_AND_OUT, came, undone, second).outcome is Outcome.PASS
    small = deposit(1, 49_999, NOW - HOUR)
    assert says(Rule.IN_AND_OUT, small, second).outcome is Outcome.PASS
    old = deposit(1, 100_000, NOW - 73 * HOUR)
    assert says(Rule.IN_AND_OUT, old, first, second).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("payer", "minor", "outcome"),
    [
        (Payer.OTHER, 50_000, Outcome.ALERT),
        (Payer.OTHER, 49_999, Outcome.PASS),
        (Payer.OWN, 50_000, Outcome.PASS),
        (Payer.UNTOLD, 50_000, Outcome.UNKNOWN),
    ],
)
def test_another_s_phone_is_told_apart_from_one_s_own_and_from_none(payer, minor, outcome):
    assert says(Rule.THIRD_PARTY_PAYER, deposit(1, minor, payer=payer)).outcome is outcome


def test_half_a_year_of_nothing_and_then_in_and_out_is_dormant_then_active():
    came, leaves = deposit(1, 100_000, NOW - DAY), withdrawal(1, 50_000)
    found = says(Rule.DORMANT_THEN_ACTIVE, came, leaves, user_id=OLD_USER)
    assert (found.outcome, found.numbers) == (Outcome.ALERT, {"quiet_days": "393"})
    moved = {"user_id": OLD_USER, "last_before": NOW - 187 * DAY}
    assert says(Rule.DORMANT_THEN_ACTIVE, came, leaves, **moved).outcome is Outcome.ALERT
    moved["last_before"] = NOW - 187 * DAY + HOUR
    assert says(Rule.DORMANT_THEN_ACTIVE, came, leaves, **moved).outcome is Outcome.PASS
    moved["last_before"] = NOW - 2 * DAY
    assert says(Rule.DORMANT_THEN_ACTIVE, came, leaves, **moved).outcome is Outcome.UNKNOWN


def test_somebody_new_is_not_dormant_and_neither_is_who_only_pays_in():
    came, leaves = deposit(1, 100_000, NOW - DAY), withdrawal(1, 50_000)
    assert says(Rule.DORMANT_THEN_ACTIVE, came, leaves).outcome is Outcome.PASS
    assert says(Rule.DORMANT_THEN_ACTIVE, came, user_id=OLD_USER).outcome is Outcome.PASS
    assert says(Rule.DORMANT_THEN_ACTIVE, leaves, user_id=OLD_USER).outcome is Outcome.PASS


def test_five_different_phones_and_accounts_within_thirty_days_are_many():
    phones = [deposit(n, 100, NOW + n * DAY, instrument=f"2547*****00{n}") for n in range(4)]
    again = deposit(9, 100, NOW + 9 * DAY, instrument="2547*****001")
    assert says(Rule.MANY_INSTRUMENTS, *phones, again).outcome is Outcome.PASS
    nameless = deposit(10, 100, NOW + 9 * DAY)
    assert says(Rule.MANY_INSTRUMENTS, *phones, nameless).outcome is Outcome.PASS
    late = account(1, NOW + 31 * DAY, instrument="**** 3000")
    assert says(Rule.MANY_INSTRUMENTS, *phones, late).outcome is Outcome.PASS
    fifth = account(1, NOW + 30 * DAY, instrument="**** 3000")
    found = says(Rule.MANY_INSTRUMENTS, *phones, fifth)
    assert (found.outcome, found.numbers) == (Outcome.ALERT, {"instruments": "5"})


@pytest.mark.parametrize(
    ("age", "left", "outcome"),
    [
        (167, 10_000, Outcome.ALERT),
        (168, 10_000, Outcome.PASS),
        (1, 10_001, Outcome.PASS),
        (1, None, Outcome.UNKNOWN),
        (None, 0, Outcome.UNKNOWN),
    ],
)
def test_nearly_everything_to_a_new_account_is_told(age, left, outcome):
    added = None if age is None else NOW - age * HOUR
    leaves = withdrawal(1, 90_000, account_at=added, left_minor=left)
    found = says(Rule.NEW_ACCOUNT_FULL_OUT, leaves)
    assert found.outcome is outcome
    if outcome is Outcome.ALERT:
        assert found.numbers == {"left_minor": "10000", "account_hours": "167"}


@pytest.mark.parametrize(
    ("countries", "outcome"),
    [
        (frozenset({"TAX", "RESIDENCE"}), Outcome.ALERT),
        (NEVER, Outcome.PASS),
        (None, Outcome.UNKNOWN),
    ],
)
def test_a_country_alerts_by_what_of_the_person_it_is_and_is_never_named(countries, outcome):
    found = says(Rule.COUNTRY, deposit(1, 100, countries=countries))
    assert found.outcome is outcome
    if outcome is Outcome.ALERT:
        assert found.numbers == {"by": "RESIDENCE.TAX"}


def test_what_an_alert_has_named_alerts_again_only_with_something_new():
    near = [deposit(n, 900_000, NOW + n * HOUR) for n in range(3)]
    window = Window(USER).heard(*near)
    marked = window.flagged(Rule.STRUCTURING, [one.id for one in near], Slot(1, open=True))
    assert judged(Seen(marked), rule_table())[0].outcome is Outcome.PASS
    more = judged(Seen(marked.heard(deposit(9, 900_000, NOW + DAY))), rule_table())[0]
    assert (more.outcome, more.numbers["count"], len(more.evidence)) == (Outcome.ALERT, "4", 4)


def test_the_table_knows_every_rule_with_its_basis_and_versions_that_never_meet():
    table = rule_table()
    assert {one.rule for one in table.rules} == set(Rule) == set(PATTERNS)
    assert all(one.basis for one in table.rules)
    assert table.report_minor == 500_000
    first = table.rules[0]
    again = DatedRule(first.rule, 2, date(2027, 1, 1), None, first.parameters, "a later one")
    with pytest.raises(ValueError, match="two versions of STRUCTURING hold at once"):
        RuleTable(2, (first, again), 1, "")


def test_a_movement_is_judged_by_the_version_of_its_own_day():
    first = rule_table().rules[0]
    old = DatedRule(
        first.rule, 1, first.valid_from, date(2026, 3, 1), first.parameters, first.basis
    )
    strict = DatedRule(
        first.rule, 2, date(2026, 3, 2), None, {**first.parameters, "count": 2}, "stricter"
    )
    table = RuleTable(2, (old, strict), 1, "")
    before = [deposit(1, 900_000, NOW - 3 * DAY), deposit(2, 900_000, NOW - 2 * DAY)]
    assert judged(Seen(Window(USER).heard(*before)), table)[0].outcome is Outcome.PASS
    found = judged(Seen(Window(USER).heard(before[1], deposit(3, 900_000))), table)[0]
    assert (found.outcome, found.version) == (Outcome.ALERT, 2)
    nobody = Window(USER).heard(deposit(1, 900_000, NOW - 400 * DAY))
    assert {one.outcome for one in judged(Seen(nobody), table)} == {Outcome.PASS}
    assert table.version_of(Rule.STRUCTURING, 1) == old
    assert table.version_of(Rule.STRUCTURING, 3) is None


def test_the_desk_that_reviews_withdrawals_and_the_monitor_use_the_same_numbers():
    rules = {one.rule: one.parameters for one in rule_table().rules}
    near, out = rules[Rule.STRUCTURING], rules[Rule.IN_AND_OUT]
    new, quiet = rules[Rule.NEW_ACCOUNT_FULL_OUT], rules[Rule.DORMANT_THEN_ACTIVE]
    assert (PARAMETERS.reporting_minor, PARAMETERS.just_below, PARAMETERS.structured_count) == (
        near["threshold_minor"],
        near["share_percent"],
        near["count"],
    )
    assert PARAMETERS.structured_within == near["within_hours"] * HOUR
    assert (PARAMETERS.out_share, PARAMETERS.out_from_minor) == (
        out["share_percent"],
        out["from_minor"],
    )
    assert PARAMETERS.out_within == out["within_hours"] * HOUR
    assert PARAMETERS.new_account == new["new_hours"] * HOUR
    assert (PARAMETERS.emptied_share, PARAMETERS.emptied_from_minor) == (
        new["share_percent"],
        new["from_minor"],
    )
    assert PARAMETERS.dormant_for == quiet["dormant_hours"] * HOUR
    assert PARAMETERS.awake_within == quiet["awake_hours"] * HOUR
