"""What companies do: announced, and carried out in every account when somebody says so.

Prices are replayed as adjusted closes, in which dividends and splits are contained already; so
nothing is announced until `/_control/alpaca/corporate-actions` says it, and a split moves the
prices from then on.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sandbox.alpaca.accounts import Account
from sandbox.alpaca.event_log import Topic
from sandbox.alpaca.exchange import Exchange
from sandbox.alpaca.order import OrderStatus
from sandbox.alpaca.state import State
from sandbox.alpaca.wire import CENT, SHARE_STEP, decimal_text, timestamp

Rate = Annotated[Decimal, Field(gt=0, le=1_000_000)]


class Kind(StrEnum):
    """The kinds that this broker carries out; others it only announces."""

    CASH_DIVIDEND = "cash_dividend"
    FORWARD_SPLIT = "forward_split"
    REVERSE_SPLIT = "reverse_split"
    SPIN_OFF = "spin_off"
    CASH_MERGER = "cash_merger"
    NAME_CHANGE = "name_change"


SPLITS = frozenset({Kind.FORWARD_SPLIT, Kind.REVERSE_SPLIT})


class Announcement(BaseModel):
    """Body of `POST /_control/alpaca/corporate-actions`, and what is announced."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    id: str = Field(default_factory=lambda: str(uuid4()))
    kind: Kind
    symbol: str
    ex_date: date
    record_date: date | None = None
    payable_date: date | None = None
    rate: Rate | None = None
    old_rate: Rate | None = None
    new_rate: Rate | None = None
    new_symbol: str | None = None

    @model_validator(mode="after")
    def _says_what_its_kind_needs(self) -> Self:
        if self.kind in (Kind.CASH_DIVIDEND, Kind.CASH_MERGER) and self.rate is None:
            raise ValueError("rate is required")
        if self.kind in SPLITS | {Kind.SPIN_OFF} and None in (self.old_rate, self.new_rate):
            raise ValueError("old_rate and new_rate are required")
        return self

    def data_wire(self) -> dict[str, Any]:
        """As the market data API states it."""
        days = {
            "ex_date": self.ex_date,
            "process_date": self.payable_date or self.ex_date,
            "record_date": self.record_date,
            "payable_date": self.payable_date,
        }
        found: dict[str, Any] = {"id": self.id, "symbol": self.symbol, "cusip": "000000000"}
        found |= {name: day.isoformat() for name, day in days.items() if day is not None}
        rates = {"rate": self.rate, "old_rate": self.old_rate, "new_rate": self.new_rate}
        if self.kind is Kind.SPIN_OFF:
            rates["source_rate"] = rates.pop("old_rate")
            found["source_symbol"] = found.pop("symbol")
        # JSON numbers on this wire, to be written by ExactResponse.
        found |= {name: one for name, one in rates.items() if one is not None}
        if self.new_symbol is not None:
            found["new_symbol"] = self.new_symbol
        if self.kind is Kind.CASH_DIVIDEND:
            found |= {"special": False, "foreign": False}
        return found

    def broker_wire(self) -> dict[str, Any]:
        """As the broker API states it."""
        type_, subtype = {
            Kind.CASH_DIVIDEND: ("dividend", "cash"),
            Kind.FORWARD_SPLIT: ("split", "stock_split"),
            Kind.REVERSE_SPLIT: ("split", "reverse_split"),
            Kind.SPIN_OFF: ("spinoff", "spinoff"),
            Kind.CASH_MERGER: ("merger", "merger_update"),
            Kind.NAME_CHANGE: ("merger", "merger_update"),
        }[self.kind]
        return {
            "id": self.id,
            "corporate_action_id": self.id,
            "ca_type": type_,
            "ca_sub_type": subtype,
            "initiating_symbol": self.symbol,
            "initiating_original_cusip": "000000000",
            "target_symbol": self.new_symbol or self.symbol,
            "target_original_cusip": "000000000",
            "declaration_date": None,
            "ex_date": self.ex_date.isoformat(),
            "record_date": _day(self.record_date),
            "payable_date": _day(self.payable_date),
            "cash": decimal_text(self.rate or Decimal(0)),
            "old_rate": decimal_text(self.old_rate or Decimal(1)),
            "new_rate": decimal_text(self.new_rate or Decimal(1)),
        }


