"""Rules about single orders: their size, twice the same, and what may not be traded. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from shared.investing.model import Side
from shared.investing.plan import Check, Outcome, PlannedOrder
from shared.investing.rules.facts import Parameters
from shared.investing.rules.judging import (
    Proposed,
    checked,
    graded,
    named,
    share_of,
    shown,
    told,
)
from shared.investing.rules.names import Rule
from shared.kernel.money import NANOS_PER_SHARE
from shared.market_data.model import Restriction


def order_size(proposed: Proposed, parameters: Parameters) -> Check:
    """No purchase is nearly the whole account (``max_bp``, from ``from_minor`` cents on), and no
    order is worth more than ``max_minor`` cents."""
    whole, limit = proposed.whole_before, share_of(parameters, "max_bp")
    amounts = {**proposed.sold, **proposed.bought}
    largest = max(amounts.values(), default=0)
    share = Fraction(max(proposed.bought.values(), default=0), whole or 1)
    spread = whole < parameters["from_minor"] or share <= limit
    return checked(
        Rule.ORDER_SIZE,
        spread and largest <= parameters["max_minor"],
        share=shown(share),
        limit=shown(limit),
        largest_minor=largest,
        limit_minor=parameters["max_minor"],
    )


def order_volume(proposed: Proposed, parameters: Parameters) -> Check:
    """Shares of each order against a usual day's: warns above ``warn_bp``, fails above
    ``max_bp``. An unknown volume warns: it is neither small nor large."""
    warn, limit = share_of(parameters, "warn_bp"), share_of(parameters, "max_bp")
    largest, of, unknown = Fraction(0), "none", []
    for order in proposed.proposal.orders:
        day = proposed.risk.daily.get(order.symbol)
        if day is None or not day.volume:
            unknown.append(order.symbol)
            continue
        share = _shares(proposed, order) / day.volume
        if share > largest:
            largest, of = share, order.symbol
    outcome = graded(largest, warn, limit)
    if unknown and outcome is Outcome.PASS:
        outcome = Outcome.WARN
    return told(
        Rule.ORDER_VOLUME,
        outcome,
        largest=shown(largest),
        symbol=of,
        limit=shown(limit),
        unknown=named(unknown),
    )


def _shares(proposed: Proposed, order: PlannedOrder) -> Fraction:
    if order.nanos:
        return Fraction(order.nanos, NANOS_PER_SHARE)
    price = proposed.inputs.prices[order.symbol].price
    return Fraction(Decimal(order.notional_minor).scaleb(-2)) / Fraction(price)


def restricted_list(proposed: Proposed, parameters: Parameters) -> Check:
    """No order is for what the list forbids; that it left something out warns."""
    restricted = proposed.risk.restricted
    orders = proposed.proposal.orders
    against = [one.symbol for one in orders if forbidden(one.symbol, one.side, restricted)]
    left_out = [each.symbol for each in proposed.proposal.left_out if each.symbol in restricted]
    outcome = Outcome.WARN if left_out else Outcome.PASS
    return told(
        Rule.RESTRICTED_LIST,
        Outcome.FAIL if against else outcome,
        left_out=named(left_out),
        against=named(against),
    )


def forbidden(symbol: str, side: Side, restricted: Mapping[str, Restriction]) -> bool:
    """Whether the list forbids an order."""
    found = restricted.get(symbol)
    return found is Restriction.NO_TRADES or (found is Restriction.NO_BUYS and side is Side.BUY)


def duplicate_order(proposed: Proposed, parameters: Parameters) -> Check:
    """One order for a symbol; the very same orders again within ``window_seconds`` warn: people
    may pay in the same amount twice, machines should not plan it twice."""
    orders, before = proposed.proposal.orders, proposed.risk.traded
    symbols = [each.symbol for each in orders]
    twice = {each for each in symbols if symbols.count(each) > 1}
    window = timedelta(seconds=parameters["window_seconds"])
    again = (
        bool(orders)
        and before.at is not None
        and proposed.risk.asked_at - before.at < window
        and before.orders == digest_of(orders)
    )
    outcome = Outcome.WARN if again else Outcome.PASS
    return told(
        Rule.DUPLICATE_ORDER,
        Outcome.FAIL if twice else outcome,
        twice=named(twice),
        again="yes" if again else "no",
        window_seconds=parameters["window_seconds"],
    )


def digest_of(orders: Iterable[PlannedOrder]) -> str:
    """What a set of orders can be recognised by: 16 hexadecimal digits."""
    lines = sorted(
        f"{each.symbol} {each.side} {each.notional_minor} {each.nanos}" for each in orders
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
