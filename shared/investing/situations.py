"""The planner's two reads: the person's state, then market, model, plan and what caused it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from shared.investing.inputs import Cause, Rules, Target
from shared.investing.plan import plan_id
from shared.investing.ports import Situation
from shared.investing.reading import BREAKERS, Ask, halted_by, inputs_of
from shared.investing.store import plan_key
from shared.kernel.clock import Clock
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
from shared.portfolio.model import BASE
from shared.portfolio.store import PortfolioStore
from shared.strategies.model import Style, strategy_id
from shared.strategies.rows import strategy_from, strategy_key
from shared.users.store import user_from


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

    def load(self, user_id: str, ask: Ask) -> Situation:
        """See Situations."""
        state = PortfolioStore(self._database).state(user_id)
        person = None if state.profile is None else user_from(state.profile)
        deposit = self._deposit(user_id, ask)
        plan = plan_key(user_id, plan_id(ask.cause_id))
        wanted = [plan, clock_key(), *([] if deposit is None else [deposit])]
        wanted += [breaker_key(name) for name in BREAKERS]
        for symbol in sorted({*SYMBOLS, *state.positions}):
            wanted += [quote_key(symbol), asset_key(symbol), breaker_key(halted_by(symbol))]
        score = None if person is None else person.risk_score
        model = None if score is None else strategy_key(strategy_id(Style.GROWTH, score))
        found = self._database.get_many(wanted if model is None else [*wanted, model])
        paid = self._deposits.read(found[deposit]) if deposit in found else None
        if ask.cause is Cause.DEPOSIT:
            ask = replace(
                ask,
                amount_minor=0 if paid is None else paid.credited_minor,
                funded=paid is not None and paid.funded,
            )
        target = None if model not in found else _target(found[model])
        return Situation(
            inputs=inputs_of(
                ask,
                state,
                person,
                MarketView.of(found),
                target,
                rules=self._rules,
                now=self._clock.now(),
            ),
            wallet=state.wallet(BASE),
            account_id=None if person is None else person.broker_account_id,
            planned=plan in found,
            trace="" if paid is None else paid.trace,
        )

    def planned(self, user_id: str, ask: Ask) -> list[Write]:
        """See Situations."""
        if ask.cause is not Cause.DEPOSIT:
            return []
        return [self._deposits.planned(user_id, ask.cause_id)]

    def _deposit(self, user_id: str, ask: Ask) -> Key | None:
        if ask.cause is not Cause.DEPOSIT:
            return None
        return self._deposits.key(user_id, ask.cause_id)


def _target(item: Item) -> Target:
    model = strategy_from(item)
    return Target(
        id=model.id, version=model.version, score=model.score, weights=dict(model.weights)
    )
