"""Deposits that came all the way, and disputes about them, for tests of what follows."""

from typing import Any

from graphql_api.application import Application
from shared.disputes.claims import Claims
from shared.disputes.model import DisputeStatus
from shared.disputes.ports import Reading
from shared.disputes.reasons import DisputeReason
from shared.disputes.recording import Recording
from shared.disputes.service import Disputing
from shared.disputes.store import DisputeStore
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.payments import bookings, forwarding
from shared.payments.making import new_deposit
from shared.payments.methods import Gateway
from shared.payments.model import Deposit
from shared.payouts.store import PayoutStore
from shared.platform.queues import Checks, MemoryQueue
from shared.platform.tables import as_changes


def funded(app: Application, user_id: str, minor: int = 10_000, payment: str = "pi_1") -> Deposit:
    """A card payment in dollars that reached the broker."""
    at = app.clock.now()
    made = new_deposit(
        user_id=user_id,
        deposit_id=app.ids.new(Kind.DEPOSIT),
        gateway=Gateway.STRIPE,
        amount=Money(minor, Currency.USD),
        quote=None,
    )
    settled = made.settled(at, payment=payment)
    deposit = forwarding.arrived(forwarding.begun(settled, "account", at), at)
    wallet = app.ledger.wallet(user_id, Currency.USD)
    drafts = (
        bookings.settlement(settled, at, payment=payment, fee_minor=None),
        bookings.funding(deposit, at),
    )
    writes = [
        app.deposit_store.create(deposit),
        *app.deposit_store.claim_payment(deposit, payment),
        *app.ledger.post(wallet, *drafts, posted=minor),
    ]
    app.database.transact(as_changes(writes))
    return deposit


def disputed(
    app: Application,
    deposit: Deposit,
    status: DisputeStatus = DisputeStatus.OPEN,
    gateway: Gateway = Gateway.STRIPE,
    **more: Any,
) -> None:
    """What a gateway says of a dispute about it."""
    books = Recording(
        disputes=DisputeStore(app.database),
        deposits=app.deposit_store,
        ledger=app.ledger,
        cases=app.money_back.cases,
        facts=app.facts,
        clock=app.clock,
        claims=Claims(PayoutStore(app.database), app.ids),
    )
    reading = Reading(
        gateway=gateway,
        reference="dp_1",
        payment=deposit.payment or "",
        amount=deposit.amount,
        status=status,
        taken=True,
        reason=DisputeReason.FRAUD,
        **more,
    )
    assert Disputing(books, {}, Checks(MemoryQueue())).told(reading)
