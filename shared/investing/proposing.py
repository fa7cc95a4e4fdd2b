"""The orders that would bring a portfolio where its cause wants it, before any rule. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, ROUND_UP
from fractions import Fraction

from shared.investing.bands import due
from shared.investing.gains import expected
from shared.investing.inputs import BUYING, RAISING, Inputs
from shared.investing.model import Side
from shared.investing.plan import LeftOut, PlannedOrder, Sale, Step
from shared.investing.raising import draw, trim
from shared.investing.rebalancing import WHOLE_BP, Merged, budget_of, distribute
from shared.investing.sellable import crumb, sellable, stuck, why_not
from shared.investing.whole_shares import whole_shares
from shared.kernel.money import NANOS_PER_SHARE, Money, Price, Quantity
from shared.portfolio.model import BASE


@dataclass(frozen=True, slots=True)
class Proposal:
    """Orders with what they are expected to lead to. Worths in cents by symbol."""

    values: Mapping[str, int] = field(default_factory=dict)
    orders: tuple[PlannedOrder, ...] = ()
    sales: Mapping[str, Sale] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()
    trace: tuple[Step, ...] = ()
    missing_minor: int = 0
    """What cannot be raised, of what is asked for."""
    due: bool = True
    """False when there is nothing to do in the first place."""

    @property
    def after(self) -> dict[str, int]:
        """Worths once all orders are done."""
        worths = dict(self.values)
        for order in self.orders:
            change = order.notional_minor
            if order.side is Side.SELL:
                change = -min(worths[order.symbol], self.sales[order.symbol].proceeds_minor)
            worths[order.symbol] = 0 if order.exit else worths.get(order.symbol, 0) + change
        return worths

    @property
    def flow_minor(self) -> int:
        """Cents of cash that come in by the orders; negative when more is bought than sold."""
        brought = sum(each.proceeds_minor for each in self.sales.values())
        return brought - sum(each.notional_minor for each in self.orders)


def worths(inputs: Inputs) -> dict[str, int]:
    """What is held, in cents at the prices of the inputs."""
    return {
        symbol: _price(inputs, symbol).value_of(Quantity(nanos)).minor
        for symbol, nanos in sorted(inputs.held.items())
        if nanos
    }


def propose(inputs: Inputs) -> Proposal:
    """By cause: fill what is furthest below target, drain what is furthest above, or both."""
    values = worths(inputs)
    seen = Step(
        step="WORTH",
        values=_said(
            held_minor=sum(values.values()),
            cash_minor=inputs.available_minor,
            settled_minor=inputs.settled_minor,
        ),
    )
    if inputs.everything:
        return _closed(inputs, values, seen)
    if inputs.cause in RAISING:
        return _raised(inputs, values, seen)
    if inputs.target is None:
        return Proposal(values=values, trace=(seen,), due=False)
    weights = inputs.target.weights
    if inputs.cause in BUYING:
        return _invested(inputs, values, weights, (seen,))
    return _rebalanced(inputs, values, weights, seen)


def _invested(
    inputs: Inputs, values: Mapping[str, int], weights: Mapping[str, int], trace: tuple[Step, ...]
) -> Proposal:
    budget = _budget(inputs, values)
    buys, left_out = _purchases(inputs, values, weights, budget)
    step = Step(step="BUDGET", values=_said(budget_minor=budget))
    return Proposal(values, buys, {}, left_out, (*trace, step))


def _rebalanced(
    inputs: Inputs, values: Mapping[str, int], weights: Mapping[str, int], seen: Step
) -> Proposal:
    """Sales down to target, and buys with the cash that has settled: what the sales bring is
    spent by a later plan of the same run."""
    today = _today(inputs)
    if today is None:
        return Proposal(values=values, trace=(seen,), due=False)
    judged = due(inputs, values, weights, today)
    trace = (seen, Step(step=judged.why, values=judged.values))
    if not judged.due:
        return Proposal(values=values, trace=trace, due=False)
    whole = sum(values.values()) + inputs.available_minor
    above = {} if inputs.continues else trim(values, weights, whole)
    sells, sales, left = _sold(inputs, values, above)
    small = tuple(
        LeftOut(symbol=each.symbol, amount_minor=each.amount_minor, reason="BELOW_MIN")
        for each in _small(inputs, values, above)
    )
    others = {symbol: points for symbol, points in weights.items() if symbol not in above}
    budget = _budget(inputs, values)
    buys, left_out = _purchases(inputs, values, others, budget)
    step = Step(step="BUDGET", values=_said(budget_minor=budget))
    orders = (*sells, *buys)
    return Proposal(values, orders, sales, (*left, *small, *left_out), (*trace, step))


def _raised(inputs: Inputs, values: Mapping[str, int], seen: Step) -> Proposal:
    rules = inputs.rules
    need = max(0, -inputs.cash_after_cause_minor)
    # Prices move until the order is filled: a little more is sold than is needed.
    wanted = need + -(-need * rules.cushion_bp // WHOLE_BP)
    trace = (seen, Step(step="NEED", values=_said(need_minor=need, sold_minor=wanted)))
    if need == 0:
        return Proposal(values=values, trace=trace, due=False)
    free = {
        symbol: worth
        for symbol, worth in values.items()
        if sellable(inputs, symbol) and not crumb(inputs, symbol, worth)
    }
    # Without a model nothing is too much or too little: all of it goes in proportion.
    weights = free if inputs.target is None else inputs.target.weights
    wanted = min(wanted, max(need, sum(free.values())))
    drawn = draw(free, weights, wanted, rules.minimum_order_minor)
    sells, sales, _ = _sold(inputs, values, drawn.amounts, at_least=True)
    left = stuck(inputs, values, free)
    missing = max(0, need - sum(each.proceeds_minor for each in sales.values()))
    return Proposal(values, sells, sales, (*left, *_merged(drawn.merged)), trace, missing)


def _closed(inputs: Inputs, values: Mapping[str, int], seen: Step) -> Proposal:
    """All that an order can sell, whole. What is worth less than a cent brings nothing: it stays,
    and is named like all else that stays."""
    free = {
        symbol: worth
        for symbol, worth in values.items()
        if worth and sellable(inputs, symbol) and not crumb(inputs, symbol, worth)
    }
    sells, sales, _ = _sold(inputs, values, free)
    step = Step(step="EVERYTHING", values=_said(sold_minor=sum(free.values())))
    left = tuple(stuck(inputs, values, free))
    return Proposal(values, sells, sales, left, (seen, step), due=bool(sells))


def _sold(
    inputs: Inputs, values: Mapping[str, int], amounts: Mapping[str, int], *, at_least: bool = False
) -> tuple[tuple[PlannedOrder, ...], dict[str, Sale], tuple[LeftOut, ...]]:
    """Sell orders for amounts in cents; ``at_least`` rounds the shares up instead of down."""
    orders, sales, left_out = [], {}, []
    # Without the market's time nothing is traded; the estimate then takes all gains as short.
    today = _today(inputs) or date.min
    for symbol, amount in sorted(amounts.items()):
        if not sellable(inputs, symbol):
            why = why_not(inputs, symbol)
            left_out.append(LeftOut(symbol=symbol, amount_minor=amount, reason=why))
            continue
        held = inputs.held[symbol]
        nanos = held if amount >= values[symbol] else _shares(inputs, symbol, amount, at_least)
        # What another goal holds of it stays: the position at the broker is not closed.
        exits = nanos == held and not inputs.beside.get(symbol)
        if nanos <= 0 or (not exits and amount < inputs.rules.minimum_order_minor):
            continue
        orders.append(PlannedOrder(symbol=symbol, side=Side.SELL, nanos=nanos, exit=exits))
        proceeds = _price(inputs, symbol).value_of(Quantity(nanos)).minor
        lots = inputs.lots.get(symbol, ())
        closes = ("",) if inputs.goal is None else inputs.goal.closes
        sales[symbol] = expected(lots, nanos, proceeds, inputs.tax, today, closes)
    return tuple(orders), sales, tuple(left_out)


def _small(
    inputs: Inputs, values: Mapping[str, int], amounts: Mapping[str, int]
) -> Iterable[Merged]:
    """What is above target by less than an order."""
    for symbol, amount in sorted(amounts.items()):
        if amount < min(values[symbol], inputs.rules.minimum_order_minor):
            yield Merged(symbol, amount)


def _shares(inputs: Inputs, symbol: str, amount: int, at_least: bool) -> int:
    rounding = ROUND_UP if at_least else ROUND_DOWN
    nanos = _price(inputs, symbol).quantity_for(Money(amount, BASE), rounding).nanos
    asset = inputs.assets.get(symbol)
    if asset is not None and not asset.fractional:
        whole, rest = divmod(nanos, NANOS_PER_SHARE)
        nanos = (whole + (1 if at_least and rest else 0)) * NANOS_PER_SHARE
    return min(nanos, inputs.held[symbol])


def _purchases(
    inputs: Inputs, values: Mapping[str, int], weights: Mapping[str, int], budget: int
) -> tuple[tuple[PlannedOrder, ...], tuple[LeftOut, ...]]:
    """Orders that the broker can take; the money of the others stays cash for a later plan."""
    buys = distribute(values, weights, budget, inputs.rules.minimum_order_minor)
    orders, left_out, undivided = [], [], {}
    for symbol, amount in sorted(buys.orders.items()):
        asset = inputs.assets.get(symbol)
        if asset is None or not asset.buyable:
            why = why_not(inputs, symbol)
            left_out.append(LeftOut(symbol=symbol, amount_minor=amount, reason=why))
        elif asset.fractional:
            orders.append(PlannedOrder(symbol=symbol, side=Side.BUY, notional_minor=amount))
        else:
            undivided[symbol] = amount
    wholes, missing = _undivided(inputs, undivided)
    every = sorted((*orders, *wholes), key=lambda each: each.symbol)
    return tuple(every), (*left_out, *missing, *_merged(buys.merged))


def _undivided(
    inputs: Inputs, amounts: Mapping[str, int]
) -> tuple[list[PlannedOrder], list[LeftOut]]:
    """Whole shares for the money of those that do not trade in parts, by the price in cents
    rounded up; what does not make a share stays cash until it does."""
    if not amounts:
        return [], []
    prices = {
        symbol: Fraction(_price(inputs, symbol).value_of(Quantity(NANOS_PER_SHARE), ROUND_UP).minor)
        for symbol in amounts
    }
    found = whole_shares(amounts, prices, Fraction(sum(amounts.values())))
    orders = [
        PlannedOrder(
            symbol=symbol,
            side=Side.BUY,
            notional_minor=int(prices[symbol] * count),
            nanos=count * NANOS_PER_SHARE,
        )
        for symbol, count in found.shares.items()
    ]
    spent = {each.symbol: each.notional_minor for each in orders}
    short = {symbol: amount - spent.get(symbol, 0) for symbol, amount in sorted(amounts.items())}
    left_out = [
        LeftOut(symbol=symbol, amount_minor=amount, reason="WHOLE_SHARES")
        for symbol, amount in short.items()
        if amount > 0
    ]
    return orders, left_out


def _budget(inputs: Inputs, values: Mapping[str, int]) -> int:
    """Settled cash less the buffer; what has not settled counts as a part of the whole."""
    whole = {**values, "unsettled": inputs.available_minor - inputs.settled_minor}
    return budget_of(inputs.settled_minor, whole, inputs.rules.buffer_bp)


def _merged(merged: Iterable[Merged]) -> Iterable[LeftOut]:
    for each in merged:
        yield LeftOut(symbol=each.symbol, amount_minor=each.amount_minor, reason="BELOW_MIN")


def _price(inputs: Inputs, symbol: str) -> Price:
    return Price(inputs.prices[symbol].price, BASE)


def _today(inputs: Inputs) -> date | None:
    return None if inputs.business_now is None else inputs.business_now.date()


def _said(**values: int) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}
