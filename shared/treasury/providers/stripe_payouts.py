"""Stripe's payouts to the firm's bank, in the words of the treasury."""

from collections.abc import Iterator
from datetime import datetime

from shared.kernel.money import Currency, Money
from shared.payments.providers.stripe_listing import StripeListing
from shared.platform.observability import metric
from shared.treasury.ports import GatewayPayout

_GONE = frozenset({"failed", "canceled"})


class StripeBankPayouts:
    """See PayoutListing."""

    def __init__(self, listing: StripeListing) -> None:
        self._listing = listing

    def payouts(self, since: datetime, until: datetime) -> Iterator[GatewayPayout]:
        """See PayoutListing."""
        for one in self._listing.payouts(since, until):
            if one.currency not in Currency:
                # The daily comparison with Stripe's books shows it too.
                metric("PayoutInForeignCurrency", gateway="STRIPE")
                continue
            amount = Money(one.amount_minor, Currency(one.currency))
            yield GatewayPayout(one.id, amount, one.created, failed=one.status in _GONE)
