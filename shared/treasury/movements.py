"""Movements of the firm's own money that people record, large ones with a second person. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from shared.kernel.errors import InvalidValue
from shared.kernel.money import Currency, FxRate, Money
from shared.kernel.states import Transitions, advance
from shared.ledger.model import Draft
from shared.payments.methods import Gateway
from shared.treasury import bookings

_REFERENCE = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9._/-]{1,60}")
"""As banks and gateways name what they do, of which one part is always a number: it leaves with the
entry, so it is no place for words about people."""
SWEPT_AFTER = timedelta(minutes=5)
TOLERANCE = 10_000
"""Amounts and rate of a conversion agree within one part in so many: banks round both."""


class MovementKind(StrEnum):
    """What moved."""

    GATEWAY_PAYOUT_SENT = "GATEWAY_PAYOUT_SENT"
    """From a gateway towards our bank."""
    GATEWAY_PAYOUT_ARRIVED = "GATEWAY_PAYOUT_ARRIVED"
    """It is on our bank's statement."""
    GATEWAY_FUNDED = "GATEWAY_FUNDED"
    """From our bank to a gateway, so that it can pay out, such as M-Pesa's float."""
    GATEWAY_FEE = "GATEWAY_FEE"
    """Charged by a gateway, and not told with a payment."""
    FX_CONVERTED = "FX_CONVERTED"
    """One currency was sold for another at our bank."""
    PREFUNDED = "PREFUNDED"
    """From our bank to our account at the broker."""
    CAPITAL_PAID_IN = "CAPITAL_PAID_IN"
    """From the firm's owners to our bank."""


OF_GATEWAYS = frozenset(
    {
        MovementKind.GATEWAY_PAYOUT_SENT,
        MovementKind.GATEWAY_PAYOUT_ARRIVED,
        MovementKind.GATEWAY_FUNDED,
        MovementKind.GATEWAY_FEE,
    }
)


class MovementStatus(StrEnum):
    """Where a movement stands."""

    PROPOSED = "PROPOSED"
    """A second person has to agree."""
    AGREED = "AGREED"
    """Enough people stand for it: it is about to be booked."""
    POSTED = "POSTED"
    """In the books."""
    REJECTED = "REJECTED"
    """A second person did not agree: nothing was booked."""
    KNOWN = "KNOWN"
    """It was in the books already, by its name outside: nothing was booked again."""


