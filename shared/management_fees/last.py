"""The fee of somebody who takes everything out: charged out of what was sold, before it leaves."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.investing.at_broker import ALPACA, broker_of
from shared.kernel.clock import Clock
from shared.management_fees.due import accrued_in, charge_of, due
from shared.management_fees.model import Charge, ChargeStatus
from shared.management_fees.ports import Books, Fees
from shared.management_fees.terms import TermsTable
from shared.management_fees.worths import Closes
from shared.payouts.ports import LastFee


@dataclass(frozen=True, slots=True)
class LastCharges:
    """See LastFees of payouts: the same days, units and remainders as a month's charge. The
    charge, how far the days are accrued, and the hold of its cash are one fact, with what the
    caller adds; a repetition finds the days accrued."""

    fees: Fees
    terms: TermsTable
    closes: Closes
    today: Callable[[], date]
    clock: Clock
    collecting: Callable[[str, str], None]
    """Asks for a look at a charge that is COLLECTING, by person and charge."""

    def due(self, user_id: str, *, whole: bool, since: datetime) -> LastFee:
        """See LastFees. Raises LostRace while entries are being posted."""
        last = self.today() - timedelta(days=1)
        books = self.fees.books(user_id, last)
        taken = _taken(books.newest, since)
        account_id = books.account_id
        if account_id is None or broker_of(account_id) != ALPACA or books.wallet.owed:
            return LastFee(taken_minor=taken)
        if not whole and any(books.held.nanos.values()):
            return LastFee(taken_minor=taken)
        found = due(books, last, self.terms, self.closes)
        if found is None:
            return self._waiting(books, account_id, taken)
        at = self.clock.now()
        charge = charge_of(found, user_id, self.terms, at, closing=True)
        if charge is None or (found.carried is not None and found.carried.given_up):
            return LastFee(taken_minor=taken)
        writes = [self.fees.keep(books.account, accrued_in(books.account, found, charge))]
        if found.carried is not None:
            gone = found.carried.moved(ChargeStatus.CARRIED, at)
            writes.append(self.fees.save(found.carried, gone))
        after = self._collecting(charge, account_id)
        writes.append(self.fees.save(None, after))
        return LastFee(charge.charge_id, charge.amount_minor, writes, taken)

    def collect(self, user_id: str, charge_id: str) -> None:
        """See LastFees."""
        self.collecting(user_id, charge_id)

    def _waiting(self, books: Books, account_id: str, taken: int) -> LastFee:
        """Those days were accrued before, and their charge may wait for cash."""
        newest = books.newest
        if newest is None or newest.status is not ChargeStatus.DUE or newest.given_up:
            return LastFee(taken_minor=taken)
        write = self.fees.save(newest, self._collecting(newest, account_id))
        return LastFee(newest.charge_id, newest.amount_minor, [write])

    def _collecting(self, charge: Charge, account_id: str) -> Charge:
        at = self.clock.now()
        return charge.moved(ChargeStatus.COLLECTING, at, account_id=account_id)


def _taken(newest: Charge | None, since: datetime) -> int:
    """Cents of a charge at the end of the last order, if its cash is held or gone."""
    if newest is None or not newest.closing or newest.created_at < since:
        return 0
    paid = newest.status in (ChargeStatus.COLLECTING, ChargeStatus.CHARGED)
    return newest.amount_minor if paid else 0
