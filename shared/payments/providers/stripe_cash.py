"""Money that people have sent to Stripe and that no payment has taken: their cash balances."""

from typing import Any

from shared.kernel.money import Currency, Money
from shared.payments.cash_balances import CashLeft
from shared.payments.providers.stripe_client import Clients, asking
from shared.platform.observability import metric

_PAGE = 100


class StripeCash:
    """See CashBalances. Whatever Stripe refuses to tell is not there: another product's customer,
    or one that was deleted."""

    def __init__(self, client: Clients) -> None:
        self._client = client

    def customer_behind(self, reference: str) -> str | None:
        """See CashBalances. Only a transfer has a customer with a balance."""
        import stripe

        try:
            with asking():
                intent = self._client().v1.payment_intents.retrieve(reference)
        except stripe.InvalidRequestError:
            return None
        customer = intent.customer
        return customer if isinstance(customer, str) else None

    def left(self, customer: str) -> CashLeft | None:
        """See CashBalances."""
        import stripe

        try:
            with asking():
                return self._left(customer)
        except stripe.InvalidRequestError as error:
            metric("GatewayRefused", gateway="STRIPE", code=error.code or "none")
            return None

    def _left(self, customer: str) -> CashLeft | None:
        customers = self._client().v1.customers
        known = customers.retrieve(customer).to_dict()
        owner = (known.get("metadata") or {}).get("user_id")
        if known.get("deleted") or not isinstance(owner, str):
            return None
        balance = customers.cash_balance.retrieve(customer).to_dict()
        held = {
            code: int(minor)
            for code, minor in sorted((balance.get("available") or {}).items())
            if int(minor)
        }
        if not held:
            return CashLeft(owner)
        params: Any = {"limit": _PAGE}
        listed = customers.cash_balance_transactions.list(customer, params)
        brought = (
            one.id
            for one in listed.auto_paging_iter()
            if one.net_amount > 0 and one.currency in held
        )
        amounts = tuple(_text(code, minor) for code, minor in held.items())
        return CashLeft(owner, amounts, tuple(code.upper() for code in held), next(brought, None))


def _text(code: str, minor: int) -> str:
    """The money as people read it; of a currency that we do not keep what Stripe says."""
    try:
        return str(Money(minor, Currency(code.upper())))
    except ValueError:
        metric("PaymentInForeignCurrency", gateway="STRIPE")
        return f"{minor} minor units of {code.upper()}"
