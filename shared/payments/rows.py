"""Rows of deposits and of gateways' payments that were counted, both ways."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from shared.kernel.clock import from_text, to_text
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.payments.methods import METHOD_OF, Attempt, Gateway, Method
from shared.payments.model import Deposit
from shared.payments.quote_columns import quote_columns, quote_in
from shared.payments.reasons import Reason
from shared.payments.states import AT_GATEWAY, OPEN, DepositStatus, Move
from shared.platform import keys
from shared.platform.indexes import attention_bucket, pending_bucket
from shared.platform.tables import (
    DecimalAttribute,
    InstantAttribute,
    Item,
    Key,
    Row,
    Table,
    WholeAttribute,
)

PAYMENT_CHECK, FUNDING_CHECK, PLANNING_CHECK = "payment", "funding", "planning"
GUARD = "GUARD"
SUSPENDED = "SUSPENDED"
"""The list of staff on which payments in suspense wait."""


class DepositRow(Row):
    """One deposit; ``pending`` and ``due`` are there while something is awaited."""

    KIND: ClassVar[str] = "deposit"

    status = UnicodeAttribute()
    version = WholeAttribute()
    gateway = UnicodeAttribute()
    method = UnicodeAttribute(null=True)
    moves = UnicodeAttribute(null=True)
    attempts = UnicodeAttribute(null=True)
    instructions = UnicodeAttribute(null=True)
    refunding_minor = WholeAttribute(default=0)
    refunded_minor = WholeAttribute(default=0)
    disputed_minor = WholeAttribute(default=0)
    withheld_minor = WholeAttribute(default=0)
    before = UnicodeAttribute(null=True)
    currency = UnicodeAttribute()
    amount_minor = WholeAttribute()
    credited_minor = WholeAttribute()
    lapses_at = InstantAttribute()
    mid_rate = DecimalAttribute(null=True)
    spread = WholeAttribute(null=True)
    rate_source = UnicodeAttribute(null=True)
    rate_as_of = InstantAttribute(null=True)
    quote_expires_at = InstantAttribute(null=True)
    replaced_rate = DecimalAttribute(null=True)
    reference = UnicodeAttribute(null=True)
    redirect_url = UnicodeAttribute(null=True)
    pushed_to = UnicodeAttribute(null=True)
    payment = UnicodeAttribute(null=True)
    receipt = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    review = BooleanAttribute(default=False)
    settled_at = InstantAttribute(null=True)
    funded_at = InstantAttribute(null=True)
    broker_account_id = UnicodeAttribute(null=True)
    journal_id = UnicodeAttribute(null=True)
    journal_attempt = WholeAttribute(default=0)
    planned = BooleanAttribute(default=False)
    wakes_at = InstantAttribute(null=True)
    released = BooleanAttribute(default=False)
    trace = UnicodeAttribute(null=True)
    goal_id = UnicodeAttribute(null=True)
    check = UnicodeAttribute(null=True)
    """Which delayed check looks after it."""
    pending = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)


class ExternalPaymentRow(Row):
    """A gateway's payment that was counted, for which deposit."""

    KIND: ClassVar[str] = "external_payment"

    user_id = UnicodeAttribute()
    deposit_id = UnicodeAttribute()
    suspended_minor = WholeAttribute(null=True)
    """Of money that was booked in suspense: how much, in ``suspended_in``."""
    suspended_in = UnicodeAttribute(null=True)
    taken = BooleanAttribute(null=True)
    """The payer's bank took it back before it was decided what becomes of it."""
    attention = UnicodeAttribute(null=True)
    """There until it is decided what becomes of that money: the list of staff."""
    waits_at = UnicodeAttribute(null=True)


def suspended_part(amount: Money | None, payment: str, since: datetime) -> dict[str, Any]:
    """What the row of a payment that was booked in suspense has more."""
    if amount is None:
        return {}
    return {
        "suspended_minor": amount.minor,
        "suspended_in": amount.currency.value,
        "attention": attention_bucket(SUSPENDED, payment),
        "waits_at": f"{to_text(since)}#{payment}",
    }


def deposit_key(user_id: str, deposit_id: str) -> Key:
    """Where a deposit lies."""
    return Key(Table.CORE, keys.user(user_id), keys.feed(deposit_id, Kind.DEPOSIT))


def deposit_from(item: Item) -> Deposit:
    """A deposit out of an item that somebody else read."""
    return deposit_of(item.to(DepositRow))


def _check_of(status: DepositStatus) -> str:
    if status in OPEN:
        return PAYMENT_CHECK
    return FUNDING_CHECK if status in AT_GATEWAY else PLANNING_CHECK


