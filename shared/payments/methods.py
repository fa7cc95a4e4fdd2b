"""Ways of paying in, and who carries them out. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from shared.kernel.money import Currency


class Gateway(StrEnum):
    """Who takes the money for us."""

    STRIPE = "STRIPE"
    MPESA = "MPESA"
    ADYEN = "ADYEN"
    BANK = "BANK"
    """Nobody: it came straight to the firm's own bank account, by no deposit of anybody's."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was begun at a gateway whose place another one has taken. It may still be paid."""

    gateway: Gateway
    reference: str | None
    closed: bool = False
    """It certainly cannot be paid any more, or was and has been dealt with."""


class Method(StrEnum):
    """How a person pays in. One method may have several gateways, which take each other's place."""

    CARD = "CARD"
    """On the gateway's own page."""
    BANK_DEBIT = "BANK_DEBIT"
    """The gateway draws on a US bank account (ACH): days pass, and the bank can take it back."""
    BANK_TRANSFER = "BANK_TRANSFER"
    """The person sends money from their bank, with a reference that names the deposit."""
    MPESA = "MPESA"
    """A prompt on the phone (STK push)."""
    PAYBILL = "PAYBILL"
    """The person pays from their M-Pesa menu, with their own account number (C2B): we hear of it
    when it has happened."""


GATEWAYS: Mapping[Method, tuple[Gateway, ...]] = {
    Method.CARD: (Gateway.STRIPE, Gateway.ADYEN),
    Method.BANK_DEBIT: (Gateway.STRIPE,),
    Method.BANK_TRANSFER: (Gateway.STRIPE,),
    Method.MPESA: (Gateway.MPESA,),
    Method.PAYBILL: (Gateway.MPESA,),
}
"""Who carries a method out, the first choice first."""

CURRENCIES: Mapping[Method, tuple[Currency, ...]] = {
    Method.CARD: (Currency.USD, Currency.EUR, Currency.KES, Currency.ZAR),
    Method.BANK_DEBIT: (Currency.USD,),
    Method.BANK_TRANSFER: (Currency.USD, Currency.EUR),
    Method.MPESA: (Currency.KES,),
    Method.PAYBILL: (Currency.KES,),
}

LIFETIME: Mapping[Method, timedelta] = {
    Method.CARD: timedelta(hours=1),
    Method.BANK_DEBIT: timedelta(hours=1),
    Method.BANK_TRANSFER: timedelta(days=7),
    Method.MPESA: timedelta(minutes=10),
    Method.PAYBILL: timedelta(days=1),
}
"""From creation to expiry. Stripe wants at least 30 minutes from the moment it makes a page."""

PROCESSING: Mapping[Method, timedelta] = {Method.BANK_DEBIT: timedelta(days=10)}
"""How long a gateway may work on a payment after the payer has done their part."""

START_WINDOW: Mapping[Method, timedelta] = {
    Method.CARD: timedelta(minutes=25),
    Method.BANK_DEBIT: timedelta(minutes=25),
    Method.BANK_TRANSFER: timedelta(minutes=25),
    Method.MPESA: timedelta(minutes=5),
    Method.PAYBILL: timedelta(0),
}
"""From creation to the last moment at which a gateway may (still) be asked to begin."""

DISPUTABLE: Mapping[Method, timedelta] = {
    Method.CARD: timedelta(days=120),
    Method.BANK_DEBIT: timedelta(days=60),
}
"""How long after settlement the payer's bank may take the money back."""

UNREPEATABLE = frozenset({Method.MPESA, Method.PAYBILL})
"""Methods whose gateway keeps no idempotency: asked twice, it would prompt the payer twice."""
METHOD_OF: Mapping[Gateway, Method] = {
    Gateway.STRIPE: Method.CARD,
    Gateway.ADYEN: Method.CARD,
    Gateway.MPESA: Method.MPESA,
    Gateway.BANK: Method.BANK_TRANSFER,
}
"""What was meant before methods had names."""
