"""Rows of payout accounts and desks, both ways."""

import json
from typing import ClassVar

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute

from shared.kernel.clock import from_text, to_text
from shared.kernel.ids import Kind, ulid_of
from shared.kernel.money import Currency
from shared.platform import keys
from shared.platform.tables import InstantAttribute, Item, Key, Row, Table
from shared.withdrawals.model import AccountKind, AccountStatus, Asked, Desk, PayoutAccount

OUT = "OUT#"
"""Sort keys of all that is about taking money out; outside of the state that each screen reads."""
_DESK = f"{OUT}DESK"
_ACCOUNT = f"{OUT}ACCOUNT#"


class PayoutAccountRow(Row):
    """One payout account; its numbers only as ciphertext."""

    KIND: ClassVar[str] = "payout_account"

    account_kind = UnicodeAttribute()
    currency = UnicodeAttribute()
    country = UnicodeAttribute(null=True)
    shown_as = UnicodeAttribute()
    fingerprint = UnicodeAttribute()
    usable_at = InstantAttribute()
    sealed = BinaryAttribute(legacy_encoding=False, null=True)
    status = UnicodeAttribute()
    removed_at = InstantAttribute(null=True)


class DeskRow(Row):
    """Which withdrawals count against the limits; changed by whoever changes anything here."""

    KIND: ClassVar[str] = "payout_desk"

    version = NumberAttribute()
    asked = UnicodeAttribute()


def account_key(user_id: str, account_id: str) -> Key:
    """Where a payout account lies."""
    return Key(Table.CORE, keys.user(user_id), f"{_ACCOUNT}{ulid_of(account_id)}")


def desk_key(user_id: str) -> Key:
    """Where a desk lies."""
    return Key(Table.CORE, keys.user(user_id), _DESK)


def account_from(item: Item) -> PayoutAccount:
    """A payout account out of an item that somebody else read."""
    row = item.to(PayoutAccountRow)
    user_id = row.pk.removeprefix("USER#")
    cell, ulid = user_id.split("_")[1], row.sk.removeprefix(_ACCOUNT)
    return PayoutAccount(
        user_id=user_id,
        account_id=f"{Kind.PAYOUT_ACCOUNT.value}_{cell}_{ulid}",
        kind=AccountKind(row.account_kind),
        currency=Currency(row.currency),
        shown_as=row.shown_as,
        fingerprint=row.fingerprint,
        usable_at=row.usable_at,
        sealed=row.sealed,
        status=AccountStatus(row.status),
        country=row.country,
        removed_at=row.removed_at,
    )


def account_row(account: PayoutAccount) -> PayoutAccountRow:
    """A payout account as its row."""
    key = account_key(account.user_id, account.account_id)
    return PayoutAccountRow(
        pk=key.pk,
        sk=key.sk,
        account_kind=account.kind.value,
        currency=account.currency.value,
        country=account.country,
        shown_as=account.shown_as,
        fingerprint=account.fingerprint,
        usable_at=account.usable_at,
        sealed=account.sealed,
        status=account.status.value,
        removed_at=account.removed_at,
    )


def desk_from(item: Item) -> Desk:
    """A desk out of an item that somebody else read."""
    row = item.to(DeskRow)
    asked = tuple(_asked(*each) for each in json.loads(row.asked))
    return Desk(row.pk.removeprefix("USER#"), int(row.version), asked)


def _asked(payout_id: str, account_id: str, minor: int, leaves_at: str | None = None) -> Asked:
    return Asked(payout_id, account_id, minor, None if leaves_at is None else from_text(leaves_at))


def desk_row(desk: Desk) -> DeskRow:
    """A desk as its row, one version later."""
    key = desk_key(desk.user_id)
    asked = [
        [one.payout_id, one.account_id, one.debited_minor]
        + ([] if one.leaves_at is None else [to_text(one.leaves_at)])
        for one in desk.asked
    ]
    return DeskRow(
        pk=key.pk,
        sk=key.sk,
        version=desk.version + 1,
        asked=json.dumps(asked, separators=(",", ":")),
    )
