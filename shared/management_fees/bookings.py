"""The journal entry of a management fee. Pure."""

from datetime import datetime

from shared.kernel.money import Currency
from shared.ledger.accounts import (
    customer_cash,
    customers_cash_at_broker,
    firm_cash_at_broker,
    management_fees,
)
from shared.ledger.model import Draft, EntryKind, Posting
from shared.management_fees.model import Charge

_USD = Currency.USD.asset


def charged(charge: Charge, at: datetime) -> Draft:
    """We owe the person that much less, and have earned it; the cash behind it is in the firm's
    account at the broker now.

    Dr customer cash, Cr management fees; Dr firm cash at the broker, Cr customers' cash there.
    """
    minor = charge.amount_minor
    legs = (
        Posting(customer_cash(charge.user_id), _USD, minor),
        Posting(management_fees(), _USD, -minor),
        Posting(firm_cash_at_broker(), _USD, minor),
        Posting(customers_cash_at_broker(), _USD, -minor),
    )
    memo = {
        "first": charge.first.isoformat(),
        "last": charge.last.isoformat(),
        "annual_bp": str(charge.annual_bp),
        "terms": str(charge.terms_version),
        "units": str(charge.units),
        "before_units": str(charge.before_units),
        "left_units": str(charge.left_units),
        "journal": charge.journal_id or "",
    }
    return Draft(EntryKind.MANAGEMENT_FEE, charge.charge_id, at, legs, memo)
