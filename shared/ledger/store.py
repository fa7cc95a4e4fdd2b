"""Wallet and journal rows, and the conditions that keep them right under any concurrency."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import ClassVar

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from shared.kernel.money import Currency
from shared.ledger.model import Draft, Entry, Wallet
from shared.ledger.purses import PurseMove, moved, purses_from, purses_text
from shared.ledger.rows import EntryPage, JournalRow, appended, entry_of, partition, place
from shared.platform import keys
from shared.platform.indexes import segment_of
from shared.platform.tables import (
    Database,
    DecimalAttribute,
    Item,
    Key,
    Put,
    Row,
    Table,
    Update,
    WholeAttribute,
)
from shared.platform.work import Write

ACCOUNT_CURRENCIES = (Currency.USD, Currency.KES)
"""Currencies in which everybody has a cash account from the sign-up on."""


class WalletRow(Row):
    """Balances and the end of the journal chain; ``available`` is kept for conditions."""

    KIND: ClassVar[str] = "wallet"

    currency = UnicodeAttribute()
    posted = WholeAttribute(default=0)
    held = WholeAttribute(default=0)
    available = WholeAttribute(default=0)
    seq = WholeAttribute(default=0)
    head = UnicodeAttribute()
    open_orders = WholeAttribute(default=0)
    blocks = WholeAttribute(default=0)
    owed = WholeAttribute(default=0)
    settling = UnicodeAttribute(null=True)
    purses = UnicodeAttribute(null=True)
    """Cash of named goals; not there while they have none."""
    fees = WholeAttribute(null=True)
    """Management fees so far; not there before the first one."""
    fraction = DecimalAttribute(null=True)
    """Of a cent, at the broker; not there before the first trade."""
    segment = UnicodeAttribute(null=True)
    """From the first order on: its place in the index of holders."""


def wallet_key(user_id: str, currency: Currency) -> Key:
    """Where a wallet lies."""
    return Key(Table.CORE, keys.user(user_id), keys.wallet(currency))


def wallet_from(item: Item) -> Wallet:
    """A wallet out of an item that somebody else read."""
    row = item.to(WalletRow)
    return Wallet(
        user_id=row.pk.removeprefix("USER#"),
        currency=Currency(row.currency),
        posted=int(row.posted),
        held=int(row.held),
        seq=int(row.seq),
        head=row.head,
        open_orders=int(row.open_orders),
        blocks=int(row.blocks),
        owed=int(row.owed),
        settling=settling_from(row.settling or ""),
        purses=purses_from(row.purses or ""),
        fees=int(row.fees or 0),
        fraction=row.fraction or Decimal(0),
    )


def settling_from(text: str) -> dict[date, int]:
    """Cents by the day on which they settle, as a wallet's row keeps them."""
    days = (part.partition("=") for part in text.split(",") if part)
    return {date.fromisoformat(day): int(minor) for day, _, minor in days}


def _settling_text(settling: Mapping[date, int]) -> str:
    return ",".join(f"{day.isoformat()}={minor}" for day, minor in sorted(settling.items()))


def _purses(
    wallet: Wallet, more: int, moves: Sequence[PurseMove]
) -> tuple[list[Action], Condition | None]:
    """What becomes of the purses when so much more is available, and the condition under which
    that is so: a reservation does not change the end of the chain. Where less becomes available,
    others may have taken some too since the wallet was read: together they could take what is a
    goal's without anybody's seeing it."""
    after = moved(wallet.purses, moves, wallet.available + more)
    before, text = purses_text(wallet.purses), purses_text(after)
    if text == before and more >= 0:
        return [], None
    same = WalletRow.purses == before if before else WalletRow.purses.does_not_exist()
    if more < 0:
        least = sum(each.minor for each in after.values()) - more
        same = same & (WalletRow.available >= least)
    if text == before:
        return [], same
    return [WalletRow.purses.set(text) if text else WalletRow.purses.remove()], same


