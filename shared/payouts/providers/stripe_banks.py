"""Bank accounts that Stripe may pay out to."""

import hashlib
from collections.abc import Mapping
from typing import Any

from shared.payments.providers.stripe_client import Clients, asking
from shared.payouts.errors import PayoutAccountRefused
from shared.platform.observability import metric

_CONTROLLER = {
    "fees": {"payer": "application"},
    "losses": {"payments": "application"},
    "requirement_collection": "application",
    "stripe_dashboard": {"type": "none"},
}
"""The platform answers for the account, and its holder never sees Stripe."""


class BankAccounts:
    """Each bank account of a person gets a connected account of its own, from which nothing is
    paid but what we order."""

    def __init__(self, client: Clients) -> None:
        self._client = client

    def register(
        self, user_id: str, country: str, currency: str, holder: str, numbers: Mapping[str, str]
    ) -> Mapping[str, str]:
        """Make a bank account known: ``stripe_account``, ``external_account``, ``last4`` and
        ``bank_name``. ``numbers`` are ``account_number`` (or an IBAN) and, where the country has
        them, ``routing_number``. The same numbers of the same person give the same for a day, so
        that a repeated request makes nothing twice.

        Raises PayoutAccountRefused for what Stripe does not take, and GatewayUnavailable when it
        does not answer.
        """
        import stripe

        key = f"{user_id}.{_fingerprint(country, currency, holder, numbers)}"
        account: Any = {
            "controller": _CONTROLLER,
            "country": country,
            "business_type": "individual",
            "capabilities": {"transfers": {"requested": True}},
            "metadata": {"user_id": user_id},
            # By itself Stripe would pay each transfer out once more, at a time of its own.
            "settings": {"payouts": {"schedule": {"interval": "manual"}}},
        }
        if country != "US":
            # Across borders: the payee has an agreement for receiving only.
            account["tos_acceptance"] = {"service_agreement": "recipient"}
        bank: Any = {
            "object": "bank_account",
            "country": country,
            "currency": currency.lower(),
            "account_holder_name": holder,
            "account_holder_type": "individual",
            **{name: numbers[name] for name in _NAMES if numbers.get(name)},
        }
        try:
            with asking():
                v1 = self._client().v1
                made = v1.accounts.create(account, {"idempotency_key": f"{key}.account"})
                added = v1.accounts.external_accounts.create(
                    made.id, {"external_account": bank}, {"idempotency_key": f"{key}.bank"}
                ).to_dict()
        except (stripe.InvalidRequestError, stripe.CardError) as error:
            metric("PayoutAccountRefused", gateway="STRIPE", code=error.code or "none")
            raise PayoutAccountRefused() from None
        return {
            "stripe_account": made.id,
            "external_account": str(added["id"]),
            "last4": str(added["last4"]),
            "bank_name": str(added.get("bank_name") or ""),
        }


_NAMES = ("account_number", "routing_number")


def _fingerprint(country: str, currency: str, holder: str, numbers: Mapping[str, str]) -> str:
    parts = (country, currency, holder, *(numbers.get(name, "") for name in _NAMES))
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:32]
