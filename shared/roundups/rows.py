"""Rows of round-ups, purchases and transfers, both ways."""

from datetime import date
from typing import ClassVar

from pynamodb.attributes import BinaryAttribute, BooleanAttribute, UnicodeAttribute

from shared.kernel.clock import from_text, to_text
from shared.kernel.money import Currency, Money
from shared.payments.methods import Method
from shared.platform import keys
from shared.platform.indexes import pending_bucket
from shared.platform.tables import InstantAttribute, Key, Row, Table, WholeAttribute
from shared.recurring.dates import Zone
from shared.roundups.model import (
    Habits,
    Purchase,
    PurchaseStatus,
    RoundUps,
    RoundUpsStatus,
    Source,
    Transfer,
    TransferStatus,
)
from shared.roundups.reasons import ReturnReason

CHECK = "round_ups"


class RoundUpsRow(Row):
    """A person's round-ups; ``pending`` and ``due`` are there while there is something to do."""

    KIND: ClassVar[str] = "round_ups"

    round_ups_id = UnicodeAttribute()
    status = UnicodeAttribute()
    version = WholeAttribute()
    started_at = InstantAttribute()
    currency = UnicodeAttribute()
    whole_minor = WholeAttribute()
    threshold_minor = WholeAttribute()
    method = UnicodeAttribute()
    sealed = BinaryAttribute(legacy_encoding=False)
    shown_as = UnicodeAttribute()
    zone = UnicodeAttribute()
    multiplier = WholeAttribute()
    whole_units = BooleanAttribute()
    goal_id = UnicodeAttribute(null=True)
    pool_minor = WholeAttribute()
    number = WholeAttribute()
    since = WholeAttribute()
    first = WholeAttribute()
    open = WholeAttribute(null=True)
    open_minor = WholeAttribute(null=True)
    open_currency = UnicodeAttribute(null=True)
    charged_on = UnicodeAttribute(null=True)
    failures = WholeAttribute(default=0)
    returned = UnicodeAttribute(null=True)
    trace = UnicodeAttribute(null=True)
    pending = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)


class PurchaseRow(Row):
    """A purchase that was reported. Never removed: it counts once for ever."""

    KIND: ClassVar[str] = "purchase"

    status = UnicodeAttribute()
    amount_minor = WholeAttribute()
    currency = UnicodeAttribute()
    at = InstantAttribute()
    round_up_minor = WholeAttribute()
    pool = WholeAttribute()


class TransferRow(Row):
    """One collection of a pool."""

    KIND: ClassVar[str] = "round_up_transfer"

    round_ups_id = UnicodeAttribute()
    status = UnicodeAttribute()
    version = WholeAttribute()
    amount_minor = WholeAttribute()
    currency = UnicodeAttribute()
    method = UnicodeAttribute()
    sealed = BinaryAttribute(legacy_encoding=False)
    shown_as = UnicodeAttribute()
    begun_at = InstantAttribute()
    goal_id = UnicodeAttribute(null=True)
    deposit_id = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    detail = UnicodeAttribute(null=True)


def round_ups_key(user_id: str) -> Key:
    """Where a person's round-ups lie."""
    return Key(Table.CORE, keys.user(user_id), keys.ROUND_UPS)


def purchase_key(user_id: str, purchase_id: str) -> Key:
    """Where a purchase lies."""
    return Key(Table.CORE, keys.user(user_id), keys.purchase(purchase_id))


def transfer_key(user_id: str, number: int) -> Key:
    """Where a transfer lies."""
    return Key(Table.CORE, keys.user(user_id), keys.round_up_transfer(number))


def round_ups_row(stored: RoundUps) -> RoundUpsRow:
    """To its row."""
    key = round_ups_key(stored.user_id)
    row = RoundUpsRow(
        pk=key.pk,
        sk=key.sk,
        round_ups_id=stored.round_ups_id,
        status=stored.status.value,
        version=stored.version,
        started_at=stored.started_at,
        currency=stored.currency.value,
        whole_minor=stored.whole.minor,
        threshold_minor=stored.threshold.minor,
        method=stored.source.method.value,
        sealed=stored.source.sealed,
        shown_as=stored.source.shown_as,
        zone=stored.zone.value,
        multiplier=stored.habits.multiplier,
        whole_units=stored.habits.whole_units,
        goal_id=stored.habits.goal_id,
        pool_minor=stored.pool,
        number=stored.number,
        since=stored.since,
        first=stored.first,
        open=stored.open,
        charged_on=None if stored.charged_on is None else stored.charged_on.isoformat(),
        failures=stored.failures,
        returned=",".join(str(number) for number in stored.returned) or None,
        trace=stored.trace or None,
    )
    if stored.open_amount is not None:
        row.open_minor = stored.open_amount.minor
        row.open_currency = stored.open_amount.currency.value
    if stored.due is not None:
        row.due, row.pending = to_text(stored.due), pending_bucket(stored.round_ups_id)
    return row


