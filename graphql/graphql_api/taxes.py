"""Taxes: reading and changing one's settings, and what one's sales of a year gained."""

import re
from typing import TYPE_CHECKING, Annotated

import strawberry

from graphql_api.context import Context
from graphql_api.errors import Failure, answered
from graphql_api.money import money_of
from graphql_api.pages import connection_of, from_cursor, page_size
from graphql_api.rules import INHERITED, SIGNED_IN, Info, field, object_type
from graphql_api.scalars import Cursor
from graphql_api.tax_views import (
    RealisedGains,
    TaxSettings,
    line_view,
    settings_view,
    totals_view,
)
from shared.kernel.errors import InvalidValue
from shared.kernel.money import Money
from shared.portfolio.lots import LotMethod
from shared.portfolio.model import BASE
from shared.taxes.model import Wishes
from shared.taxes.regimes import Regime, regime_of
from shared.taxes.report import Term
from shared.taxes.store import residence_from, settings_from

if TYPE_CHECKING:
    from shared.taxes.service import TaxService

_LINE = re.compile(r"line-[0-9]{1,9}", re.ASCII)
FIRST_YEAR, LAST_YEAR = 2000, 2099


@strawberry.input(
    description="How one's sales are to be judged from now on; what is left out, or null, follows "
    "one's country."
)
class UpdateTaxSettingsInput:
    """See the description."""

    version: int | None = strawberry.field(
        default=None, description="The one that was read: nothing is changed if it is another now."
    )
    lot_method: LotMethod | None = strawberry.field(
        default=None, description="Which lots a sale closes first. Orders that are made stay."
    )
    short_term_bp: int | None = strawberry.field(
        default=None, description="Tax on what was held for up to one year, 0 to 10000."
    )
    long_term_bp: int | None = strawberry.field(
        default=None, description="On what was held longer, 0 to 10000."
    )


@object_type(description="They are so now, or were before.")
class TaxSettingsPayload:
    """See the description."""

    settings: TaxSettings = field(INHERITED, "As they stand now.")


TaxSettingsResult = Annotated[
    TaxSettingsPayload | Failure,
    strawberry.union("TaxSettingsResult", description="Done, or why nothing was changed."),
]
RealisedGainsResult = Annotated[
    RealisedGains | Failure,
    strawberry.union("RealisedGainsResult", description="The report, or why there is none."),
]


def taxes_of(context: Context) -> "TaxService":
    """The use cases over the parts of this process."""
    # Few requests are about taxes: a cold start does not load them.
    from shared.taxes.service import TaxService
    from shared.taxes.store import TaxStore

    app = context.app
    return TaxService(TaxStore(app.database), app.facts, app.clock)


def _country(context: Context) -> str:
    return residence_from(context.state().taxes)


def _regime(context: Context) -> Regime:
    return regime_of(_country(context), context.app.clock.now().date())


def _settings(context: Context) -> TaxSettings:
    state = context.state()
    return settings_view(settings_from(state.user_id, state.taxes), _regime(context))


def _gains(context: Context, year: int, first: int, after: str | None) -> RealisedGains:
    from shared.taxes.documents import LINES_MAX, table_of

    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InvalidValue(field="year", reason="must be 2000 to 2099")
    size = page_size(first)
    begin = 0 if after is None else int(from_cursor(after, _LINE).removeprefix("line-")) + 1
    context.count_read()
    positions = context.state().positions
    report = taxes_of(context).gains(context.user_id, _country(context), year, positions)
    shown = [
        (f"line-{begin + number}", line_view(line))
        for number, line in enumerate(report.lines[begin : begin + size])
    ]
    more = begin + size < len(report.lines)
    whole = len(report.lines) <= LINES_MAX
    return RealisedGains(
        year=year,
        short_term=totals_view(report.totals(Term.SHORT)),
        long_term=totals_view(report.totals(Term.LONG)),
        total=totals_view(report.totals()),
        lines=connection_of(shown, shown[-1][0] if more and shown else None),
        csv=table_of(report.lines) if whole else None,
        unitemised=money_of(Money(report.unitemised_minor, BASE)),
    )


@object_type()
class TaxQuery:
    """Root fields about taxes."""

    @field(SIGNED_IN, "How one's sales are judged.")
    def tax_settings(self, info: Info) -> TaxSettings:
        """See the description."""
        return _settings(info.context)

    @field(SIGNED_IN, "What one's sales of a year gained, lot by lot.")
    def realised_gains(
        self, info: Info, year: int, first: int = 20, after: Cursor | None = None
    ) -> RealisedGainsResult:
        """See the description."""
        context = info.context
        return answered(lambda: _gains(context, year, first, after), context.language)


@object_type()
class TaxMutation:
    """Mutations about taxes."""

    @field(SIGNED_IN, "Have one's sales judged in another way, or as one's country does.")
    def update_tax_settings(self, info: Info, input: UpdateTaxSettingsInput) -> TaxSettingsResult:
        """See the description."""
        context = info.context

        def change() -> TaxSettingsPayload:
            wishes = Wishes(input.lot_method, input.short_term_bp, input.long_term_bp)
            taxes_of(context).change(context.user_id, _country(context), wishes, input.version)
            context.forget()
            return TaxSettingsPayload(settings=_settings(context))

        return answered(change, context.language)
