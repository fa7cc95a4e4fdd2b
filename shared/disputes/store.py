"""Rows of disputes, beside their deposit, and the conditions under which they change."""

from collections.abc import Sequence
from typing import Any, ClassVar

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action

from shared.disputes.model import Dispute, DisputeMove, DisputeStatus
from shared.disputes.ports import Debts, File
from shared.disputes.reasons import DisputeReason
from shared.kernel.clock import from_text, to_text
from shared.kernel.ids import Kind, cell_of
from shared.kernel.money import Currency, Money
from shared.ledger.model import Wallet
from shared.ledger.store import wallet_from, wallet_key
from shared.payments.methods import Gateway
from shared.payments.rows import GUARD, ExternalPaymentRow, deposit_from, deposit_key
from shared.platform import keys
from shared.platform.indexes import pending_bucket
from shared.platform.tables import Database, InstantAttribute, Put, Row, Table, Update
from shared.platform.work import Write

CHECK = "dispute"
_PART = "DISPUTE"


class DisputeRow(Row):
    """One dispute; ``pending`` and ``due`` are there while something is awaited."""

    KIND: ClassVar[str] = "dispute"

    status = UnicodeAttribute()
    version = NumberAttribute()
    gateway = UnicodeAttribute()
    reference = UnicodeAttribute()
    payment = UnicodeAttribute()
    currency = UnicodeAttribute()
    amount_minor = NumberAttribute()
    reason = UnicodeAttribute()
    moves = UnicodeAttribute()
    evidence_due = InstantAttribute(null=True)
    worth_minor = NumberAttribute(default=0)
    reserved_minor = NumberAttribute(default=0)
    shortfall_minor = NumberAttribute(default=0)
    fee_minor = NumberAttribute(default=0)
    kept_minor = NumberAttribute(default=0)
    answered_minor = NumberAttribute(default=0)
    step = NumberAttribute(default=0)
    taken = BooleanAttribute(default=False)
    reminded = BooleanAttribute(default=False)
    look_at = InstantAttribute(null=True)
    trace = UnicodeAttribute(null=True)
    check = UnicodeAttribute(null=True)
    pending = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)


def _awaited(dispute: Dispute) -> dict[str, Any]:
    if dispute.look_at is None:
        return {}
    return {
        "check": CHECK,
        "pending": pending_bucket(dispute.dispute_id),
        "due": to_text(dispute.look_at),
    }


def row_of(dispute: Dispute) -> DisputeRow:
    """A dispute as its row."""
    return DisputeRow(
        pk=keys.user(dispute.user_id),
        sk=keys.of_deposit(dispute.deposit_id, _PART, dispute.dispute_id),
        status=dispute.status.value,
        version=dispute.version,
        gateway=dispute.gateway.value,
        reference=dispute.reference,
        payment=dispute.payment,
        currency=dispute.amount.currency.value,
        amount_minor=dispute.amount.minor,
        reason=dispute.reason.value,
        moves=" ".join(f"{one.status.value}@{to_text(one.at)}" for one in dispute.moves),
        evidence_due=dispute.evidence_due,
        worth_minor=dispute.worth_minor,
        reserved_minor=dispute.reserved_minor,
        shortfall_minor=dispute.shortfall_minor,
        fee_minor=dispute.fee_minor,
        kept_minor=dispute.kept_minor,
        answered_minor=dispute.answered_minor,
        step=dispute.step,
        taken=dispute.taken,
        reminded=dispute.reminded,
        look_at=dispute.look_at,
        trace=dispute.trace or None,
        **_awaited(dispute),
    )


