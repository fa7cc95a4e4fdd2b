"""The planner's two reads: the person's state, then market, model, plan and what caused it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from shared.investing.aiming import saving_of, strategy_ids
from shared.investing.inputs import Cause, Rules
from shared.investing.lapses import over
from shared.investing.plan import plan_id
from shared.investing.ports import Situation
from shared.investing.reading import BREAKERS, Ask, halted_by, inputs_of
from shared.investing.store import plan_key
from shared.kernel.clock import Clock
from shared.market_data.history_store import daily_key
from shared.market_data.restrictions import restricted_key
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
from shared.strategies.rows import strategies_in, strategy_key
from shared.users.store import user_from


@dataclass(frozen=True, slots=True)
class FundedDeposit:
    """What planning knows of a deposit."""

    funded: bool
    credited_minor: int
    trace: str = ""
    goal_id: str = ""
    """For which goal it is; empty for the general one."""


@dataclass(frozen=True, slots=True)
class DepositRows:
    """How deposits are found and read; they belong to a context beside this one."""

    key: Callable[[str, str], Key]
    read: Callable[[Item], FundedDeposit]
    planned: Callable[[str, str], Write]
    """The write, named ``deposit``, after which a deposit does not wait for a plan any more."""


@dataclass(frozen=True, slots=True)
class WantedCash:
    """What planning knows of a withdrawal: so many cents are to be raised for it."""

    minor: int
    trace: str = ""
    goal_id: str = ""
    """Whose money it is; empty for the person's, wherever it is."""
    all_until: date | None = None
    """Of a withdrawal of everything: the day on which it was asked for."""


@dataclass(frozen=True, slots=True)
class WithdrawalRows:
    """How withdrawals are found and read; they belong to a context above this one."""

    key: Callable[[str, str], Key]
    read: Callable[[Item], WantedCash | None]
    """None for one that wants nothing to be sold, or not any more."""
    wanted: Callable[[str, str], Write]
    """The write, named ``payout``, that fails once nothing is to be sold for it any more."""


class SituationStore:
    """See Situations. Without ``withdrawals`` the message says what they want."""

    def __init__(
        self,
        database: Database,
        deposits: DepositRows,
        clock: Clock,
        rules: Rules,
        withdrawals: WithdrawalRows | None = None,
    ) -> None:
        self._withdrawals = withdrawals
        self._database = database
        self._deposits = deposits
        self._clock = clock
        self._rules = rules

    def load(self, user_id: str, ask: Ask) -> Situation:
        """See Situations."""
        state = PortfolioStore(self._database).state(user_id)
        person = None if state.profile is None else user_from(state.profile)
        deposit = self._deposit(user_id, ask)
        plan = plan_key(user_id, plan_id(ask.planned_for))
        leaves = self._withdrawal(user_id, ask)
        wanted = [plan, clock_key(), restricted_key()]
        wanted += [each for each in (deposit, leaves) if each is not None]
        wanted += [breaker_key(name) for name in BREAKERS]
        for symbol in sorted({*SYMBOLS, *state.positions}):
            wanted += [quote_key(symbol), asset_key(symbol), daily_key(symbol)]
            wanted += [breaker_key(halted_by(symbol))]
        if person is not None and person.risk_score is not None:
            # For which goal a deposit is says its row, which is read at the same moment.
            of_goals = strategy_ids(saving_of(state), person.risk_score)
            wanted += [strategy_key(name) for name in sorted(of_goals)]
        found = self._database.get_many(wanted)
        paid = self._deposits.read(found[deposit]) if deposit in found else None
        if ask.cause is Cause.DEPOSIT:
            ask = replace(
                ask,
                amount_minor=0 if paid is None else paid.credited_minor,
                funded=paid is not None and paid.funded,
                goal_id="" if paid is None else paid.goal_id,
            )
        lacking = self._lacking(found.get(leaves)) if leaves is not None else None
        if leaves is not None:
            ask = _wanting(ask, lacking)
        trace = next((one.trace for one in (paid, lacking) if one is not None), "")
        return Situation(
            inputs=inputs_of(
                ask,
                state,
                person,
                MarketView.of(found),
                strategies_in(found),
                rules=self._rules,
                now=self._clock.now(),
            ),
            wallet=state.wallet(BASE),
            account_id=None if person is None else person.broker_account_id,
            # One that was taken back, or has ended otherwise, needs no plan any more.
            planned=plan in found or (leaves is not None and lacking is None),
            trace=trace,
        )

    def planned(self, user_id: str, ask: Ask) -> list[Write]:
        """See Situations."""
        if ask.cause is Cause.WITHDRAWAL and self._withdrawals is not None:
            return [self._withdrawals.wanted(user_id, ask.cause_id)]
        if ask.again:
            return [over(user_id, ask.again)]
        if ask.cause is not Cause.DEPOSIT:
            return []
        return [self._deposits.planned(user_id, ask.cause_id)]

    def _withdrawal(self, user_id: str, ask: Ask) -> Key | None:
        if ask.cause is not Cause.WITHDRAWAL or self._withdrawals is None:
            return None
        return self._withdrawals.key(user_id, ask.cause_id)

    def _lacking(self, item: Item | None) -> WantedCash | None:
        if item is None or self._withdrawals is None:
            return None
        return self._withdrawals.read(item)

    def _deposit(self, user_id: str, ask: Ask) -> Key | None:
        if ask.cause is not Cause.DEPOSIT:
            return None
        return self._deposits.key(user_id, ask.cause_id)


def _wanting(ask: Ask, lacking: WantedCash | None) -> Ask:
    """How much is to be raised, and of which goal, says the withdrawal's own row."""
    if lacking is None:
        return replace(ask, amount_minor=0)
    until = lacking.all_until
    minor = 0 if until is not None else lacking.minor
    return replace(ask, amount_minor=minor, goal_id=lacking.goal_id, all_until=until)
