"""What is due of a person for some days: out of their books, without writing anything. Pure."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from shared.management_fees.accruing import UNITS_PER_CENT, Accrued, accrued, charged
from shared.management_fees.model import Charge, ChargeStatus, FeeAccount, charge_id_of
from shared.management_fees.ports import Books
from shared.management_fees.terms import TermsTable
from shared.management_fees.worths import Closes, changes, daily


@dataclass(frozen=True, slots=True)
class Due:
    """Beside what is accrued already: ``days`` from ``first`` to ``last``."""

    first: date
    last: date
    days: Accrued
    before_units: int
    carried: Charge | None
    """An earlier charge that could not be charged."""

    @property
    def all_units(self) -> int:
        """Of these days, of fractions of a cent before them, and of what is carried."""
        carried = 0 if self.carried is None else self.carried.amount_minor
        return carried * UNITS_PER_CENT + self.before_units + self.days.units


def due(books: Books, last: date, terms: TermsTable, closes: Closes) -> Due | None:
    """Until ``last``, included; None when those days were accrued before."""
    if books.first is None or books.first > last:
        return None
    moved = changes(books.account.user_id, books.moved)
    days = accrued(daily(books.held, moved, books.first, last, closes), terms)
    newest = books.newest
    waits = newest is not None and newest.status is ChargeStatus.DUE
    return Due(books.first, last, days, books.account.units, newest if waits else None)


def charge_of(
    found: Due, user_id: str, terms: TermsTable, at: datetime, *, closing: bool
) -> Charge | None:
    """The charge of what is due; None for less than a cent, which stays in the account."""
    amount, left = charged(found.all_units)
    held = terms.on(found.last)
    if not amount or held is None:
        return None
    return Charge(
        charge_id=charge_id_of(user_id, found.last),
        user_id=user_id,
        status=ChargeStatus.DUE,
        amount_minor=amount,
        first=found.first,
        last=found.last,
        annual_bp=held.annual_bp,
        terms_version=held.version,
        units=found.days.units,
        before_units=found.before_units,
        left_units=left,
        created_at=at,
        updated_at=at,
        days=found.days.days,
        waived_days=found.days.waived_days,
        unpriced_days=found.days.unpriced_days,
        carried_minor=0 if found.carried is None else found.carried.amount_minor,
        closing=closing,
    )


def accrued_in(account: FeeAccount, found: Due, charge: Charge | None) -> FeeAccount:
    """The account after these days."""
    if charge is None:
        units = found.before_units + found.days.units
        return replace(account, through=found.last, units=units)
    return replace(account, through=found.last, units=charge.left_units, charge_id=charge.charge_id)
