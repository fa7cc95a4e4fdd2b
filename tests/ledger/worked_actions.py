"""The worked examples of corporate actions, made by the functions that book them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

from shared.corporate_actions import dividends, splits
from shared.corporate_actions.model import ActionStatus, PersonAction, action_id
from shared.ledger.model import Draft, EntryKind
from shared.market_data.announcements import ActionKind
from shared.portfolio.lots import Gains
from tests.ledger.worked import USER

AT = datetime(2026, 3, 13, 14, 30, tzinfo=UTC)
EX = date(2026, 3, 3)
SHARE = 10**9


def action(kind: ActionKind, *, nanos: int = 0, sure: int = 0, more: int = 0) -> PersonAction:
    return PersonAction(
        action_id(USER, "announced", EX),
        USER,
        "announced",
        kind,
        "VLUE",
        EX,
        ActionStatus.DECLARED,
        entitled_nanos=nanos,
        expected_minor=sure,
        rounded_minor=more,
    )


RATE = Decimal("0.335")
SURE, MORE = dividends.expected(3 * SHARE, RATE)
PAYING = action(ActionKind.CASH_DIVIDEND, nanos=3 * SHARE, sure=SURE, more=MORE)
BARE = action(ActionKind.CASH_DIVIDEND)
SPLITTING = action(ActionKind.FORWARD_SPLIT, nanos=3 * SHARE)
REVERSE = action(ActionKind.REVERSE_SPLIT, nanos=25 * SHARE)


def drafts(*made: Draft | None) -> list[Draft]:
    return [one for one in made if one is not None]


EXAMPLES: Mapping[str, Sequence[Draft]] = {
    "A dividend with its tax": drafts(
        dividends.declared(PAYING, AT, RATE),
        dividends.paid(PAYING, 101, AT, {}),
        dividends.taken(EntryKind.TAX_WITHHELD, PAYING, 30, 0, AT, {}),
    ),
    "A tax that came before its dividend": drafts(
        dividends.taken(EntryKind.TAX_WITHHELD, BARE, 30, 20, AT, {}),
        dividends.paid(BARE, 101, AT, {}),
        dividends.made_up(BARE, 20, AT),
    ),
    "A dividend that the broker takes back": drafts(
        dividends.paid(BARE, 101, AT, {}),
        dividends.taken(EntryKind.DIVIDEND_TAKEN_BACK, BARE, 101, 0, AT, {}),
    ),
    "A return of capital": drafts(dividends.returned(BARE, 400, AT, {})),
    "Two shares for one": drafts(splits.split_entry(SPLITTING, 3 * SHARE, AT, Fraction(2))),
    "One share for ten, and the fraction in cash": drafts(
        splits.split_entry(REVERSE, -22_500_000_000, AT, Fraction(1, 10)),
        splits.in_lieu_entry(REVERSE, SHARE // 2, 500, Gains(300, 0), AT, "line"),
    ),
    "Another symbol": drafts(splits.renamed_entry(SPLITTING, "VALU", 3 * SHARE, AT)),
}
"""By the headings of the page."""
