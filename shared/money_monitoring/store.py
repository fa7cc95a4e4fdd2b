"""Rows of windows and alerts, outside of every partition that a person reads."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from shared.kernel.clock import from_text, to_text
from shared.money_monitoring.model import WAITING, Alert, AlertStatus, Disposition, Proposal
from shared.money_monitoring.names import Rule
from shared.money_monitoring.ports import AlertPage
from shared.money_monitoring.window import Kind, Movement, Payer, Slot, Window
from shared.platform.indexes import attention_bucket, attention_buckets
from shared.platform.tables import (
    Database,
    InstantAttribute,
    Item,
    Key,
    Put,
    Row,
    Table,
    WholeAttribute,
)
from shared.platform.work import Write

_WINDOW, _ALERT = "WINDOW", "ALERT"
_LISTS = {True: "MONEY_ALERTS", False: "MONEY_ALERTS_DONE"}
"""Lists of staff: those that wait, and those that are decided for good."""


class WindowRow(Row):
    """What is remembered of one person's movements."""

    KIND: ClassVar[str] = "money_window"

    version = WholeAttribute()
    movements = UnicodeAttribute()
    last_before = InstantAttribute(null=True)
    slots = UnicodeAttribute()


class AlertRow(Row):
    """One alert; ``attention`` and ``waits_at`` put it on the list of those like it."""

    KIND: ClassVar[str] = "money_alert"

    user_id = UnicodeAttribute()
    rule = UnicodeAttribute()
    number = WholeAttribute()
    rule_version = WholeAttribute()
    opened_at = InstantAttribute()
    found_at = InstantAttribute()
    numbers = UnicodeAttribute()
    minor = WholeAttribute()
    evidence = UnicodeAttribute()
    status = UnicodeAttribute()
    escalated = BooleanAttribute(default=False)
    disposition = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    proposed_by = UnicodeAttribute(null=True)
    proposed_at = InstantAttribute(null=True)
    decided_by = UnicodeAttribute(null=True)
    decided_at = InstantAttribute(null=True)
    version = WholeAttribute()
    attention = UnicodeAttribute()
    waits_at = UnicodeAttribute()


def window_key(user_id: str) -> Key:
    """Where a window lies."""
    return Key(Table.CORE, f"MONITOR#{user_id}", _WINDOW)


def window_from(item: Item) -> Window:
    """A window out of an item that somebody else read."""
    row = item.to(WindowRow)
    return Window(
        user_id=row.pk.removeprefix("MONITOR#"),
        version=int(row.version),
        movements=tuple(_movement(each) for each in json.loads(row.movements)),
        last_before=row.last_before,
        slots={
            Rule(name): Slot(number, bool(waits))
            for name, number, waits in json.loads(row.slots)
            if name in _RULES
        },
    )


_RULES = frozenset(Rule)


class WindowStore:
    """See Windows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, user_id: str) -> Window:
        """See Windows."""
        key = window_key(user_id)
        found = self._database.get_many([key])
        return window_from(found[key]) if key in found else Window(user_id)

    def save(self, before: Window, after: Window) -> Write:
        """See Windows."""
        key = window_key(after.user_id)
        row = WindowRow(
            pk=key.pk,
            sk=key.sk,
            version=before.version + 1,
            movements=_packed([_packed_movement(one) for one in after.movements]),
            last_before=after.last_before,
            slots=_packed(
                [[rule.value, slot.number, slot.open] for rule, slot in sorted(after.slots.items())]
            ),
        )
        if before.version == 0:
            return Put.new("window", row)
        return Put("window", row, WindowRow.version == before.version)


class AlertStore:
    """See Alerts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> Alert | None:
        """See Alerts."""
        row = self._database.get(AlertRow, f"ALERT#{name}", _ALERT)
        return None if row is None else _alert_of(row)

    def save(self, before: Alert | None, after: Alert) -> Write:
        """See Alerts."""
        row = _row_of(after)
        if before is None:
            return Put.new("alert", row)
        return Put("alert", row, AlertRow.version == before.version)

    def page(self, *, waiting: bool, limit: int, after: str | None = None) -> AlertPage:
        """See Alerts."""
        places = sorted(
            (
                each
                for bucket in attention_buckets(_LISTS[waiting])
                for each in self._database.waiting(bucket, after or "", limit + 1)
            ),
            key=lambda each: each.place,
        )
        shown = places[:limit]
        found = self._database.get_many([each.key for each in shown]) if shown else {}
        entries = (
            (each.place, _alert_of(found[each.key].to(AlertRow)))
            for each in shown
            if each.key in found
        )
        # The index is a moment behind: what is in the table now decides.
        current = tuple(one for one in entries if (one[1].status in WAITING) is waiting)
        return AlertPage(current, shown[-1].place if len(places) > limit else None)


