"""People who hold something, as the sparse index knows them, without a read for each of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from shared.ledger.model import Wallet
from shared.ledger.purses import Purse, purses_from
from shared.ledger.store import settling_from
from shared.platform import keys
from shared.platform.indexes import SEGMENTS
from shared.platform.tables import Database, Item
from shared.portfolio.model import BASE
from shared.portfolio.shares import shares_from

__all__ = ["SEGMENTS", "Holder", "HolderStore", "HoldersPage"]


@dataclass(frozen=True, slots=True)
class Holder:
    """One person. Quantities in nano-shares, money in cents."""

    user_id: str
    positions: Mapping[str, int] = field(default_factory=dict)
    """What is held, by symbol; empty once all was sold."""
    shares: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """What of it belongs to named goals, by symbol and tag."""
    posted: int = 0
    held: int = 0
    owed: int = 0
    settling: Mapping[date, int] = field(default_factory=dict)
    """What sales brought, by the day on which it settles."""
    purses: Mapping[str, Purse] = field(default_factory=dict)
    """What of the free cash belongs to named goals, by tag."""
    open_orders: int = 0
    account_id: str | None = None
    """The account at the broker."""
    items: tuple[Item, ...] = ()
    """All rows of the person in the index, for contexts above: profile, goals, exclusions, marks.
    Only the attributes that the index keeps are in them."""

    @property
    def available(self) -> int:
        """Cash that is free, with what has not settled, less what is owed; never below zero."""
        return max(self.posted - self.held - self.owed, 0)

    @property
    def wallet(self) -> Wallet:
        """Their cash; without the end of the chain of entries, which the index does not keep."""
        return Wallet(
            self.user_id,
            BASE,
            posted=self.posted,
            held=self.held,
            open_orders=self.open_orders,
            owed=self.owed,
            settling=self.settling,
            purses=self.purses,
        )

    def unsettled(self, on: date) -> int:
        """What of it settles after this day."""
        return sum(minor for day, minor in self.settling.items() if day > on)


@dataclass(frozen=True, slots=True)
class HoldersPage:
    """Some people of a segment in the order of their ids."""

    holders: tuple[Holder, ...]
    unreadable: tuple[str, ...] = ()
    """Ids of people one of whose rows is not as it should be: nothing is known of them."""
    after: str | None = None
    """Continues behind this person when not None."""


class HolderStore:
    """See Holders."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, segment: int, after: str | None = None) -> HoldersPage:
        """See Holders."""
        walked = self._database.segment(segment, None if after is None else keys.user(after))
        found, unreadable = [], []
        for user_id, items in _people(walked.items):
            try:
                found.append(holder_from(user_id, items))
            except (ArithmeticError, KeyError, TypeError, ValueError):
                unreadable.append(user_id)
        last = None if walked.after is None else walked.after.removeprefix(keys.user(""))
        return HoldersPage(tuple(found), tuple(unreadable), last)


def _people(items: tuple[Item, ...]) -> Iterator[tuple[str, tuple[Item, ...]]]:
    for partition, rows in groupby(items, key=lambda item: item.pk):
        yield partition.removeprefix(keys.user("")), tuple(rows)


def holder_from(user_id: str, items: tuple[Item, ...]) -> Holder:
    """Out of a person's rows in the index; KeyError, TypeError or ValueError for a bad one."""
    positions: dict[str, int] = {}
    shares: dict[str, Mapping[str, int]] = {}
    wallet: Mapping[str, Mapping[str, str]] = {}
    account_id = None
    for item in items:
        row = item.attributes
        match item.kind:
            case "position":
                nanos = int(row["quantity_nanos"]["N"])
                if nanos <= 0:
                    raise ValueError("a position in the index holds something")
                symbol = item.sk.removeprefix(keys.position(""))
                positions[symbol] = nanos
                if "shares" in row:
                    shares[symbol] = shares_from(row["shares"]["S"])
            case "wallet":
                wallet = row
            case "profile":
                account_id = row["broker_account_id"]["S"]
    return Holder(
        user_id=user_id,
        positions=positions,
        shares=shares,
        posted=_number(wallet, "posted"),
        held=_number(wallet, "held"),
        owed=_number(wallet, "owed"),
        settling=settling_from(wallet["settling"]["S"]) if "settling" in wallet else {},
        purses=purses_from(wallet["purses"]["S"]) if "purses" in wallet else {},
        open_orders=_number(wallet, "open_orders"),
        account_id=account_id,
        items=items,
    )


def _number(row: Mapping[str, Mapping[str, str]], name: str) -> int:
    return int(row[name]["N"]) if name in row else 0
