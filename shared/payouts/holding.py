"""What a payout holds, out of whose part of the wallet, and how it goes back there. Pure."""

from dataclasses import replace
from datetime import date

from shared.ledger.goal_cash import drawn, own_moves, settled_cash, settling_days
from shared.ledger.model import Wallet
from shared.ledger.ports import Ledger
from shared.ledger.purses import PurseMove
from shared.payouts.model import Payout
from shared.platform.work import Write
from shared.strategies.goals import general_goal_id, tag_of


def tag_for(user_id: str, goal_id: str) -> str | None:
    """What a goal's cash is told apart by: empty for the general one, None where no goal is named
    and it is about all that the person has."""
    if not goal_id:
        return None
    return "" if goal_id == general_goal_id(user_id) else tag_of(goal_id)


def settled_for(payout: Payout, wallet: Wallet, on: date) -> int:
    """Cents that may be held for it on this day."""
    return settled_cash(wallet, tag_for(payout.user_id, payout.goal_id), on)


def holding(payout: Payout, wallet: Wallet, minor: int) -> tuple[Payout, list[PurseMove]]:
    """With so many cents held more, out of its own goal's purse first; and what that does to
    purses."""
    moves = own_moves(wallet, tag_for(payout.user_id, payout.goal_id), minor)
    lost = drawn(wallet, minor, moves)
    both = {tag: payout.purses.get(tag, 0) + lost.get(tag, 0) for tag in {*payout.purses, *lost}}
    return replace(payout, purses=both), moves


def held(
    ledger: Ledger, payout: Payout, wallet: Wallet, minor: int, on: date
) -> tuple[Payout, Write]:
    """It with so many cents more, and the write that holds them: see ``reserve`` of the ledger."""
    after, moves = holding(payout, wallet, minor)
    write = ledger.reserve(wallet, minor, orders=0, to_leave=True, on=on, purses=moves)
    return after, write


def given_back(payout: Payout) -> list[PurseMove]:
    """What its hold took out of purses, as what becomes free again goes back."""
    return [PurseMove(tag, minor) for tag, minor in sorted(payout.purses.items())]


def settling_of(payout: Payout, wallet: Wallet) -> set[date]:
    """Days on which cash of its own part settles, days that are over among them."""
    return settling_days(wallet, tag_for(payout.user_id, payout.goal_id))
