"""What taxes ask of where they are kept."""

from datetime import datetime
from typing import Protocol

from shared.platform.work import Write
from shared.taxes.disposals import Entry
from shared.taxes.model import TaxSettings


class Taxes(Protocol):
    """Settings, and what was sold."""

    def settings(self, user_id: str) -> TaxSettings:
        """What the person chose, in one request."""

    def save(self, before: TaxSettings, after: TaxSettings, at: datetime) -> list[Write]:
        """The writes ``tax_settings``, under the condition that nobody changed them since, and
        ``tax_choice``, which keeps the version for ever."""

    def entries(self, user_id: str) -> tuple[Entry, ...]:
        """All that was ever sold, by day: one request for thousands of sales."""
