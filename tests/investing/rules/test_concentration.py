"""How much may be one asset, one issuer, one sector, one currency; nobody is forced to sell."""

import pytest

from shared.investing.inputs import Cause, Target
from shared.investing.plan import PlanOutcome, Rule
from shared.investing.planning import decide
from shared.investing.rules.facts import ClassUsed
from tests.investing.rules.situation import CLASSES, SHARE, inputs_with, risk_with, said

KO_HEAVY = Target(id="k", version=1, score=3, weights={"AAAB": 8400, "KO": 1600})


def test_a_stock_above_its_cap_is_not_bought_further() -> None:
    given = inputs_with(target=KO_HEAVY)
    outcome, values = said(given, Rule.CONCENTRATION)
    assert (outcome, values) == ("FAIL", {"KO": "0.159600 over 0.1"})
    assert said(given, Rule.ISSUER_CONCENTRATION) == (
        "FAIL",
        {"Coca-Cola": "0.159600 over 0.15"},
    )
    assert said(given, Rule.SECTOR_CONCENTRATION)[0] == "PASS"
    assert decide(given).outcome is PlanOutcome.REFUSED


def test_two_assets_of_one_issuer_count_together() -> None:
    classes = {**CLASSES, "KO": ClassUsed(issuer="Bank", sector="FINANCIALS", currency="USD")}
    target = Target(id="k", version=1, score=5, weights={"AAAB": 9000, "KO": 1000})
    given = inputs_with(target=target, score=5, risk=risk_with(classes=classes))
    assert said(given, Rule.ISSUER_CONCENTRATION) == ("FAIL", {"Bank": "0.997500 over 0.15"})


@pytest.mark.parametrize(
    ("sector", "outcome", "values"),
    [
        ("ENERGY", "FAIL", {"ENERGY": "0.299250 over 0.25"}),
        ("BROAD", "PASS", {}),
    ],
)
def test_a_sector_has_a_cap_unless_it_is_spread_by_itself(sector, outcome, values) -> None:
    fund = ClassUsed(issuer="Funds", sector=sector, currency="USD")
    given = inputs_with(risk=risk_with(classes={**CLASSES, "MTUM": fund}))
    assert said(given, Rule.SECTOR_CONCENTRATION) == (outcome, values)


def test_what_nobody_knows_is_a_small_part_at_most() -> None:
    known = {name: one for name, one in CLASSES.items() if name != "QUAL"}
    given = inputs_with(risk=risk_with(classes=known))
    unknown = ("FAIL", {"UNKNOWN": "0.249370 over 0.1"})
    assert said(given, Rule.SECTOR_CONCENTRATION) == unknown
    assert said(given, Rule.CURRENCY_CONCENTRATION) == unknown
    assert said(given, Rule.ISSUER_CONCENTRATION)[0] == "PASS"


def test_another_currency_has_a_cap() -> None:
    foreign = ClassUsed(issuer="Bank", sector="FIXED_INCOME", currency="KES")
    given = inputs_with(risk=risk_with(classes={**CLASSES, "AAAB": foreign}))
    assert said(given, Rule.CURRENCY_CONCENTRATION) == ("FAIL", {"KES": "0.399000 over 0.3"})


def test_what_grew_too_large_by_itself_only_warns() -> None:
    given = inputs_with(held={"KO": 100 * SHARE}, available_minor=10_000)
    decision = decide(given)
    assert decision.outcome is PlanOutcome.PLANNED
    assert decision.order("KO") is None
    for rule in (Rule.CONCENTRATION, Rule.ISSUER_CONCENTRATION, Rule.SECTOR_CONCENTRATION):
        assert said(given, rule)[0] == "WARN"


def test_small_money_cannot_be_spread_and_only_warns() -> None:
    assert said(inputs_with(target=KO_HEAVY, available_minor=9_999), Rule.CONCENTRATION)[0] == (
        "WARN"
    )


def test_caps_never_keep_money_from_people() -> None:
    given = inputs_with(
        Cause.WITHDRAWAL,
        amount_minor=10_000,
        available_minor=0,
        held={"KO": 100 * SHARE},
        score=3,
        target=KO_HEAVY,
    )
    assert decide(given).outcome is PlanOutcome.PLANNED
    assert said(given, Rule.CONCENTRATION)[0] == "WARN"
