"""What an event of the broker moves: order, shares, cash and what settles, step by step. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from shared.investing.model import Execution, Order, Side, TakenBack
from shared.ledger import accounts
from shared.ledger.model import Draft, EntryKind, Posting, Wallet
from shared.ledger.purses import PurseMove
from shared.market_data.calendar import OutsideCalendar, settlement_day
from shared.portfolio.lots import Sale
from shared.portfolio.model import BASE, Position

_AT_THE_LATEST = timedelta(days=7)
"""Cash of a trade on a day of which no calendar is known counts as settled so much later."""
_KINDS = {Side.BUY: EntryKind.BUY, Side.SELL: EntryKind.SELL}


def settles_on(traded: date) -> date:
    """When cash of a trade has settled."""
    try:
        return settlement_day(traded)
    except OutsideCalendar:
        return traded + _AT_THE_LATEST


@dataclass(frozen=True, slots=True)
class Step:
    """One entry: an execution booked, or taken back. Cash in cents, shares in nanos; negative
    leaves the person."""

    kind: EntryKind
    execution: str
    at: datetime
    memo: Mapping[str, str]
    cash: int
    shares: int
    held: int
    """By how much the shares that are held changed."""
    owed: int
    """By how much the shares that are owed changed."""


@dataclass(frozen=True, slots=True)
class Moves:
    """An order and a position with all steps so far."""

    order: Order
    position: Position
    steps: tuple[Step, ...] = ()
    settling: Mapping[date, int] = field(default_factory=dict)
    beside: Decimal = Decimal(0)
    """Cents that the person's other orders have left at the broker beyond what is booked."""
    patched: int = 0
    """Shares of a buy that was taken back after they had been sold."""

    @property
    def cash(self) -> int:
        """Of all steps together."""
        return sum(step.cash for step in self.steps)

    @property
    def corrects(self) -> bool:
        """Whether something that was booked is taken back."""
        return any(step.kind is EntryKind.TRADE_REVERSED for step in self.steps)

    def executed(self, execution: Execution, now: datetime) -> "Moves":
        """With an execution; unchanged when it was booked, or taken back, before."""
        after = self.order.executed(execution, now, self.beside)
        if after.executions is self.order.executions:
            return replace(self, order=after)
        day = execution.at.date()
        if self.order.side is Side.SELL:
            order, position = _sold(self.order, after, self.position)
        else:
            cost = after.charged_minor - self.order.charged_minor
            order = after
            position = self.position.buy(after.order_id, day, execution.nanos, cost, after.purse)
        memo = {"price": format(execution.price, "f")}
        return self._step(
            order, position, _KINDS[order.side], execution.key, execution.at, day, memo
        )

    def busted(self, taken: TakenBack, at: datetime, now: datetime) -> "Moves":
        """Without an execution. Nothing moves for one that was never booked."""
        traded = self.order.executions.get(taken.key)
        after = self.order.busted(taken, now, self.beside)
        if traded is None:
            return replace(self, order=after)
        patched = 0
        if self.order.side is Side.SELL:
            order, position = _sold(self.order, after, self.position)
        else:
            cost = self.order.charged_minor - after.charged_minor
            order = after
            position, patched = self.position.unbuy(
                after.order_id, traded.day, traded.nanos, cost, after.purse
            )
        moved = self._step(order, position, EntryKind.TRADE_REVERSED, taken.key, at, traded.day, {})
        return replace(moved, patched=self.patched + patched)

    def _step(
        self,
        order: Order,
        position: Position,
        kind: EntryKind,
        execution: str,
        at: datetime,
        day: date,
        memo: Mapping[str, str],
    ) -> "Moves":
        charge = order.charged_minor - self.order.charged_minor
        nanos = order.filled_nanos - self.order.filled_nanos
        sells = order.side is Side.SELL
        settling = dict(self.settling)
        if sells and charge:
            settles = settles_on(day)
            settling[settles] = settling.get(settles, 0) + charge
        if sells and kind is EntryKind.SELL:
            gains, earlier = order.gains, self.order.gains
            memo = {
                **memo,
                "short_gain": str(gains.short_minor - earlier.short_minor),
                "long_gain": str(gains.long_minor - earlier.long_minor),
            }
        step = Step(
            kind=kind,
            execution=execution,
            at=at,
            memo=memo,
            cash=charge if sells else -charge,
            shares=-nanos if sells else nanos,
            held=position.quantity_nanos - self.position.quantity_nanos,
            owed=position.owed_nanos - self.position.owed_nanos,
        )
        return replace(
            self, order=order, position=position, steps=(*self.steps, step), settling=settling
        )


def _sold(before: Order, after: Order, position: Position) -> tuple[Order, Position]:
    """The sale closed anew for all its executions together: whatever their order of arrival, the
    same lots are closed, and one that is taken back opens what it had closed."""
    if before.filled_nanos:
        position = position.unsell(before.closed, before.filled_nanos, before.charged_minor)
    day = after.traded_on
    if day is None:
        return replace(after, closed=()), position
    sale = Sale(
        day, after.filled_nanos, after.charged_minor, after.method, after.rates, after.closes
    )
    position, closed = position.sell(sale)
    return replace(after, closed=closed), position


@dataclass(frozen=True, slots=True)
class Cash:
    """What the steps do to a wallet."""

    posted: int
    owed: int
    """What could not be taken, because it was spent or is set aside."""
    freed: int
    """Of the order's reservation."""


def purse_moves(moves: Moves, cash: Cash) -> list[PurseMove]:
    """A goal's order moves its goal's cash by as much as it moves what is available."""
    tag, more = moves.order.purse, cash.posted + cash.freed
    return [PurseMove(tag, more, moves.settling)] if tag and (more or moves.settling) else []


def cash_of(moves: Moves, wallet: Wallet, before: Order) -> Cash:
    """Cash that a correction takes and that is not there any more is owed. An ordinary fill is
    taken whole, and the wallet's own condition refuses what is not there."""
    freed = before.reserved_minor - moves.order.reserved_minor
    if moves.cash >= 0 or not moves.corrects:
        return Cash(moves.cash, 0, freed)
    there = max(wallet.available + freed, 0)
    taken = min(-moves.cash, there)
    return Cash(-taken, -moves.cash - taken, freed)


def drafts_of(moves: Moves, owed: int, broker_order: str) -> list[Draft]:
    """The entries of the steps; the one that takes most cash says what of it is owed."""
    worst = min(moves.steps, key=lambda step: step.cash) if owed else None
    return [
        draft
        for step in moves.steps
        if (draft := _draft(moves.order, step, owed if step is worst else 0, broker_order))
    ]


def _draft(order: Order, step: Step, owed: int, broker_order: str) -> Draft | None:
    user, shares = order.user_id, f"{order.symbol}/9"
    legs = (
        Posting(accounts.shares_at_broker(), shares, step.shares),
        Posting(accounts.customer_shares(user), shares, -step.held),
        Posting(accounts.receivable(user), shares, step.owed),
        Posting(accounts.customer_cash(user), BASE.asset, -step.cash - owed),
        Posting(accounts.customers_cash_at_broker(), BASE.asset, step.cash),
        Posting(accounts.receivable(user), BASE.asset, owed),
    )
    moving = tuple(leg for leg in legs if leg.amount)
    memo = {
        "symbol": order.symbol,
        "broker_order": broker_order,
        "execution": step.execution,
        **step.memo,
    }
    return Draft(step.kind, order.order_id, step.at, moving, memo) if moving else None
