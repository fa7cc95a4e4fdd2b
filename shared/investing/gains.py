"""What a sale is expected to bring and to be taxed with, lot by lot. Pure."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from shared.investing.inputs import LotUsed, TaxProfile
from shared.investing.plan import Sale
from shared.portfolio import lots as tax_lots
from shared.portfolio.lots import Lot, TaxRates, close, gains_of, nanos_of
from shared.portfolio.valuation import WHOLE_BP


def expected(
    lots: Sequence[LotUsed], nanos: int, proceeds: int, tax: TaxProfile, today: date
) -> Sale:
    """The sale of ``nanos`` nano-shares for ``proceeds`` cents, by the lots that booking closes.

    Lots that do not cover the sale leave its gain unknown: cost, gain and tax are 0.
    """
    held = [Lot(one.acquired, one.reference, one.nanos, one.cost_minor) for one in lots]
    if nanos_of(held) < nanos:
        return Sale(proceeds_minor=proceeds, cost_minor=0)
    rates = TaxRates(tax.short_bp, tax.long_bp)
    sale = tax_lots.Sale(today, nanos, proceeds, tax.method, rates)
    closed = close(held, sale).closed
    gains = gains_of(closed, sale)
    due = Fraction(gains.short_minor * tax.short_bp + gains.long_minor * tax.long_bp, WHOLE_BP)
    return Sale(
        proceeds_minor=proceeds,
        cost_minor=proceeds - gains.total_minor,
        short_minor=gains.short_minor,
        long_minor=gains.long_minor,
        tax_minor=round(due),
    )
