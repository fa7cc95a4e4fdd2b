"""What a plan for one goal may see and touch: its own lots, and its own part of the cash. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from shared.investing.inputs import RAISING, Cause, GoalUsed
from shared.kernel.money import Quantity
from shared.ledger.model import Wallet
from shared.ledger.purses import Purse, PurseMove
from shared.market_data.model import Quote
from shared.platform.tables import Item
from shared.portfolio.lots import GENERAL, Lot, nanos_of
from shared.portfolio.model import BASE, State
from shared.portfolio.valuation import WHOLE_BP
from shared.strategies.goal_store import Saving
from shared.strategies.goals import Goal, GoalStatus


@dataclass(frozen=True, slots=True)
class Part:
    """One goal's part of a portfolio. Money in cents, quantities in nano-shares."""

    available_minor: int
    """Free cash, with what has not settled, less what is owed; never below zero."""
    unsettled_minor: int
    lots: Mapping[str, tuple[Lot, ...]] = field(default_factory=dict)
    """By symbol, those that are the goal's; none is empty."""
    goal: GoalUsed | None = None
    """None for the general goal of a person whose money is not told apart."""

    @property
    def held(self) -> dict[str, int]:
        """Shares by symbol."""
        return {symbol: nanos_of(lots) for symbol, lots in self.lots.items()}


def given_up(saving: Saving) -> tuple[str, ...]:
    """Tags of goals for which nothing is saved any more: the general goal has what is theirs."""
    return tuple(
        sorted(one.tag for one in saving.goals if one.status is not GoalStatus.ACTIVE and one.tag)
    )


def part_of(
    state: State[Item],
    saving: Saving,
    goal: Goal,
    *,
    today: date,
    cause: Cause,
    need_minor: int = 0,
    quotes: Mapping[str, Quote] | None = None,
    cushion_bp: int = 0,
    minimum_minor: int = 0,
) -> Part:
    """The part of a goal that is saved for.

    Raising cash for the general goal is raising it for the person: all cash counts, and where the
    general lots do not suffice for ``need_minor``, everything may be sold. ``quotes`` are of what
    can be sold; less than ``minimum_minor`` of it is only sold where it closes a position.
    """
    wallet = state.wallet(BASE)
    if goal.tag:
        return _named(state, wallet, goal, today)
    closes = (GENERAL, *given_up(saving))
    own = _lots(state, closes)
    free = max(wallet.available - wallet.owed, 0)
    if cause in RAISING:
        cash, later = free, wallet.unsettled(today)
        missing = need_minor - free
        wanted = missing + -(-missing * cushion_bp // WHOLE_BP)
        if missing > 0 and _sellable(state, own, quotes or {}, minimum_minor) < wanted:
            own = _lots(state, None)
    else:
        cash, later = general_cash(wallet, closes, today)
    beside = _beside(state, own)
    used = GoalUsed(closes=closes, beside=beside) if beside or len(closes) > 1 else None
    return Part(cash, later, own, used)


def _named(state: State[Item], wallet: Wallet, goal: Goal, today: date) -> Part:
    cash, later = named_cash(wallet, goal.tag, today)
    own = _lots(state, (goal.tag,))
    used = GoalUsed(id=goal.goal_id, tag=goal.tag, closes=(goal.tag,), beside=_beside(state, own))
    return Part(cash, later, own, used)


def general_cash(wallet: Wallet, closes: Collection[str], today: date) -> tuple[int, int]:
    """Free cash of the general goal and what of it has not settled: all but the purses of goals
    other than those whose tags it ``closes``."""
    named = [purse for tag, purse in wallet.purses.items() if tag not in closes]
    free = max(wallet.available - wallet.owed, 0)
    cash = max(free - sum(purse.minor for purse in named), 0)
    return cash, max(wallet.unsettled(today) - sum(p.unsettled(today) for p in named), 0)


def named_cash(wallet: Wallet, tag: str, today: date) -> tuple[int, int]:
    """Free cash of a named goal, and what of it has not settled."""
    purse = wallet.purses.get(tag, Purse())
    cash = min(purse.minor, max(wallet.available - wallet.owed, 0))
    # Never more than has settled of all that there is: something else may have taken it.
    return cash, max(purse.unsettled(today), cash - max(wallet.settled(today) - wallet.owed, 0))


def _lots(state: State[Item], tags: tuple[str, ...] | None) -> dict[str, tuple[Lot, ...]]:
    found = {
        symbol: tuple(lot for lot in position.lots if tags is None or lot.tag in tags)
        for symbol, position in sorted(state.positions.items())
    }
    return {symbol: lots for symbol, lots in found.items() if lots}


def _beside(state: State[Item], own: Mapping[str, tuple[Lot, ...]]) -> dict[str, int]:
    others = {
        symbol: position.quantity_nanos - nanos_of(own.get(symbol, ()))
        for symbol, position in sorted(state.positions.items())
    }
    return {symbol: nanos for symbol, nanos in others.items() if nanos}


def _sellable(
    state: State[Item],
    lots: Mapping[str, tuple[Lot, ...]],
    quotes: Mapping[str, Quote],
    minimum_minor: int,
) -> int:
    worths = {
        symbol: quotes[symbol].price.value_of(Quantity(nanos_of(each))).minor
        for symbol, each in lots.items()
        if symbol in quotes
    }
    beside = _beside(state, lots)
    return sum(
        worth for symbol, worth in worths.items() if worth >= minimum_minor or symbol not in beside
    )


def purse_moves(
    goal: GoalUsed | None,
    wallet: Wallet,
    *,
    cause: Cause,
    amount_minor: int,
    reserved_minor: int,
) -> list[PurseMove]:
    """What a plan does to purses: a goal's buys are paid out of its own, what is paid out for it
    leaves its own first, and the general goal takes over the purses of goals that were given up."""
    if goal is None:
        return []
    if goal.tag:
        there = wallet.purses.get(goal.tag, Purse()).minor
        spent = min(amount_minor, there) if cause in RAISING else reserved_minor
        return [PurseMove(goal.tag, -spent)] if spent else []
    return [
        PurseMove(tag, -wallet.purses[tag].minor) for tag in goal.closes if tag in wallet.purses
    ]


def purse_of(goal: GoalUsed | None, cause: Cause) -> str:
    """The tag of the purse into which a plan's sales bring their money, and out of which its buys
    are paid; empty for the general one. What is sold to be paid out is nobody's."""
    return "" if goal is None or cause in RAISING else goal.tag
