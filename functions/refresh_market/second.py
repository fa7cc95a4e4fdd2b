"""The second source of prices for this function; imported when it is asked, and not before."""

from functools import lru_cache

from shared.kernel.clock import Clock
from shared.market_data.providers.ibkr import IbkrContracts, IbkrPrices
from shared.platform.ibkr_wire import IbkrWire


@lru_cache(maxsize=2)
def _gateway(base_url: str, token: str) -> tuple[IbkrWire, IbkrContracts]:
    """Connections and numbers of contracts stay with the process."""
    wire = IbkrWire(base_url, token)
    return wire, IbkrContracts(wire)


def second_source(base_url: str, token: str, clock: Clock) -> IbkrPrices:
    """Snapshots of Interactive Brokers, by the session that another function keeps."""
    return IbkrPrices(*_gateway(base_url, token), clock)
