"""Balance transactions: what every movement does to the balance of an account."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.stripe.objects import Json, new_id
from sandbox.stripe.state import PLATFORM, StripeState

SETTLEMENT_SECONDS = 2 * 24 * 60 * 60
DISPUTE_FEE = 1500

TYPES: Mapping[str, tuple[str, str]] = {
    "charge": ("charge", "charge"),
    "payment": ("payment", "charge"),
    "refund": ("refund", "refund"),
    "payment_refund": ("payment_refund", "refund"),
    "refund_failure": ("refund_failure", "refund_failure"),
    "dispute": ("adjustment", "dispute"),
    "dispute_reversal": ("adjustment", "dispute_reversal"),
    "transfer": ("transfer", "transfer"),
    "transfer_reversal": ("transfer_refund", "transfer_reversal"),
    "payout": ("payout", "payout"),
    "payout_failure": ("payout_failure", "payout_reversal"),
    "topup": ("topup", "topup"),
}
"""`type` and `reporting_category` of each kind of movement."""


@dataclass(frozen=True, slots=True)
class Movement:
    """What happened: the gross `amount` (negative: money leaves) and the fee, in minor units."""

    kind: str
    source: str
    currency: str
    amount: int
    fee: int = 0
    settles_in: int = 0
    """Seconds until it counts as available."""
    account: str = PLATFORM


class Books:
    """The balances of all accounts, as sums of their transactions."""

    def __init__(self, state: StripeState) -> None:
        self._state = state
        self._payouts: dict[str, str] = {}

    def clear(self) -> None:
        """Forgets which payout took what."""
        self._payouts.clear()

    def enter(self, movement: Movement) -> Json:
        """A new balance transaction."""
        now = self._state.now()
        kind, category = TYPES[movement.kind]
        entry: Json = {
            "id": new_id("txn"),
            "object": "balance_transaction",
            "amount": movement.amount,
            "available_on": now + movement.settles_in,
            "balance_type": "payments",
            "created": now,
            "currency": movement.currency,
            "description": None,
            "exchange_rate": None,
            "fee": movement.fee,
            "fee_details": _fees(movement),
            "net": movement.amount - movement.fee,
            "reporting_category": category,
            "source": movement.source,
            "status": "pending" if movement.settles_in else "available",
            "type": kind,
        }
        self._state.balance_transactions[entry["id"]] = entry
        if movement.account != PLATFORM:
            self._state.owners[entry["id"]] = movement.account
        return entry

    def entries(self, account: str = PLATFORM) -> list[Json]:
        """All transactions of an account, oldest first."""
        now = self._state.now()
        mine = [
            one
            for one in self._state.balance_transactions.values()
            if self._state.owners.get(one["id"], PLATFORM) == account
        ]
        for one in mine:
            one["status"] = "available" if one["available_on"] <= now else "pending"
        return mine

    def available(self, currency: str, account: str = PLATFORM) -> int:
        """What may be transferred or paid out."""
        return _sums(self.entries(account), "available").get(currency, 0)

    def balance(self, account: str = PLATFORM) -> Json:
        """The balance object."""
        entries = self.entries(account)
        return {
            "object": "balance",
            "available": _lines(_sums(entries, "available")),
            "livemode": False,
            "pending": _lines(_sums(entries, "pending")),
        }

    def take(self, payout_id: str, entries: list[Json]) -> None:
        """Notes that an automatic payout consists of these transactions."""
        self._payouts.update({one["id"]: payout_id for one in entries})

    def payout_of(self, entry: Json) -> str | None:
        """The automatic payout that took a transaction to the bank."""
        return self._payouts.get(entry["id"])


def _fees(movement: Movement) -> list[Json]:
    if not movement.fee:
        return []
    processing = movement.kind in ("charge", "payment")
    return [
        {
            "amount": movement.fee,
            "application": None,
            "currency": movement.currency,
            "description": "Stripe processing fees" if processing else "Dispute fee",
            "type": "stripe_fee",
        }
    ]


def _sums(entries: list[Json], status: str) -> dict[str, int]:
    sums: dict[str, int] = {}
    for one in entries:
        sums.setdefault(one["currency"], 0)
        if one["status"] == status:
            sums[one["currency"]] += one["net"]
    return sums


def _lines(sums: Mapping[str, int]) -> list[Json]:
    return [
        {"amount": amount, "currency": currency, "source_types": {"card": amount}}
        for currency, amount in sorted(sums.items())
    ]
