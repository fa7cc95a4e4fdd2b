"""Customers and the money that they send by bank transfer."""

from collections.abc import Mapping

from sandbox.stripe import payments
from sandbox.stripe.charging import Charging
from sandbox.stripe.errors import StripeError
from sandbox.stripe.objects import Json, new_id
from sandbox.stripe.state import NOBODY, NotPossible, Origin, StripeState

BANKS: Mapping[str, tuple[Json, ...]] = {
    "usd": (
        {
            "type": "aba",
            "supported_networks": ["ach", "domestic_wire_us"],
            "aba": {
                "account_holder_name": "Baobab Sandbox",
                "account_type": "checking",
                "bank_name": "US Test Bank",
                "routing_number": "999999999",
            },
        },
        {
            "type": "swift",
            "supported_networks": ["swift"],
            "swift": {
                "account_holder_name": "Baobab Sandbox",
                "account_type": "checking",
                "bank_name": "US Test Bank",
                "swift_code": "TESTUS99XXX",
            },
        },
    ),
    "eur": (
        {
            "type": "iban",
            "supported_networks": ["sepa"],
            "iban": {"account_holder_name": "Baobab Sandbox", "bic": "TESTIE2DXXX"},
        },
    ),
}
FIRST_ACCOUNT = 11_000_000_000


