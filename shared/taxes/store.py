"""Where settings and lines of the report are kept."""

from collections.abc import Iterable
from datetime import datetime

from shared.platform import keys
from shared.platform.tables import Database, Item, Put, Table
from shared.platform.work import Write
from shared.portfolio.lots import LotMethod
from shared.taxes.disposals import Entry
from shared.taxes.model import TaxSettings, Wishes
from shared.taxes.rows import (
    TaxChoiceRow,
    TaxResidenceRow,
    TaxSettingsRow,
    entry_of,
)


def settings_from(user_id: str, items: Iterable[Item]) -> TaxSettings:
    """Out of the rows about taxes in a person's state."""
    for item in items:
        if item.kind == TaxSettingsRow.KIND:
            return _settings_of(user_id, item.to(TaxSettingsRow))
    return TaxSettings(user_id)


def residence_from(items: Iterable[Item]) -> str:
    """The country whose law is followed; empty where the table of countries says nothing."""
    for item in items:
        if item.kind == TaxResidenceRow.KIND:
            return str(item.to(TaxResidenceRow).country)
    return ""


def residence(user_id: str, country: str) -> Write:
    """The write ``tax_residence`` of whoever changes their country of tax residence; ``country``
    is what may be kept of it in the clear."""
    row = TaxResidenceRow(pk=keys.user(user_id), sk=keys.TAX_RESIDENCE, country=country)
    return Put("tax_residence", row)


def _settings_of(user_id: str, row: TaxSettingsRow) -> TaxSettings:
    wishes = Wishes(
        method=None if row.method is None else LotMethod(row.method),
        short_bp=None if row.short_bp is None else int(row.short_bp),
        long_bp=None if row.long_bp is None else int(row.long_bp),
    )
    return TaxSettings(user_id, wishes, int(row.version))


class TaxStore:
    """See Taxes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def settings(self, user_id: str) -> TaxSettings:
        """See Taxes."""
        row = self._database.get(TaxSettingsRow, keys.user(user_id), keys.TAX_SETTINGS)
        return TaxSettings(user_id) if row is None else _settings_of(user_id, row)

    def save(self, before: TaxSettings, after: TaxSettings, at: datetime) -> list[Write]:
        """See Taxes."""
        wishes, pk = after.wishes, keys.user(after.user_id)
        method = None if wishes.method is None else wishes.method.value
        row = TaxSettingsRow(
            pk=pk,
            sk=keys.TAX_SETTINGS,
            method=method,
            short_bp=wishes.short_bp,
            long_bp=wishes.long_bp,
            version=after.version,
        )
        kept = TaxChoiceRow(
            pk=pk,
            sk=keys.tax_choice(after.version),
            method=method,
            short_bp=wishes.short_bp,
            long_bp=wishes.long_bp,
            chosen_at=at,
        )
        same = Put("tax_settings", row, TaxSettingsRow.version == before.version)
        first = Put.new("tax_settings", row) if before.version == 0 else same
        return [first, Put("tax_choice", kept)]

    def entries(self, user_id: str) -> tuple[Entry, ...]:
        """See Taxes."""
        first, pk = keys.DISPOSALS, keys.user(user_id)
        page = self._database.query(Table.CORE, pk, first, f"{first}~")
        found = map(entry_of, page.items)
        return tuple(entry for entry in found if entry is not None)
