"""Rows of deposits and of gateways' payments that were counted."""

from collections.abc import Sequence
from typing import Any, ClassVar

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from shared.kernel.clock import to_text
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, FxRate, Money
from shared.ledger.model import Wallet
from shared.ledger.store import wallet_from, wallet_key
from shared.payments.model import AT_GATEWAY, OPEN, Deposit, DepositStatus, Gateway
from shared.payments.ports import DepositPage
from shared.payments.quoting import FxQuote
from shared.payments.reasons import Reason
from shared.platform import keys
from shared.platform.tables import (
    Database,
    DecimalAttribute,
    InstantAttribute,
    Item,
    Key,
    Page,
    Put,
    Row,
    Table,
    pending_bucket,
)
from shared.platform.work import Write

PAYMENT_CHECK, FUNDING_CHECK, PLANNING_CHECK = "payment", "funding", "planning"
_GUARD = "GUARD"


class DepositRow(Row):
    """One deposit; ``pending`` and ``due`` are there while something is awaited."""

    KIND: ClassVar[str] = "deposit"

    status = UnicodeAttribute()
    version = NumberAttribute()
    gateway = UnicodeAttribute()
    currency = UnicodeAttribute()
    amount_minor = NumberAttribute()
    credited_minor = NumberAttribute()
    lapses_at = InstantAttribute()
    mid_rate = DecimalAttribute(null=True)
    spread = NumberAttribute(null=True)
    rate_source = UnicodeAttribute(null=True)
    rate_as_of = InstantAttribute(null=True)
    quote_expires_at = InstantAttribute(null=True)
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
    journal_attempt = NumberAttribute(default=0)
    planned = BooleanAttribute(default=False)
    trace = UnicodeAttribute(null=True)
    check = UnicodeAttribute(null=True)
    """Which delayed check looks after it."""
    pending = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)


class ExternalPaymentRow(Row):
    """A gateway's payment that was counted, for which deposit."""

    KIND: ClassVar[str] = "external_payment"

    user_id = UnicodeAttribute()
    deposit_id = UnicodeAttribute()


def deposit_key(user_id: str, deposit_id: str) -> Key:
    """Where a deposit lies."""
    return Key(Table.CORE, keys.user(user_id), keys.feed(deposit_id, Kind.DEPOSIT))


def deposit_from(item: Item) -> Deposit:
    """A deposit out of an item that somebody else read."""
    return _deposit_of(item.to(DepositRow))


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


def _quoted(quote: FxQuote | None) -> dict[str, Any]:
    if quote is None:
        return {}
    return {
        "mid_rate": quote.mid.rate,
        "spread": quote.spread,
        "rate_source": quote.mid.source,
        "rate_as_of": quote.mid.as_of,
        "quote_expires_at": quote.expires_at,
    }


def _row_of(deposit: Deposit) -> DepositRow:
    key = deposit_key(deposit.user_id, deposit.deposit_id)
    return DepositRow(
        pk=key.pk,
        sk=key.sk,
        status=deposit.status.value,
        version=deposit.version,
        gateway=deposit.gateway.value,
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
        trace=deposit.trace or None,
        **_quoted(deposit.quote),
        **_awaited(deposit),
    )


def _quote_of(row: DepositRow) -> FxQuote | None:
    if row.mid_rate is None:
        return None
    mid = FxRate(
        Currency(row.currency), Currency.USD, row.mid_rate, row.rate_source, row.rate_as_of
    )
    return FxQuote(mid, int(row.spread), row.quote_expires_at)


def _deposit_of(row: DepositRow) -> Deposit:
    user_id = row.pk.removeprefix("USER#")
    return Deposit(
        user_id=user_id,
        deposit_id=_id_of(user_id, row.sk),
        gateway=Gateway(row.gateway),
        amount=Money(int(row.amount_minor), Currency(row.currency)),
        credited=Money(int(row.credited_minor), Currency.USD),
        status=DepositStatus(row.status),
        lapses_at=row.lapses_at,
        version=int(row.version),
        quote=_quote_of(row),
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
        trace=row.trace or "",
    )


def _id_of(user_id: str, sk: str) -> str:
    """A deposit lives in the cell of its person."""
    cell = user_id.split("_")[1]
    return f"{Kind.DEPOSIT.value}_{cell}_{sk.split('#')[1]}"


class DepositStore:
    """See Deposits."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, user_id: str, deposit_id: str) -> Deposit | None:
        """See Deposits."""
        key = deposit_key(user_id, deposit_id)
        row = self._database.get(DepositRow, key.pk, key.sk)
        return None if row is None else _deposit_of(row)

    def with_wallet(self, user_id: str, deposit_id: str) -> tuple[Deposit | None, Wallet]:
        """See Deposits."""
        where, purse = deposit_key(user_id, deposit_id), wallet_key(user_id, Currency.USD)
        found = self._database.get_many([where, purse])
        deposit, wallet = found.get(where), found.get(purse)
        return (
            None if deposit is None else deposit_from(deposit),
            Wallet(user_id, Currency.USD) if wallet is None else wallet_from(wallet),
        )

    def settled(self, user_id: str) -> Sequence[Deposit]:
        """See Deposits."""
        found = self._feed(user_id, None, None)
        deposits = (_deposit_of(row) for row in found.rows(DepositRow))
        return [one for one in deposits if one.status in AT_GATEWAY]

    def page(self, user_id: str, *, limit: int, after: str | None = None) -> DepositPage:
        """See Deposits."""
        deposits: list[Deposit] = []
        while True:
            found = self._feed(user_id, 2 * limit, after)
            for item in found.items:
                if item.kind != DepositRow.KIND:
                    continue
                if len(deposits) == limit:
                    last = deposits[-1]
                    return DepositPage(tuple(deposits), deposit_key(user_id, last.deposit_id).sk)
                deposits.append(deposit_from(item))
            if found.after is None:
                return DepositPage(tuple(deposits), None)
            after = found.after

    def _feed(self, user_id: str, limit: int | None, after: str | None) -> Page:
        return self._database.query(
            Table.CORE,
            keys.user(user_id),
            keys.FEED,
            f"{keys.FEED}~",
            newest_first=True,
            limit=limit,
            after=after,
        )

    def create(self, deposit: Deposit) -> Write:
        """See Deposits."""
        return Put.new("deposit", _row_of(deposit))

    def save(self, before: Deposit, after: Deposit) -> Write:
        """See Deposits."""
        unchanged = (DepositRow.status == before.status.value) & (
            DepositRow.version == before.version
        )
        return Put("deposit", _row_of(after), unchanged)

    def claim_payment(self, deposit: Deposit, *references: str) -> list[Write]:
        """See Deposits."""
        return [
            Put.new(
                f"external:{reference}",
                ExternalPaymentRow(
                    pk=f"EXT#{deposit.gateway.value}#{reference}",
                    sk=_GUARD,
                    user_id=deposit.user_id,
                    deposit_id=deposit.deposit_id,
                ),
            )
            for reference in dict.fromkeys(references)
        ]
