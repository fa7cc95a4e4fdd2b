"""Management fees as a person sees them: the rate, what has accrued, and what was charged."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

import strawberry

from graphql_api.context import Context
from graphql_api.market import business_now
from graphql_api.money import Money, money_of
from graphql_api.pages import Connection, connection_of, from_cursor, page_size
from graphql_api.rules import INHERITED, SIGNED_IN, Info, field, object_type
from graphql_api.scalars import Amount, Cursor, Fraction
from shared.kernel import money
from shared.ledger.model import settled_by
from shared.management_fees.accruing import charged, in_dollars
from shared.management_fees.closing_prices import StoredCloses
from shared.management_fees.due import due
from shared.management_fees.model import Charge, ChargeStatus
from shared.management_fees.store import FeeStore
from shared.management_fees.terms import Terms, published
from shared.management_fees.wordings import said_of
from shared.platform.contention import full_jitter
from shared.platform.work import retry_lost_race
from shared.portfolio.model import BASE

strawberry.enum(
    ChargeStatus, name="ManagementFeeStatus", description="Where the fee of some days stands."
)
_FEE = re.compile(r"fee_[a-z][a-z0-9]{0,7}_[0-7][0-9A-HJKMNP-TV-Z]{25}", re.ASCII)
_READS = 5
"""Of what has accrued: the account with the wallet, the state, the journal, a charge, prices."""
_TRIES = 3


@object_type(description="What managing money costs, as it holds from a day on.")
class ManagementFeeTerms:
    """See the description."""

    version: int = field(INHERITED, "Counts from 1.")
    valid_from: date = field(INHERITED, "The first day on which it holds.")
    annual_rate: Fraction = field(
        INHERITED,
        "Of what is held at the end of each day, for a year of 365 days: 0.0025 is 25 bp.",
    )
    waived_below: Money = field(INHERITED, "Days on which less than this is held cost nothing.")
    summary: str = field(INHERITED, "In words, in the person's language.")


@object_type(description="What has accrued since the last charge and was not charged yet.")
class AccruedManagementFee:
    """See the description."""

    first: date | None = field(INHERITED, "The first day; null before the first day is over.")
    last: date = field(INHERITED, "The last one: yesterday.")
    amount: Amount = field(
        INHERITED, "In US dollars with six decimals: nothing is rounded before it is charged."
    )
    days: int = field(INHERITED, "How many days there were.")
    waived_days: int = field(INHERITED, "On how many of them nothing was counted.")
    unpriced_days: int = field(
        INHERITED, "On how many of them something was held of which no price was known."
    )
    closing: Money = field(
        INHERITED,
        "What would be charged if everything were sold now, with what could not be charged before.",
    )


@object_type(description="The fee of some days.")
class ManagementFee:
    """See the description."""

    status: ChargeStatus = field(INHERITED, "Where it stands.")
    amount: Money = field(INHERITED, "Whole cents; fractions of one are in the next fee.")
    first: date = field(INHERITED, "The first day that it is for.")
    last: date = field(INHERITED, "The last one.")
    annual_rate: Fraction = field(INHERITED, "Of a year, on the last day.")
    terms_version: int = field(INHERITED, "Version of the terms on the last day.")
    carried: Money = field(INHERITED, "Part of it that an earlier fee could not get.")
    days: int = field(INHERITED, "How many days there were.")
    waived_days: int = field(INHERITED, "On how many of them nothing was counted.")
    closing: bool = field(INHERITED, "Charged because everything was sold.")
    created_at: datetime = field(INHERITED, "When it was due.")
    charged_at: datetime | None = field(INHERITED, "When it was charged; null before.")


@object_type(description="What managing one's money costs.")
class ManagementFees:
    """See the description."""

    terms: ManagementFeeTerms | None = field(INHERITED, "Those of today; null without any.")
    charged: Money = field(INHERITED, "All that was charged so far.")

    @field(SIGNED_IN, "What has accrued and was not charged yet.")
    def accrued(self, info: Info) -> AccruedManagementFee:
        """See the description."""
        return retry_lost_race(lambda: _accrued(info.context), tries=_TRIES, pause=full_jitter)

    @field(SIGNED_IN, "Fees that were due, newest first.")
    def charges(
        self, info: Info, first: int = 20, after: Cursor | None = None
    ) -> Connection[ManagementFee]:
        """See the description."""
        size = page_size(first)
        place = None if after is None else from_cursor(after, _FEE)
        context = info.context
        context.count_read()
        page = FeeStore(context.app.database).of_person(context.user_id, size, place)
        return connection_of([(one.charge_id, _view(one)) for one in page.charges], page.after)


@object_type()
class ManagementFeeFields:
    """Of whoever asks."""

    @field(SIGNED_IN, "What managing one's money costs, what has accrued, and what was charged.")
    def management_fees(self, info: Info) -> ManagementFees:
        """See the description."""
        context = info.context
        terms = published().on(_today(context))
        wallet = context.state().wallet(BASE)
        return ManagementFees(
            terms=None if terms is None else _terms(terms, context.language),
            charged=_usd(wallet.fees),
        )


def _today(context: Context) -> date:
    now = business_now(context, context.app.prices.view())
    return settled_by(context.app.clock.now()) if now is None else now.date()


def _accrued(context: Context) -> AccruedManagementFee:
    for _ in range(_READS):
        context.count_read()
    database, yesterday = context.app.database, _today(context) - timedelta(days=1)
    books = FeeStore(database).books(context.user_id, yesterday)
    closes = StoredCloses(database, context.app.clock)
    closes.load(books.held.nanos)
    found = due(books, yesterday, published(), closes)
    if found is None:
        units, waiting = books.account.units, books.newest
        carried = 0
        if waiting is not None and waiting.status is ChargeStatus.DUE:
            carried = waiting.amount_minor
        return AccruedManagementFee(
            first=None,
            last=yesterday,
            amount=Amount(str(in_dollars(units))),
            days=0,
            waived_days=0,
            unpriced_days=0,
            closing=_usd(carried),
        )
    return AccruedManagementFee(
        first=found.first,
        last=found.last,
        amount=Amount(str(in_dollars(found.before_units + found.days.units))),
        days=found.days.days,
        waived_days=found.days.waived_days,
        unpriced_days=found.days.unpriced_days,
        closing=_usd(charged(found.all_units)[0]),
    )


def _terms(terms: Terms, language: str) -> ManagementFeeTerms:
    return ManagementFeeTerms(
        version=terms.version,
        valid_from=terms.valid_from,
        annual_rate=_rate(terms.annual_bp),
        waived_below=_usd(terms.waived_below_minor),
        summary=said_of(terms, language),
    )


def _view(charge: Charge) -> ManagementFee:
    return ManagementFee(
        status=charge.status,
        amount=_usd(charge.amount_minor),
        first=charge.first,
        last=charge.last,
        annual_rate=_rate(charge.annual_bp),
        terms_version=charge.terms_version,
        carried=_usd(charge.carried_minor),
        days=charge.days,
        waived_days=charge.waived_days,
        closing=charge.closing,
        created_at=charge.created_at,
        charged_at=charge.charged_at,
    )


def _usd(minor: int) -> Money:
    return money_of(money.Money(minor, BASE))


def _rate(points: int) -> Fraction:
    return Fraction(Decimal(points) / 10_000)
