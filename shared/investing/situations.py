"""The planner's two reads: the person's state, then market, model, deposit and plan together."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.investing.model_rows import model_from, model_key
from shared.investing.plan import (
    AssetUsed,
    Inputs,
    PriceUsed,
    Rules,
    Target,
    plan_id,
)
from shared.investing.portfolios import model_id
from shared.investing.ports import Situation
from shared.investing.store import plan_key
from shared.kernel.clock import Clock
from shared.market_data.model import BreakerState
from shared.market_data.store import (
    MarketView,
    asset_key,
    breaker_key,
    clock_key,
    quote_key,
)
from shared.market_data.universe import SYMBOLS
from shared.platform.tables import Database, Item, Key
from shared.platform.work import Write
from shared.portfolio.model import BASE, State
from shared.portfolio.store import PortfolioStore
from shared.users.model import KycStatus, User, UserStatus
from shared.users.store import user_from

BREAKERS = ("trading", "broker")
"""Switches that stop automatic orders."""
ACTIVE_ACCOUNT = "ACTIVE"


@dataclass(frozen=True, slots=True)
class FundedDeposit:
    """What planning knows of a deposit."""

    funded: bool
    credited_minor: int
    trace: str = ""


@dataclass(frozen=True, slots=True)
class DepositRows:
    """How deposits are found and read; they belong to a context beside this one."""

    key: Callable[[str, str], Key]
    read: Callable[[Item], FundedDeposit]
    planned: Callable[[str, str], Write]
    """The write, named ``deposit``, after which a deposit does not wait for a plan any more."""


class SituationStore:
    """See Situations."""

    def __init__(
        self, database: Database, deposits: DepositRows, clock: Clock, rules: Rules
    ) -> None:
        self._database = database
        self._deposits = deposits
        self._clock = clock
        self._rules = rules

    def load(self, user_id: str, deposit_id: str) -> Situation:
        """See Situations."""
        state = PortfolioStore(self._database).state(user_id)
        person = None if state.profile is None else user_from(state.profile)
        symbols = sorted({*SYMBOLS, *state.positions})
        deposit = self._deposits.key(user_id, deposit_id)
        plan = plan_key(user_id, plan_id(deposit_id))
        wanted = [deposit, plan, clock_key(), *(breaker_key(name) for name in BREAKERS)]
        for symbol in symbols:
            wanted += [quote_key(symbol), asset_key(symbol)]
        score = None if person is None else person.risk_score
        model = None if score is None else model_key(model_id(score))
        found = self._database.get_many(wanted if model is None else [*wanted, model])
        paid = self._deposits.read(found[deposit]) if deposit in found else None
        target = None if model not in found else _target(found[model])
        return Situation(
            inputs=self._inputs(deposit_id, state, person, paid, MarketView.of(found), target),
            wallet=state.wallet(BASE),
            account_id=None if person is None else person.broker_account_id,
            planned=plan in found,
            trace="" if paid is None else paid.trace,
        )

    def planned(self, user_id: str, deposit_id: str) -> Write:
        """See Situations."""
        return self._deposits.planned(user_id, deposit_id)

    def _inputs(
        self,
        deposit_id: str,
        state: State[Item],
        person: User | None,
        paid: FundedDeposit | None,
        market: MarketView,
        target: Target | None,
    ) -> Inputs:
        wallet, now = state.wallet(BASE), self._clock.now()
        clock = market.clock if market.clock is not None and market.clock.known(now) else None
        return Inputs(
            deposit_id=deposit_id,
            deposit_minor=0 if paid is None else paid.credited_minor,
            deposit_funded=paid is not None and paid.funded,
            person_active=person is not None and person.status is UserStatus.ACTIVE,
            identity_approved=person is not None and person.kyc_status is KycStatus.APPROVED,
            score=None if person is None else person.risk_score,
            account_active=person is not None
            and person.broker_account_id is not None
            and person.broker_status == ACTIVE_ACCOUNT,
            # What is owed is not invested: an entry that changes it is a race for the plan.
            available_minor=max(wallet.available - wallet.owed, 0),
            open_orders=wallet.open_orders,
            held={
                symbol: position.quantity_nanos
                for symbol, position in sorted(state.positions.items())
                if position.quantity_nanos
            },
            target=target,
            prices={
                symbol: PriceUsed(price=one.price.value, as_of=one.as_of, source=one.source)
                for symbol, one in sorted(market.quotes.items())
            },
            assets={
                symbol: AssetUsed(type=one.type, buyable=one.buyable)
                for symbol, one in sorted(market.assets.items())
            },
            breakers={
                name: one.state.value
                for name, one in sorted(market.breakers.items())
                if one.state is not BreakerState.CLOSED
            },
            market_open=clock is not None and clock.open_at(now),
            business_now=None if clock is None else clock.now(now),
            rules=self._rules,
        )


def _target(item: Item) -> Target:
    model = model_from(item)
    return Target(
        id=model.id, version=model.version, score=model.score, weights=dict(model.weights)
    )