def round_ups_of(row: RoundUpsRow) -> RoundUps:
    """From its row."""
    currency = Currency(row.currency)
    return RoundUps(
        user_id=keys.owner_of(row.pk),
        round_ups_id=row.round_ups_id,
        started_at=row.started_at,
        whole=Money(int(row.whole_minor), currency),
        threshold=Money(int(row.threshold_minor), currency),
        source=Source(Method(row.method), row.sealed, row.shown_as),
        zone=Zone(row.zone),
        habits=Habits(int(row.multiplier), row.whole_units, row.goal_id),
        status=RoundUpsStatus(row.status),
        pool=int(row.pool_minor),
        number=int(row.number),
        since=int(row.since),
        first=int(row.first),
        open=None if row.open is None else int(row.open),
        open_amount=_open_amount(row),
        due=None if row.due is None else from_text(row.due),
        charged_on=None if row.charged_on is None else date.fromisoformat(row.charged_on),
        failures=int(row.failures),
        returned=tuple(int(number) for number in (row.returned or "").split(",") if number),
        trace=row.trace or "",
        version=int(row.version),
    )


def _open_amount(row: RoundUpsRow) -> Money | None:
    if row.open_minor is None:
        return None
    return Money(int(row.open_minor), Currency(row.open_currency))


def purchase_row(purchase: Purchase) -> PurchaseRow:
    """To its row."""
    key = purchase_key(purchase.user_id, purchase.purchase_id)
    return PurchaseRow(
        pk=key.pk,
        sk=key.sk,
        status=purchase.status.value,
        amount_minor=purchase.amount.minor,
        currency=purchase.amount.currency.value,
        at=purchase.at,
        round_up_minor=purchase.round_up.minor,
        pool=purchase.pool,
    )


def purchase_of(row: PurchaseRow) -> Purchase:
    """From its row."""
    currency = Currency(row.currency)
    return Purchase(
        user_id=keys.owner_of(row.pk),
        purchase_id=row.sk.removeprefix(keys.PURCHASES),
        amount=Money(int(row.amount_minor), currency),
        at=row.at,
        round_up=Money(int(row.round_up_minor), currency),
        pool=int(row.pool),
        status=PurchaseStatus(row.status),
    )


def transfer_row(transfer: Transfer) -> TransferRow:
    """To its row."""
    key = transfer_key(transfer.user_id, transfer.number)
    return TransferRow(
        pk=key.pk,
        sk=key.sk,
        round_ups_id=transfer.round_ups_id,
        status=transfer.status.value,
        version=transfer.version,
        amount_minor=transfer.amount.minor,
        currency=transfer.amount.currency.value,
        method=transfer.source.method.value,
        sealed=transfer.source.sealed,
        shown_as=transfer.source.shown_as,
        begun_at=transfer.begun_at,
        goal_id=transfer.goal_id,
        deposit_id=transfer.deposit_id,
        reason=None if transfer.reason is None else transfer.reason.value,
        detail=transfer.detail,
    )


def transfer_of(row: TransferRow) -> Transfer:
    """From its row."""
    return Transfer(
        user_id=keys.owner_of(row.pk),
        round_ups_id=row.round_ups_id,
        number=int(row.sk.removeprefix(keys.ROUND_UP_TRANSFERS)),
        amount=Money(int(row.amount_minor), Currency(row.currency)),
        source=Source(Method(row.method), row.sealed, row.shown_as),
        begun_at=row.begun_at,
        goal_id=row.goal_id,
        status=TransferStatus(row.status),
        deposit_id=row.deposit_id,
        reason=None if row.reason is None else ReturnReason(row.reason),
        detail=row.detail,
        version=int(row.version),
    )
