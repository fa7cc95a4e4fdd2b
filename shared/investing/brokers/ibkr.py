"""Orders at Interactive Brokers through the Client Portal gateway."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from shared.investing.brokers.ibkr_books import positions
from shared.investing.brokers.ibkr_orders import (
    Permissions,
    line_of,
    order_of,
    same_order,
    terms_of,
)
from shared.investing.brokers.ibkr_questions import MOST, Placed, Question, answer_of
from shared.investing.brokers.ibkr_session import SessionStore
from shared.investing.errors import BrokerUnavailable, OrderMismatch
from shared.investing.ports import (
    Accepted,
    BrokerOrder,
    NoAnswer,
    NotSent,
    RefusalReason,
    Refused,
    Submission,
    Ticket,
)
from shared.kernel.errors import InvalidValue
from shared.market_data.errors import SourceUnavailable
from shared.market_data.providers.ibkr import IbkrContracts, IbkrPrices
from shared.platform.contention import pause_ms
from shared.platform.ibkr_wire import (
    GatewayError,
    GatewayRefusal,
    IbkrWire,
    NotReached,
)

_BAD = (AttributeError, KeyError, TypeError, ValueError, InvalidOperation, InvalidValue)
_DUPLICATE = "local order id="
_WORDS = (
    ("available funds", RefusalReason.INSUFFICIENT_BUYING_POWER),
    ("margin", RefusalReason.INSUFFICIENT_BUYING_POWER),
    ("fractional", RefusalReason.NOT_FRACTIONABLE),
    ("halted", RefusalReason.HALTED),
    ("contract", RefusalReason.NOT_TRADABLE),
    ("short stock", RefusalReason.INSUFFICIENT_SHARES),
    ("account", RefusalReason.ACCOUNT_BLOCKED),
)
_LOOKS = 4
FIRST_PAUSE_MS = 50
PERMISSIONS_LAST_S = 300


class Watched(Protocol):
    """Orders whose fills are asked for until they have ended."""

    def begin(self, ticket: Ticket) -> None:
        """It is about to be sent: from now on it is looked for, whatever becomes of us."""

    def taken(self, ticket: Ticket, broker_order_id: str) -> None:
        """The broker has it under this number."""


type Report = Callable[[Ticket, Sequence[str]], None]
"""Told of messages that nobody has decided about: a person has to look."""


class IbkrBroker:
    """See Broker. Without a live session nothing is sent, and nothing is said of any order."""

    def __init__(
        self,
        wire: IbkrWire,
        contracts: IbkrContracts,
        prices: IbkrPrices,
        sessions: SessionStore,
        watched: Watched,
        report: Report,
        pause: Callable[[int], None] = pause_ms,
    ) -> None:
        self._wire = wire
        self._contracts = contracts
        self._prices = prices
        self._sessions = sessions
        self._watched = watched
        self._report = report
        self._pause = pause
        self._permissions: tuple[int, dict[str, Permissions]] | None = None

    def submit(self, ticket: Ticket) -> Submission:
        """See Broker."""
        if not self._sessions.live():
            return NotSent()
        with self._sessions.turn() as ours:
            if not ours:
                return NotSent()
            try:
                prepared = self._prepared(ticket)
            except (GatewayError, SourceUnavailable, *_BAD):
                # Only questions so far: nothing was sent.
                return NotSent()
            if isinstance(prepared, Refused):
                return prepared
            self._watched.begin(ticket)
            return self._sent(ticket, prepared)

    def find(self, account_id: str, client_order_id: str) -> BrokerOrder | None:
        """See Broker."""
        if not self._sessions.live():
            raise BrokerUnavailable()
        with self._sessions.turn() as ours:
            if not ours:
                raise BrokerUnavailable()
            try:
                line = self._line(account_id, client_order_id)
                if line is not None:
                    return order_of(line)
                return self._traded(account_id, client_order_id)
            except (GatewayError, *_BAD) as error:
                raise BrokerUnavailable() from error

    def cancel(self, account_id: str, broker_order_id: str) -> bool:
        """See Broker."""
        if not self._sessions.live():
            raise BrokerUnavailable()
        try:
            self._wire.delete(f"/iserver/account/{account_id}/order/{broker_order_id}")
        except GatewayRefusal:
            return False
        except GatewayError as error:
            raise BrokerUnavailable() from error
        return True

    def _prepared(self, ticket: Ticket) -> dict[str, Any] | Refused:
        permitted = self._permitted().get(ticket.account_id)
        if permitted is None:
            return Refused(RefusalReason.ACCOUNT_BLOCKED)
        conid = self._contracts.find([ticket.symbol]).get(ticket.symbol)
        if conid is None:
            return Refused(RefusalReason.NOT_TRADABLE)
        terms = terms_of(ticket, permitted, lambda: self._ask(ticket.symbol))
        if isinstance(terms, RefusalReason):
            return Refused(terms)
        if ticket.exit and not self._all_of_it(ticket, conid):
            return Refused(RefusalReason.POSITION_DIFFERS)
        return terms.body(conid, ticket.side.value, ticket.client_order_id)

    def _ask(self, symbol: str) -> Decimal:
        ask = self._prices.ask(symbol)
        if ask is None:
            raise SourceUnavailable(source="ibkr")
        return ask

    def _all_of_it(self, ticket: Ticket, conid: int) -> bool:
        """Whether the account holds exactly what is to be sold."""
        held = positions(self._wire, ticket.account_id).get(conid, 0)
        return ticket.quantity is not None and held == ticket.quantity.nanos

    def _sent(self, ticket: Ticket, body: dict[str, Any]) -> Submission:
        try:
            answer = self._wire.post(f"/iserver/account/{ticket.account_id}/orders", body)
            for _ in range(MOST):
                said = answer_of(answer)
                if isinstance(said, Placed):
                    self._watched.taken(ticket, said.order_id)
                    return Accepted(said.order_id)
                if said.open:
                    return self._declined(ticket, said)
                answer = self._wire.post(f"/iserver/reply/{said.reply_id}", {"confirmed": True})
            return self._declined(ticket, answer_of(answer))
        except NotReached:
            # An order that waits for an answer is none: without its yes it is never placed.
            return NotSent()
        except GatewayRefusal as refusal:
            return self._refusal(ticket, str(refusal))
        except (GatewayError, *_BAD):
            return NoAnswer()

    def _declined(self, ticket: Ticket, said: Placed | Question) -> Submission:
        if isinstance(said, Placed):
            self._watched.taken(ticket, said.order_id)
            return Accepted(said.order_id)
        # Said or not: an order without its yes is not placed, and the next one clears it.
        with suppress(GatewayError):
            self._wire.post(f"/iserver/reply/{said.reply_id}", {"confirmed": False})
        self._report(ticket, said.open or ("endless", *said.messages))
        return Refused(RefusalReason.NEEDS_CONFIRMATION)

    def _refusal(self, ticket: Ticket, message: str) -> Submission:
        words = message.lower()
        if _DUPLICATE in words:
            return self._adopted(ticket)
        found = next((reason for word, reason in _WORDS if word in words), None)
        return Refused(found or RefusalReason.INVALID_ORDER)

    def _adopted(self, ticket: Ticket) -> Submission:
        """The order was placed by an earlier attempt that did not live to record it."""
        try:
            line = self._line(ticket.account_id, ticket.client_order_id)
            if line is None:
                return NoAnswer()
            if not same_order(line, ticket):
                raise OrderMismatch(field="symbol, side or size")
            self._watched.taken(ticket, str(line["orderId"]))
            return Accepted(str(line["orderId"]))
        except (GatewayError, *_BAD):
            return NoAnswer()

    def _line(self, account_id: str, client_order_id: str) -> Any:
        """The order in today's list. An answer that only begins the list is no answer."""
        for look in range(_LOOKS):
            if look:
                self._pause(FIRST_PAUSE_MS << look)
            answer = self._wire.get("/iserver/account/orders", accountId=account_id)
            if answer.get("snapshot") is True:
                return line_of(answer, account_id, client_order_id)
        raise ValueError("the list never came")

    def _traded(self, account_id: str, client_order_id: str) -> BrokerOrder | None:
        """An order of an earlier day by its executions: it has ended."""
        from shared.investing.brokers.ibkr_events import trades_of

        trades = trades_of(self._wire, account_id, [client_order_id])
        if not trades:
            return None
        return BrokerOrder(
            broker_order_id=client_order_id,
            client_order_id=client_order_id,
            symbol=trades[0].symbol,
            notional=None,
            ended=True,
            filled_nanos=sum(trade.execution.nanos for trade in trades),
            side=trades[0].side,
        )

    def _permitted(self) -> dict[str, Permissions]:
        now = time.monotonic_ns() // 1_000_000_000
        if self._permissions is None or now - self._permissions[0] > PERMISSIONS_LAST_S:
            answer = self._wire.get("/iserver/accounts")
            rules = answer.get("acctProps") or {}
            found = {
                str(one): Permissions(
                    fractions=rules.get(one, {}).get("supportsFractions") is True,
                    cash_quantity=rules.get(one, {}).get("supportsCashQty") is True,
                )
                for one in answer["accounts"]
            }
            self._permissions = (now, found)
        return self._permissions[1]
