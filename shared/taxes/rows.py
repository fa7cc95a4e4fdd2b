"""Rows of taxes: the settings beside a person's state, and what was sold, by day, apart from it."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import ClassVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.kernel.ids import ulid_of
from shared.platform import keys
from shared.platform.tables import InstantAttribute, Item, Put, Row
from shared.platform.work import Write
from shared.portfolio import lots
from shared.taxes.disposals import Disposal, DisposalKind, Entry, SharesChanged


class TaxSettingsRow(Row):
    """What a person chose; an attribute that is not there follows the country."""

    KIND: ClassVar[str] = "tax_settings"

    method = UnicodeAttribute(null=True)
    short_bp = NumberAttribute(null=True)
    long_bp = NumberAttribute(null=True)
    version = NumberAttribute()


class TaxChoiceRow(Row):
    """One version of the settings, for ever."""

    KIND: ClassVar[str] = "tax_choice"

    method = UnicodeAttribute(null=True)
    short_bp = NumberAttribute(null=True)
    long_bp = NumberAttribute(null=True)
    chosen_at = InstantAttribute()


class TaxResidenceRow(Row):
    """Whose law the estimates follow, where the table of countries says something; the country
    itself is sealed with the profile."""

    KIND: ClassVar[str] = "tax_residence"

    country = UnicodeAttribute()


class DisposalRow(Row):
    """What was sold, out of which lots."""

    KIND: ClassVar[str] = "disposal"

    why = UnicodeAttribute()
    symbol = UnicodeAttribute()
    nanos = NumberAttribute(null=True)
    proceeds_minor = NumberAttribute(null=True)
    closed = UnicodeAttribute(null=True)
    adjusted_minor = NumberAttribute(null=True)


class SharesChangedRow(Row):
    """A split or another symbol, as it changed a person's shares."""

    KIND: ClassVar[str] = "shares_changed"

    symbol = UnicodeAttribute()
    new_symbol = UnicodeAttribute()
    ratio = UnicodeAttribute()


def sold(after: Disposal, before: date | None) -> list[Write]:
    """The writes of a sale as it stands: it takes the place of itself, and of what it was on the
    day ``before`` of its latest execution until now. Nothing is left of it while none counts."""
    writes: list[Write] = [Put("disposal", _disposal_row(after))]
    if before is not None and before != after.day:
        gone = replace(after, day=before, nanos=0, proceeds_minor=0, closed=())
        writes.append(Put("disposal_before", _disposal_row(gone)))
    return writes


def adjusted(line: Disposal) -> Write:
    """The write of a line without shares."""
    return Put("disposal_adjusted", _disposal_row(line))


def changed(line: SharesChanged) -> Write:
    """The write of a split or of another symbol."""
    row = SharesChangedRow(
        pk=keys.user(line.user_id),
        sk=_sort_key(line.effective, line.key),
        symbol=line.symbol,
        new_symbol=line.new_symbol,
        ratio=str(line.ratio),
    )
    return Put("shares_changed", row)


def key_of(identifier: str, part: str = "") -> str:
    """The name of a line by what it comes from: an order, an action, and a part of either."""
    return f"{ulid_of(identifier)}#{part}" if part else ulid_of(identifier)


def entry_of(item: Item) -> Entry | None:
    """A line out of an item; None when it is none."""
    _, day, key = item.sk.split("#", 2)
    user_id, on = keys.owner_of(item.pk), date.fromisoformat(day)
    if item.kind == SharesChangedRow.KIND:
        row = item.to(SharesChangedRow)
        return SharesChanged(user_id, key, on, row.symbol, row.new_symbol, Fraction(row.ratio))
    if item.kind != DisposalRow.KIND:
        return None
    line = item.to(DisposalRow)
    return Disposal(
        user_id=user_id,
        key=key,
        day=on,
        kind=DisposalKind(line.why),
        symbol=line.symbol,
        nanos=int(line.nanos or 0),
        proceeds_minor=int(line.proceeds_minor or 0),
        closed=lots.unpack(line.closed or ""),
        adjusted_minor=int(line.adjusted_minor or 0),
    )


def _sort_key(day: date, key: str) -> str:
    return f"{keys.DISPOSALS}{day.isoformat()}#{key}"


def _disposal_row(line: Disposal) -> DisposalRow:
    return DisposalRow(
        pk=keys.user(line.user_id),
        sk=_sort_key(line.day, line.key),
        why=line.kind.value,
        symbol=line.symbol,
        nanos=line.nanos or None,
        proceeds_minor=line.proceeds_minor or None,
        closed=lots.pack(line.closed) or None,
        adjusted_minor=line.adjusted_minor or None,
    )
