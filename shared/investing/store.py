"""Rows of plans, orders and model portfolios."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from pynamodb.attributes import (
    BooleanAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)

from shared.investing.model import (
    CancelReason,
    Ending,
    Order,
    OrderStatus,
    Side,
    Successors,
    Traded,
)
from shared.investing.plan import Cause, Decision, Inputs, Plan
from shared.investing.ports import Booking
from shared.investing.replacing import Successions
from shared.kernel.clock import to_text
from shared.kernel.ids import Kind
from shared.ledger.store import wallet_from, wallet_key
from shared.platform import keys
from shared.platform.indexes import pending_bucket
from shared.platform.tables import (
    Database,
    DecimalAttribute,
    InstantAttribute,
    Item,
    Key,
    Put,
    Row,
    Table,
)
from shared.platform.work import Write
from shared.portfolio import lots
from shared.portfolio.lots import LotMethod, TaxRates
from shared.portfolio.model import BASE, Position
from shared.portfolio.store import position_from, position_key

SWEPT_AFTER = timedelta(minutes=10)
"""So long after it was last looked at the sweep looks at an order that has not ended: when its
own chain of checks is over."""


class PlanRow(Row):
    """A plan with its reasons: the inputs that it can be replayed from, and what followed."""

    KIND: ClassVar[str] = "plan"

    cause = UnicodeAttribute(default=Cause.DEPOSIT.value)
    cause_id = UnicodeAttribute(null=True)
    deposit_id = UnicodeAttribute(null=True)
    """Instead of cause and its id, in rows that were written when only deposits were planned."""
    outcome = UnicodeAttribute()
    created_at = InstantAttribute()
    inputs = UnicodeAttribute()
    inputs_hash = UnicodeAttribute()
    decision = UnicodeAttribute()


class OrderRow(Row):
    """An order; ``pending`` and ``due`` are there until it has ended."""

    KIND: ClassVar[str] = "order"

    plan_id = UnicodeAttribute()
    account_id = UnicodeAttribute()
    symbol = UnicodeAttribute()
    side = UnicodeAttribute()
    status = UnicodeAttribute()
    notional_minor = NumberAttribute()
    nanos = NumberAttribute(null=True)
    exit = BooleanAttribute(null=True)
    method = UnicodeAttribute(null=True)
    rates = UnicodeAttribute(null=True)
    """Of taxes, short and long; not there where they decide nothing."""
    charged_minor = NumberAttribute(default=0)
    filled_nanos = NumberAttribute(default=0)
    filled_value = DecimalAttribute()
    fills = UnicodeSetAttribute(null=True)
    taken_back = UnicodeSetAttribute(null=True)
    closed = UnicodeAttribute(null=True)
    goal_id = UnicodeAttribute(null=True)
    purse = UnicodeAttribute(null=True)
    closes = UnicodeAttribute(null=True)
    """Tags with commas between; not there where it is the general goal's alone."""
    broker_order_id = UnicodeAttribute(null=True)
    successors = UnicodeAttribute(null=True)
    ended = UnicodeAttribute(null=True)
    ended_nanos = NumberAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    created_at = InstantAttribute(null=True)
    submitted_at = InstantAttribute(null=True)
    cancel_at = InstantAttribute(null=True)
    cancel_reason = UnicodeAttribute(null=True)
    filled_at = InstantAttribute(null=True)
    updated_at = InstantAttribute(null=True)
    trace = UnicodeAttribute(null=True)
    version = NumberAttribute()
    pending = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)


def plan_key(user_id: str, plan_id: str) -> Key:
    """Where a plan lies."""
    return Key(Table.CORE, keys.user(user_id), keys.feed(plan_id, Kind.PLAN))


def order_key(user_id: str, order_id: str) -> Key:
    """Where an order lies."""
    return Key(Table.CORE, keys.user(user_id), keys.feed(order_id, Kind.ORDER))


def plan_from(item: Item) -> Plan:
    """A plan out of an item that somebody else read."""
    row = item.to(PlanRow)
    inputs = Inputs.read(row.inputs)
    return Plan(
        plan_id=_id_of(row, Kind.PLAN),
        user_id=row.pk.removeprefix("USER#"),
        cause=Cause(row.cause),
        cause_id=row.cause_id or row.deposit_id or inputs.cause_id,
        created_at=row.created_at,
        inputs=inputs,
        inputs_hash=row.inputs_hash,
        decision=Decision.model_validate_json(row.decision),
    )


def _id_of(row: Row, kind: Kind) -> str:
    """Identifiers of a person's things share the person's cell."""
    cell = row.pk.removeprefix("USER#usr_").partition("_")[0]
    return f"{kind.value}_{cell}_{row.sk.removeprefix(keys.FEED).partition('#')[0]}"


