"""From rows to inputs: one way for execution and for previews. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from shared.breakers.names import BROKERS, GLOBAL, at_broker
from shared.investing.aiming import aim_of, goal_of, saving_of
from shared.investing.at_broker import broker_of
from shared.investing.inputs import (
    BUYING,
    AssetUsed,
    Cause,
    Inputs,
    LotUsed,
    PriceUsed,
    Rules,
    TaxProfile,
)
from shared.investing.parts import Part, part_of
from shared.investing.rebalanced import marks_of
from shared.investing.risk import risk_of
from shared.market_data.model import Asset, BreakerState, Restriction
from shared.market_data.store import MarketView
from shared.platform.tables import Item
from shared.portfolio.lots import Lot
from shared.portfolio.model import BASE, State
from shared.strategies.goal_store import Saving
from shared.strategies.goals import Goal
from shared.strategies.model import Strategy
from shared.taxes.model import taxation_of
from shared.taxes.regimes import regime_of
from shared.taxes.store import residence_from, settings_from
from shared.users.model import KycStatus, User, UserStatus

BREAKERS = (*GLOBAL, *map(at_broker, BROKERS))
"""Switches that stop automatic orders: of all, or of those at one broker."""
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
    goal_id: str = ""
    """Whose money it is about; empty for the general goal. A deposit says it itself."""
    all_until: date | None = None
    """Of a withdrawal of everything: the day on which it was asked for. What was bought later
    stays."""
    again: str = ""
    """The plan that lapsed and in whose place this one comes; empty for the cause's first."""

    @property
    def planned_for(self) -> str:
        """What there is one plan of: the cause, or a plan of it that lapsed."""
        return self.again or self.cause_id


def ask_from(subject: Mapping[str, str]) -> Ask:
    """Out of a message that names a cause: ``cause``, ``cause_id``, ``amount_minor`` and
    ``goal_id`` where there is one, ``continues`` for the next plan of a run, and ``after`` for
    another plan of the same cause: the one before."""
    return Ask(
        cause=Cause(subject["cause"]),
        cause_id=subject["cause_id"],
        amount_minor=int(subject.get("amount_minor", "0")),
        continues="continues" in subject,
        goal_id=subject.get("goal_id", ""),
        again=subject.get("after", ""),
    )


def halted_by(symbol: str) -> str:
    """The switch that stops automatic orders of one symbol."""
    return f"volatility.{symbol}"


def inputs_of(
    ask: Ask,
    state: State[Item],
    person: User | None,
    market: MarketView,
    strategies: Mapping[str, Strategy],
    *,
    rules: Rules,
    now: datetime,
) -> Inputs:
    """All that is decided on, as known at the time ``now``; ``strategies`` in force are by id."""
    clock = market.clock if market.clock is not None and market.clock.known(now) else None
    business_now = None if clock is None else clock.now(now)
    today = (business_now or now).date()
    score = None if person is None else person.risk_score
    saving = saving_of(state)
    goal = _goal(saving, ask)
    aim = aim_of(saving, goal, score, strategies, today)
    part, tax = _part(ask, state, goal, market, today, rules), _tax(state, today)
    symbols = {*part.held, *(() if aim.target is None else aim.target.weights)}
    return Inputs(
        cause=ask.cause,
        cause_id=ask.cause_id,
        amount_minor=ask.amount_minor,
        funded=ask.funded,
        continues=ask.continues,
        everything=ask.all_until is not None,
        last_rebalanced=_rebalanced(state, goal),
        person_active=person is not None and person.status is UserStatus.ACTIVE,
        identity_approved=person is not None and person.kyc_status is KycStatus.APPROVED,
        score=score,
        account_active=_has_account(person),
        # What is owed is not invested: an entry that changes it is a race for the plan.
        available_minor=part.available_minor,
        unsettled_minor=part.unsettled_minor,
        open_orders=state.wallet(BASE).open_orders,
        held=part.held,
        lots={} if ask.cause in BUYING else _lots(part.lots),
        goal=part.goal,
        tax=tax,
        target=aim.target,
        untargeted=aim.missing,
        prices=_prices(market),
        assets={symbol: _asset(one, market) for symbol, one in sorted(market.assets.items())},
        breakers=_breakers(market, person),
        market_open=clock is not None and clock.open_at(now),
        business_now=business_now,
        rules=rules,
        risk=risk_of(state.trading, market, symbols, today, now, wash_sales=bool(tax.wash_days)),
    )


