"""What people see of taxes: their settings, and what a year's sales gained."""

from datetime import date

import strawberry

from graphql_api.money import Money, money_of
from graphql_api.pages import Connection
from graphql_api.rules import INHERITED, field, object_type
from graphql_api.scalars import CountryCode, Quantity, Symbol
from shared.kernel import money
from shared.portfolio.lots import LotMethod
from shared.portfolio.model import BASE
from shared.taxes.disposals import DisposalKind
from shared.taxes.model import TaxSettings as Settings
from shared.taxes.model import taxation_of
from shared.taxes.regimes import Regime
from shared.taxes.report import Line, Term, Totals

strawberry.enum(LotMethod, description="Which lots a sale closes first.")
strawberry.enum(DisposalKind, description="Why there is a line in the report.")
strawberry.enum(Term, name="HoldingTerm", description="How long what was sold had been held.")


@object_type(description="How one's sales are judged. An estimate, and no advice.")
class TaxSettings:
    """See the description."""

    version: int = field(INHERITED, "Counts one's choices; 0 before the first.")
    lot_method: LotMethod = field(INHERITED, "Which lots a sale closes first.")
    short_term_bp: int = field(
        INHERITED, "Estimated tax on what was held for up to one year, in basis points of the gain."
    )
    long_term_bp: int = field(INHERITED, "On what was held longer.")
    chosen_lot_method: LotMethod | None = field(INHERITED, "One's choice; null by one's country.")
    chosen_short_term_bp: int | None = field(INHERITED, "One's choice; null by one's country.")
    chosen_long_term_bp: int | None = field(INHERITED, "One's choice; null by one's country.")
    wash_sale_days: int = field(
        INHERITED, "Days around a sale at a loss in which the law looks for purchases; 0 for none."
    )
    country: CountryCode | None = field(
        INHERITED, "Whose law the estimate follows; null where none is known: nothing is guessed."
    )
    source: str | None = field(INHERITED, "Where that law is written.")


@object_type(description="Shares of one lot that were sold, or a gain without a sale.")
class RealisedGain:
    """See the description."""

    kind: DisposalKind = field(INHERITED, "Why it is there.")
    symbol: Symbol = field(INHERITED, "Of which asset, as it was called then.")
    acquired: date | None = field(INHERITED, "When the lot was bought; null where nobody knows.")
    sold: date = field(INHERITED, "When.")
    term: Term = field(INHERITED, "How long it counts as held.")
    quantity: Quantity = field(INHERITED, "Shares.")
    proceeds: Money = field(INHERITED, "What they brought.")
    cost: Money = field(INHERITED, "What they were bought for.")
    gain: Money = field(INHERITED, "Proceeds less cost; a loss is negative.")
    adjusted_basis: Money = field(INHERITED, "Cost with the losses of wash sales they replaced.")
    disallowed: Money = field(INHERITED, "Of the loss, what counts for nothing: a wash sale.")
    taxable: Money = field(INHERITED, "What counts: by the adjusted basis, less what does not.")


@object_type(description="Sums of lines.")
class RealisedTotals:
    """See the description."""

    proceeds: Money = field(INHERITED, "What was brought.")
    cost: Money = field(INHERITED, "What it was bought for.")
    gain: Money = field(INHERITED, "Proceeds less cost.")
    adjusted_basis: Money = field(INHERITED, "Cost with the losses of wash sales.")
    disallowed: Money = field(INHERITED, "Losses that count for nothing.")
    taxable: Money = field(INHERITED, "What counts.")


@object_type(description="What a year's sales gained. An estimate, and no advice.")
class RealisedGains:
    """See the description."""

    year: int = field(INHERITED, "By the days of the trades.")
    short_term: RealisedTotals = field(INHERITED, "Of what was held for up to one year.")
    long_term: RealisedTotals = field(INHERITED, "Of what was held longer.")
    total: RealisedTotals = field(INHERITED, "Of everything.")
    lines: Connection[RealisedGain] = field(INHERITED, "By day, symbol and age.")
    csv: str | None = field(
        INHERITED, "The same as comma-separated values; null when it is longer than one answer."
    )
    unitemised: Money = field(
        INHERITED, "Gains of all years without a line; zero, or somebody has to look."
    )


def settings_view(settings: Settings, regime: Regime) -> TaxSettings:
    """Choices beside what follows from them."""
    made, wishes = taxation_of(settings.wishes, regime), settings.wishes
    return TaxSettings(
        version=settings.version,
        lot_method=made.method,
        short_term_bp=made.short_bp,
        long_term_bp=made.long_bp,
        chosen_lot_method=wishes.method,
        chosen_short_term_bp=wishes.short_bp,
        chosen_long_term_bp=wishes.long_bp,
        wash_sale_days=made.wash_days,
        country=CountryCode(regime.country) if regime.country else None,
        source=regime.source or None,
    )


def line_view(line: Line) -> RealisedGain:
    """One line."""
    return RealisedGain(
        kind=line.kind,
        symbol=Symbol(line.symbol),
        acquired=line.acquired,
        sold=line.sold,
        term=line.term,
        quantity=Quantity(str(money.Quantity(line.nanos))),
        proceeds=_money(line.proceeds_minor),
        cost=_money(line.cost_minor),
        gain=_money(line.gain_minor),
        adjusted_basis=_money(line.basis_minor),
        disallowed=_money(line.washed_minor),
        taxable=_money(line.taxable_minor),
    )


def totals_view(totals: Totals) -> RealisedTotals:
    """Sums."""
    return RealisedTotals(
        proceeds=_money(totals.proceeds_minor),
        cost=_money(totals.cost_minor),
        gain=_money(totals.gain_minor),
        adjusted_basis=_money(totals.basis_minor),
        disallowed=_money(totals.washed_minor),
        taxable=_money(totals.taxable_minor),
    )


def _money(minor: int) -> Money:
    return money_of(money.Money(minor, BASE))