def order_from(item: Item) -> Order:
    """An order out of an item that somebody else read."""
    row = item.to(OrderRow)
    ending = None
    if row.ended is not None:
        ending = Ending(OrderStatus(row.ended), int(row.ended_nanos or 0), row.reason)
    return Order(
        order_id=_id_of(row, Kind.ORDER),
        user_id=row.pk.removeprefix("USER#"),
        plan_id=row.plan_id,
        account_id=row.account_id,
        symbol=row.symbol,
        notional_minor=int(row.notional_minor),
        side=Side(row.side),
        nanos=int(row.nanos or 0),
        exit=bool(row.exit),
        method=LotMethod(row.method or LotMethod.FIFO),
        rates=TaxRates(*map(int, row.rates.split())) if row.rates else TaxRates(),
        status=OrderStatus(row.status),
        broker_order_id=row.broker_order_id,
        successors=Successors.read(row.successors or ""),
        filled_nanos=int(row.filled_nanos),
        filled_value=row.filled_value,
        charged_minor=int(row.charged_minor),
        executions=dict(map(_traded, sorted(row.fills or ()))),
        taken_back={key: int(nanos) for key, nanos in map(str.split, row.taken_back or ())},
        closed=lots.unpack(row.closed or ""),
        goal_id=row.goal_id or "",
        purse=row.purse or "",
        closes=tuple((row.closes or "").split(",")),
        ending=ending,
        created_at=row.created_at,
        submitted_at=row.submitted_at,
        cancel_at=row.cancel_at,
        cancel_reason=CancelReason(row.cancel_reason) if row.cancel_reason else None,
        filled_at=row.filled_at,
        updated_at=row.updated_at,
        version=int(row.version),
        trace=row.trace or "",
    )


def _plan_row(plan: Plan) -> PlanRow:
    return PlanRow(
        pk=keys.user(plan.user_id),
        sk=keys.feed(plan.plan_id, Kind.PLAN),
        cause=plan.cause.value,
        cause_id=plan.cause_id,
        outcome=plan.decision.outcome.value,
        created_at=plan.created_at,
        inputs=plan.inputs.canonical(),
        inputs_hash=plan.inputs_hash,
        decision=plan.decision.canonical(),
    )


def _order_row(order: Order) -> OrderRow:
    return OrderRow(
        pk=keys.user(order.user_id),
        sk=keys.feed(order.order_id, Kind.ORDER),
        plan_id=order.plan_id,
        account_id=order.account_id,
        symbol=order.symbol,
        side=order.side.value,
        status=order.status.value,
        notional_minor=order.notional_minor,
        nanos=order.nanos or None,
        exit=order.exit or None,
        method=None if order.method is LotMethod.FIFO else order.method.value,
        rates=None if order.rates == TaxRates() else _rates(order.rates),
        charged_minor=order.charged_minor,
        filled_nanos=order.filled_nanos,
        filled_value=order.filled_value,
        fills={_fill(key, each) for key, each in order.executions.items()} or None,
        taken_back={f"{key} {nanos}" for key, nanos in order.taken_back.items()} or None,
        closed=lots.pack(order.closed) or None,
        goal_id=order.goal_id or None,
        purse=order.purse or None,
        closes=",".join(order.closes) or None,
        broker_order_id=order.broker_order_id,
        successors=order.successors.text or None,
        ended=order.ending.status.value if order.ending else None,
        ended_nanos=order.ending.filled_nanos if order.ending else None,
        reason=order.ending.reason if order.ending else None,
        created_at=order.created_at,
        submitted_at=order.submitted_at,
        cancel_at=order.cancel_at,
        cancel_reason=order.cancel_reason.value if order.cancel_reason else None,
        filled_at=order.filled_at,
        updated_at=order.updated_at,
        version=order.version + 1,
        trace=order.trace or None,
        **_awaited(order),
    )


def _rates(rates: TaxRates) -> str:
    return f"{rates.short_bp} {rates.long_bp}"


def _fill(key: str, traded: Traded) -> str:
    return f"{key} {traded.nanos} {traded.price:f} {traded.day.isoformat()}"


def _traded(text: str) -> tuple[str, Traded]:
    key, nanos, price, day = text.split()
    return key, Traded(int(nanos), Decimal(price), date.fromisoformat(day))


def _awaited(order: Order) -> dict[str, Any]:
    since: datetime | None = order.updated_at or order.submitted_at
    if order.final or since is None:
        return {}
    return {"pending": pending_bucket(order.order_id), "due": to_text(since + SWEPT_AFTER)}


class InvestingStore(Successions):
    """See Plans."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def plan(self, user_id: str, plan_id: str) -> Plan | None:
        """See Plans."""
        found = self._database.get_many([plan_key(user_id, plan_id)])
        return next((plan_from(item) for item in found.values()), None)

    def orders(self, user_id: str, order_ids: Sequence[str]) -> list[Order]:
        """See Plans."""
        wanted = [order_key(user_id, order_id) for order_id in order_ids]
        found = self._database.get_many(wanted) if wanted else {}
        return [order_from(found[key]) for key in wanted if key in found]

    def booking(self, user_id: str, order_id: str, symbol: str) -> Booking | None:
        """See Plans."""
        order, wallet = order_key(user_id, order_id), wallet_key(user_id, BASE)
        position = position_key(user_id, symbol)
        found = self._database.get_many([order, wallet, position])
        if order not in found or wallet not in found:
            return None
        return Booking(
            order=order_from(found[order]),
            wallet=wallet_from(found[wallet]),
            position=position_from(found[position])
            if position in found
            else Position(user_id, symbol),
        )

    def add(self, plan: Plan, orders: Sequence[Order]) -> list[Write]:
        """See Plans."""
        rows = [Put.new(f"order:{order.symbol}", _order_row(order)) for order in orders]
        return [Put.new("plan", _plan_row(plan)), *rows]

    def save(self, order: Order) -> Write:
        """See Plans."""
        return Put("order", _order_row(order), OrderRow.version == order.version)
