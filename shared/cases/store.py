"""Rows of cases: opened once, listed for staff, resolved under a condition."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.cases.model import CaseKind, CaseStatus, MoneyCase
from shared.kernel.clock import to_text
from shared.platform.indexes import attention_bucket, attention_buckets
from shared.platform.tables import Database, InstantAttribute, Item, Key, Put, Row, Table, Update
from shared.platform.work import Write

_SK = "CASE"
_AT_ONCE = 100
"""As many as one request reads."""
_LISTS = {CaseStatus.OPEN: "MONEY_CASES", CaseStatus.RESOLVED: "MONEY_CASES_DONE"}


class MoneyCaseRow(Row):
    """One case; ``attention`` and ``waits_at`` put it on the list of its status."""

    KIND: ClassVar[str] = "money_case"

    case_kind = UnicodeAttribute()
    subject = UnicodeAttribute()
    user_id = UnicodeAttribute(null=True)
    opened_at = InstantAttribute()
    facts = UnicodeAttribute()
    status = UnicodeAttribute()
    resolved_at = InstantAttribute(null=True)
    resolved_by = UnicodeAttribute(null=True)
    note = UnicodeAttribute(null=True)
    reopened_at = InstantAttribute(null=True)
    version = NumberAttribute(default=1)
    attention = UnicodeAttribute()
    waits_at = UnicodeAttribute()


def _again(case: MoneyCase) -> Update:
    """It has other facts and is open, whatever happens to it meanwhile."""
    row = _row_of(case)
    changed = (
        MoneyCaseRow.status.set(row.status),
        MoneyCaseRow.facts.set(row.facts),
        MoneyCaseRow.attention.set(row.attention),
        MoneyCaseRow.waits_at.set(row.waits_at),
        MoneyCaseRow.version.add(1),
    )
    reopened = () if case.reopened_at is None else (MoneyCaseRow.reopened_at.set(case.reopened_at),)
    return Update(f"case:{case.case_id}", MoneyCaseRow, row.pk, row.sk, (*changed, *reopened))


def case_key(case_id: str) -> Key:
    """Where a case lies."""
    return Key(Table.CORE, f"CASE#{case_id}", _SK)


def case_from(item: Item) -> MoneyCase:
    """A case out of an item that somebody else read."""
    row = item.to(MoneyCaseRow)
    return MoneyCase(
        case_id=row.pk.removeprefix("CASE#"),
        kind=CaseKind(row.case_kind),
        subject=row.subject,
        user_id=row.user_id,
        opened_at=row.opened_at,
        facts=tuple((name, text) for name, text in json.loads(row.facts)),
        status=CaseStatus(row.status),
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by,
        note=row.note,
        reopened_at=row.reopened_at,
        version=int(row.version),
    )


def _row_of(case: MoneyCase) -> MoneyCaseRow:
    key = case_key(case.case_id)
    return MoneyCaseRow(
        pk=key.pk,
        sk=key.sk,
        case_kind=case.kind.value,
        subject=case.subject,
        user_id=case.user_id,
        opened_at=case.opened_at,
        facts=_packed(case.facts),
        status=case.status.value,
        resolved_at=case.resolved_at,
        resolved_by=case.resolved_by,
        note=case.note,
        reopened_at=case.reopened_at,
        version=case.version,
        attention=attention_bucket(_LISTS[case.status], case.case_id),
        waits_at=f"{to_text(case.waits_since)}#{case.case_id}",
    )


def _packed(facts: Sequence[tuple[str, str]]) -> str:
    return json.dumps(facts, separators=(",", ":"))


class CaseStore:
    """See Cases."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, case: MoneyCase) -> Write:
        """See Cases."""
        known = self.get(case.case_id)
        again = case if known is None else known.found_again(case.facts, case.opened_at)
        if known is not None and again is not known:
            return _again(again)
        row = _row_of(case)
        given = {name: getattr(row, name) for name in MoneyCaseRow.get_attributes()}
        actions = tuple(
            attribute.set(attribute | given[name])
            for name, attribute in MoneyCaseRow.get_attributes().items()
            if name not in ("pk", "sk") and given[name] is not None
        )
        return Update(f"case:{case.case_id}", MoneyCaseRow, row.pk, row.sk, actions)

    def get(self, case_id: str) -> MoneyCase | None:
        """See Cases."""
        key = case_key(case_id)
        found = self._database.get_many([key])
        return case_from(found[key]) if key in found else None

    def resolve(self, before: MoneyCase, after: MoneyCase) -> Write:
        """See Cases."""
        return Put("case", _row_of(after), MoneyCaseRow.version == before.version)

    def end(self, case_id: str, at: datetime, *, by: str, note: str) -> list[Write]:
        """See Cases."""
        before = self.get(case_id)
        if before is None or before.status is CaseStatus.RESOLVED:
            return []
        return [self.resolve(before, before.resolved(at, by, note))]

    def listed(
        self, status: CaseStatus, *, kind: CaseKind | None = None, limit: int = 50
    ) -> Sequence[MoneyCase]:
        """See Cases."""
        cases: list[MoneyCase] = []
        after: str | None = ""
        while after is not None and len(cases) < limit:
            page, after = self._page(status, after, min(limit, _AT_ONCE))
            cases += [one for one in page if kind is None or one.kind is kind]
        return cases[:limit]

    def _page(
        self, status: CaseStatus, after: str, limit: int
    ) -> tuple[list[MoneyCase], str | None]:
        """Cases of all kinds from behind a place on, and the place that continues."""
        places = sorted(
            (
                each
                for bucket in attention_buckets(_LISTS[status])
                for each in self._database.waiting(bucket, after, limit)
            ),
            key=lambda each: each.place,
        )[:limit]
        found = self._database.get_many([each.key for each in places]) if places else {}
        cases = (case_from(found[each.key]) for each in places if each.key in found)
        # The index is a moment behind: what is in the table now decides.
        current = [one for one in cases if one.status is status]
        return current, places[-1].place if len(places) == limit else None
