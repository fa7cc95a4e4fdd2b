"""Position rows, and the two reads of a person's partition."""

from typing import ClassVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.ledger.store import WalletRow, wallet_from
from shared.platform import keys
from shared.platform.indexes import segment_of
from shared.platform.tables import Database, Item, Key, Page, Put, Row, Table
from shared.platform.work import Write
from shared.portfolio import lots
from shared.portfolio.model import FeedPage, Position, State
from shared.portfolio.shares import shares_text

_PROOF = keys.proof("")


class PositionRow(Row):
    """Shares of one symbol; the open lots are packed into one attribute."""

    KIND: ClassVar[str] = "position"

    quantity_nanos = NumberAttribute()
    cost_minor = NumberAttribute()
    realised_minor = NumberAttribute(default=0)
    owed_nanos = NumberAttribute(null=True)
    income_minor = NumberAttribute(null=True)
    lots = UnicodeAttribute()
    version = NumberAttribute()
    shares = UnicodeAttribute(null=True)
    """Those of named goals, for the index of holders; not there while they have none."""
    segment = UnicodeAttribute(null=True)
    """While something is held: its place in the index of holders."""


def position_key(user_id: str, symbol: str) -> Key:
    """Where a position lies."""
    return Key(Table.CORE, keys.user(user_id), keys.position(symbol))


def position_from(item: Item) -> Position:
    """A position out of an item that somebody else read."""
    row = item.to(PositionRow)
    return Position(
        user_id=row.pk.removeprefix("USER#"),
        symbol=row.sk.removeprefix(keys.position("")),
        quantity_nanos=int(row.quantity_nanos),
        cost_minor=int(row.cost_minor),
        realised_minor=int(row.realised_minor),
        lots=lots.unpack(row.lots),
        owed_nanos=int(row.owed_nanos or 0),
        income_minor=int(row.income_minor or 0),
        version=int(row.version),
    )


def state_from(user_id: str, page: Page) -> State[Item]:
    """The typed state in the items between ``STATE_FIRST`` and ``STATE_LAST``."""
    positions = [position_from(item) for item in page.items if item.kind == PositionRow.KIND]
    wallets = [wallet_from(item) for item in page.items if item.kind == WalletRow.KIND]
    return State(
        user_id=user_id,
        profile=next((item for item in page.items if item.sk == keys.PROFILE), None),
        wallets={wallet.currency: wallet for wallet in wallets},
        positions={position.symbol: position for position in positions},
        proofs=tuple(item for item in page.items if item.sk.startswith(_PROOF)),
        saving=tuple(item for item in page.items if item.sk.startswith(keys.SAVING)),
        rebalanced=tuple(item for item in page.items if item.sk.startswith(keys.REBALANCED)),
        trading=tuple(item for item in page.items if item.sk.startswith(keys.TRADING)),
        taxes=tuple(item for item in page.items if item.sk.startswith(keys.TAXES)),
    )


class PortfolioStore:
    """See States and Positions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def state(self, user_id: str) -> State[Item]:
        """See States."""
        page = self._database.query(
            Table.CORE, keys.user(user_id), keys.STATE_FIRST, keys.STATE_LAST
        )
        return state_from(user_id, page)

    def feed(self, user_id: str, limit: int, after: str | None = None) -> FeedPage[Item]:
        """See States."""
        page = self._database.query(
            Table.CORE,
            keys.user(user_id),
            keys.FEED,
            f"{keys.FEED}~",
            newest_first=True,
            limit=limit,
            after=after,
        )
        return FeedPage(page.items, page.after)

    def save(self, position: Position) -> Write:
        """See Positions."""
        row = PositionRow(
            pk=keys.user(position.user_id),
            sk=keys.position(position.symbol),
            quantity_nanos=position.quantity_nanos,
            cost_minor=position.cost_minor,
            realised_minor=position.realised_minor,
            owed_nanos=position.owed_nanos or None,
            income_minor=position.income_minor or None,
            lots=lots.pack(position.lots),
            shares=shares_text(position.lots) or None,
            version=position.version + 1,
            segment=segment_of(position.user_id) if position.quantity_nanos else None,
        )
        if position.version == 0:
            return Put.new("position", row)
        return Put("position", row, PositionRow.version == position.version)
