"""What a sale is expected to bring and to be taxed with, lot by lot. Pure."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from shared.investing.inputs import LotUsed, TaxProfile
from shared.investing.plan import Sale
from shared.portfolio import lots as tax_lots
from shared.portfolio.lots import (
    GENERAL,
    Closed,
    Lot,
    LotMethod,
    TaxRates,
    close,
    gains_of,
    long_term,
    nanos_of,
    shared_out,
)
from shared.portfolio.valuation import WHOLE_BP
from shared.taxes.wash_sales import Held, Part, Piece, Sold, washed


def rates_of(tax: TaxProfile) -> TaxRates:
    """By which an order's lots are closed; those of nobody where they decide nothing."""
    by_tax = tax.method is LotMethod.MIN_TAX
    return TaxRates(tax.short_bp, tax.long_bp) if by_tax else TaxRates()


def expected(
    lots: Sequence[LotUsed],
    nanos: int,
    proceeds: int,
    tax: TaxProfile,
    today: date,
    tags: tuple[str, ...] = (GENERAL,),
) -> Sale:
    """The sale of ``nanos`` nano-shares for ``proceeds`` cents, by the lots that booking closes.

    Lots that do not cover the sale leave its gain unknown: cost, gain and tax are 0. A loss saves
    no tax as far as shares that stay were bought shortly before, where the law says so; what
    another goal holds, and what is bought later, is in the report of the year.
    """
    held = [Lot(one.acquired, one.reference, one.nanos, one.cost_minor, one.tag) for one in lots]
    if nanos_of(held) < nanos:
        return Sale(proceeds_minor=proceeds, cost_minor=0)
    rates = TaxRates(tax.short_bp, tax.long_bp)
    sale = tax_lots.Sale(today, nanos, proceeds, tax.method, rates, tags)
    done = close(held, sale)
    gains = gains_of(done.closed, sale)
    lost = {False: 0, True: 0}
    for part in _parts(done, sale, tax.wash_days):
        lost[long_term(part.lot[0], today)] += part.washed_minor
    short, long = gains.short_minor + lost[False], gains.long_minor + lost[True]
    due = Fraction(short * tax.short_bp + long * tax.long_bp, WHOLE_BP)
    return Sale(
        proceeds_minor=proceeds,
        cost_minor=proceeds - gains.total_minor,
        short_minor=gains.short_minor,
        long_minor=gains.long_minor,
        tax_minor=round(due),
        washed_minor=sum(lost.values()),
    )


def _parts(done: Closed, sale: tax_lots.Sale, days: int) -> tuple[Part, ...]:
    """The sale as the law sees it, with what stays as all that could replace it."""
    if not days:
        return ()
    brought = shared_out(sale.proceeds_minor, [lot.nanos for lot in done.closed])
    pieces = tuple(
        Piece(lot.key, lot.nanos, lot.cost_minor, minor)
        for lot, minor in zip(done.closed, brought, strict=True)
    )
    held = [Held(lot.key, lot.nanos) for lot in done.open]
    return washed([Sold(sale.day, "", pieces)], held, days).parts[""]
