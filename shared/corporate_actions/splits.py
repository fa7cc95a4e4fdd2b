"""Splits and other symbols as changed lots and journal entries. Pure and exact."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction

from shared.corporate_actions.model import PersonAction
from shared.ledger import accounts
from shared.ledger.model import Draft, EntryKind, Posting
from shared.market_data.announcements import Announcement
from shared.portfolio import lots as tax
from shared.portfolio.lots import Gains, Lot, Sale, gains_of
from shared.portfolio.model import BASE, Position


def ratio_of(announcement: Announcement) -> Fraction:
    """New shares for each old one. Raises ValueError when the source states none."""
    old, new = announcement.old_rate, announcement.new_rate
    if not old or not new or old < 0 or new < 0:
        raise ValueError("a split has two rates")
    return Fraction(new) / Fraction(old)


def split(position: Position, ratio: Fraction, ex_date: date) -> Position:
    """Shares held into the ex-date times the ratio, rounded down to nano-shares in all and shared
    out by lot; what the lots cost, and since when they are held, stays. Shares bought on the
    ex-date are new ones already."""
    old = [lot for lot in position.lots if lot.acquired < ex_date]
    new = [lot for lot in position.lots if lot.acquired >= ex_date]
    changed = [*_scaled(old, ratio), *new]
    if not changed and position.lots:
        # Nothing is left of it: what it has cost is lost.
        loss = position.realised_minor - position.cost_minor
        return replace(position, lots=(), quantity_nanos=0, cost_minor=0, realised_minor=loss)
    # Nothing is owed of what is held.
    return _held(position, changed)


def _scaled(lots: Sequence[Lot], ratio: Fraction) -> list[Lot]:
    ordered = sorted(lots, key=lambda lot: lot.key)
    total = int(tax.nanos_of(ordered) * ratio)
    parts = tax.shared_out(total, [lot.nanos for lot in ordered])
    kept = [replace(lot, nanos=part) for lot, part in zip(ordered, parts, strict=True) if part]
    lost = tax.cost_of(ordered) - tax.cost_of(kept)
    if kept and lost:
        # Of a lot that became less than a nano-share the cost stays with the largest one.
        largest = max(range(len(kept)), key=lambda number: kept[number].nanos)
        one = kept[largest]
        kept[largest] = replace(one, cost_minor=one.cost_minor + lost)
    return kept


def _held(position: Position, lots: Sequence[Lot]) -> Position:
    ordered = tuple(sorted(lots, key=lambda lot: lot.key))
    return replace(
        position,
        lots=ordered,
        quantity_nanos=tax.nanos_of(ordered),
        cost_minor=tax.cost_of(ordered),
    )


def renamed(old: Position, new: Position) -> tuple[Position, Position]:
    """All lots under the new symbol, where some may be held already. Gains and income so far stay
    with the old one."""
    return _held(old, ()), _held(new, tax.bought(new.lots, *old.lots))


def in_lieu(
    position: Position, nanos: int, proceeds_minor: int, day: date
) -> tuple[Position, Gains]:
    """A fraction of a share that was paid out is a sale: first of lots of no goal, the oldest."""
    sale = Sale(day, nanos, proceeds_minor)
    after, closed = position.sell(sale)
    return after, gains_of(closed, sale)


def split_entry(action: PersonAction, delta: int, at: datetime, ratio: Fraction) -> Draft | None:
    """Shares that came to everybody's accounts, or went; no cash moves."""
    memo = {"new": str(ratio.numerator), "old": str(ratio.denominator)}
    return _entry(EntryKind.SPLIT, action, at, _shares(action.user_id, action.symbol, delta), memo)


def renamed_entry(action: PersonAction, symbol: str, nanos: int, at: datetime) -> Draft | None:
    """The same shares under another symbol: each symbol balances by itself."""
    user = action.user_id
    legs = (*_shares(user, action.symbol, -nanos), *_shares(user, symbol, nanos))
    return _entry(EntryKind.SYMBOL_CHANGED, action, at, legs, {"new_symbol": symbol})


def in_lieu_entry(
    action: PersonAction, nanos: int, minor: int, gains: Gains, at: datetime, execution: str
) -> Draft | None:
    """Shares out, cash in."""
    legs = (
        *_shares(action.user_id, action.symbol, -nanos),
        Posting(accounts.customers_cash_at_broker(), BASE.asset, minor),
        Posting(accounts.customer_cash(action.user_id), BASE.asset, -minor),
    )
    memo = {
        "activity": execution,
        "short_gain": str(gains.short_minor),
        "long_gain": str(gains.long_minor),
    }
    return _entry(EntryKind.CASH_IN_LIEU, action, at, legs, memo)


def _shares(user_id: str, symbol: str, delta: int) -> tuple[Posting, Posting]:
    asset = f"{symbol}/9"
    return (
        Posting(accounts.shares_at_broker(), asset, delta),
        Posting(accounts.customer_shares(user_id), asset, -delta),
    )


def _entry(
    kind: EntryKind,
    action: PersonAction,
    at: datetime,
    legs: Sequence[Posting],
    memo: dict[str, str],
) -> Draft | None:
    moving = tuple(leg for leg in legs if leg.amount)
    told = {"symbol": action.symbol, "announcement": action.announcement_id, **memo}
    return Draft(kind, action.action_id, at, moving, told) if moving else None
