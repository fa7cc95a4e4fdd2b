"""What becomes of a deposit, its disputes, the wallet and the books. Pure."""

from dataclasses import dataclass, field

from shared.disputes.model import Dispute
from shared.ledger.model import Draft
from shared.payments.model import Deposit


@dataclass(slots=True)
class Change:
    """What becomes of a file, gathered step by step. Amounts are US cents."""

    dispute: Dispute
    deposit: Deposit
    posted: int = 0
    held: int = 0
    blocks: int = 0
    owed: int = 0
    to_firm: int = 0
    """Cash in the person's account at the broker that is the firm's now."""
    of_nobody: bool = False
    """A payment is gone that waited in suspense."""
    drafts: list[Draft] = field(default_factory=list)
    others: list[tuple[Dispute, Dispute]] = field(default_factory=list)
    """Other disputes of the deposit that change with it, before and after."""

    @property
    def moves_wallet(self) -> bool:
        """Whether the wallet is written at all."""
        return bool(self.drafts or self.held or self.blocks)
