"""What members of staff do about people's orders; each act and its audit entry are one fact."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.audit.acting import Acting, authorised, checked_reason, not_above, not_oneself
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.investing.canceling import Canceler
from shared.investing.model import CancelReason, Order
from shared.kernel.errors import NotFound
from shared.platform.work import Write
from shared.users.model import User


@dataclass(frozen=True, slots=True)
class OrderDuties:
    """Raises NotFound, OwnAccount, StaffProtected, Forbidden when the actor's role was lost
    meanwhile, InvalidValue for a reason that is none, and TemporarilyUnavailable; nothing was
    changed and nothing recorded then.

    ``person`` reads a profile; None when there is nobody.
    """

    person: Callable[[str], User | None]
    canceler: Canceler
    trail: AuditTrail

    def cancel(self, by: Acting, user_id: str, order_id: str, reason: str) -> Order:
        """Have an order canceled that has not ended. One that is canceled already is success,
        and is not recorded again. Raises OrderNotCancelable."""
        words = checked_reason(reason)
        not_oneself(by, user_id)
        user = self.person(user_id)
        if user is None:
            raise NotFound(what="The person")
        not_above(by, user)

        def record(before: Order, after: Order) -> Sequence[Write]:
            entry = self.trail.entry(
                by.actor,
                Action.ORDER_CANCELED,
                user_id,
                words,
                before=_facts(before),
                after=_facts(after),
            )
            return [entry, *by.conditions]

        return authorised(
            lambda: self.canceler.request(user_id, order_id, CancelReason.CANCELED, record)
        )


def _facts(order: Order) -> dict[str, str]:
    wanted = {} if order.cancel_reason is None else {"wanted_for": order.cancel_reason.value}
    return {
        "order": order.order_id,
        "symbol": order.symbol,
        "side": order.side.value,
        "status": order.status.value,
        **wanted,
    }
