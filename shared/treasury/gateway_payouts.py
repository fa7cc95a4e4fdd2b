"""Booking what gateways pay out to the firm's bank, from their own lists, each payout once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from shared.kernel.clock import Clock, to_text
from shared.ledger.house import book_once
from shared.ledger.model import Draft
from shared.ledger.ports import House
from shared.payments.methods import Gateway
from shared.platform.observability import metric
from shared.platform.work import UnitOfWork, Write
from shared.treasury import bookings
from shared.treasury.movements import MovementKind, booking_key
from shared.treasury.ports import GatewayPayout, PayoutListing

CHECK = "gateway_payouts"
LOOKED_BACK = timedelta(days=35)
"""A bank may return a payout weeks later; older ones are a matter for reconciliation."""


@dataclass(frozen=True, slots=True)
class GatewayPayouts:
    """The use case behind the check. What is listed again is success."""

    house: House
    facts: UnitOfWork
    listings: Mapping[Gateway, PayoutListing]
    clock: Clock

    def look(self) -> int:
        """Book what is new; how many entries. Raises GatewayUnavailable, after what was listed
        before has been booked."""
        now, booked = self.clock.now(), 0
        for gateway, listing in self.listings.items():
            for payout in listing.payouts(now - LOOKED_BACK, now):
                booked += self._book(gateway, payout)
        return booked

    def _book(self, gateway: Gateway, payout: GatewayPayout) -> int:
        """One that failed has left and come back, also where it was never seen on its way: the
        gateway's own list has both."""
        if payout.amount.minor == 0:
            return 0
        sent = booking_key(
            MovementKind.GATEWAY_PAYOUT_SENT, gateway, payout.amount.currency, payout.reference
        )
        booked = self._once(sent, self._draft(gateway, payout, bookings.payout_sent))
        if payout.failed:
            back = self._draft(gateway, payout, bookings.payout_failed)
            if self._once(f"{sent}:failed", back, self.house.require(sent)):
                metric("GatewayPayoutFailed", gateway=gateway.value)
                booked += 1
        return booked

    def _once(self, key: str, draft: Draft, *also: Write) -> int:
        # Reading first keeps the chain's end free of what was booked long ago.
        if self.house.posted(key):
            return 0
        return int(book_once(self.house, self.facts, draft, key, also=also))

    def _draft(self, gateway: Gateway, payout: GatewayPayout, make: Callable[..., Draft]) -> Draft:
        return make(
            gateway,
            payout.amount,
            self.clock.now(),
            subject=payout.reference,
            reference=payout.reference,
            created_at=to_text(payout.created_at),
        )
