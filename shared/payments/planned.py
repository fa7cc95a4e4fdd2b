"""The last word on a deposit: it has its plan, nothing is awaited of it any more."""

from shared.payments.model import DepositStatus
from shared.payments.rows import DepositRow, deposit_key
from shared.platform.tables import Update
from shared.platform.work import Write


def deposit_planned(user_id: str, deposit_id: str) -> Write:
    """Part of the fact that makes a deposit's plan: nothing is awaited of the deposit any more.

    The write is named ``deposit``; it fails for one that is not funded, or went back.
    """
    key = deposit_key(user_id, deposit_id)
    return Update(
        "deposit",
        DepositRow,
        key.pk,
        key.sk,
        (
            DepositRow.planned.set(True),
            # Whoever has read it before must not put it back among the awaited ones.
            DepositRow.version.add(1),
            DepositRow.check.remove(),
            DepositRow.pending.remove(),
            DepositRow.due.remove(),
        ),
        DepositRow.funded_at.exists()
        & DepositRow.status.is_in(DepositStatus.FUNDED.value, DepositStatus.DISPUTED.value),
    )
