"""What members of staff ask for about debts and disputes; the worker of disputes does it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.disputes.errors import GatewayDecides, NothingToCollect
from shared.disputes.events import CollectionAskedV1, ConcessionAskedV1
from shared.disputes.model import ASKED, Dispute, DisputeStatus
from shared.disputes.ports import Disputes
from shared.kernel.errors import IllegalTransition, NotFound
from shared.kernel.money import Currency, Money
from shared.platform.work import UnitOfWork, Write

type RecordDebt = Callable[[int, int], Sequence[Write]]
"""The writes that belong to the same fact, for what is owed and will be owed, in US cents."""
type RecordDispute = Callable[[Dispute], Sequence[Write]]


@dataclass(frozen=True, slots=True)
class Asking:
    """Each raises ConditionFailed when a condition of ``record`` does not hold."""

    disputes: Disputes
    facts: UnitOfWork

    def collect(self, user_id: str, record: RecordDebt) -> Money:
        """What a person owes is to be taken out of their cash: how much that is now. Raises
        NothingToCollect."""
        debts = self.disputes.debts(user_id)
        if not debts.payable_minor:
            raise NothingToCollect()
        owed = debts.wallet.owed
        writes = record(owed, owed - debts.payable_minor)
        self.facts.commit(writes, CollectionAskedV1(user_id=user_id))
        return Money(debts.payable_minor, Currency.USD)

    def concede(
        self, user_id: str, deposit_id: str, dispute_id: str, record: RecordDispute
    ) -> Dispute:
        """A dispute is to be lost, and stands as it is returned until it is; one that was lost
        before is not asked for again. NotFound, GatewayDecides, IllegalTransition for one that
        was won or closed."""
        found = self.disputes.of_deposit(user_id, deposit_id)
        dispute = next((one for one in found if one.dispute_id == dispute_id), None)
        if dispute is None:
            raise NotFound(what="The dispute")
        if dispute.gateway in ASKED:
            raise GatewayDecides()
        if dispute.status is DisputeStatus.LOST:
            return dispute
        if not dispute.live:
            what, source = DisputeStatus.__name__, dispute.status.value
            raise IllegalTransition(what=what, source=source, target="LOST")
        event = ConcessionAskedV1(user_id=user_id, deposit_id=deposit_id, dispute_id=dispute_id)
        self.facts.commit(record(dispute), event)
        return dispute