def dispute_of(row: DisputeRow) -> Dispute:
    """A dispute out of its row."""
    user_id = row.pk.removeprefix("USER#")
    _, deposit, _, dispute = row.sk.split("#")
    cell = cell_of(user_id)
    return Dispute(
        user_id=user_id,
        dispute_id=f"{Kind.DISPUTE.value}_{cell}_{dispute}",
        deposit_id=f"{Kind.DEPOSIT.value}_{cell}_{deposit}",
        gateway=Gateway(row.gateway),
        reference=row.reference,
        payment=row.payment,
        amount=Money(int(row.amount_minor), Currency(row.currency)),
        status=DisputeStatus(row.status),
        reason=DisputeReason(row.reason),
        version=int(row.version),
        moves=tuple(_move(text) for text in row.moves.split()),
        evidence_due=row.evidence_due,
        worth_minor=int(row.worth_minor),
        reserved_minor=int(row.reserved_minor),
        shortfall_minor=int(row.shortfall_minor),
        fee_minor=int(row.fee_minor),
        kept_minor=int(row.kept_minor),
        answered_minor=int(row.answered_minor),
        step=int(row.step),
        taken=bool(row.taken),
        reminded=bool(row.reminded),
        look_at=row.look_at,
        trace=row.trace or "",
    )


class DisputeStore:
    """See Disputes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def owner(self, gateway: Gateway, payment: str) -> tuple[str, str] | None:
        """See Disputes."""
        key = f"EXT#{gateway.value}#{payment}"
        row = self._database.get(ExternalPaymentRow, key, GUARD)
        return None if row is None else (row.user_id, row.deposit_id)

    def file(self, user_id: str, deposit_id: str) -> File | None:
        """See Disputes."""
        where, purse = deposit_key(user_id, deposit_id), wallet_key(user_id, Currency.USD)
        found = self._database.get_many([where, purse])
        if where not in found:
            return None
        wallet = wallet_from(found[purse]) if purse in found else Wallet(user_id, Currency.USD)
        return File(deposit_from(found[where]), wallet, self.of_deposit(user_id, deposit_id))

    def of_deposit(self, user_id: str, deposit_id: str) -> Sequence[Dispute]:
        """See Disputes."""
        first = keys.of_deposit(deposit_id, _PART, "")
        page = self._database.query(Table.CORE, keys.user(user_id), first, f"{first}~")
        return [dispute_of(row) for row in page.rows(DisputeRow)]

    def debts(self, user_id: str) -> Debts:
        """See Disputes."""
        purse = wallet_key(user_id, Currency.USD)
        found = self._database.get_many([purse])
        wallet = wallet_from(found[purse]) if purse in found else Wallet(user_id, Currency.USD)
        if not wallet.owed:
            return Debts(wallet, ())
        first = keys.DEPOSIT_PARTS
        page = self._database.query(Table.CORE, keys.user(user_id), first, f"{first}~")
        disputes = [dispute_of(row) for row in page.rows(DisputeRow)]
        return Debts(wallet, tuple(one for one in disputes if one.live and one.shortfall_minor))

    def create(self, dispute: Dispute) -> Write:
        """See Disputes."""
        return Put.new("dispute", row_of(dispute))

    def save(self, before: Dispute, after: Dispute) -> Write:
        """See Disputes."""
        unchanged = (DisputeRow.status == before.status.value) & (
            DisputeRow.version == before.version
        )
        return Put(f"dispute:{before.dispute_id}", row_of(after), unchanged)

    def gone(self, dispute: Dispute) -> Write:
        """See Disputes."""
        return _external(dispute, ExternalPaymentRow.taken.set(True))

    def back(self, dispute: Dispute) -> Write:
        """See Disputes."""
        return _external(dispute, ExternalPaymentRow.taken.remove())


def _external(dispute: Dispute, action: Action) -> Update:
    row, place = ExternalPaymentRow, f"EXT#{dispute.gateway.value}#{dispute.payment}"
    return Update("external", row, place, GUARD, (action,), row.pk.exists())


def _move(text: str) -> DisputeMove:
    status, _, at = text.partition("@")
    return DisputeMove(DisputeStatus(status), from_text(at))
