"""Booking what gateways pay out to the firm's bank, from their own lists, each payout once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from shared.kernel.clock import Clock, to_text
from shared.ledger.house import book_once
from shared.ledger.model import Draft
from shared.ledger.ports import House
from shared.payments.methods import Gateway
from shared.platform.observability import metric
from shared.platform.work import ConditionFailed, UnitOfWork
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

    def _book(self, gateway: Gateway, payout: GatewayPayout) -> bool:
        if payout.amount.minor == 0:
            return False
        sent = booking_key(MovementKind.GATEWAY_PAYOUT_SENT, gateway, payout.reference)
        if not payout.failed:
            # Reading first keeps the chain's end free of what was booked long ago.
            if self.house.posted(sent):
                return False
            draft = self._draft(gateway, payout)
            return book_once(self.house, self.facts, draft, sent)
        back = f"{sent}:failed"
        if not self.house.posted(sent) or self.house.posted(back):
            # Never booked: then there is nothing to take back.
            return False
        try:
            draft = self._draft(gateway, payout)
            needed = [self.house.require(sent)]
            booked = book_once(self.house, self.facts, draft, back, also=needed)
        except ConditionFailed:
            return False
        metric("GatewayPayoutFailed", gateway=gateway.value)
        return booked

    def _draft(self, gateway: Gateway, payout: GatewayPayout) -> Draft:
        make = bookings.payout_failed if payout.failed else bookings.payout_sent
        return make(
            gateway,
            payout.amount,
            self.clock.now(),
            subject=payout.reference,
            reference=payout.reference,
            created_at=to_text(payout.created_at),
        )
