"""What an account is worth now, and was worth at the last close."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.alpaca.accounts import Account
from sandbox.alpaca.order import Side
from sandbox.alpaca.state import State
from sandbox.alpaca.wire import CENT, decimal_text, timestamp
from sandbox.market.calendar import Session


@dataclass(frozen=True, slots=True)
class Worth:
    """Cash, exact, and the positions' market value in cents."""

    cash: Decimal
    positions: Decimal

    @property
    def equity(self) -> Decimal:
        """Both together."""
        return self.cash + self.positions


def now(state: State, account: Account) -> Worth:
    """At the prices of this moment."""
    value = sum(
        (held.qty * state.market.traded(one).price for one, held in account.holdings.items()),
        Decimal(0),
    )
    return Worth(account.cash, value.quantize(CENT))


def last(state: State, account: Account) -> tuple[datetime, Worth]:
    """The last close before the running or latest session, and the worth then: what happened
    since is taken back."""
    latest = state.market.calendar.latest(state.now())
    session = state.market.calendar.before(latest.day)
    cash = account.cash
    held = {symbol: holding.qty for symbol, holding in account.holdings.items()}
    for activity in state.activities:
        if activity.account_id != account.id or activity.at <= session.close:
            continue
        data = activity.data
        if activity.kind != "FILL":
            cash -= Decimal(data["net_amount"])
            if activity.kind == "SPLIT":
                symbol = data["symbol"]
                held[symbol] = held.get(symbol, Decimal(0)) - Decimal(data["qty"])
            continue
        qty, sign = Decimal(data["qty"]), 1 if data["side"] == Side.BUY else -1
        cash += sign * qty * Decimal(data["price"])
        held[data["symbol"]] = held.get(data["symbol"], Decimal(0)) - sign * qty
    return session.close, Worth(cash, _at_close(state, held, session))


def _at_close(state: State, held: dict[str, Decimal], session: Session) -> Decimal:
    value = sum(
        (qty * state.market.closing_price(symbol, session) for symbol, qty in held.items() if qty),
        Decimal(0),
    )
    return value.quantize(CENT)


def trading_account(state: State, account: Account) -> dict[str, Any]:
    """The trading account object. Nothing is lent, also where the knob says that it might be."""
    today = now(state, account)
    close, before = last(state, account)
    power = decimal_text(state.buying_power(account))
    withdrawable = decimal_text(state.withdrawable(account))
    equity, value = decimal_text(today.equity), decimal_text(today.positions)
    last_cash, last_value = decimal_text(before.cash), decimal_text(before.positions)
    blocked = account.status != "ACTIVE"
    zeros = (
        *("accrued_fees", "pending_transfer_out", "pending_transfer_in"),
        *("short_market_value", "last_short_market_value", "sma"),
    )
    return {
        "id": account.id,
        "account_number": account.number,
        "status": account.status.value,
        "crypto_status": "INACTIVE",
        "currency": "USD",
        "cash": decimal_text(account.cash),
        "cash_withdrawable": withdrawable,
        "cash_transferable": withdrawable,
        **dict.fromkeys(
            ("buying_power", "regt_buying_power", "non_marginable_buying_power"), power
        ),
        **dict.fromkeys(("equity", "portfolio_value"), equity),
        **dict.fromkeys(("long_market_value", "initial_margin", "maintenance_margin"), value),
        **dict.fromkeys(zeros, "0"),
        "previous_close": timestamp(close),
        "last_equity": decimal_text(before.equity),
        **dict.fromkeys(("last_cash", "last_buying_power", "last_regt_buying_power"), last_cash),
        **dict.fromkeys(
            ("last_long_market_value", "last_initial_margin", "last_maintenance_margin"), last_value
        ),
        "trading_blocked": blocked,
        "transfers_blocked": blocked,
        "account_blocked": False,
        "trade_suspended_by_user": False,
        "multiplier": "2" if state.knobs.margin else "1",
        "shorting_enabled": False,
        "created_at": timestamp(account.created_at),
        "clearing_broker": "VELOX",
    }
