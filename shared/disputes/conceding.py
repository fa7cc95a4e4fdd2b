"""Giving up a dispute whose gateway does not say itself when it is lost."""

from dataclasses import dataclass
from datetime import datetime

from shared.disputes import deciding
from shared.disputes.changes import Change
from shared.disputes.ports import File
from shared.disputes.recording import Recording


@dataclass(frozen=True, slots=True)
class Conceding:
    """What follows when a member of staff has asked for it."""

    recording: Recording

    def concede(self, user_id: str, deposit_id: str, dispute_id: str) -> None:
        """The dispute is lost. One that is not open any more stays as it is: the gateway was
        faster, or this is a duplicate."""

        def decide(file: File, at: datetime) -> Change | None:
            before = file.dispute(dispute_id)
            return None if before is None else deciding.concede(file, before, at)

        self.recording.change(user_id, deposit_id, decide)
