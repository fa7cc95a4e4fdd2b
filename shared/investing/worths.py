"""What is saved for each goal, at the newest prices: exact cents that sum to the whole. Pure."""

from collections.abc import Mapping

from shared.investing.aiming import saving_of
from shared.kernel.money import Money
from shared.market_data.model import Quote
from shared.platform.tables import Item
from shared.portfolio.lots import nanos_of, shared_out
from shared.portfolio.model import BASE, Position, State
from shared.strategies.goals import GoalStatus


def worth_of_goals(state: State[Item], quotes: Mapping[str, Quote]) -> Mapping[str, Money]:
    """By goal id, each goal's shares and cash in dollars; goals of which a price is missing are
    left out. An archived goal has nothing: what it had is the general one's.

    A symbol's worth, rounded once for the whole position, is divided by shares, by largest
    remainder. Cash that is set aside, for open orders or a payout, counts to the general goal.
    """
    saving = saving_of(state)
    owners = {one.tag: one.goal_id for one in saving.goals if one.status is GoalStatus.ACTIVE}
    general = saving.goals[0].goal_id
    wallet = state.wallet(BASE)
    worths = dict.fromkeys((one.goal_id for one in saving.goals), 0)
    for tag, purse in wallet.purses.items():
        worths[owners.get(tag, general)] += purse.minor
    worths[general] += wallet.posted - sum(purse.minor for purse in wallet.purses.values())
    unknown: set[str] = set()
    for symbol, position in sorted(state.positions.items()):
        shares = _shares(position, owners, general)
        if symbol not in quotes:
            unknown.update(shares)
            continue
        whole = quotes[symbol].price.value_of(position.quantity).minor
        parts = shared_out(whole, list(shares.values()))
        for goal_id, part in zip(shares, parts, strict=True):
            worths[goal_id] += part
    return {
        goal_id: Money(minor, BASE) for goal_id, minor in worths.items() if goal_id not in unknown
    }


def _shares(position: Position, owners: Mapping[str, str], general: str) -> dict[str, int]:
    """Nano-shares by goal id, of goals that have some."""
    found: dict[str, int] = {}
    for lot in position.lots:
        goal_id = owners.get(lot.tag, general)
        found[goal_id] = found.get(goal_id, 0) + nanos_of((lot,))
    return found