def _row_of(alert: Alert) -> AlertRow:
    proposal = alert.proposal
    return AlertRow(
        pk=f"ALERT#{alert.name}",
        sk=_ALERT,
        user_id=alert.user_id,
        rule=alert.rule.value,
        number=alert.number,
        rule_version=alert.rule_version,
        opened_at=alert.opened_at,
        found_at=alert.found_at,
        numbers=_packed(dict(sorted(alert.numbers.items()))),
        minor=alert.minor,
        evidence=_packed(alert.evidence),
        status=alert.status.value,
        escalated=alert.escalated,
        disposition=None if proposal is None else proposal.disposition.value,
        reason=None if proposal is None else proposal.reason,
        proposed_by=None if proposal is None else proposal.by,
        proposed_at=None if proposal is None else proposal.at,
        decided_by=alert.decided_by,
        decided_at=alert.decided_at,
        version=alert.version,
        attention=attention_bucket(_LISTS[alert.status in WAITING], alert.name),
        waits_at=f"{to_text(alert.waits_since)}#{alert.name}",
    )


def _alert_of(row: AlertRow) -> Alert:
    proposal = None
    if row.disposition is not None:
        proposal = Proposal(
            Disposition(row.disposition),
            row.reason or "",
            row.proposed_by or "",
            row.proposed_at or row.opened_at,
        )
    return Alert(
        user_id=row.user_id,
        rule=Rule(row.rule),
        number=int(row.number),
        rule_version=int(row.rule_version),
        opened_at=row.opened_at,
        found_at=row.found_at,
        numbers=json.loads(row.numbers),
        minor=int(row.minor),
        evidence=tuple(json.loads(row.evidence)),
        status=AlertStatus(row.status),
        escalated=bool(row.escalated),
        proposal=proposal,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        version=int(row.version),
    )


def _packed(content: object) -> str:
    return json.dumps(content, separators=(",", ":"))


def _packed_movement(one: Movement) -> Mapping[str, Any]:
    """What is not as it is by itself: a window is written with every movement."""
    full = {
        "i": one.id,
        "k": one.kind.value,
        "t": to_text(one.at),
        "m": one.minor or None,
        "v": one.void or None,
        "p": None if one.payer is Payer.UNTOLD else one.payer.value,
        "n": one.instrument or None,
        "c": None if one.countries is None else sorted(one.countries),
        "a": None if one.account_at is None else to_text(one.account_at),
        "l": one.left_minor,
        "b": one.bought_minor,
        "f": sorted(one.flagged) or None,
    }
    return {name: value for name, value in full.items() if value is not None}


def _movement(given: Mapping[str, Any]) -> Movement:
    countries, account_at = given.get("c"), given.get("a")
    return Movement(
        id=given["i"],
        kind=Kind(given["k"]),
        at=from_text(given["t"]),
        minor=given.get("m", 0),
        void=given.get("v", False),
        payer=Payer(given.get("p", Payer.UNTOLD.value)),
        instrument=given.get("n", ""),
        countries=None if countries is None else frozenset(countries),
        account_at=None if account_at is None else from_text(account_at),
        left_minor=given.get("l"),
        bought_minor=given.get("b"),
        flagged=frozenset(Rule(name) for name in given.get("f", ()) if name in _RULES),
    )
