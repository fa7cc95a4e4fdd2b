"""Deposits that came all the way, and disputes about them, for tests of what follows."""

from typing import Any

from graphql_api.application import Application
from shared.disputes.claims import Claims
from shared.disputes.conceding import Conceding
from shared.disputes.model import DisputeStatus
from shared.disputes.ports import Reading
from shared.disputes.reasons import DisputeReason
from shared.disputes.receivables import Collecting
from shared.disputes.recording import Recording
from shared.disputes.service import Disputing
from shared.disputes.store import DisputeStore
from shared.kernel.events import Envelope
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.payments import bookings, forwarding
from shared.payments.making import new_deposit
from shared.payments.methods import Gateway
from shared.payments.model import Deposit
from shared.payouts.store import PayoutStore
from shared.platform.outbox import OutboxRow
from shared.platform.queues import Checks, MemoryQueue
from shared.platform.tables import Item, Table, as_changes
from shared.refunds.store import RefundStore


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


def _books(app: Application) -> Recording:
    return Recording(
        disputes=DisputeStore(app.database),
        deposits=app.deposit_store,
        ledger=app.ledger,
        cases=app.money_back.cases,
        facts=app.facts,
        clock=app.clock,
        claims=Claims(PayoutStore(app.database), app.ids),
        refunds=RefundStore(app.database),
    )


def carried_out(app: Any) -> None:
    """The worker has done what staff asked it for."""
    rows = [Item(item) for key, item in app.database._items.items() if key.table is Table.OUTBOX]
    for row in [item.to(OutboxRow) for item in rows]:
        data = Envelope.model_validate_json(row.envelope).data
        books = _books(app)
        if row.type == "disputes.collection_asked.v1":
            collecting = Collecting(
                books.disputes, books.ledger, books.facts, books.clock, books.claims
            )
            collecting.freed(data["user_id"], data["user_id"])
        if row.type == "disputes.concession_asked.v1":
            Conceding(books).concede(data["user_id"], data["deposit_id"], data["dispute_id"])


def disputed(
    app: Application,
    deposit: Deposit,
    status: DisputeStatus = DisputeStatus.OPEN,
    gateway: Gateway = Gateway.STRIPE,
    **more: Any,
) -> None:
    """What a gateway says of a dispute about it."""
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
    assert Disputing(_books(app), {}, Checks(MemoryQueue())).told(reading)
