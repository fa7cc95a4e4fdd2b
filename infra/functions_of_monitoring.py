"""The table of the functions that watch movements of money."""

from functions.monitor_money.settings import Settings as MonitorMoney
from infra.functions_of_money import STATES
from infra.model import Function, PersonalRights, Queued

MONITORING_WORKERS = (
    Function(
        name="monitor_money",
        settings=MonitorMoney,
        trigger=Queued(
            "money-monitoring",
            batch=10,
            concurrency=10,
            events=(
                "payments.deposit_settled.v1",
                "payouts.payout_released.v1",
                "payouts.payout_returned.v1",
                "withdrawals.payout_account_added.v1",
                "withdrawals.withdrawal_requested.v1",
            ),
        ),
        groups=("personal-data",),
        tables=STATES,
        # Of people it reads; what it writes lies apart from all that they can see.
        leading_keys=("ALERT#*", "CASE#*", "MONITOR#*", "USER#*"),
        personal_data=PersonalRights.OPEN,
    ),
)
