"""What one line of the broker does to an action, a wallet and a position. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from shared.corporate_actions import dividends, splits
from shared.corporate_actions.model import ActionStatus, Activity, ActivityKind, PersonAction
from shared.corporate_actions.ports import Situation
from shared.ledger.model import Draft, EntryKind
from shared.portfolio.model import Position

_TAKEN = {
    ActivityKind.TAX: EntryKind.TAX_WITHHELD,
    ActivityKind.DIVIDEND: EntryKind.DIVIDEND_TAKEN_BACK,
    ActivityKind.RETURN_OF_CAPITAL: EntryKind.DIVIDEND_TAKEN_BACK,
    ActivityKind.CASH_IN_LIEU: EntryKind.DIVIDEND_TAKEN_BACK,
}


@dataclass(frozen=True, slots=True)
class Effect:
    """What changes; amounts in cents, by how much."""

    action: PersonAction
    position: Position
    drafts: tuple[Draft, ...] = ()
    posted: int = 0
    held: int = 0
    owed: int = 0
    doubt: str = ""
    """Why a person should look at it."""


def effect_of(line: Activity, action: PersonAction, known: Situation, now: datetime) -> Effect:
    """The line booked, on top of whatever was booked before it."""
    minor = dividends.cents(line.amount)
    memo = {"activity": line.id, "amount": f"{line.amount:f}"}
    begun = replace(action, at=now)
    if line.kind is ActivityKind.TAX:
        begun = replace(action, at=action.at or now)
        return _taxed(begun, known, -minor, line.at, memo)
    if minor < 0:
        return _taken_back(line, begun, known, -minor, memo)
    if line.kind is ActivityKind.CASH_IN_LIEU:
        return _in_lieu(line, begun, known, minor)
    return _paid(line, begun, known, minor, memo)


def _paid(
    line: Activity, action: PersonAction, known: Situation, minor: int, memo: Mapping[str, str]
) -> Effect:
    """Cash comes. What will be withheld is set aside, and the dividend pays for a tax that came
    before it."""
    capital = line.kind is ActivityKind.RETURN_OF_CAPITAL
    declared = action.status is ActionStatus.DECLARED
    claim = action if declared else replace(action, expected_minor=0, rounded_minor=0)
    due = min(action.owed_minor, known.wallet.owed, minor)
    after = replace(
        action,
        status=ActionStatus.PAID,
        paid_minor=action.paid_minor + minor,
        owed_minor=action.owed_minor - due,
        settled=line.settled,
    )
    if not capital and not action.withheld_minor:
        expected = dividends.tax_expected(minor)
        after = replace(after, held_minor=action.held_minor + expected)
    if capital and not declared:
        cash = dividends.returned(action, minor, line.at, memo)
        position = dividends.lower_basis(known.position, minor)
    elif capital:
        cash = dividends.paid(claim, minor, line.at, {**memo, "capital": "returned"})
        position = dividends.lower_basis(known.position, minor)
    else:
        cash = dividends.paid(claim, minor, line.at, memo)
        position = _with_income(known.position, minor)
    drafts = (cash, dividends.made_up(action, due, line.at))
    return Effect(
        action=after,
        position=position,
        drafts=tuple(each for each in drafts if each is not None),
        posted=minor - due,
        held=after.held_minor - action.held_minor,
        owed=-due,
    )


def _taxed(
    action: PersonAction, known: Situation, minor: int, at: datetime, memo: Mapping[str, str]
) -> Effect:
    """Withheld, out of what was set aside for it; below zero it was too much, and comes back.
    What is not there is owed until the dividend, or the tax itself, comes."""
    freed = action.held_minor
    there = max(known.wallet.available + freed, 0)
    owed = max(minor - there, 0) - min(action.owed_minor, known.wallet.owed, max(-minor, 0))
    draft = dividends.taken(EntryKind.TAX_WITHHELD, action, minor, owed, at, memo)
    after = replace(
        action,
        withheld_minor=action.withheld_minor + minor,
        held_minor=0,
        owed_minor=action.owed_minor + owed,
        status=ActionStatus.PAID if action.status is ActionStatus.DONE else action.status,
    )
    return Effect(
        action=after,
        position=_with_income(known.position, -minor),
        drafts=() if draft is None else (draft,),
        posted=owed - minor,
        held=-freed,
        owed=owed,
    )


def _taken_back(
    line: Activity, action: PersonAction, known: Situation, minor: int, memo: Mapping[str, str]
) -> Effect:
    freed = action.held_minor
    there = max(known.wallet.available + freed, 0)
    owed = max(minor - there, 0)
    draft = dividends.taken(_TAKEN[line.kind], action, minor, owed, line.at, memo)
    after = replace(action, paid_minor=max(action.paid_minor - minor, 0), held_minor=0)
    return Effect(
        action=after,
        position=_with_income(known.position, -minor),
        drafts=() if draft is None else (draft,),
        posted=owed - minor,
        held=-freed,
        owed=owed,
        doubt="TAKEN_BACK_BY_BROKER",
    )


def _in_lieu(line: Activity, action: PersonAction, known: Situation, minor: int) -> Effect:
    """A fraction that was sold. Where the broker does not say how much of a share it was, the
    cash is booked, and a person looks at the shares."""
    nanos = -line.nanos
    after = replace(
        action,
        status=ActionStatus.PAID,
        paid_minor=action.paid_minor + minor,
        settled=line.settled,
    )
    if not 0 < nanos <= known.position.quantity_nanos:
        memo = {"activity": line.id}
        draft = dividends.paid(
            replace(action, expected_minor=0, rounded_minor=0), minor, line.at, memo
        )
        return Effect(
            action=after,
            position=_with_income(known.position, minor),
            drafts=() if draft is None else (draft,),
            posted=minor,
            doubt="FRACTION_UNKNOWN",
        )
    position, gains = splits.in_lieu(known.position, nanos, minor, line.settled)
    entry = splits.in_lieu_entry(after, nanos, minor, gains, line.at, line.id)
    return Effect(
        action=replace(after, entitled_nanos=nanos),
        position=position,
        drafts=() if entry is None else (entry,),
        posted=minor,
    )


def _with_income(position: Position, minor: int) -> Position:
    return replace(position, income_minor=position.income_minor + minor)
