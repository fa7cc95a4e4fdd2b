"""A loss saves no tax in the estimate as far as what stays was bought shortly before."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from shared.investing.gains import expected, rates_of
from shared.investing.inputs import Inputs, LotUsed, TaxProfile
from shared.investing.plan import Decision, Sale
from shared.portfolio.lots import LotMethod, TaxRates
from tests.investing.planner.test_causes import inputs

SHARE, TODAY = 10**9, date(2026, 3, 2)
USA = TaxProfile(short_bp=3_700, long_bp=2_000, wash_days=30)


def lot(days: int, shares: int, cost: int, reference: str = "AAAAA") -> LotUsed:
    return LotUsed(
        acquired=TODAY - timedelta(days=days),
        reference=reference,
        nanos=shares * SHARE,
        cost_minor=cost,
    )


@pytest.mark.parametrize(("days", "washed"), [(30, 10_000), (31, 0)])
def test_what_was_bought_up_to_thirty_days_before_and_stays_washes_the_loss(
    days: int, washed: int
) -> None:
    lots = [lot(100, 10, 50_000), lot(days, 10, 41_000, "BBBBB")]
    sale = expected(lots, 10 * SHARE, 40_000, USA, TODAY)
    assert (sale.short_minor, sale.washed_minor) == (-10_000, washed)
    assert sale.tax_minor == (0 if washed else -3_700)


def test_a_part_is_washed_by_as_many_shares_as_stay() -> None:
    lots = [lot(400, 10, 50_000), lot(5, 4, 16_400, "BBBBB")]
    sale = expected(lots, 10 * SHARE, 40_000, USA, TODAY)
    assert (sale.long_minor, sale.washed_minor, sale.tax_minor) == (-10_000, 4_000, -1_200)


def test_where_the_law_knows_no_wash_sales_a_loss_saves_tax() -> None:
    lots = [lot(100, 10, 50_000), lot(3, 10, 41_000, "BBBBB")]
    tax = TaxProfile(short_bp=3_700, long_bp=2_000)
    sale = expected(lots, 10 * SHARE, 40_000, tax, TODAY)
    assert (sale.washed_minor, sale.tax_minor) == (0, -3_700)


def test_a_gain_is_taxed_as_ever() -> None:
    lots = [lot(100, 10, 30_000), lot(3, 10, 41_000, "BBBBB")]
    assert expected(lots, 10 * SHARE, 40_000, USA, TODAY).tax_minor == 3_700


def test_all_of_it_sold_washes_nothing() -> None:
    lots = [lot(100, 10, 50_000), lot(3, 10, 41_000, "BBBBB")]
    sale = expected(lots, 20 * SHARE, 80_000, USA, TODAY)
    assert (sale.short_minor, sale.washed_minor) == (-11_000, 0)


def test_orders_keep_rates_only_where_they_decide() -> None:
    assert rates_of(TaxProfile(method=LotMethod.HIFO, short_bp=1, long_bp=2)) == TaxRates()
    by_tax = TaxProfile(method=LotMethod.MIN_TAX, short_bp=1, long_bp=2)
    assert rates_of(by_tax) == TaxRates(1, 2)


def test_the_text_of_what_was_stored_before_is_what_it_was() -> None:
    given = inputs()
    assert "wash_days" not in given.canonical()
    changed = given.model_copy(update={"tax": USA})
    assert json.loads(changed.canonical())["tax"]["wash_days"] == 30
    assert Inputs.read(changed.canonical()).tax == USA
    told = Decision.model_validate(
        {"outcome": "PLANNED", "sales": {"VTI": Sale(proceeds_minor=1, cost_minor=1)}}
    )
    assert "washed_minor" not in told.canonical()
    washed = Sale(proceeds_minor=1, cost_minor=2, washed_minor=1)
    content = Decision.model_validate({"outcome": "PLANNED", "sales": {"VTI": washed}}).canonical()
    assert Decision.model_validate_json(content).sales["VTI"].washed_minor == 1
    assert Decimal(json.loads(content)["sales"]["VTI"]["washed_minor"]) == 1
