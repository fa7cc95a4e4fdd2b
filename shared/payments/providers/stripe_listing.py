"""Stripe's own books, read for comparison with ours."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from shared.payments.errors import GatewayUnavailable
from shared.payments.providers.stripe_client import Clients, asking
from shared.platform.observability import metric

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One balance transaction. Amounts are minor units of ``currency``, in which we settle;
    ``net_minor`` is ``amount_minor - fee_minor``, and the sum of all is the balance."""

    id: str
    kind: str
    """The reporting category: ``charge``, ``refund``, ``refund_failure``, ``dispute``,
    ``dispute_reversal``, ``transfer``, ``transfer_reversal``, ``payout``, ``payout_reversal``,
    ``fee`` and others."""
    source: str | None
    """The charge, refund, dispute, transfer or payout behind it."""
    amount_minor: int
    fee_minor: int
    net_minor: int
    currency: str
    """ISO 4217, also one that we do not keep."""
    created: datetime
    available_on: datetime
    payment: str | None = None
    """The PaymentIntent behind the source, if it has one."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """Of the source: which deposit or payout of ours it names."""


@dataclass(frozen=True, slots=True)
class BankPayout:
    """One payout of our balance to the firm's bank."""

    id: str
    amount_minor: int
    currency: str
    status: str
    """``pending``, ``in_transit``, ``paid``, ``failed`` or ``canceled``."""
    created: datetime
    arrives_on: datetime
    automatic: bool
    failure: str | None = None
    """Stripe's code."""


@dataclass(frozen=True, slots=True)
class Balances:
    """Minor units by ISO 4217 code."""

    available: Mapping[str, int]
    pending: Mapping[str, int]

    def total(self, currency: str) -> int:
        """All that is ours there."""
        return self.available.get(currency, 0) + self.pending.get(currency, 0)


class StripeListing:
    """All times are UTC and those at which Stripe made the object. Everything raises
    GatewayUnavailable when Stripe does not answer, or does not take the question."""

    def __init__(self, client: Clients) -> None:
        self._client = client

    def balance_transactions(self, since: datetime, until: datetime) -> Iterator[Line]:
        """Those made from ``since`` on and before ``until``, newest first, page by page."""
        params: Any = {
            "created": _within(since, until),
            "limit": _PAGE,
            "expand": ["data.source"],
        }
        with _listing():
            listed = self._client().v1.balance_transactions.list(params)
            for one in listed.auto_paging_iter():
                yield line_of(one.to_dict())

    def behind(self, payout_id: str) -> Iterator[Line]:
        """What an automatic payout took to the bank, the payout itself among it."""
        params: Any = {"payout": payout_id, "limit": _PAGE, "expand": ["data.source"]}
        with _listing():
            listed = self._client().v1.balance_transactions.list(params)
            for one in listed.auto_paging_iter():
                yield line_of(one.to_dict())

    def payouts(self, since: datetime, until: datetime) -> Iterator[BankPayout]:
        """Those to the firm's own bank, newest first."""
        params: Any = {"created": _within(since, until), "limit": _PAGE}
        with _listing():
            for one in self._client().v1.payouts.list(params).auto_paging_iter():
                yield payout_of(one.to_dict())

    def payout(self, payout_id: str) -> BankPayout | None:
        """One of them; None when our own account has none of this id, such as one of a payee's
        account."""
        import stripe

        try:
            with asking():
                return payout_of(self._client().v1.payouts.retrieve(payout_id).to_dict())
        except stripe.InvalidRequestError:
            return None

    def balance(self) -> Balances:
        """What is there now."""
        with _listing():
            found = self._client().v1.balance.retrieve().to_dict()
        return Balances(_sums(found["available"]), _sums(found["pending"]))


def line_of(entry: Mapping[str, Any]) -> Line:
    """Of a balance transaction with its source expanded."""
    source = entry.get("source")
    behind: Mapping[str, Any] = source if isinstance(source, dict) else {"id": source}
    return Line(
        id=entry["id"],
        kind=entry["reporting_category"],
        source=behind["id"],
        amount_minor=int(entry["amount"]),
        fee_minor=int(entry["fee"]),
        net_minor=int(entry["net"]),
        currency=entry["currency"].upper(),
        created=_moment(entry["created"]),
        available_on=_moment(entry["available_on"]),
        payment=behind.get("payment_intent"),
        metadata=dict(behind.get("metadata") or {}),
    )


def payout_of(payout: Mapping[str, Any]) -> BankPayout:
    """Of a payout object."""
    return BankPayout(
        id=payout["id"],
        amount_minor=int(payout["amount"]),
        currency=payout["currency"].upper(),
        status=payout["status"],
        created=_moment(payout["created"]),
        arrives_on=_moment(payout["arrival_date"]),
        automatic=bool(payout["automatic"]),
        failure=payout.get("failure_code"),
    )


@contextmanager
def _listing() -> Iterator[None]:
    """As ``asking``, and what Stripe refuses is unavailable too: the question was ours."""
    import stripe

    try:
        with asking():
            yield
    except stripe.InvalidRequestError as error:
        metric("GatewayRefused", gateway="STRIPE", code=error.code or "none")
        raise GatewayUnavailable() from None


def _within(since: datetime, until: datetime) -> dict[str, int]:
    """Whole seconds: a day that ends at midnight and the next one meet without a gap."""
    return {"gte": _seconds(since), "lt": _seconds(until)}


def _seconds(at: datetime) -> int:
    return int(at.timestamp()) + (1 if at.microsecond else 0)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _sums(parts: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    return {one["currency"].upper(): int(one["amount"]) for one in parts}
