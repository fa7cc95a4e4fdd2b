"""The firm's own money as members of staff see it."""

from datetime import datetime
from enum import StrEnum

import strawberry

from graphql_api.breaker_states import BreakerState
from graphql_api.money import Money, money_of, money_or_none
from graphql_api.rules import INHERITED, field, object_type
from graphql_api.scalars import MovementId, Quantity, Rate, Symbol
from shared.kernel import money
from shared.kernel.money import Currency
from shared.market_data.model import Breaker
from shared.payments.methods import Gateway
from shared.treasury.limits import FX, PREFUNDING, Limit
from shared.treasury.model import HouseBalance
from shared.treasury.movements import Movement, MovementKind, MovementStatus

strawberry.enum(MovementKind, name="TreasuryMovementKind", description="What moved.")
strawberry.enum(
    MovementStatus, name="TreasuryMovementStatus", description="Where a movement stands."
)


@strawberry.enum(description="What stops when a limit of the treasury is exceeded.")
class TreasuryBreaker(StrEnum):
    """See the description."""

    PREFUNDING = "PREFUNDING"
    FX = "FX"


NAMES = {TreasuryBreaker.PREFUNDING: PREFUNDING, TreasuryBreaker.FX: FX}


@object_type(description="What an account of the firm holds.")
class HouseAccount:
    """See the description."""

    account: str = field(INHERITED, "Its name in the chart of accounts; those of people in sum.")
    balance: Money | None = field(INHERITED, "Of money: what it holds; debits are positive.")
    symbol: Symbol | None = field(INHERITED, "Of shares: of what.")
    quantity: Quantity | None = field(INHERITED, "Of shares: how many; debits are positive.")


@object_type(description="A limit of the treasury, and what is used of it.")
class TreasuryLimit:
    """See the description."""

    name: str = field(INHERITED, "`prefunding`, or `fx:` and a currency.")
    limit: Money = field(INHERITED, "The most; exactly this is allowed.")
    used: Money = field(INHERITED, "What is used now.")
    exceeded: bool = field(INHERITED, "Whether it is more.")
    breaker: TreasuryBreaker = field(INHERITED, "What it stops.")
    state: BreakerState = field(INHERITED, "Whether it is stopped.")
    reason: str | None = field(INHERITED, "Why; null when it never was.")
    since: datetime | None = field(INHERITED, "Since when.")


@object_type(description="Something that moved of the firm's own money.")
class TreasuryMovement:
    """See the description."""

    movement_id: MovementId = field(INHERITED, "Identifier.")
    kind: MovementKind = field(INHERITED, "What moved.")
    status: MovementStatus = field(INHERITED, "Where it stands.")
    amount: Money = field(INHERITED, "How much.")
    counter: Money | None = field(INHERITED, "What was bought for it.")
    rate: Rate | None = field(INHERITED, "Units bought for one sold.")
    gateway: Gateway | None = field(INHERITED, "By whom, if a gateway.")
    reference: str = field(INHERITED, "Its name at the gateway or on the statement.")
    reason: str = field(INHERITED, "Why it was recorded.")
    proposed_by: str = field(INHERITED, "Who recorded it.")
    proposed_at: datetime = field(INHERITED, "When.")
    decided_by: str | None = field(INHERITED, "The second person, where one was needed.")
    decided_at: datetime | None = field(INHERITED, "When they decided.")


def account_view(balance: HouseBalance) -> HouseAccount:
    """One balance."""
    name = balance.asset.partition("/")[0]
    if name in Currency:
        held = money.Money(balance.minor, Currency(name))
        return HouseAccount(
            account=balance.account, balance=money_of(held), symbol=None, quantity=None
        )
    return HouseAccount(
        account=balance.account,
        balance=None,
        symbol=Symbol(name),
        quantity=Quantity(str(money.Quantity(balance.minor))),
    )


def limit_view(limit: Limit, breaker: Breaker | None) -> TreasuryLimit:
    """One limit with its breaker; one that was never touched is closed."""
    names = {name: each for each, name in NAMES.items()}
    return TreasuryLimit(
        name=limit.name,
        limit=money_of(money.Money(limit.limit_minor, limit.currency)),
        used=money_of(money.Money(limit.used_minor, limit.currency)),
        exceeded=limit.exceeded,
        breaker=names[limit.breaker],
        state=BreakerState.CLOSED if breaker is None else breaker.state,
        reason=None if breaker is None else breaker.reason,
        since=None if breaker is None else breaker.since,
    )


def movement_view(movement: Movement) -> TreasuryMovement:
    """One movement."""
    moved = movement.moved
    return TreasuryMovement(
        movement_id=MovementId(movement.movement_id),
        kind=moved.kind,
        status=movement.status,
        amount=money_of(moved.amount),
        counter=money_or_none(moved.counter),
        rate=None if moved.rate is None else Rate(moved.rate),
        gateway=moved.gateway,
        reference=moved.reference,
        reason=movement.reason,
        proposed_by=movement.proposed_by,
        proposed_at=movement.proposed_at,
        decided_by=movement.decided_by,
        decided_at=movement.decided_at,
    )
