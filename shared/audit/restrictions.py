"""The restricted list by members of staff: each change and its audit entry are one fact."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.audit.acting import Acting, authorised, checked_reason
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.investing.restricting import Record, Restricting, word_of
from shared.market_data.model import Restricted, Restriction
from shared.platform.work import Write


@dataclass(frozen=True, slots=True)
class RestrictionDuties:
    """Entries lie under the firm's id, ``subject``. Everything here raises Forbidden when the
    actor's role was lost meanwhile, InvalidValue for a reason that is none, and as Restricting;
    nothing was changed then."""

    subject: str
    trail: AuditTrail
    restricting: Restricting

    def restrict(self, by: Acting, symbol: str, restriction: Restriction, reason: str) -> None:
        """See Restricting.restrict."""
        record = self._record(by, Action.ASSET_RESTRICTED, symbol, checked_reason(reason))
        authorised(lambda: self.restricting.restrict(symbol, restriction, record))

    def release(self, by: Acting, symbol: str, reason: str) -> None:
        """See Restricting.release."""
        record = self._record(by, Action.ASSET_RELEASED, symbol, checked_reason(reason))
        authorised(lambda: self.restricting.release(symbol, record))

    def _record(self, by: Acting, action: Action, symbol: str, words: str) -> Record:
        def entries(before: Restricted | None, after: Restricted | None) -> Sequence[Write]:
            entry = self.trail.entry(
                by.actor,
                action,
                self.subject,
                words,
                before={"asset": symbol, "restriction": word_of(before)},
                after={"asset": symbol, "restriction": word_of(after)},
            )
            return [entry, *by.conditions]

        return entries
