"""Rows of charges, of how far somebody is accrued, and of walks."""

from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from shared.kernel.clock import to_text
from shared.kernel.ids import Kind, cell_of
from shared.management_fees.model import (
    CHECKED_AGAIN,
    LOOKED_AGAIN,
    Charge,
    ChargeStatus,
    FeeAccount,
)
from shared.management_fees.ports import Stretch
from shared.platform import keys
from shared.platform.indexes import pending_bucket
from shared.platform.tables import InstantAttribute, Item, Key, Row, Table, WholeAttribute

KEPT = timedelta(days=90)
"""How long the rows of a walk are there."""


class FeeAccountRow(Row):
    """See FeeAccount."""

    KIND: ClassVar[str] = "fee_account"

    through = UnicodeAttribute()
    units = WholeAttribute()
    charge_id = UnicodeAttribute(null=True)
    version = WholeAttribute()


class FeeRow(Row):
    """See Charge."""

    KIND: ClassVar[str] = "management_fee"

    status = UnicodeAttribute()
    amount_minor = WholeAttribute()
    first = UnicodeAttribute()
    last = UnicodeAttribute()
    annual_bp = WholeAttribute()
    terms_version = WholeAttribute()
    units = WholeAttribute()
    before_units = WholeAttribute()
    left_units = WholeAttribute()
    created_at = InstantAttribute()
    updated_at = InstantAttribute()
    days = WholeAttribute()
    waived_days = WholeAttribute()
    unpriced_days = WholeAttribute()
    carried_minor = WholeAttribute()
    closing = BooleanAttribute()
    account_id = UnicodeAttribute(null=True)
    journal_id = UnicodeAttribute(null=True)
    refusals = WholeAttribute()
    charged_at = InstantAttribute(null=True)
    version = WholeAttribute()
    pending = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)


class FeeWalkRow(Row):
    """A segment of a walk."""

    KIND: ClassVar[str] = "fee_walk"

    cursor = UnicodeAttribute(null=True)
    done = BooleanAttribute()
    asked = WholeAttribute()
    touched_at = InstantAttribute()
    expires_at = NumberAttribute()


def account_key(user_id: str) -> Key:
    """Where it is written how far somebody is accrued."""
    return Key(Table.CORE, keys.user(user_id), keys.FEES)


def charge_key(user_id: str, charge_id: str) -> Key:
    """Where a charge lies."""
    return Key(Table.CORE, keys.user(user_id), keys.fee(charge_id))


def account_from(user_id: str, item: Item | None) -> FeeAccount:
    """Out of an item that somebody else read, or of none."""
    if item is None:
        return FeeAccount(user_id)
    row = item.to(FeeAccountRow)
    return FeeAccount(
        user_id=user_id,
        through=date.fromisoformat(row.through),
        units=int(row.units),
        charge_id=row.charge_id or "",
        version=int(row.version),
    )


def account_row(account: FeeAccount) -> FeeAccountRow:
    """As it is written."""
    if account.through is None:
        raise ValueError("nothing was accrued")
    return FeeAccountRow(
        pk=keys.user(account.user_id),
        sk=keys.FEES,
        through=account.through.isoformat(),
        units=account.units,
        charge_id=account.charge_id or None,
        version=account.version + 1,
    )


def charge_from(item: Item) -> Charge:
    """Out of an item that somebody else read."""
    row = item.to(FeeRow)
    user_id = keys.owner_of(row.pk)
    return Charge(
        charge_id=f"{Kind.FEE.value}_{cell_of(user_id)}_{row.sk.removeprefix(keys.FEE)}",
        user_id=user_id,
        status=ChargeStatus(row.status),
        amount_minor=int(row.amount_minor),
        first=date.fromisoformat(row.first),
        last=date.fromisoformat(row.last),
        annual_bp=int(row.annual_bp),
        terms_version=int(row.terms_version),
        units=int(row.units),
        before_units=int(row.before_units),
        left_units=int(row.left_units),
        created_at=row.created_at,
        updated_at=row.updated_at,
        days=int(row.days),
        waived_days=int(row.waived_days),
        unpriced_days=int(row.unpriced_days),
        carried_minor=int(row.carried_minor),
        closing=bool(row.closing),
        account_id=row.account_id,
        journal_id=row.journal_id,
        refusals=int(row.refusals),
        charged_at=row.charged_at,
        version=int(row.version),
    )


def charge_row(charge: Charge) -> FeeRow:
    """As it is written."""
    return FeeRow(
        pk=keys.user(charge.user_id),
        sk=keys.fee(charge.charge_id),
        status=charge.status.value,
        amount_minor=charge.amount_minor,
        first=charge.first.isoformat(),
        last=charge.last.isoformat(),
        annual_bp=charge.annual_bp,
        terms_version=charge.terms_version,
        units=charge.units,
        before_units=charge.before_units,
        left_units=charge.left_units,
        created_at=charge.created_at,
        updated_at=charge.updated_at,
        days=charge.days,
        waived_days=charge.waived_days,
        unpriced_days=charge.unpriced_days,
        carried_minor=charge.carried_minor,
        closing=charge.closing,
        account_id=charge.account_id,
        journal_id=charge.journal_id,
        refusals=charge.refusals,
        charged_at=charge.charged_at,
        version=charge.version + 1,
        **_awaited(charge),
    )


def _awaited(charge: Charge) -> dict[str, Any]:
    if charge.final or charge.given_up:
        return {}
    again = CHECKED_AGAIN if charge.status is ChargeStatus.COLLECTING else LOOKED_AGAIN
    return {
        "pending": pending_bucket(charge.charge_id),
        "due": to_text(charge.updated_at + again),
    }


def walk_key(last: date, place: str) -> Key:
    """Where a row of a walk lies."""
    return Key(Table.CORE, f"FEES#{last.isoformat()}", place)


def place_of(number: int) -> str:
    """Sort key of a segment."""
    return f"SEGMENT#{number:02}"


def stretch_from(item: Item) -> Stretch:
    """Out of an item that somebody else read."""
    row = item.to(FeeWalkRow)
    return Stretch(
        number=int(row.sk.rpartition("#")[2]),
        cursor=row.cursor,
        done=bool(row.done),
        asked=int(row.asked),
        touched_at=row.touched_at,
    )


def stretch_row(last: date, stretch: Stretch, at: datetime) -> FeeWalkRow:
    """As it is written."""
    key = walk_key(last, place_of(stretch.number))
    return FeeWalkRow(
        pk=key.pk,
        sk=key.sk,
        cursor=stretch.cursor,
        done=stretch.done,
        asked=stretch.asked,
        touched_at=at,
        expires_at=int((at + KEPT).timestamp()),
    )
