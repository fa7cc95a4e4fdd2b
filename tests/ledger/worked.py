"""The worked examples of docs/ledger.md, made by the functions that book them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from shared.disputes import bookings as disputes
from shared.disputes.model import Dispute, DisputeStatus
from shared.kernel.ids import Kind, SequentialIds
from shared.kernel.money import Currency, FxRate, Money
from shared.ledger.model import Draft
from shared.payments import bookings as deposits
from shared.payments import surplus, suspended
from shared.payments.making import new_deposit
from shared.payments.methods import Gateway, Method
from shared.payments.model import Deposit
from shared.payments.paybill_unmatched import Unmatched, Why
from shared.payments.quoting import FxQuote, quote_at
from shared.payouts import bookings as payouts
from shared.payouts.model import Payout, Purpose, Rail
from shared.payouts.states import PayoutStatus
from shared.treasury import bookings as treasury

AT = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
USD, KES, EUR = Currency.USD, Currency.KES, Currency.EUR
IDS = SequentialIds("t1")
USER = IDS.new(Kind.USER)


def usd(minor: int) -> Money:
    return Money(minor, USD)


def kes(minor: int) -> Money:
    return Money(minor, KES)


def quote(base: Currency, rate: str) -> FxQuote:
    return quote_at(FxRate(base, USD, Decimal(rate), "example", AT), AT)


def deposit(
    amount: Money, gateway: Gateway, method: Method = Method.CARD, locked: FxQuote | None = None
) -> Deposit:
    return new_deposit(
        user_id=USER,
        deposit_id=IDS.new(Kind.DEPOSIT),
        gateway=gateway,
        method=method,
        amount=amount,
        quote=locked,
    )


def settled(of: Deposit, fee_minor: int | None = None) -> list[Draft]:
    entry = deposits.settlement(of, AT, payment="payment", fee_minor=fee_minor)
    return [entry, *charged(of, fee_minor)]


def charged(of: Deposit, fee_minor: int | None) -> tuple[Draft, ...]:
    return deposits.fee(
        of.deposit_id, of.gateway, of.amount.currency, AT, payment="payment", fee_minor=fee_minor
    )


def payout(purpose: Purpose, rail: Rail, debited: Money, amount: Money, **more: object) -> Payout:
    made = Payout(
        user_id=USER,
        payout_id=IDS.new(Kind.PAYOUT),
        purpose=purpose,
        rail=rail,
        debited=debited,
        amount=amount,
        status=PayoutStatus.SENDING,
    )
    return replace(made, **more)


def dispute(reserved: int, short: int) -> Dispute:
    return Dispute(
        user_id=USER,
        dispute_id=IDS.new(Kind.DISPUTE),
        deposit_id=IDS.new(Kind.DEPOSIT),
        gateway=Gateway.STRIPE,
        reference="dp_1",
        payment="pi_1",
        amount=usd(10_000),
        status=DisputeStatus.OPEN,
        worth_minor=10_000,
        reserved_minor=reserved,
        shortfall_minor=short,
        taken=True,
    )


CARD = deposit(usd(10_000), Gateway.STRIPE)
PUSH = deposit(kes(1_300_000), Gateway.MPESA, Method.MPESA, quote(KES, "0.0077"))
EUROS = deposit(Money(10_000, EUR), Gateway.ADYEN, Method.CARD, quote(EUR, "1.0800"))
HELD_BY_ADYEN = replace(CARD, gateway=Gateway.ADYEN)
TO_PHONE = payout(
    Purpose.WITHDRAWAL,
    Rail.MPESA_B2C,
    usd(5_000),
    kes(639_610),
    quote=FxQuote(FxRate(USD, KES, Decimal("129.87"), "example", AT), 150, AT + timedelta(hours=1)),
)
LATER = FxQuote(
    FxRate(USD, KES, Decimal("129.00"), "example", AT),
    150,
    AT + timedelta(days=2),
    replaced=Decimal("127.92195"),
)
WAITED = payout(Purpose.WITHDRAWAL, Rail.MPESA_B2C, usd(5_000), kes(635_300), quote=LATER)
REFUND = payout(Purpose.REFUND, Rail.STRIPE_REFUND, usd(10_000), usd(10_000))
PART = payout(
    Purpose.REFUND,
    Rail.ADYEN_REFUND,
    usd(2_687),
    Money(2_500, EUR),
    quote=EUROS.quote,
    deposit_id=EUROS.deposit_id,
)
SECOND = payout(Purpose.SURPLUS, Rail.STRIPE_REFUND, usd(0), usd(10_000), at_broker=False)
SPENT = dispute(reserved=2_500, short=7_500)
GIVEN_BACK = payout(Purpose.CLAIM, Rail.TO_FIRM, usd(2_500), usd(2_500), leg=1)
TWICE = replace(dispute(reserved=0, short=0), worth_minor=0, answered_minor=10_000)
UNKNOWN = Unmatched("LHG31AA5TX", IDS.new(Kind.MOVEMENT), kes(50_000), Why.ACCOUNT_UNKNOWN, AT)

IN_SUSPENSE = suspended.Suspended(
    Gateway.MPESA, UNKNOWN.receipt, kes(50_000), UNKNOWN.movement_id, None
)
FOUND = suspended.new_of_nobody(USER, IDS.new(Kind.DEPOSIT), IN_SUSPENSE, quote(KES, "0.0077"), AT)
UNWANTED = payout(Purpose.SURPLUS, Rail.MPESA_REVERSAL, usd(0), kes(50_000), at_broker=False)
LESS_CAME = suspended.Suspended(Gateway.STRIPE, "pi_1", usd(9_900), CARD.deposit_id, USER)
LESS = suspended.own_deposit(CARD, LESS_CAME, None, AT)


EXAMPLES: Mapping[str, Sequence[Draft]] = {
    "A card deposit in dollars": [*settled(CARD), deposits.funding(CARD, AT)],
    "A deposit in shillings": [*settled(PUSH), deposits.funding(PUSH, AT)],
    "A gateway's fee": charged(CARD, 320),
    "A fee that is reported later": [
        treasury.fee_reported(Gateway.STRIPE, usd(150), AT, subject="movement", reference="txn_1")
    ],
    "A deposit that is paid twice": [
        *settled(HELD_BY_ADYEN),
        surplus.second_payment(CARD, Gateway.STRIPE, "pi_1", usd(10_000), AT),
        payouts.paid(SECOND, AT),
    ],
    "Another amount than the one asked for": [
        surplus.other_amount(CARD, Gateway.STRIPE, "pi_1", usd(9_900), AT)
    ],
    "A whole refund": [payouts.recalled(REFUND, AT), payouts.paid(REFUND, AT)],
    "A refund of a part, in euros": [payouts.recalled(PART, AT), payouts.paid(PART, AT)],
    "A refund that comes back": [
        payouts.paid(REFUND, AT),
        payouts.returned(REFUND, AT),
        payouts.given_back(REFUND, AT),
    ],
    "A dispute after investing, won": [
        *disputes.opened(SPENT, AT, taken=True, shortfall=7_500),
        *disputes.fee(SPENT, AT, 1_500),
        *disputes.won(SPENT, AT),
    ],
    "A dispute after investing, lost": [
        *disputes.opened(SPENT, AT, taken=True, shortfall=7_500),
        *disputes.fee(SPENT, AT, 1_500),
        *disputes.lost(SPENT, AT),
        disputes.collected(USER, "dispute", AT, 7_500),
    ],
    "A dispute that was lost, won after all": [
        *disputes.lost(SPENT, AT),
        *disputes.won_after_all(SPENT, AT, still_owed=7_500),
        payouts.given_back(GIVEN_BACK, AT),
    ],
    "A payment that was refunded and is lost as well": [
        payouts.paid(REFUND, AT),
        *disputes.opened(TWICE, AT, taken=True, shortfall=0),
        *disputes.lost(TWICE, AT),
    ],
    "A withdrawal to a phone": [
        payouts.recalled(TO_PHONE, AT),
        payouts.paid(TO_PHONE, AT),
        payouts.fee(TO_PHONE, 3_300, AT),
    ],
    "A withdrawal that waited": [payouts.recalled(WAITED, AT), payouts.paid(WAITED, AT)],
    "A withdrawal that comes back": [
        payouts.recalled(TO_PHONE, AT),
        payouts.paid(TO_PHONE, AT),
        payouts.returned(TO_PHONE, AT),
        payouts.given_back(TO_PHONE, AT),
    ],
    "A gateway pays out to the bank": [
        treasury.payout_sent(Gateway.STRIPE, usd(9_680), AT, subject="po_1", reference="po_1"),
        treasury.payout_arrived(
            Gateway.STRIPE, usd(9_680), AT, subject="movement", reference="po_1"
        ),
    ],
    "A payout that the bank returns": [
        treasury.payout_sent(Gateway.STRIPE, usd(9_680), AT, subject="po_1", reference="po_1"),
        treasury.payout_failed(Gateway.STRIPE, usd(9_680), AT, subject="po_1", reference="po_1"),
    ],
    "Shillings for M-Pesa's payouts": [
        treasury.gateway_funded(
            Gateway.MPESA, kes(50_000_000), AT, subject="movement", reference="transfer 12"
        )
    ],
    "Prefunding": [
        treasury.capital_paid_in(usd(5_000_000), AT, subject="movement", reference="wire-1"),
        treasury.prefunded(usd(2_000_000), AT, subject="movement", reference="wire-2"),
    ],
    "Shillings are sold": [
        treasury.fx_converted(
            kes(1_300_000), usd(10_010), Decimal("0.0077"), AT, subject="movement", reference="fx-1"
        )
    ],
    "A payment of nobody known": [UNKNOWN.received(kes(50_000), AT)],
    "Its owner is found": [
        UNKNOWN.received(kes(50_000), AT),
        suspended.matched(FOUND, IN_SUSPENSE, AT),
        deposits.funding(FOUND, AT),
    ],
    "Its owner is not found": [
        UNKNOWN.received(kes(50_000), AT),
        payouts.paid(UNWANTED, AT),
    ],
    "Another amount, credited all the same": [
        surplus.other_amount(CARD, Gateway.STRIPE, "pi_1", usd(9_900), AT),
        suspended.matched(LESS, LESS_CAME, AT),
        deposits.funding(LESS, AT),
    ],
}
"""By the headings of the page."""
