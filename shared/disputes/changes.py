"""What becomes of a deposit, its disputes, the wallet and the books. Pure."""

from dataclasses import dataclass, field

from shared.disputes.model import Dispute
from shared.disputes.ports import File
from shared.ledger.model import Draft
from shared.payments.model import Deposit


@dataclass(slots=True)
class Change:
    """What becomes of a file, gathered step by step. Amounts are US cents."""

    file: File
    dispute: Dispute
    deposit: Deposit
    posted: int = 0
    held: int = 0
    blocks: int = 0
    owed: int = 0
    forgiven: int = 0
    """Of what was owed for good: what is owed no more."""
    withheld: int = 0
    """Of the deposit's own hold: what disputes hold more of it now."""
    to_firm: int = 0
    """Cash in the person's account at the broker that is the firm's now."""
    to_person: int = 0
    """Cash of the firm that is the person's and goes to their account at the broker; it is held
    until it is there."""
    of_nobody: bool = False
    """A payment is gone that waited in suspense."""
    again_of_nobody: bool = False
    """It is there again."""
    drafts: list[Draft] = field(default_factory=list)
    aside: Dispute | None = None
    """The dispute itself, while another one of the deposit is looked at in its place."""
    others: list[tuple[Dispute, Dispute]] = field(default_factory=list)
    """Other disputes of the deposit that change with it, before and after."""

    @property
    def moves_wallet(self) -> bool:
        """Whether the wallet is written at all."""
        return bool(self.drafts or self.held or self.blocks)

    @property
    def available(self) -> int:
        """What is free, with all that was gathered."""
        return max(self.file.wallet.available + self.posted - self.held, 0)

    @property
    def disputes(self) -> list[Dispute]:
        """All of the deposit's, as they become."""
        new = [after for _, after in self.others]
        new += [self.dispute] if self.aside is None else [self.aside, self.dispute]
        return list({one.dispute_id: one for one in (*self.file.disputes, *new)}.values())

    def beside(self, dispute: Dispute) -> list[Dispute]:
        """The deposit's other disputes."""
        return [one for one in self.disputes if one.dispute_id != dispute.dispute_id]
