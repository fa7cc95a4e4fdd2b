"""From rows to inputs: one way for execution and for previews. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.investing.inputs import (
    BUYING,
    AssetUsed,
    Cause,
    Inputs,
    LotUsed,
    PriceUsed,
    Rules,
    Target,
)
from shared.market_data.model import Asset, BreakerState
from shared.market_data.store import MarketView
from shared.platform.tables import Item
from shared.portfolio.model import BASE, Position, State
from shared.users.model import KycStatus, User, UserStatus

BREAKERS = ("trading", "broker", "volatility", "overload")
"""Switches that stop automatic orders."""
ACTIVE_ACCOUNT = "ACTIVE"


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be planned, for whom it is asked being known."""

    cause: Cause
    cause_id: str
    amount_minor: int = 0
    """Cents that came in or are to go out; 0 for a rebalance."""
    funded: bool = True
    """Whether what came in is in the person's account at the broker."""
    continues: bool = False
    """The next plan of a run of rebalancing that has begun."""


def ask_from(subject: Mapping[str, str]) -> Ask:
    """Out of a message that names a cause: ``cause``, ``cause_id``, ``amount_minor`` where there
    is one, and ``continues`` for the next plan of a run."""
    cause, minor = Cause(subject["cause"]), int(subject.get("amount_minor", "0"))
    return Ask(cause, subject["cause_id"], minor, continues="continues" in subject)


def halted_by(symbol: str) -> str:
    """The switch that stops automatic orders of one symbol."""
    return f"volatility.{symbol}"


def inputs_of(
    ask: Ask,
    state: State[Item],
    person: User | None,
    market: MarketView,
    target: Target | None,
    *,
    rules: Rules,
    now: datetime,
) -> Inputs:
    """All that a decision depends on, as it is known at the system's time ``now``."""
    wallet = state.wallet(BASE)
    clock = market.clock if market.clock is not None and market.clock.known(now) else None
    business_now = None if clock is None else clock.now(now)
    today = (business_now or now).date()
    return Inputs(
        cause=ask.cause,
        cause_id=ask.cause_id,
        amount_minor=ask.amount_minor,
        funded=ask.funded,
        continues=ask.continues,
        person_active=person is not None and person.status is UserStatus.ACTIVE,
        identity_approved=person is not None and person.kyc_status is KycStatus.APPROVED,
        score=None if person is None else person.risk_score,
        account_active=person is not None
        and person.broker_account_id is not None
        and person.broker_status == ACTIVE_ACCOUNT,
        # What is owed is not invested: an entry that changes it is a race for the plan.
        available_minor=max(wallet.available - wallet.owed, 0),
        unsettled_minor=wallet.unsettled(today),
        open_orders=wallet.open_orders,
        held=_held(state.positions),
        lots={} if ask.cause in BUYING else _lots(state.positions),
        target=target,
        prices={
            symbol: PriceUsed(price=one.price.value, as_of=one.as_of, source=one.source)
            for symbol, one in sorted(market.quotes.items())
        },
        assets={symbol: _asset(one, market) for symbol, one in sorted(market.assets.items())},
        breakers={
            name: one.state.value
            for name, one in sorted(market.breakers.items())
            if name in BREAKERS and one.state is not BreakerState.CLOSED
        },
        market_open=clock is not None and clock.open_at(now),
        business_now=business_now,
        rules=rules,
    )


def _held(positions: Mapping[str, Position]) -> dict[str, int]:
    return {
        symbol: position.quantity_nanos
        for symbol, position in sorted(positions.items())
        if position.quantity_nanos
    }


def _lots(positions: Mapping[str, Position]) -> dict[str, tuple[LotUsed, ...]]:
    return {
        symbol: tuple(
            LotUsed(
                acquired=lot.acquired,
                reference=lot.reference,
                nanos=lot.nanos,
                cost_minor=lot.cost_minor,
            )
            for lot in position.lots
        )
        for symbol, position in sorted(positions.items())
        if position.quantity_nanos
    }


def _asset(asset: Asset, market: MarketView) -> AssetUsed:
    halted = market.breakers.get(halted_by(asset.symbol))
    stopped = halted is not None and halted.state is BreakerState.OPEN
    return AssetUsed(
        type=asset.type,
        buyable=asset.tradable and not stopped,
        sellable=asset.tradable,
        fractional=asset.fractionable,
    )
