"""Dividends as amounts and journal entries. Pure and exact."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from shared.corporate_actions.model import WITHHOLDING_BP, PersonAction
from shared.kernel.money import NANOS_PER_SHARE
from shared.ledger import accounts
from shared.ledger.model import Draft, EntryKind, Posting
from shared.portfolio import lots as tax
from shared.portfolio.lots import Lot
from shared.portfolio.model import BASE, Position

_CENTS = Decimal(100)
_WHOLE = Decimal(1)


def entitled(lots: tuple[Lot, ...], ex_date: date) -> int:
    """Shares that were held before the ex-date began; those bought on it come without the
    dividend."""
    return sum(lot.nanos for lot in lots if lot.acquired < ex_date)


def expected(nanos: int, per_share: Decimal) -> tuple[int, int]:
    """Cents of the dividend with the fraction left out, and what the nearest cent is above them."""
    exact = per_share * _CENTS * nanos / NANOS_PER_SHARE
    down = int(exact.quantize(_WHOLE, ROUND_DOWN))
    return down, int(exact.quantize(_WHOLE, ROUND_HALF_UP)) - down


def cents(amount: Decimal) -> int:
    """An amount of the broker's in cents, never more than is there: a fraction of a cent stays in
    the account at the broker until there is a whole one."""
    return int((amount * _CENTS).quantize(_WHOLE, ROUND_FLOOR))


def tax_expected(paid_minor: int) -> int:
    """What will be withheld at the most, rounded up."""
    return -(-paid_minor * WITHHOLDING_BP // 10_000)


def declared(action: PersonAction, at: datetime, per_share: Decimal) -> Draft | None:
    """The claim: what the broker will pay to the nearest cent, what the person is sure of, and
    the cent between them. None when it comes to nothing."""
    return _entry(EntryKind.DIVIDEND_DECLARED, action, at, _claim(action, 1), rate=f"{per_share:f}")


def withdrawn(action: PersonAction, at: datetime) -> Draft | None:
    """The claim ends without money."""
    return _entry(EntryKind.REVERSAL, action, at, _claim(action, -1))


def paid(action: PersonAction, minor: int, at: datetime, memo: Mapping[str, str]) -> Draft | None:
    """Cash for the claim, which ends with it, whatever the amount; without one just cash."""
    legs = {
        accounts.customers_cash_at_broker(): minor,
        accounts.customer_cash(action.user_id): -minor,
    }
    return _entry(EntryKind.DIVIDEND_PAID, action, at, legs | _claim(action, -1), **memo)


def taken(
    kind: EntryKind,
    action: PersonAction,
    minor: int,
    owed: int,
    at: datetime,
    memo: Mapping[str, str],
) -> Draft | None:
    """Cash that the broker took out of the person's account; ``owed`` of it was not there."""
    user = action.user_id
    legs = {
        accounts.customer_cash(user): minor - owed,
        accounts.receivable(user): owed,
        accounts.customers_cash_at_broker(): -minor,
    }
    return _entry(kind, action, at, legs, **memo)


def made_up(action: PersonAction, minor: int, at: datetime) -> Draft | None:
    """The dividend pays for its tax, which came first."""
    user = action.user_id
    legs = {accounts.customer_cash(user): minor, accounts.receivable(user): -minor}
    return _entry(EntryKind.RECEIVABLE_PAID, action, at, legs)


def returned(
    action: PersonAction, minor: int, at: datetime, memo: Mapping[str, str]
) -> Draft | None:
    """Cash that is capital given back."""
    legs = {
        accounts.customers_cash_at_broker(): minor,
        accounts.customer_cash(action.user_id): -minor,
    }
    return _entry(EntryKind.CAPITAL_RETURNED, action, at, legs, **memo)


def lower_basis(position: Position, minor: int) -> Position:
    """A return of capital: each lot costs less by its shares' part; what is more than a lot has
    cost is a gain (IRS Publication 550)."""
    parts = tax.shared_out(minor, [lot.nanos for lot in position.lots])
    lowered = tuple(
        replace(lot, cost_minor=max(lot.cost_minor - part, 0))
        for lot, part in zip(position.lots, parts, strict=True)
    )
    cost = tax.cost_of(lowered)
    gain = minor - (position.cost_minor - cost)
    return replace(
        position,
        lots=lowered,
        cost_minor=cost,
        realised_minor=position.realised_minor + gain,
    )


def _claim(action: PersonAction, sign: int) -> dict[str, int]:
    sure, nearest = action.expected_minor, action.expected_minor + action.rounded_minor
    return {
        accounts.dividends_receivable(): sign * nearest,
        accounts.customer_dividends(action.user_id): -sign * sure,
        accounts.rounding(): -sign * action.rounded_minor,
    }


def _entry(
    kind: EntryKind, action: PersonAction, at: datetime, legs: Mapping[str, int], **memo: str
) -> Draft | None:
    postings = tuple(
        Posting(account, BASE.asset, minor) for account, minor in legs.items() if minor
    )
    told = {"symbol": action.symbol, "announcement": action.announcement_id, **memo}
    return Draft(kind, action.action_id, at, postings, told) if postings else None
