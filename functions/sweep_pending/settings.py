"""Settings of sweep_pending: the safety net under delayed checks and the outbox."""

from shared.platform import config


class Settings(config.CoreTable, config.Settings):
    """See the module."""

    outbox_table: str
    event_bus: str
    payment_signals_queue: str
    funding_queue: str
    planning_queue: str
    identity_queue: str
    broker_accounts_queue: str
    corporate_actions_queue: str
    execution_queue: str
    rebalances_queue: str
    fees_queue: str
    treasury_queue: str
    recurring_queue: str
    disputes_queue: str
    raises_queue: str
    recalls_queue: str
    payouts_queue: str