class LedgerStore:
    """Wallets in the core table, entries in the journal table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, user_id: str) -> list[Write]:
        """The empty wallets of a new person, to be written with the registration."""
        return [
            Put.new(
                f"wallet:{currency.value}",
                WalletRow(
                    pk=keys.user(user_id),
                    sk=keys.wallet(currency),
                    currency=currency.value,
                    head=Wallet(user_id, currency).head,
                ),
            )
            for currency in ACCOUNT_CURRENCIES
        ]

    def wallet(self, user_id: str, currency: Currency) -> Wallet:
        """See Ledger."""
        found = self._database.get_many([wallet_key(user_id, currency)])
        return next((wallet_from(item) for item in found.values()), Wallet(user_id, currency))

    def post(
        self,
        wallet: Wallet,
        *drafts: Draft,
        posted: int = 0,
        held: int = 0,
        orders: int = 0,
        blocks: int = 0,
        owed: int = 0,
        settling: Mapping[date, int] | None = None,
        purses: Sequence[PurseMove] = (),
        fees: int = 0,
        fraction: Decimal | None = None,
    ) -> list[Write]:
        """See Ledger."""
        entries: list[Entry] = []
        end = wallet
        for draft in drafts:
            entries.append(end.next_entry(draft))
            end = replace(end, seq=entries[-1].seq, head=entries[-1].hash)
        condition = (WalletRow.seq == wallet.seq) & (WalletRow.head == wallet.head)
        if orders:
            condition = condition & (WalletRow.open_orders == wallet.open_orders)
        actions = [
            WalletRow.open_orders.add(orders),
            WalletRow.seq.set(end.seq),
            WalletRow.head.set(end.head),
            *([WalletRow.fees.add(fees)] if fees else []),
            *([] if fraction is None else [WalletRow.fraction.set(fraction)]),
        ]
        if settling:
            # The chain's end is in the condition, so nobody else has changed it in between.
            after = _settling_text(wallet.settling_with(settling))
            actions.append(WalletRow.settling.set(after))
        return [
            self._change(wallet, actions, condition, posted, held, blocks, owed, purses),
            *(
                appended("journal" if number == 1 else f"journal:{number}", entry)
                for number, entry in enumerate(entries, start=1)
            ),
        ]

    def block(self, wallet: Wallet, blocks: int, *, held: int = 0) -> Write:
        """See Ledger."""
        condition = (WalletRow.seq == wallet.seq) & (WalletRow.head == wallet.head)
        return self._change(wallet, [], condition, 0, held, blocks, 0)

    def _change(
        self,
        wallet: Wallet,
        actions: Sequence[Action],
        condition: Condition,
        posted: int,
        held: int,
        blocks: int,
        owed: int,
        purses: Sequence[PurseMove] = (),
    ) -> Write:
        deltas = (
            (WalletRow.posted, posted),
            (WalletRow.held, held),
            (WalletRow.available, posted - held),
            (WalletRow.blocks, blocks),
            (WalletRow.owed, owed),
        )
        for attribute, delta in deltas:
            if delta < 0:
                condition = condition & (attribute >= -delta)
        changes = [attribute.add(delta) for attribute, delta in deltas]
        kept, same = _purses(wallet, posted - held, purses)
        return Update(
            "wallet",
            WalletRow,
            keys.user(wallet.user_id),
            keys.wallet(wallet.currency),
            (*changes, *actions, *kept),
            condition if same is None else condition & same,
        )

    def reserve(
        self,
        wallet: Wallet,
        amount: int,
        *,
        orders: int,
        to_leave: bool = False,
        on: date | None = None,
        purses: Sequence[PurseMove] = (),
    ) -> Write:
        """See Ledger."""
        # An entry that changes what settles changes ``seq`` too.
        least = amount + wallet.unsettled(date.min if on is None else on) if amount else 0
        free = (
            (WalletRow.available >= least)
            & (WalletRow.seq == wallet.seq)
            & (WalletRow.open_orders == (0 if orders else wallet.open_orders))
        )
        if to_leave:
            # Rows from before there were disputes have neither attribute.
            free = free & (WalletRow.blocks.does_not_exist() | (WalletRow.blocks == 0))
            free = free & (WalletRow.owed.does_not_exist() | (WalletRow.owed == 0))
        kept, same = _purses(wallet, -amount, purses)
        return Update(
            "wallet",
            WalletRow,
            keys.user(wallet.user_id),
            keys.wallet(wallet.currency),
            (
                WalletRow.held.add(amount),
                WalletRow.available.add(-amount),
                WalletRow.open_orders.add(orders),
                *([WalletRow.segment.set(segment_of(wallet.user_id))] if orders else []),
                *kept,
            ),
            free if same is None else free & same,
        )

    def release(
        self, wallet: Wallet, amount: int, *, orders: int, purses: Sequence[PurseMove] = ()
    ) -> Write:
        """See Ledger."""
        condition = (WalletRow.held >= amount) & (WalletRow.open_orders == wallet.open_orders)
        kept, same = _purses(wallet, amount, purses)
        return Update(
            "wallet",
            WalletRow,
            keys.user(wallet.user_id),
            keys.wallet(wallet.currency),
            (
                WalletRow.held.add(-amount),
                WalletRow.available.add(amount),
                WalletRow.open_orders.add(-orders),
                *kept,
            ),
            condition if same is None else condition & same,
        )

    def entries(
        self, user_id: str, currency: Currency, *, after: int | None = None, limit: int = 50
    ) -> EntryPage:
        """Entries of one chain, newest first; ``after`` is the ``seq`` to continue below."""
        page = self._database.query(
            Table.JOURNAL,
            partition(user_id),
            f"{currency.value}#",
            f"{currency.value}#~",
            newest_first=True,
            limit=limit,
            after=None if after is None else place(currency, after),
        )
        entries = tuple(entry_of(row) for row in page.rows(JournalRow))
        return EntryPage(entries, entries[-1].entry.seq if page.after is not None else None)