class Cash:
    """The cash balance of each customer, and what it is applied to."""

    def __init__(self, state: StripeState, charging: Charging) -> None:
        self._state = state
        self._charging = charging
        self._balances: dict[tuple[str, str], int] = {}
        self._applied: dict[str, int] = {}

    def clear(self) -> None:
        """Forgets everything."""
        self._balances.clear()
        self._applied.clear()

    def create_customer(self, members: Json) -> Json:
        """A new customer."""
        customer: Json = {
            "id": new_id("cus", 14),
            "object": "customer",
            "address": None,
            "balance": 0,
            "created": self._state.now(),
            "currency": None,
            "default_source": None,
            "delinquent": False,
            "description": members.get("description"),
            "email": members.get("email"),
            "livemode": False,
            "metadata": dict(members.get("metadata") or {}),
            "name": members.get("name"),
            "phone": None,
            "shipping": None,
        }
        self._state.customers[customer["id"]] = customer
        return customer

    def balance(self, customer: str) -> Json:
        """The cash balance object."""
        held = {
            currency: amount
            for (owner, currency), amount in self._balances.items()
            if owner == customer and amount
        }
        return {
            "object": "cash_balance",
            "available": held or None,
            "customer": customer,
            "livemode": False,
            "settings": {"reconciliation_mode": "automatic", "using_merchant_default": True},
        }

    def await_transfer(self, intent: Json, country: str | None, origin: Origin) -> None:
        """Confirms an intent: what the customer has sent before pays it, or instructions say where
        to send the rest."""
        self._instruct(intent, country)
        self._apply(intent, origin)
        if intent["status"] == "requires_action":
            self._state.tell("payment_intent.requires_action", intent, origin)

    def fund(self, customer: str, currency: str, amount: int, reference: str | None = None) -> None:
        """Money comes from the customer's bank. It pays the intent with this reference, else one
        of exactly this amount, else the oldest; what is left stays with the customer."""
        self._add(customer, currency, amount, "funded")
        waiting = [
            one
            for one in self._state.intents.values()
            if one["customer"] == customer
            and one["currency"] == currency
            and one["status"] == "requires_action"
            and one["payment_method_types"] == ["customer_balance"]
        ]

        def rank(intent: Json) -> tuple[bool, bool]:
            told = intent["next_action"]["display_bank_transfer_instructions"]
            return told["reference"] != reference, told["amount_remaining"] != amount

        for intent in sorted(waiting, key=rank):
            self._apply(intent, NOBODY)

    def cancel(self, intent: Json, origin: Origin) -> None:
        """Cancels an intent; what was applied to it goes back to the customer's balance.

        Raises:
            StripeError: 400, it is paid or a bank works on it.
        """
        if intent["status"] in ("succeeded", "processing", "canceled"):
            raise StripeError(
                400,
                "You cannot cancel this PaymentIntent because it has a status of "
                f"{intent['status']}.",
                code="payment_intent_unexpected_state",
            )
        if any(one["payment_intent"] == intent["id"] for one in self._state.sessions.values()):
            raise StripeError(
                400,
                "You cannot cancel PaymentIntents created by Checkout Sessions. Instead, expire "
                "the Checkout Session.",
            )
        back = self._applied.pop(intent["id"], 0)
        if back:
            self._add(intent["customer"], intent["currency"], back, "unapplied_from_payment")
        intent.update(status="canceled", canceled_at=self._state.now(), next_action=None)
        self._state.tell("payment_intent.canceled", intent, origin)

    def _instruct(self, intent: Json, country: str | None) -> None:
        customer, currency = intent["customer"], intent["currency"]
        number = str(FIRST_ACCOUNT + list(self._state.customers).index(customer))
        addresses = []
        for bank in BANKS[currency]:
            kind = bank["type"]
            own: Json = {"account_number": number}
            if kind == "iban":
                own = {"iban": f"{country}00TEST{number}", "country": country}
            addresses.append({**bank, kind: {**bank[kind], **own}})
        reference = new_id("x", 8)[2:].upper()
        intent["status"] = "requires_action"
        intent["next_action"] = {
            "type": "display_bank_transfer_instructions",
            "display_bank_transfer_instructions": {
                "amount_remaining": intent["amount"],
                "currency": currency,
                "financial_addresses": addresses,
                "hosted_instructions_url": None,
                "reference": reference,
                "type": "eu_bank_transfer" if currency == "eur" else "us_bank_transfer",
            },
        }

    def _apply(self, intent: Json, origin: Origin) -> None:
        holder = (intent["customer"], intent["currency"])
        told = intent["next_action"]["display_bank_transfer_instructions"]
        part = min(self._balances.get(holder, 0), told["amount_remaining"])
        if part <= 0:
            return
        self._add(*holder, -part, "applied_to_payment")
        told["amount_remaining"] -= part
        self._applied[intent["id"]] = self._applied.get(intent["id"], 0) + part
        if told["amount_remaining"]:
            self._state.tell("payment_intent.partially_funded", intent, origin)
            return
        self._applied.pop(intent["id"])
        now = self._state.now()
        method = payments.balance_method(now)
        self._state.methods[method["id"]] = method
        charge = payments.charge(intent, method, "pending", {}, now)
        self._charging.succeed(intent, charge, origin=origin)

    def _add(self, customer: str, currency: str, amount: int, kind: str) -> None:
        holder = (customer, currency)
        self._balances[holder] = self._balances.get(holder, 0) + amount
        entry: Json = {
            "id": new_id("ccsbtxn"),
            "object": "customer_cash_balance_transaction",
            "created": self._state.now(),
            "currency": currency,
            "customer": customer,
            "ending_balance": self._balances[holder],
            "livemode": False,
            "net_amount": amount,
            "type": kind,
        }
        self._state.cash[entry["id"]] = entry
        self._state.tell("customer_cash_balance_transaction.created", entry)


def searched(state: StripeState, query: str) -> list[Json]:
    """Customers by one member of their metadata: `metadata['user_id']:'usr_…'`.

    Raises:
        StripeError: 400, another query.
    """
    member, _, value = query.partition(":")
    inner = member.removeprefix("metadata['").removesuffix("']")
    if member != f"metadata['{inner}']" or len(value) < 2 or value[0] + value[-1] != "''":
        raise StripeError(400, f"We were unable to parse your search query: {query}", param="query")
    wanted = value[1:-1]
    return [one for one in state.customers.values() if one["metadata"].get(inner) == wanted]


def intent_of(state: StripeState, intent_id: str) -> Json:
    """An intent that waits for a transfer.

    Raises:
        NotPossible: there is none.
    """
    intent = state.intents.get(intent_id)
    if intent is None or intent["status"] != "requires_action" or intent["customer"] is None:
        raise NotPossible("no such intent waits for a transfer")
    return intent
