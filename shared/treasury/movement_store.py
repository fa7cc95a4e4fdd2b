"""Rows of recorded movements, newest last by their ids."""

from typing import ClassVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.kernel.clock import to_text
from shared.kernel.ids import Kind, ulid_of
from shared.kernel.money import Currency, Money
from shared.payments.methods import Gateway
from shared.platform.indexes import pending_bucket
from shared.platform.tables import Database, DecimalAttribute, InstantAttribute, Put, Row, Table
from shared.platform.work import Write
from shared.treasury.events import MovementAgreedV1
from shared.treasury.movements import Moved, Movement, MovementKind, MovementStatus
from shared.treasury.ports import MovementPage

_PARTITION = "MOVEMENTS"


class MovementRow(Row):
    """One movement."""

    KIND: ClassVar[str] = "movement"

    movement_id = UnicodeAttribute()
    movement_kind = UnicodeAttribute()
    currency = UnicodeAttribute()
    minor = NumberAttribute()
    counter_currency = UnicodeAttribute(null=True)
    counter_minor = NumberAttribute(null=True)
    rate = DecimalAttribute(null=True)
    gateway = UnicodeAttribute(null=True)
    reference = UnicodeAttribute()
    reason = UnicodeAttribute()
    status = UnicodeAttribute()
    proposed_by = UnicodeAttribute()
    proposed_at = InstantAttribute()
    decided_by = UnicodeAttribute(null=True)
    decided_at = InstantAttribute(null=True)
    version = NumberAttribute()
    pending = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)


def _place(movement_id: str) -> str:
    return f"{ulid_of(movement_id)}#{Kind.MOVEMENT.value}"


def _row_of(movement: Movement) -> MovementRow:
    moved = movement.moved
    return MovementRow(
        pk=_PARTITION,
        sk=_place(movement.movement_id),
        movement_id=movement.movement_id,
        movement_kind=moved.kind.value,
        currency=moved.amount.currency.value,
        minor=moved.amount.minor,
        counter_currency=None if moved.counter is None else moved.counter.currency.value,
        counter_minor=None if moved.counter is None else moved.counter.minor,
        rate=moved.rate,
        gateway=None if moved.gateway is None else moved.gateway.value,
        reference=moved.reference,
        reason=movement.reason,
        status=movement.status.value,
        proposed_by=movement.proposed_by,
        proposed_at=movement.proposed_at,
        decided_by=movement.decided_by,
        decided_at=movement.decided_at,
        version=movement.version,
        pending=None if movement.due is None else pending_bucket(movement.movement_id),
        due=None if movement.due is None else to_text(movement.due),
    )


def _told(movement: Movement) -> MovementAgreedV1 | None:
    """Whoever writes that it is agreed lets it be booked."""
    if movement.status is not MovementStatus.AGREED:
        return None
    return MovementAgreedV1(movement_id=movement.movement_id)


def _movement_of(row: MovementRow) -> Movement:
    counter = None
    if row.counter_currency is not None:
        counter = Money(int(row.counter_minor), Currency(row.counter_currency))
    moved = Moved(
        kind=MovementKind(row.movement_kind),
        amount=Money(int(row.minor), Currency(row.currency)),
        reference=row.reference,
        gateway=None if row.gateway is None else Gateway(row.gateway),
        counter=counter,
        rate=row.rate,
    )
    return Movement(
        movement_id=row.movement_id,
        moved=moved,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        reason=row.reason,
        status=MovementStatus(row.status),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        version=int(row.version),
    )


class MovementStore:
    """See MovementRows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, movement_id: str) -> Movement | None:
        """See MovementRows."""
        row = self._database.get(MovementRow, _PARTITION, _place(movement_id))
        return None if row is None else _movement_of(row)

    def page(self, *, limit: int, after: str | None = None) -> MovementPage:
        """See MovementRows."""
        page = self._database.query(
            Table.CORE, _PARTITION, "0", "~", newest_first=True, limit=limit, after=after
        )
        rows = page.rows(MovementRow)
        return MovementPage(tuple((row.sk, _movement_of(row)) for row in rows), page.after)

    def create(self, movement: Movement) -> Write:
        """See MovementRows."""
        new = MovementRow.pk.does_not_exist()
        return Put("movement", _row_of(movement), new, tells=_told(movement))

    def save(self, before: Movement, after: Movement) -> Write:
        """See MovementRows."""
        unchanged = MovementRow.version == before.version
        return Put("movement", _row_of(after), unchanged, tells=_told(after))
