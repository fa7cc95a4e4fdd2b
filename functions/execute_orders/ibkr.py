"""Interactive Brokers for this function; imported when an order goes there, and not before."""

import uuid
from collections.abc import Callable, Sequence
from functools import lru_cache

from shared.cases.model import CaseKind, new_case
from shared.cases.store import CaseStore
from shared.investing.brokers.ibkr import IbkrBroker
from shared.investing.brokers.ibkr_session import SessionStore
from shared.investing.brokers.ibkr_watch import WatchStore
from shared.investing.model import order_names
from shared.investing.ports import Ticket
from shared.market_data.providers.ibkr import IbkrContracts, IbkrPrices
from shared.platform.ibkr_wire import IbkrWire
from shared.platform.runtime import Runtime


@lru_cache(maxsize=2)
def ibkr_broker(base_url: str, token: str, platform: Runtime) -> IbkrBroker:
    """The broker; what it knows of contracts and accounts stays with the process."""
    wire = IbkrWire(base_url, token)
    contracts = IbkrContracts(wire)
    return IbkrBroker(
        wire,
        contracts,
        IbkrPrices(wire, contracts, platform.clock),
        SessionStore(platform.database, platform.clock, lambda: uuid.uuid4().hex),
        WatchStore(platform.database, platform.clock),
        reports(platform),
    )


def reports(platform: Runtime) -> Callable[[Ticket, Sequence[str]], None]:
    """Opens a case for an order that the broker asks something unknown about."""

    def report(ticket: Ticket, messages: Sequence[str]) -> None:
        names = order_names(ticket.client_order_id)
        user_id, order_id = names or (None, ticket.client_order_id)
        case = new_case(
            CaseKind.BROKER_QUESTION,
            order_id,
            platform.clock.now(),
            user_id=user_id,
            messages=" ".join(messages),
            symbol=ticket.symbol,
        )
        platform.facts.commit([CaseStore(platform.database).open(case)])

    return report