def _rebalanced(state: State[Item], goal: Goal) -> date | None:
    mark = marks_of(state.rebalanced).get("" if goal.general else goal.goal_id)
    return None if mark is None else mark.completed_on


def _goal(saving: Saving, ask: Ask) -> Goal:
    """A withdrawal from a goal that was given up since is from what was saved for it, and never
    from all the rest."""
    named = saving.goal(ask.goal_id) if ask.goal_id and ask.cause is Cause.WITHDRAWAL else None
    return goal_of(saving, ask.goal_id) if named is None else named


def _tax(state: State[Item], today: date) -> TaxProfile:
    """What the person chose, and the law of the country where that says something. Buying alone
    is not taxed, yet what was sold at a loss before matters to it."""
    regime = regime_of(residence_from(state.taxes), today)
    made = taxation_of(settings_from(state.user_id, state.taxes).wishes, regime)
    return TaxProfile(
        method=made.method,
        short_bp=made.short_bp,
        long_bp=made.long_bp,
        wash_days=made.wash_days,
    )


def _has_account(person: User | None) -> bool:
    return (
        person is not None
        and person.broker_account_id is not None
        and person.broker_status == ACTIVE_ACCOUNT
    )


def _part(
    ask: Ask, state: State[Item], goal: Goal, market: MarketView, today: date, rules: Rules
) -> Part:
    return part_of(
        state,
        saving_of(state),
        goal,
        today=today,
        cause=ask.cause,
        need_minor=ask.amount_minor,
        quotes={
            symbol: quote
            for symbol, quote in market.quotes.items()
            if symbol in market.assets and _asset(market.assets[symbol], market).sellable
        },
        cushion_bp=rules.cushion_bp,
        alone=bool(ask.goal_id),
        all_until=ask.all_until,
        minimum_minor=rules.minimum_order_minor,
    )


def _prices(market: MarketView) -> dict[str, PriceUsed]:
    return {
        symbol: PriceUsed(price=one.price.value, as_of=one.as_of, source=one.source)
        for symbol, one in sorted(market.quotes.items())
    }


def _breakers(market: MarketView, person: User | None) -> dict[str, str]:
    """Those that are not closed and stop this person's orders, at their broker."""
    account_id = None if person is None else person.broker_account_id
    stopping = (*GLOBAL, at_broker(broker_of(account_id or "")))
    return {
        name: one.state.value
        for name, one in sorted(market.breakers.items())
        if name in stopping and one.state is not BreakerState.CLOSED
    }


def _lots(held: Mapping[str, tuple[Lot, ...]]) -> dict[str, tuple[LotUsed, ...]]:
    return {
        symbol: tuple(
            LotUsed(
                acquired=lot.acquired,
                reference=lot.reference,
                nanos=lot.nanos,
                cost_minor=lot.cost_minor,
                tag=lot.tag,
            )
            for lot in lots
        )
        for symbol, lots in held.items()
    }


def _asset(asset: Asset, market: MarketView) -> AssetUsed:
    halted = market.breakers.get(halted_by(asset.symbol))
    stopped = halted is not None and halted.state is BreakerState.OPEN
    listed = market.restricted.get(asset.symbol)
    frozen = listed is not None and listed.restriction is Restriction.NO_TRADES
    return AssetUsed(
        type=asset.type,
        buyable=asset.tradable and not stopped and listed is None,
        sellable=asset.tradable and not frozen,
        fractional=asset.fractionable,
    )