TRANSITIONS: Transitions[MovementStatus] = {
    MovementStatus.PROPOSED: frozenset({MovementStatus.AGREED, MovementStatus.REJECTED}),
    MovementStatus.AGREED: frozenset({MovementStatus.POSTED, MovementStatus.KNOWN}),
    MovementStatus.POSTED: frozenset(),
    MovementStatus.REJECTED: frozenset(),
    MovementStatus.KNOWN: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Moved:
    """What somebody says has moved. ``reference`` is its name outside, without blanks: the
    payout's at the gateway, or that on the bank's statement. ``counter`` is what was bought at
    ``rate``."""

    kind: MovementKind
    amount: Money
    reference: str
    gateway: Gateway | None = None
    counter: Money | None = None
    rate: Decimal | None = None

    @property
    def key(self) -> str:
        """Under this key it is booked once, whoever tells of it."""
        return booking_key(self.kind, self.gateway, self.amount.currency, self.reference)


@dataclass(frozen=True, slots=True)
class Movement:
    """Something that moved, and who said so."""

    movement_id: str
    moved: Moved
    proposed_by: str
    proposed_at: datetime
    reason: str
    status: MovementStatus = MovementStatus.PROPOSED
    decided_by: str | None = None
    decided_at: datetime | None = None
    version: int = 1

    def decided(self, agreed: bool, by: str, at: datetime) -> "Movement":
        """A second person's word; IllegalTransition once it was given."""
        target = MovementStatus.AGREED if agreed else MovementStatus.REJECTED
        return replace(
            self,
            status=advance(TRANSITIONS, self.status, target),
            decided_by=by,
            decided_at=at,
            version=self.version + 1,
        )

    @property
    def due(self) -> datetime | None:
        """From when on the sweep asks for it; None when nothing is awaited."""
        if self.status is not MovementStatus.AGREED:
            return None
        return (self.decided_at or self.proposed_at) + SWEPT_AFTER

    def booked(self, *, known: bool = False) -> "Movement":
        """In the books now, or ``known`` to have been there."""
        target = MovementStatus.KNOWN if known else MovementStatus.POSTED
        status = advance(TRANSITIONS, self.status, target)
        return replace(self, status=status, version=self.version + 1)

    def draft(self, at: datetime) -> Draft:
        """Its entry."""
        moved, names = self.moved, (self.movement_id, self.moved.reference)
        subject, reference = names
        if moved.kind is MovementKind.FX_CONVERTED and moved.counter and moved.rate:
            return bookings.fx_converted(
                moved.amount, moved.counter, moved.rate, at, subject=subject, reference=reference
            )
        if moved.kind is MovementKind.PREFUNDED:
            return bookings.prefunded(moved.amount, at, subject=subject, reference=reference)
        if moved.kind is MovementKind.CAPITAL_PAID_IN:
            return bookings.capital_paid_in(moved.amount, at, subject=subject, reference=reference)
        if moved.gateway is None:
            raise ValueError(f"{moved.kind} names a gateway")
        make = {
            MovementKind.GATEWAY_PAYOUT_SENT: bookings.payout_sent,
            MovementKind.GATEWAY_PAYOUT_ARRIVED: bookings.payout_arrived,
            MovementKind.GATEWAY_FUNDED: bookings.gateway_funded,
            MovementKind.GATEWAY_FEE: bookings.fee_reported,
        }[moved.kind]
        return make(moved.gateway, moved.amount, at, subject=subject, reference=reference)


def booking_key(
    kind: MovementKind, gateway: Gateway | None, currency: Currency, reference: str
) -> str:
    """The key of the house's journal for a movement by its name outside. Two accounts may use one
    name; a conversion is on the statements of both of its currencies."""
    place = Gateway.BANK if gateway is None else gateway
    account = "FX" if kind is MovementKind.FX_CONVERTED else currency.value
    return f"{kind.value}:{place.value}:{account}:{reference}"


def checked(moved: Moved, at: datetime) -> Moved:
    """The same; InvalidValue for what cannot have moved so."""
    # Statements are read without blanks, too: both have to meet under one name.
    reference = moved.reference.replace(" ", "")
    if not _REFERENCE.fullmatch(reference):
        raise InvalidValue(
            field="reference",
            reason="must be up to 60 letters, digits and signs of -/._ with a digit among them",
        )
    if moved.amount.minor <= 0:
        raise InvalidValue(field="amount", reason="must be positive and finite")
    by_gateway = moved.gateway not in (None, Gateway.BANK)
    if by_gateway is not (moved.kind in OF_GATEWAYS) or moved.gateway is Gateway.BANK:
        raise InvalidValue(field="gateway", reason="must be given for what a gateway does, only")
    if moved.kind is MovementKind.PREFUNDED and moved.amount.currency is not Currency.USD:
        raise InvalidValue(field="currency", reason=f"must be one of {Currency.USD.value}")
    _check_conversion(moved, at)
    return replace(moved, reference=reference)


def _check_conversion(moved: Moved, at: datetime) -> None:
    given = (moved.counter is not None, moved.rate is not None)
    if moved.kind is not MovementKind.FX_CONVERTED:
        if any(given):
            raise InvalidValue(field="counterAmount", reason="must be given for conversions, only")
        return
    if moved.counter is None or moved.rate is None:
        raise InvalidValue(field="counterAmount", reason="must be given")
    if moved.counter.minor <= 0:
        raise InvalidValue(field="counterAmount", reason="must be positive and finite")
    if moved.counter.currency is moved.amount.currency:
        raise InvalidValue(field="counterCurrency", reason="must be another currency")
    rate = FxRate(moved.amount.currency, moved.counter.currency, moved.rate, "", at)
    expected = rate.convert(moved.amount, ROUND_HALF_EVEN).minor
    if abs(expected - moved.counter.minor) > max(1, expected // TOLERANCE):
        raise InvalidValue(field="rate", reason="must agree with both amounts")


def alone(moved: Moved, most_minor: Mapping[Currency, int]) -> bool:
    """Whether one person may book it: each amount within the most that is named for its
    currency; a currency without one always takes two."""
    amounts = [moved.amount, *([moved.counter] if moved.counter else [])]
    return all(one.minor <= most_minor.get(one.currency, 0) for one in amounts)
