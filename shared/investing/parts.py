"""What a plan for one goal may see and touch: its own lots, and its own part of the cash. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from shared.investing.inputs import RAISING, Cause, GoalUsed
from shared.kernel.money import Quantity
from shared.ledger.goal_cash import general_cash, named_cash
from shared.ledger.model import Wallet
from shared.ledger.purses import PurseMove
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
    alone: bool = False,
    all_until: date | None = None,
) -> Part:
    """The part of a goal that is saved for.

    Raising cash for the general goal is raising it for the person, unless it is meant ``alone``:
    all cash counts, and where the general lots do not suffice for ``need_minor``, everything may
    be sold. ``quotes`` are of what can be sold; less than ``minimum_minor`` of it is only sold
    where it closes a position. Where all of it is wanted, that is what was bought until the day
    ``all_until``.
    """
    wallet = state.wallet(BASE)
    if goal.tag:
        return _named(state, wallet, goal, today, all_until)
    closes = (GENERAL, *given_up(saving))
    own = _lots(state, closes, all_until)
    free = max(wallet.available - wallet.owed, 0)
    if cause in RAISING and not alone:
        cash, later = free, wallet.unsettled(today)
        missing = need_minor - free
        wanted = missing + -(-missing * cushion_bp // WHOLE_BP)
        short = missing > 0 and _sellable(state, own, quotes or {}, minimum_minor) < wanted
        if all_until is not None or short:
            own = _lots(state, None, all_until)
    else:
        cash, later = general_cash(wallet, closes, today)
    beside = _beside(state, own)
    used = GoalUsed(closes=closes, beside=beside) if beside or len(closes) > 1 else None
    return Part(cash, later, own, used)


def _named(state: State[Item], wallet: Wallet, goal: Goal, today: date, until: date | None) -> Part:
    cash, later = named_cash(wallet, goal.tag, today)
    own = _lots(state, (goal.tag,), until)
    used = GoalUsed(id=goal.goal_id, tag=goal.tag, closes=(goal.tag,), beside=_beside(state, own))
    return Part(cash, later, own, used)


def _lots(
    state: State[Item], tags: tuple[str, ...] | None, until: date | None = None
) -> dict[str, tuple[Lot, ...]]:
    last = date.max if until is None else until
    found = {
        symbol: tuple(
            lot
            for lot in position.lots
            if (tags is None or lot.tag in tags) and lot.acquired <= last
        )
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
    reserved_minor: int,
) -> list[PurseMove]:
    """What a plan does to purses: a goal's buys are paid out of its own, and the general goal takes
    over the purses of goals that were given up."""
    if goal is None:
        return []
    if goal.tag:
        return [PurseMove(goal.tag, -reserved_minor)] if reserved_minor else []
    return [
        PurseMove(tag, -wallet.purses[tag].minor) for tag in goal.closes if tag in wallet.purses
    ]


def purse_of(goal: GoalUsed | None) -> str:
    """The tag of the purse into which a plan's sales bring their money, and out of which its buys
    are paid; empty for the general one. What is sold to be paid out waits there, too, until it has
    settled and is held."""
    return "" if goal is None else goal.tag
