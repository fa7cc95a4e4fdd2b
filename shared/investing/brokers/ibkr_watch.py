"""Orders at Interactive Brokers that have not ended: their fills are asked for, nobody tells them.

A row is written before an order is sent and goes when its end has been handed on, so that neither
a crash nor a lost answer leaves an order unseen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, ClassVar

from pynamodb.attributes import UnicodeAttribute

from shared.investing.brokers.ibkr_events import Trade, ending_of, trades_of
from shared.investing.brokers.ibkr_orders import nanos
from shared.investing.brokers.ibkr_session import SessionStore
from shared.investing.errors import BrokerUnavailable
from shared.investing.model import Ending, OrderStatus, Side
from shared.investing.ports import RefusalReason, Ticket, TradeEvent
from shared.kernel.clock import Clock
from shared.platform.contention import pause_ms
from shared.platform.ibkr_wire import GatewayError, GatewayRefusal, IbkrWire
from shared.platform.tables import Database, Delete, InstantAttribute, Put, Row, Table
from shared.platform.work import ConditionFailed

PARTITION = "IBKR#OPEN"
MOST = 400
"""Orders that one look is about; the next look continues with the rest."""
NEVER_TAKEN = timedelta(days=2)
"""An order that the broker never had is looked for no longer than this."""
OVER = timedelta(hours=18)
"""Orders are for one session: one that is in no list after so long has ended."""
_BAD = (AttributeError, KeyError, TypeError, ValueError, ArithmeticError)
_LOOKS = 4


class WatchedRow(Row):
    """One order."""

    KIND: ClassVar[str] = "ibkr_order"

    account_id = UnicodeAttribute()
    symbol = UnicodeAttribute()
    side = UnicodeAttribute()
    broker_order_id = UnicodeAttribute(null=True)
    begun_at = InstantAttribute()


@dataclass(frozen=True, slots=True)
class Watch:
    """One order that has not ended as far as we know."""

    client_order_id: str
    account_id: str
    symbol: str
    side: Side
    broker_order_id: str | None
    begun_at: datetime


class WatchStore:
    """See Watched."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def begin(self, ticket: Ticket) -> None:
        """See Watched."""
        self._put(self._row(ticket, None), WatchedRow.pk.does_not_exist())

    def taken(self, ticket: Ticket, broker_order_id: str) -> None:
        """See Watched."""
        self._put(self._row(ticket, broker_order_id), WatchedRow.broker_order_id.does_not_exist())

    def open(self) -> list[Watch]:
        """Orders by account."""
        page = self._database.query(Table.CORE, PARTITION, "0", "~", limit=MOST)
        found = [
            Watch(
                client_order_id=row.sk,
                account_id=row.account_id,
                symbol=row.symbol,
                side=Side(row.side),
                broker_order_id=row.broker_order_id,
                begun_at=row.begun_at,
            )
            for row in page.rows(WatchedRow)
        ]
        return sorted(found, key=lambda watch: (watch.account_id, watch.client_order_id))

    def end(self, watch: Watch) -> None:
        """Its end was handed on."""
        self._database.write(Delete("watch", WatchedRow, PARTITION, watch.client_order_id))

    def _row(self, ticket: Ticket, broker_order_id: str | None) -> WatchedRow:
        return WatchedRow(
            pk=PARTITION,
            sk=ticket.client_order_id,
            account_id=ticket.account_id,
            symbol=ticket.symbol,
            side=ticket.side.value,
            broker_order_id=broker_order_id,
            begun_at=self._clock.now(),
        )

    def _put(self, row: WatchedRow, condition: Any) -> None:
        try:
            self._database.write(Put("watch", row, condition))
        except ConditionFailed:
            # It is watched already, by an earlier attempt.
            return


@dataclass(frozen=True, slots=True)
class Watcher:
    """The ports of a look at all of them."""

    wire: IbkrWire
    sessions: SessionStore
    watches: WatchStore
    forward: Callable[[TradeEvent], None]
    clock: Clock
    pause: Callable[[int], None] = pause_ms

    def look(self) -> int:
        """Hand on what has happened to each order; answers how many are still open.

        What was handed on before is handed on again: its handler takes that as success. Raises
        BrokerUnavailable when the gateway did not answer about some; the others are done.
        """
        watches = self.watches.open()
        if not watches:
            return 0
        if not self.sessions.live():
            raise BrokerUnavailable()
        still_open, failed = 0, False
        for account_id, group in groupby(watches, key=lambda watch: watch.account_id):
            mine = list(group)
            try:
                still_open += self._looked(account_id, mine)
            except (GatewayError, *_BAD):
                failed = True
        if failed:
            raise BrokerUnavailable()
        return still_open

    def _looked(self, account_id: str, watches: Sequence[Watch]) -> int:
        names = [watch.client_order_id for watch in watches]
        with self.sessions.turn() as ours:
            if not ours:
                raise GatewayRefusal("another process has its turn")
            # Orders before trades: what the list counts as filled is in the trades by then, or
            # it is waited for.
            lines = self._lines(account_id)
            trades = trades_of(self.wire, account_id, names)
        open_now = 0
        for watch in watches:
            mine = [trade for trade in trades if trade.client_order_id == watch.client_order_id]
            ended = self._handed_on(watch, lines.get(watch.client_order_id), mine)
            open_now += not ended
        return open_now

    def _handed_on(self, watch: Watch, line: Any, trades: Sequence[Trade]) -> bool:
        number = watch.broker_order_id or ("" if line is None else str(line["orderId"]))
        for trade in trades:
            self.forward(self._event(watch, number, trade=trade))
        filled = sum(trade.execution.nanos for trade in trades)
        ending = self._ending(watch, line, filled)
        if ending is None:
            return self._forgotten(watch, line)
        self.forward(self._event(watch, number, ending=ending))
        if ending.filled_nanos > filled:
            # The trades lag behind the list: looked at again until they are all here.
            return False
        self.watches.end(watch)
        return True

    def _ending(self, watch: Watch, line: Any, filled: int) -> Ending | None:
        if line is not None:
            return ending_of(str(line["status"]), nanos(line["filledQuantity"]))
        over = self.clock.now() - watch.begun_at > OVER
        if not over or (watch.broker_order_id is None and not filled):
            return None
        # In the list of no day any more. Its trades say what it did; whether that is all it was
        # for is judged where its size is known.
        return Ending(OrderStatus.EXPIRED, filled, RefusalReason.EXPIRED.value)

    def _forgotten(self, watch: Watch, line: Any) -> bool:
        """Whether it is given up: the broker never had it, and whoever sends it begins again."""
        if line is not None or self.clock.now() - watch.begun_at <= NEVER_TAKEN:
            return False
        self.watches.end(watch)
        return True

    def _lines(self, account_id: str) -> dict[str, Any]:
        for look in range(_LOOKS):
            if look:
                self.pause(50 << look)
            answer = self.wire.get("/iserver/account/orders", accountId=account_id)
            if answer.get("snapshot") is True:
                mine = (line for line in answer["orders"] if "order_ref" in line)
                return {str(line["order_ref"]): line for line in mine}
        raise ValueError("the list never came")

    def _event(
        self,
        watch: Watch,
        number: str,
        *,
        trade: Trade | None = None,
        ending: Ending | None = None,
    ) -> TradeEvent:
        return TradeEvent(
            client_order_id=watch.client_order_id,
            account_id=watch.account_id,
            symbol=watch.symbol,
            side=watch.side,
            broker_order_id=number,
            at=self.clock.now() if trade is None else trade.execution.at,
            execution=None if trade is None else trade.execution,
            ending=ending,
        )
