"""The facts of an alert as they are put into a report: collected, never sent. Pure."""

import json

from shared.kernel.clock import to_text
from shared.money_monitoring.model import Alert
from shared.money_monitoring.table import RuleTable
from shared.money_monitoring.window import Window

FORM = "1"
"""Of the draft itself."""


def report_draft(alert: Alert, window: Window, table: RuleTable) -> str:
    """JSON with keys in order. It names the person by their id alone: whoever files the report
    looks their identity up, and that look is recorded. Movements that are older than the window
    stand with their id only."""
    rule = table.version_of(alert.rule, alert.rule_version)
    content = {
        "form": FORM,
        "alert": alert.name,
        "user_id": alert.user_id,
        "status": alert.status.value,
        "rule": {
            "name": alert.rule.value,
            "version": alert.rule_version,
            "parameters": {} if rule is None else dict(sorted(rule.parameters.items())),
            "basis": None if rule is None else rule.basis,
        },
        "opened_at": to_text(alert.opened_at),
        "found_at": to_text(alert.found_at),
        "numbers": dict(sorted(alert.numbers.items())),
        "amount": {
            "minor": alert.minor,
            "currency": "USD",
            "threshold_minor": table.report_minor,
            "threshold_reached": alert.minor >= table.report_minor,
            "basis": table.report_basis,
        },
        "movements": [_line(name, window) for name in alert.evidence],
        "proposal": None
        if alert.proposal is None
        else {
            "disposition": alert.proposal.disposition.value,
            "reason": alert.proposal.reason,
            "by": alert.proposal.by,
            "at": to_text(alert.proposal.at),
        },
        "decided": None
        if alert.decided_at is None
        else {"by": alert.decided_by, "at": to_text(alert.decided_at)},
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def _line(name: str, window: Window) -> dict[str, object]:
    found = window.get(name)
    if found is None:
        return {"id": name}
    return {
        "id": found.id,
        "kind": found.kind.value,
        "at": to_text(found.at),
        "minor": found.minor,
        "came_to_nothing": found.void,
        "instrument": found.instrument,
    }
