"""Rows of decisions about money in suspense: one per payment, ever."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition

from shared.kernel.clock import to_text
from shared.kernel.money import Currency, Money
from shared.payments.methods import Gateway
from shared.payments.suspended import Suspended
from shared.platform.indexes import pending_bucket
from shared.platform.tables import Database, InstantAttribute, Key, Put, Row, Table
from shared.platform.work import Write
from shared.treasury.events import SuspenseMatchAgreedV1
from shared.treasury.suspense import CHECK, Decision, DecisionStatus, Stop, Way

WRITE = "suspense"
_SK = "DECISION"


class SuspenseRow(Row):
    """One decision."""

    KIND: ClassVar[str] = "suspense"

    way = UnicodeAttribute()
    currency = UnicodeAttribute()
    minor = NumberAttribute()
    user_id = UnicodeAttribute(null=True)
    proposed_by = UnicodeAttribute()
    proposed_at = InstantAttribute()
    reason = UnicodeAttribute()
    status = UnicodeAttribute()
    decided_by = UnicodeAttribute(null=True)
    decided_at = InstantAttribute(null=True)
    result = UnicodeAttribute(null=True)
    transfer = UnicodeAttribute(null=True)
    stopped_by = UnicodeAttribute(null=True)
    version = NumberAttribute()
    check = UnicodeAttribute(null=True)
    pending = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)


def _row_of(decision: Decision) -> SuspenseRow:
    due = decision.due
    return SuspenseRow(
        pk=f"SUSPENSE#{decision.gateway.value}#{decision.payment}",
        sk=_SK,
        way=decision.way.value,
        currency=decision.amount.currency.value,
        minor=decision.amount.minor,
        user_id=decision.user_id,
        proposed_by=decision.proposed_by,
        proposed_at=decision.proposed_at,
        reason=decision.reason,
        status=decision.status.value,
        decided_by=decision.decided_by,
        decided_at=decision.decided_at,
        result=decision.result,
        transfer=decision.transfer,
        stopped_by=None if decision.stopped_by is None else decision.stopped_by.value,
        version=decision.version,
        check=None if due is None else CHECK,
        pending=None if due is None else pending_bucket(decision.proposed_by),
        due=None if due is None else to_text(due),
    )


def _told(decision: Decision) -> SuspenseMatchAgreedV1 | None:
    """Whoever writes that a match is agreed lets it be booked."""
    if decision.status is not DecisionStatus.AGREED or decision.way is not Way.MATCH:
        return None
    return SuspenseMatchAgreedV1(gateway=decision.gateway.value, payment=decision.payment)


def _decision_of(row: SuspenseRow) -> Decision:
    _, gateway, payment = row.pk.split("#", 2)
    return Decision(
        gateway=Gateway(gateway),
        payment=payment,
        amount=Money(int(row.minor), Currency(row.currency)),
        way=Way(row.way),
        user_id=row.user_id,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        reason=row.reason,
        status=DecisionStatus(row.status),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        result=row.result,
        transfer=row.transfer,
        stopped_by=None if row.stopped_by is None else Stop(row.stopped_by),
        version=int(row.version),
    )


class SuspenseStore:
    """All decisions, by the gateway's name of the payment."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, gateway: Gateway, payment: str) -> Decision | None:
        """What was decided about a payment; None for nothing yet."""
        row = self._database.get(SuspenseRow, f"SUSPENSE#{gateway.value}#{payment}", _SK)
        return None if row is None else _decision_of(row)

    def of(self, payments: Sequence[Suspended]) -> Mapping[tuple[Gateway, str], Decision]:
        """What was decided about each of a page of them, in one read."""
        keys = [
            Key(Table.CORE, f"SUSPENSE#{one.gateway.value}#{one.payment}", _SK) for one in payments
        ]
        found = self._database.get_many(keys) if keys else {}
        decisions = [_decision_of(item.to(SuspenseRow)) for item in found.values()]
        return {(one.gateway, one.payment): one for one in decisions}

    def save(self, before: Decision | None, after: Decision) -> Write:
        """The write ``suspense``: the first one must be the first, every other one follows from
        what was read."""
        unchanged: Condition = (
            SuspenseRow.pk.does_not_exist()
            if before is None
            else SuspenseRow.version == before.version
        )
        return Put(WRITE, _row_of(after), unchanged, tells=_told(after))
