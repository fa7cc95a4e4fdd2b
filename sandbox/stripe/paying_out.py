"""Payouts from a balance to a bank account: paid, failed, or sent back by the bank."""

from sandbox.stripe.banks import FAILURES
from sandbox.stripe.books import Books, Movement
from sandbox.stripe.connect import insufficient
from sandbox.stripe.errors import StripeError
from sandbox.stripe.objects import Json, new_id
from sandbox.stripe.state import NOBODY, PLATFORM, NotPossible, Origin, StripeState

FIRMS_BANK = "ba_the_firm"
MOVES = {
    "pending": {"in_transit", "paid", "failed", "canceled"},
    "in_transit": {"paid", "failed"},
    # A bank can send the money back days after it was paid.
    "paid": {"failed"},
    "failed": set[str](),
    "canceled": set[str](),
}


class PayingOut:
    """The money leaves the balance when a payout is made, and comes back when it fails."""

    def __init__(self, state: StripeState, books: Books) -> None:
        self._state = state
        self._books = books

    def create(self, parameters: Json, account: str, origin: Origin) -> Json:
        """A payout that somebody asked for; it goes on by itself.

        Raises:
            StripeError: 400, too little money, or no such bank account.
        """
        currency, destination = parameters["currency"], parameters["destination"]
        bank = self._state.bank_accounts.get(destination)
        if account != PLATFORM and (
            bank is None or bank["account"] != account or bank["currency"] != currency
        ):
            raise StripeError(
                400,
                f"No such external account: '{destination}'",
                code="resource_missing",
                param="destination",
            )
        if self._books.available(currency, account) < parameters["amount"]:
            raise insufficient()
        return self._made(parameters, account, origin, automatic=False)

    def sweep(self, currency: str, amount: int | None) -> Json:
        """An automatic payout of the platform's available balance to the firm's bank.

        Raises:
            NotPossible: there is not so much.
        """
        available = self._books.available(currency)
        amount = available if amount is None else amount
        if not 0 < amount <= available:
            raise NotPossible(f"{available} {currency} are available")
        taken = [
            one
            for one in self._books.entries()
            if one["currency"] == currency
            and one["status"] == "available"
            and self._books.payout_of(one) is None
            and one["type"] != "payout"
        ]
        parameters: Json = {
            "amount": amount,
            "currency": currency,
            "destination": FIRMS_BANK,
            "metadata": {},
            "description": "STRIPE PAYOUT",
        }
        payout = self._made(parameters, PLATFORM, NOBODY, automatic=True)
        self._books.take(payout["id"], taken)
        return payout

    def move(self, payout: Json, status: str, failure: str | None = None) -> None:
        """Another status.

        Raises:
            NotPossible: Stripe never makes this move.
        """
        if status not in MOVES[payout["status"]]:
            raise NotPossible(f"the payout is {payout['status']}")
        payout["status"] = status
        if status in ("failed", "canceled"):
            account = self._state.owners.get(payout["id"], PLATFORM)
            back = Movement(
                "payout_failure",
                payout["id"],
                payout["currency"],
                payout["amount"],
                account=account,
            )
            payout["failure_balance_transaction"] = self._books.enter(back)["id"]
        if status == "failed":
            payout["failure_code"] = failure or "could_not_process"
            payout["failure_message"] = f"The bank said: {payout['failure_code']}."
        event = "updated" if status == "in_transit" else status
        self._state.tell(f"payout.{event}", payout)

    def _made(self, parameters: Json, account: str, origin: Origin, *, automatic: bool) -> Json:
        now = self._state.now()
        payout: Json = {
            "id": new_id("po"),
            "object": "payout",
            "application_fee": None,
            "application_fee_amount": None,
            "arrival_date": now,
            "automatic": automatic,
            "balance_transaction": None,
            "created": now,
            "failure_balance_transaction": None,
            "failure_code": None,
            "failure_message": None,
            "livemode": False,
            "method": "standard",
            "original_payout": None,
            "reconciliation_status": "completed" if automatic else "not_applicable",
            "reversed_by": None,
            "source_type": "card",
            "statement_descriptor": None,
            "status": "pending",
            "type": "bank_account",
            **parameters,
        }
        if account != PLATFORM:
            self._state.owners[payout["id"]] = account
        out = Movement(
            "payout", payout["id"], payout["currency"], -payout["amount"], account=account
        )
        payout["balance_transaction"] = self._books.enter(out)["id"]
        self._state.payouts[payout["id"]] = payout
        self._state.tell("payout.created", payout, origin)
        delay = self._state.sandbox.config.stripe_payout_delay_ms
        self._state.later(delay, lambda: self._step(payout, "pending"))
        return payout

    def _step(self, payout: Json, expected: str) -> None:
        """From pending to in transit, and on to the end that its bank account has."""
        if payout["status"] != expected:
            return
        if expected == "pending":
            self.move(payout, "in_transit")
            delay = self._state.sandbox.config.stripe_payout_delay_ms
            self._state.later(delay, lambda: self._step(payout, "in_transit"))
            return
        number = self._state.numbers.get(payout["destination"], "")
        failure = FAILURES.get(number)
        self.move(payout, "paid" if failure is None else "failed", failure)
