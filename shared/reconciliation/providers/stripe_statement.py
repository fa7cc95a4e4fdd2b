"""Stripe's balance transactions, as lines of a statement."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from shared.kernel.clock import Clock
from shared.kernel.money import Currency
from shared.payments.errors import GatewayUnavailable
from shared.payments.providers.stripe_listing import Line, StripeListing
from shared.reconciliation.fees import ALONE
from shared.reconciliation.model import Category, Item

_SETTLING = timedelta(seconds=2)
"""A second that is over is listed whole; the next one is allowed for clocks that differ."""
_LOOKS = 3
_KINDS: Mapping[str, Category] = {
    "charge": Category.PAYMENT,
    "refund": Category.OUT,
    "transfer": Category.OUT,
    "refund_failure": Category.BACK,
    "transfer_reversal": Category.BACK,
    "dispute": Category.DISPUTE,
    "dispute_reversal": Category.DISPUTE_BACK,
    "payout": Category.PAYOUT,
    "payout_reversal": Category.PAYOUT_BACK,
    "fee": Category.FEE,
}


class StripeStatement:
    """See Statements. Days are those at which Stripe made the transaction, in UTC."""

    def __init__(self, listing: StripeListing, clock: Clock) -> None:
        self._listing = listing
        self._clock = clock

    def items(self, currency: Currency, since: date, until: date) -> Sequence[Item]:
        """See Statements."""
        listed = self._listing.balance_transactions(_midnight(since), _midnight(until, after=1))
        return [
            item for line in listed if line.currency == currency.value for item in items_of(line)
        ]

    def closing(self, currency: Currency, day: date) -> int | None:
        """What Stripe holds now, less what moved since the end of ``day``. GatewayUnavailable
        while it moves too much to be read."""
        since = _midnight(day, after=1)
        for _ in range(_LOOKS):
            before = self._moved(currency, since)
            now = self._listing.balance().total(currency.value)
            if self._moved(currency, since) == before:
                return now - before
        raise GatewayUnavailable()

    def _moved(self, currency: Currency, since: datetime) -> int:
        until = self._clock.now() + _SETTLING
        listed = self._listing.balance_transactions(since, until) if until > since else ()
        return sum(line.net_minor for line in listed if line.currency == currency.value)


def items_of(line: Line) -> list[Item]:
    """One balance transaction: what it moved, and what Stripe kept of it."""
    category = _KINDS.get(line.kind, Category.OTHER)
    reference = _reference(line, category)
    items = []
    if line.amount_minor:
        items.append(_item(line, line.id, category, reference, line.amount_minor))
    if line.fee_minor:
        charged_for = reference if category is not Category.FEE else f"{ALONE}{line.id}"
        items.append(_item(line, f"{line.id}#fee", Category.FEE, charged_for, -line.fee_minor))
    return items


def _reference(line: Line, category: Category) -> str:
    if category is Category.FEE:
        return f"{ALONE}{line.id}"
    if category is Category.PAYMENT and line.payment:
        return line.payment
    if category in (Category.OUT, Category.BACK):
        return line.metadata.get("payout_id") or line.source or line.id
    return line.source or line.id


def _item(line: Line, name: str, category: Category, reference: str, minor: int) -> Item:
    at = line.created
    return Item(name, category, reference, minor, at, at.astimezone(UTC).date())


def _midnight(day: date, *, after: int = 0) -> datetime:
    return datetime.combine(day + timedelta(days=after), time(), UTC)
