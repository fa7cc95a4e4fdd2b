"""What a test or a demo can set about the broker and the market while they run."""

from dataclasses import dataclass, field
from decimal import Decimal

DEFAULT_FIRM_CASH = Decimal(1_000_000)


@dataclass(slots=True)
class Knobs:
    """Lasting settings; what shall happen once is ordered as a fault instead.

    Amounts are US dollars, seconds are wall time.
    """

    # Signed events to `broker_webhook_url`; without, clients have to read the streams.
    push: bool = True
    # A larger journal, or one that exceeds the day's sum, waits for the close of the session.
    journal_limit: Decimal = Decimal(250_000)
    journal_daily_limit: Decimal = Decimal(1_000_000)
    # Executions per order.
    executions: int = 1
    # Symbols that only trade in whole shares.
    whole_shares_only: frozenset[str] = field(default_factory=frozenset)
    heartbeat_seconds: float = 15.0
    # Whether accounts are told to be ones that may borrow; nothing is lent all the same.
    margin: bool = False
