"""Rows of payouts, both ways."""

from typing import Any, ClassVar

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from shared.kernel.clock import from_text, to_text
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.payments.quote_columns import quote_columns, quote_in
from shared.payouts.findings import Finding
from shared.payouts.model import Payout, PayoutMove, PayoutStatus, Purpose, Rail
from shared.payouts.raise_columns import raise_columns, raised_in
from shared.payouts.reasons import PayoutReason
from shared.payouts.remedies import Remedy
from shared.payouts.terms import terms_of, terms_text
from shared.platform import keys
from shared.platform.indexes import attention_bucket, pending_bucket
from shared.platform.tables import DecimalAttribute, InstantAttribute, Item, Key, Row, Table

RAISE_CHECK, RECALL_CHECK, PAYOUT_CHECK = "raise", "recall", "payout"
"""What looks after a payout: raising its cash, the broker's part and the gateway's part."""
REVIEWS = "PAYOUT_REVIEW"
"""The list of staff on which payouts wait for a second person."""
STUCK = "PAYOUT_STUCK"
"""The one on which they wait for somebody to look, or to say how they ended."""


class PayoutRow(Row):
    """One payout; ``pending`` and ``due`` are there while something is awaited, ``attention``
    and ``waits_at`` while it is on one of the lists of staff."""

    KIND: ClassVar[str] = "payout"

    purpose = UnicodeAttribute()
    rail = UnicodeAttribute()
    status = UnicodeAttribute()
    version = NumberAttribute()
    moves = UnicodeAttribute(null=True)
    debited_minor = NumberAttribute()
    currency = UnicodeAttribute()
    amount_minor = NumberAttribute()
    at_broker = BooleanAttribute(default=True)
    rate_base = UnicodeAttribute(null=True)
    rate_quote = UnicodeAttribute(null=True)
    mid_rate = DecimalAttribute(null=True)
    spread = NumberAttribute(null=True)
    rate_source = UnicodeAttribute(null=True)
    rate_as_of = InstantAttribute(null=True)
    quote_expires_at = InstantAttribute(null=True)
    replaced_rate = DecimalAttribute(null=True)
    earlier = UnicodeAttribute(null=True)
    offer = UnicodeAttribute(null=True)
    account_id = UnicodeAttribute(null=True)
    shown_as = UnicodeAttribute(null=True)
    deposit_id = UnicodeAttribute(null=True)
    source = UnicodeAttribute(null=True)
    not_before = InstantAttribute(null=True)
    lacks_minor = NumberAttribute(null=True)
    raises = NumberAttribute(null=True)
    settles_on = UnicodeAttribute(null=True)
    """These of one that cash did not cover."""
    goal_id = UnicodeAttribute(null=True)
    purses = UnicodeAttribute(null=True)
    everything = UnicodeAttribute(null=True)
    """These of one of a goal's money, or of all there is."""
    reference = UnicodeAttribute(null=True)
    receipt = UnicodeAttribute(null=True)
    fee_minor = NumberAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    hinted = UnicodeAttribute(null=True)
    review = BooleanAttribute(default=False)
    attempt = NumberAttribute(default=0)
    tries = NumberAttribute(default=0)
    asked_at = InstantAttribute(null=True)
    look_at = InstantAttribute(null=True)
    escalated = BooleanAttribute(default=False)
    ending = UnicodeAttribute(null=True)
    paid_after_all = BooleanAttribute(default=False)
    came_back = BooleanAttribute(default=False)
    leg = NumberAttribute(default=0)
    recalls = NumberAttribute(default=0)
    journal_id = UnicodeAttribute(null=True)
    broker_account_id = UnicodeAttribute(null=True)
    recalled_at = InstantAttribute(null=True)
    paid_at = InstantAttribute(null=True)
    asked_by = UnicodeAttribute(null=True)
    agreed_by = UnicodeAttribute(null=True)
    finding = UnicodeAttribute(null=True)
    remedy = UnicodeAttribute(null=True)
    followed_by = UnicodeAttribute(null=True)
    trace = UnicodeAttribute(null=True)
    check = UnicodeAttribute(null=True)
    """Which delayed check looks after it."""
    pending = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)
    attention = UnicodeAttribute(null=True)
    waits_at = UnicodeAttribute(null=True)


class TransferRow(Row):
    """A transfer of the firm's bank that was named for a payout: never for another one."""

    KIND: ClassVar[str] = "transfer"

    payout_id = UnicodeAttribute()


def payout_key(user_id: str, payout_id: str) -> Key:
    """Where a payout lies."""
    return Key(Table.CORE, keys.user(user_id), keys.feed(payout_id, Kind.PAYOUT))


def payout_from(item: Item) -> Payout:
    """A payout out of an item that somebody else read."""
    return payout_of(item.to(PayoutRow))


def _awaited(payout: Payout) -> dict[str, Any]:
    if payout.due is None:
        return {}
    check = PAYOUT_CHECK if payout.gateway_next else RECALL_CHECK
    return {
        "check": RAISE_CHECK if payout.status is PayoutStatus.RAISING else check,
        "pending": pending_bucket(payout.payout_id),
        "due": to_text(payout.due),
    }


