"""What corporate actions tell the report about gains, in the same fact. Pure."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from shared.corporate_actions.model import Activity, PersonAction
from shared.platform.work import Write
from shared.portfolio.lots import Sale, cost_of
from shared.portfolio.model import Position
from shared.taxes.disposals import Disposal, DisposalKind, SharesChanged
from shared.taxes.rows import adjusted, changed, key_of, sold


def changed_shares(
    action: PersonAction, before: Position, after: Position, new_symbol: str, ratio: Fraction
) -> list[Write]:
    """A split, or another symbol: earlier lines speak of other shares than later ones. What became
    of nothing is a loss."""
    line = SharesChanged(
        user_id=action.user_id,
        key=key_of(action.action_id, "changed"),
        effective=action.effective,
        symbol=action.symbol,
        new_symbol=new_symbol,
        ratio=ratio,
    )
    lost = after.realised_minor - before.realised_minor
    gone = _adjusted(action, action.effective, "gone", DisposalKind.WORTHLESS, lost)
    return [changed(line), *gone]


def credited(
    line: Activity, action: PersonAction, before: Position, after: Position
) -> list[Write]:
    """Cash for a fraction of a share is a sale of it. A return of capital that is more than shares
    have cost is a gain."""
    nanos = before.quantity_nanos - after.quantity_nanos
    gained = after.realised_minor - before.realised_minor
    day = line.settled
    if nanos <= 0:
        kind = DisposalKind.CAPITAL_RETURNED
        return _adjusted(action, day, line.id, kind, gained)
    _, closed = before.sell(Sale(day, nanos, 0))
    sale = Disposal(
        user_id=action.user_id,
        key=key_of(action.action_id, line.id),
        day=day,
        kind=DisposalKind.CASH_IN_LIEU,
        symbol=action.symbol,
        nanos=nanos,
        proceeds_minor=gained + cost_of(closed),
        closed=closed,
    )
    return sold(sale, None)


def _adjusted(
    action: PersonAction, day: date, part: str, kind: DisposalKind, minor: int
) -> list[Write]:
    if not minor:
        return []
    line = Disposal(action.user_id, key_of(action.action_id, part), day, kind, action.symbol)
    return [adjusted(replace(line, adjusted_minor=minor))]
