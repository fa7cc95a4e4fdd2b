"""What of a wallet's cash one goal may use, and what of it has settled. Pure; in cents."""

from collections.abc import Collection, Mapping
from datetime import date

from shared.ledger.model import Wallet
from shared.ledger.purses import Purse, PurseMove, moved


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


def settled_cash(wallet: Wallet, tag: str | None, today: date) -> int:
    """What may be paid out on this day: of all for no tag, of the general goal alone for an empty
    one, else of the named goal's purse."""
    if tag is None:
        return max(wallet.settled(today), 0)
    cash, later = general_cash(wallet, (), today) if not tag else named_cash(wallet, tag, today)
    return max(min(cash - later, wallet.settled(today)), 0)


def own_moves(wallet: Wallet, tag: str | None, minor: int) -> list[PurseMove]:
    """So many cents are taken out of a named goal's own purse, as far as it has them."""
    there = wallet.purses.get(tag or "", Purse()).minor
    spent = min(minor, there)
    return [PurseMove(tag, -spent)] if tag and spent else []


def drawn(wallet: Wallet, minor: int, moves: Collection[PurseMove]) -> Mapping[str, int]:
    """What each purse loses when ``minor`` cents are set aside with these moves, by tag. The
    write of that holds only while the purses are those that were read, so this is exact."""
    after = moved(wallet.purses, moves, wallet.available - minor)
    lost = {
        tag: purse.minor - after.get(tag, Purse()).minor for tag, purse in wallet.purses.items()
    }
    return {tag: cents for tag, cents in sorted(lost.items()) if cents > 0}


def settling_days(wallet: Wallet, tag: str | None) -> set[date]:
    """Days on which something of that cash settles, days that are over among them."""
    if not tag:
        return set(wallet.settling)
    return set(wallet.purses[tag].settling) if tag in wallet.purses else set()
