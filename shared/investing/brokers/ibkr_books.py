"""What an account at Interactive Brokers holds: shares page by page, and cash by currency."""

from dataclasses import dataclass
from decimal import Decimal

from shared.investing.brokers.ibkr_orders import nanos
from shared.platform.ibkr_wire import IbkrWire

PAGE = 100
MOST_PAGES = 20


@dataclass(frozen=True, slots=True)
class Cash:
    """Dollars of an account. The broker does not round executions to cents."""

    total: Decimal
    settled: Decimal


def positions(wire: IbkrWire, account_id: str) -> dict[int, int]:
    """Nano-shares by contract number.

    Raises GatewayError, ValueError for more pages than an account can have, and what mappings and
    numbers raise for an answer of another form.
    """
    found: dict[int, int] = {}
    for page in range(MOST_PAGES):
        lines = wire.get(f"/portfolio/{account_id}/positions/{page}")
        for line in lines:
            if line["acctId"] == account_id and line["assetClass"] == "STK":
                found[line["conid"]] = nanos(line["position"])
        if len(lines) < PAGE:
            return found
    raise ValueError("too many pages of positions")


def cash(wire: IbkrWire, account_id: str) -> Cash:
    """Dollars, whatever other currencies the account holds; raises as ``positions`` does."""
    ledger = wire.get(f"/portfolio/{account_id}/ledger")
    line = ledger.get("USD") or {"cashbalance": 0, "settledcash": 0}
    return Cash(Decimal(line["cashbalance"]), Decimal(line["settledcash"]))


def exchange_rate(wire: IbkrWire, source: str, target: str) -> Decimal:
    """Units of the target for one of the source; raises as ``positions`` does."""
    rate = Decimal(wire.get("/iserver/exchangerate", source=source, target=target)["rate"])
    if not rate.is_finite() or rate <= 0:
        raise ValueError("a rate is positive and finite")
    return rate