def _awaited(deposit: Deposit) -> dict[str, Any]:
    if deposit.due is None:
        return {}
    return {
        "check": _check_of(deposit.status),
        "pending": pending_bucket(deposit.deposit_id),
        "due": to_text(deposit.due),
    }


def row_of(deposit: Deposit) -> DepositRow:
    """A deposit as its row."""
    key = deposit_key(deposit.user_id, deposit.deposit_id)
    return DepositRow(
        pk=key.pk,
        sk=key.sk,
        status=deposit.status.value,
        version=deposit.version,
        gateway=deposit.gateway.value,
        method=deposit.method.value,
        moves=" ".join(f"{one.status.value}@{to_text(one.at)}" for one in deposit.moves) or None,
        attempts=_packed(
            [[one.gateway.value, one.reference, one.closed] for one in deposit.attempts]
        ),
        instructions=_packed(deposit.instructions),
        refunding_minor=deposit.refunding_minor,
        refunded_minor=deposit.refunded_minor,
        disputed_minor=deposit.disputed_minor,
        withheld_minor=deposit.withheld_minor,
        before=None if deposit.before is None else deposit.before.value,
        currency=deposit.amount.currency.value,
        amount_minor=deposit.amount.minor,
        credited_minor=deposit.credited.minor,
        lapses_at=deposit.lapses_at,
        reference=deposit.reference,
        redirect_url=deposit.redirect_url,
        pushed_to=deposit.pushed_to,
        payment=deposit.payment,
        receipt=deposit.receipt,
        reason=None if deposit.reason is None else deposit.reason.value,
        review=deposit.review,
        settled_at=deposit.settled_at,
        funded_at=deposit.funded_at,
        broker_account_id=deposit.broker_account_id,
        journal_id=deposit.journal_id,
        journal_attempt=deposit.journal_attempt,
        planned=deposit.planned,
        wakes_at=deposit.wakes_at,
        released=deposit.released,
        trace=deposit.trace or None,
        goal_id=deposit.goal_id or None,
        **quote_columns(deposit.quote),
        **_awaited(deposit),
    )


def deposit_of(row: DepositRow) -> Deposit:
    """A deposit out of its row."""
    user_id = row.pk.removeprefix("USER#")
    return Deposit(
        user_id=user_id,
        deposit_id=_id_of(user_id, row.sk),
        gateway=Gateway(row.gateway),
        method=METHOD_OF[Gateway(row.gateway)] if row.method is None else Method(row.method),
        moves=tuple(_move(text) for text in (row.moves or "").split()),
        attempts=tuple(
            Attempt(Gateway(name), *others) for name, *others in json.loads(row.attempts or "[]")
        ),
        instructions=tuple((name, text) for name, text in json.loads(row.instructions or "[]")),
        refunding_minor=int(row.refunding_minor),
        refunded_minor=int(row.refunded_minor),
        disputed_minor=int(row.disputed_minor),
        withheld_minor=int(row.withheld_minor),
        before=None if row.before is None else DepositStatus(row.before),
        amount=Money(int(row.amount_minor), Currency(row.currency)),
        credited=Money(int(row.credited_minor), Currency.USD),
        status=DepositStatus(row.status),
        lapses_at=row.lapses_at,
        version=int(row.version),
        quote=quote_in(row, row.currency, Currency.USD),
        reference=row.reference,
        redirect_url=row.redirect_url,
        pushed_to=row.pushed_to,
        payment=row.payment,
        receipt=row.receipt,
        reason=None if row.reason is None else Reason(row.reason),
        review=bool(row.review),
        settled_at=row.settled_at,
        funded_at=row.funded_at,
        broker_account_id=row.broker_account_id,
        journal_id=row.journal_id,
        journal_attempt=int(row.journal_attempt),
        planned=bool(row.planned),
        wakes_at=row.wakes_at,
        released=bool(row.released),
        trace=row.trace or "",
        goal_id=row.goal_id or "",
    )


def _packed(pairs: Sequence[Sequence[str | bool | None]]) -> str | None:
    return json.dumps(pairs, separators=(",", ":")) if pairs else None


def _move(text: str) -> Move:
    status, _, at = text.partition("@")
    return Move(DepositStatus(status), from_text(at))


def _id_of(user_id: str, sk: str) -> str:
    """A deposit lives in the cell of its person."""
    cell = user_id.split("_")[1]
    return f"{Kind.DEPOSIT.value}_{cell}_{sk.split('#')[1]}"
