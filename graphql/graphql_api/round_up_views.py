"""Round-ups as their owner sees them."""

from datetime import datetime

import strawberry

from graphql_api.money import Money, money_of
from graphql_api.rules import INHERITED, field, object_type
from graphql_api.scalars import DepositId, GoalId, PurchaseId
from shared.payments.methods import Method
from shared.recurring.dates import Zone
from shared.roundups import model
from shared.roundups.model import PurchaseStatus, RoundUpsStatus, TransferStatus
from shared.roundups.reasons import text_of

strawberry.enum(RoundUpsStatus, description="Whether purchases are rounded up.")
strawberry.enum(PurchaseStatus, description="What became of a purchase's round-up.")
strawberry.enum(
    TransferStatus, name="RoundUpTransferStatus", description="Where a collection stands."
)


@object_type(description="Your round-ups: settings, and the pool that is collected.")
class RoundUps:
    """See the description."""

    status: RoundUpsStatus = field(INHERITED, "Whether they run.")
    pool: Money = field(
        INHERITED,
        "What is in the pool. Below zero when a payment that had counted as failed came after all: "
        "the next round-ups make up for it.",
    )
    threshold: Money = field(INHERITED, "The pool is collected from this amount on.")
    under_way: Money = field(INHERITED, "What is being collected now.")
    next_transfer_at: datetime | None = field(
        INHERITED, "When the pool is collected; null while it is not full enough."
    )
    whole_unit: Money = field(INHERITED, "Purchases are rounded up to multiples of this.")
    multiplier: int = field(INHERITED, "How often each round-up counts.")
    whole_units: bool = field(
        INHERITED, "Whether a purchase that needs no rounding counts one whole unit."
    )
    goal_id: GoalId | None = field(INHERITED, "What it is saved for; null for the general goal.")
    method: Method = field(INHERITED, "How it is collected.")
    collected_from: str = field(INHERITED, "The phone or card, masked.")
    zone: Zone = field(INHERITED, "Whose mornings are meant.")
    started_at: datetime = field(INHERITED, "When they were (last) started.")


@object_type(description="Something that was bought, and what came of it.")
class Purchase:
    """See the description."""

    purchase_id: PurchaseId = field(INHERITED, "As its reporter named it.")
    amount: Money = field(INHERITED, "What was paid.")
    at: datetime = field(INHERITED, "When.")
    round_up: Money = field(INHERITED, "What it counts, with the multiplier.")
    status: PurchaseStatus = field(INHERITED, "Whether that is, or was, in the pool.")


@object_type(description="One collection of the pool: a deposit like any other.")
class RoundUpTransfer:
    """See the description."""

    number: int = field(INHERITED, "A later one has a higher number.")
    status: TransferStatus = field(INHERITED, "Where it stands.")
    amount: Money = field(INHERITED, "How much of the pool.")
    begun_at: datetime = field(INHERITED, "When it was taken out of the pool.")
    deposit_id: DepositId | None = field(INHERITED, "The deposit that it became.")
    reason: str | None = field(INHERITED, "Stable code of why it went back to the pool.")
    reason_text: str | None = field(INHERITED, "The reason in words.")


def round_ups_view(stored: model.RoundUps) -> RoundUps:
    """For their owner."""
    goal_id = stored.habits.goal_id
    return RoundUps(
        status=stored.status,
        pool=money_of(stored.pooled),
        threshold=money_of(stored.threshold),
        under_way=money_of(stored.under_way),
        next_transfer_at=None if stored.open is not None else stored.due,
        whole_unit=money_of(stored.whole),
        multiplier=stored.habits.multiplier,
        whole_units=stored.habits.whole_units,
        goal_id=None if goal_id is None else GoalId(goal_id),
        method=stored.source.method,
        collected_from=stored.source.shown_as,
        zone=stored.zone,
        started_at=stored.started_at,
    )


def purchase_view(stored: model.Purchase) -> Purchase:
    """For its owner."""
    return Purchase(
        purchase_id=PurchaseId(stored.purchase_id),
        amount=money_of(stored.amount),
        at=stored.at,
        round_up=money_of(stored.round_up),
        status=stored.status,
    )


def transfer_view(stored: model.Transfer, language: str) -> RoundUpTransfer:
    """For its owner."""
    reason = stored.reason
    return RoundUpTransfer(
        number=stored.number,
        status=stored.status,
        amount=money_of(stored.amount),
        begun_at=stored.begun_at,
        deposit_id=None if stored.deposit_id is None else DepositId(stored.deposit_id),
        reason=None if reason is None else reason.value,
        reason_text=None if reason is None else text_of(reason, language),
    )