def _waiting(payout: Payout) -> dict[str, Any]:
    in_review = payout.status is PayoutStatus.IN_REVIEW
    if not (in_review or payout.stuck):
        return {}
    return {
        "attention": attention_bucket(REVIEWS if in_review else STUCK, payout.payout_id),
        "waits_at": f"{to_text(payout.entered_at)}#{payout.payout_id}",
    }


def _words(payout: Payout) -> dict[str, Any]:
    """What members of staff said."""
    return {
        "asked_by": payout.asked_by,
        "agreed_by": payout.agreed_by,
        "finding": None if payout.finding is None else payout.finding.text(),
        "remedy": None if payout.remedy is None else payout.remedy.text(),
        "followed_by": payout.followed_by,
    }


def _rates(payout: Payout) -> dict[str, Any]:
    """Of the rate that holds, and of those beside it."""
    quote = payout.quote
    if quote is None:
        return {}
    return {
        "rate_base": quote.mid.base.value,
        "rate_quote": quote.mid.quote.value,
        "earlier": terms_text(payout.earlier),
        "offer": None if payout.offer is None else terms_text((payout.offer,)),
        **quote_columns(quote),
    }


def row_of(payout: Payout) -> PayoutRow:
    """A payout as its row."""
    key = payout_key(payout.user_id, payout.payout_id)
    return PayoutRow(
        pk=key.pk,
        sk=key.sk,
        purpose=payout.purpose.value,
        rail=payout.rail.value,
        status=payout.status.value,
        version=payout.version,
        moves=" ".join(f"{one.status.value}@{to_text(one.at)}" for one in payout.moves) or None,
        debited_minor=payout.debited.minor,
        currency=payout.amount.currency.value,
        amount_minor=payout.amount.minor,
        at_broker=payout.at_broker,
        account_id=payout.account_id,
        shown_as=payout.shown_as,
        deposit_id=payout.deposit_id,
        source=payout.source,
        not_before=payout.not_before,
        reference=payout.reference,
        receipt=payout.receipt,
        fee_minor=payout.fee_minor,
        reason=None if payout.reason is None else payout.reason.value,
        hinted=None if payout.hinted is None else payout.hinted.value,
        review=payout.review,
        attempt=payout.attempt,
        tries=payout.tries,
        asked_at=payout.asked_at,
        look_at=payout.look_at,
        escalated=payout.escalated,
        ending=None if payout.ending is None else payout.ending.value,
        paid_after_all=payout.paid_after_all,
        came_back=payout.came_back,
        leg=payout.leg,
        recalls=payout.recalls,
        journal_id=payout.journal_id,
        broker_account_id=payout.broker_account_id,
        recalled_at=payout.recalled_at,
        paid_at=payout.paid_at,
        trace=payout.trace or None,
        **raise_columns(payout),
        **_words(payout),
        **_rates(payout),
        **_awaited(payout),
        **_waiting(payout),
    )


def payout_of(row: PayoutRow) -> Payout:
    """A payout out of its row."""
    user_id = row.pk.removeprefix("USER#")
    return Payout(
        user_id=user_id,
        payout_id=f"{Kind.PAYOUT.value}_{user_id.split('_')[1]}_{row.sk.split('#')[1]}",
        purpose=Purpose(row.purpose),
        rail=Rail(row.rail),
        debited=Money(int(row.debited_minor), Currency.USD),
        amount=Money(int(row.amount_minor), Currency(row.currency)),
        status=PayoutStatus(row.status),
        version=int(row.version),
        moves=tuple(_move(text) for text in (row.moves or "").split()),
        at_broker=bool(row.at_broker),
        quote=quote_in(row, row.rate_base, row.rate_quote),
        earlier=terms_of(row.earlier),
        offer=next(iter(terms_of(row.offer)), None),
        account_id=row.account_id,
        shown_as=row.shown_as,
        deposit_id=row.deposit_id,
        source=row.source,
        not_before=row.not_before,
        **raised_in(row),
        reference=row.reference,
        receipt=row.receipt,
        fee_minor=None if row.fee_minor is None else int(row.fee_minor),
        reason=None if row.reason is None else PayoutReason(row.reason),
        hinted=None if row.hinted is None else PayoutReason(row.hinted),
        review=bool(row.review),
        attempt=int(row.attempt),
        tries=int(row.tries),
        asked_at=row.asked_at,
        look_at=row.look_at,
        escalated=bool(row.escalated),
        ending=None if row.ending is None else PayoutStatus(row.ending),
        paid_after_all=bool(row.paid_after_all),
        came_back=bool(row.came_back),
        leg=int(row.leg),
        recalls=int(row.recalls),
        journal_id=row.journal_id,
        broker_account_id=row.broker_account_id,
        recalled_at=row.recalled_at,
        paid_at=row.paid_at,
        asked_by=row.asked_by,
        agreed_by=row.agreed_by,
        finding=None if row.finding is None else Finding.of_text(row.finding),
        remedy=None if row.remedy is None else Remedy.of_text(row.remedy),
        followed_by=row.followed_by,
        trace=row.trace or "",
    )


def _move(text: str) -> PayoutMove:
    status, _, at = text.partition("@")
    return PayoutMove(PayoutStatus(status), from_text(at))