@dataclass
class CorporateActions:
    """Announcements, and what they do."""

    state: State
    exchange: Exchange
    announced: dict[str, Announcement] = field(default_factory=dict)
    entitled: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    """Shares by account at the beginning of the ex-date, of a dividend."""

    def clear(self) -> None:
        """Forgets everything."""
        self.announced.clear()
        self.entitled.clear()

    def announce(self, one: Announcement) -> None:
        """States it, or states it anew under the same id."""
        self.announced[one.id] = one

    def between(self, first: date, last: date) -> list[Announcement]:
        """Those that take effect in these days, the oldest first."""
        found = [one for one in self.announced.values() if first <= one.ex_date <= last]
        return sorted(found, key=lambda one: (one.ex_date, one.id))

    def go_ex(self, one: Announcement) -> None:
        """The ex-date begins: splits are carried out, and who holds is entitled."""
        if one.kind in SPLITS:
            self._split(one)
            return
        self.entitled[one.id] = {
            account.id: account.holding(one.symbol)
            for account in self.state.customers()
            if account.holding(one.symbol)
        }

    def pay(self, one: Announcement, withheld_percent: Decimal) -> None:
        """Credits a dividend to whoever was entitled, and withholds from it on a line of its
        own, as for people abroad."""
        for account_id, qty in self.entitled.pop(one.id, {}).items():
            rate = one.rate or Decimal(0)
            gross = (qty * rate).quantize(CENT, ROUND_HALF_UP)
            words = f"Cash DIV @ {decimal_text(rate)}, Pos QTY: {decimal_text(qty)}"
            if one.record_date is not None:
                words += f", Rec Date: {one.record_date.isoformat()}"
            account = self.state.accounts[account_id]
            self._cash(account, one, "DIV", gross, words, per_share=rate, sub_type="CDIV")
            tax = (gross * withheld_percent / 100).quantize(CENT, ROUND_HALF_UP)
            if tax:
                words = f"DIV tax withholding on ${decimal_text(gross)} at {withheld_percent}%"
                self._cash(account, one, "DIVNRA", -tax, words)

    def _split(self, one: Announcement) -> None:
        ratio = (one.new_rate or Decimal(1)) / (one.old_rate or Decimal(1))
        for order in self.state.all_open_orders():
            if order.symbol == one.symbol:
                self.exchange.end(order, OrderStatus.CANCELED)
        for account in self.state.customers():
            held = account.holdings.get(one.symbol)
            if held is None:
                continue
            before = held.qty
            held.qty = (before * ratio).quantize(SHARE_STEP, ROUND_DOWN)
            after = held.qty
            if not after:
                del account.holdings[one.symbol]
            words = f"From QTY:{decimal_text(-before)}, To QTY:{decimal_text(after)}"
            sub_type = "FSPLIT" if one.kind is Kind.FORWARD_SPLIT else "RSPLIT"
            for qty, word in ((-before, "REMOVE"), (after, "ADD")):
                self._told(account, one, "SPLIT", Decimal(0), f"{word}, {words}", qty, sub_type)
        self.state.market.shock(one.symbol, 1 / ratio)

    def _cash(
        self,
        account: Account,
        one: Announcement,
        kind: str,
        amount: Decimal,
        words: str,
        *,
        per_share: Decimal | None = None,
        sub_type: str | None = None,
    ) -> None:
        account.cash += amount
        self.state.street -= amount
        self._told(account, one, kind, amount, words, Decimal(0), sub_type, per_share)

    def _told(
        self,
        account: Account,
        one: Announcement,
        kind: str,
        amount: Decimal,
        words: str,
        qty: Decimal,
        sub_type: str | None,
        per_share: Decimal | None = None,
    ) -> None:
        """On the account's history and in the stream, whose numbers are JSON numbers."""
        today, name = self.state.today().isoformat(), str(uuid4())
        line = {
            "date": today,
            "net_amount": decimal_text(amount),
            "description": words,
            "symbol": one.symbol,
            "cusip": "000000000",
            "qty": decimal_text(qty),
            "per_share_amount": None if per_share is None else decimal_text(per_share),
            "status": "executed",
        }
        self.state.record(account.id, kind, line)
        told: dict[str, Any] = {
            "id": name,
            "account_id": account.id,
            "entry_type": kind,
            "symbol": one.symbol,
            "cusip": "000000000",
            "description": words,
            "status": "executed",
            "price": None,
            "qty": qty,
            "net_amount": amount,
            "per_share_amount": per_share,
            "settle_date": today,
            "system_date": today,
            "effective_at": timestamp(self.state.now()),
        }
        if sub_type is not None:
            told["entry_sub_type"] = sub_type
        self.state.events.append(Topic.ACTIVITY, told)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
