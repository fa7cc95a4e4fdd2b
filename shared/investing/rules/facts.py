"""What the rules rest on beside a plan's other inputs; stored with it. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import SerializerFunctionWrapHandler, model_serializer

from shared.investing.frozen import Frozen
from shared.investing.rules.names import Rule
from shared.market_data.model import Restriction

type Parameters = Mapping[str, int]
"""Of one rule: its ``version`` and its numbers."""


class Brief(Frozen):
    """A value of which only what it says is stored: plans are kept for ever."""

    @model_serializer(mode="wrap")
    def _told(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields = type(self).model_fields
        return {
            name: value
            for name, value in write(self).items()
            if fields[name].is_required() or getattr(self, name) != fields[name].default
        }


class ClassUsed(Frozen):
    """What an asset counts towards."""

    issuer: str
    sector: str
    currency: str


class DayUsed(Frozen):
    """What daily bars say of a symbol."""

    close: Decimal | None
    """Of the session before today's; None while that is not known."""
    volume: int | None
    """Shares on a usual day, of twenty; None while that is not known."""


class TradedDay(Brief):
    """What was planned for a person on one day. Cents."""

    day: date
    bought_minor: int = 0
    sold_minor: int = 0
    """By rebalances."""
    day_trades: int = 0
    """Symbols of which both sides were planned."""
    bought: tuple[str, ...] = ()
    sold: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    """Symbols of which a sale was expected to lose, of people whose law knows wash sales."""


class TradedUsed(Brief):
    """What was planned for a person lately."""

    days: tuple[TradedDay, ...] = ()
    """Oldest first."""
    at: datetime | None = None
    """When orders were last planned, by the system's clock."""
    orders: str = ""
    """Which ones, as a digest."""


class Risk(Brief):
    """The rules that were in force, and what they alone look at."""

    table: int
    """Version of the table of rules."""
    rules: Mapping[Rule, Parameters]
    """Those in force on the day, with their parameters."""
    reference: int
    """Version of the table of issuers, sectors and currencies."""
    classes: Mapping[str, ClassUsed] = {}
    """By symbol; one that the table does not know is missing."""
    daily: Mapping[str, DayUsed] = {}
    restricted: Mapping[str, Restriction] = {}
    hold: str = ""
    """Why automatic trading of the account is stopped, as a code; empty when it is not."""
    margin: bool = False
    """Whether the account at the broker may borrow."""
    traded: TradedUsed = TradedUsed()
    asked_at: datetime
    """The system's time of the decision."""
