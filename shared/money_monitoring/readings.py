"""What monitoring reads of other contexts' rows; personal data is opened in memory alone."""

from datetime import datetime

from shared.kernel.ids import created_at
from shared.money_monitoring.ports import About, Known
from shared.money_monitoring.store import window_from, window_key
from shared.money_monitoring.window import Kind, Movement, Window
from shared.payments.requests import masked
from shared.payments.rows import deposit_from, deposit_key
from shared.payouts.rows import payout_from, payout_key
from shared.platform.personal import PersonalData, Sealed
from shared.platform.tables import Database, Item, Key
from shared.portfolio.model import BASE
from shared.portfolio.store import PortfolioStore
from shared.users.income import AnnualIncome
from shared.users.model import PersonalProfile
from shared.users.store import profile_key, user_from
from shared.withdrawals.history import StoredHistories
from shared.withdrawals.rows import account_from, account_key


class StoredMovements:
    """See Movements."""

    def __init__(self, database: Database, personal: PersonalData) -> None:
        self._database = database
        self._personal = personal
        self._histories = StoredHistories(database)

    def known(self, user_id: str, movement: Movement) -> Known:
        """See Movements."""
        window, profile = window_key(user_id), profile_key(user_id)
        about = _key_of(user_id, movement)
        found = self._database.get_many([window, profile, about])
        return _with_row(
            Known(
                window_from(found[window]) if window in found else Window(user_id),
                self._about(found.get(profile)),
            ),
            movement,
            found.get(about),
        )

    def _about(self, item: Item | None) -> About:
        if item is None:
            return About()
        user = user_from(item)
        sealed = Sealed(user.sealed.wrapped_key, user.sealed.ciphertext)
        profile = PersonalProfile.from_mapping(self._personal.open(sealed, subject=user.user_id))
        named = {
            "RESIDENCE": profile.country,
            "NATIONALITY": profile.nationality,
            "TAX": profile.tax_country,
        }
        return About(
            income_minor=None
            if profile.annual_income is None
            else AnnualIncome(profile.annual_income).minor,
            phone=None if profile.phone is None else masked(profile.phone.removeprefix("+")),
            countries={name: code for name, code in named.items() if code is not None},
        )

    def left(self, user_id: str) -> int:
        """See Movements."""
        state = PortfolioStore(self._database).state(user_id)
        shares = sum(one.cost_minor for one in state.positions.values())
        return state.wallet(BASE).available + shares

    def bought(self, user_id: str, since: datetime, until: datetime) -> int:
        """See Movements."""
        activity = self._histories.activity(user_id, since)
        return sum(one.minor for one in activity.purchases if one.at <= until)

    def last_before(self, user_id: str, moment: datetime) -> datetime | None:
        """See Movements."""
        return self._histories.activity(user_id, moment).last_before


def _key_of(user_id: str, movement: Movement) -> Key:
    match movement.kind:
        case Kind.DEPOSIT:
            return deposit_key(user_id, movement.id)
        case Kind.WITHDRAWAL:
            return payout_key(user_id, movement.id)
        case Kind.ACCOUNT:
            return account_key(user_id, movement.id)


def _with_row(known: Known, movement: Movement, item: Item | None) -> Known:
    if item is None:
        return known
    match movement.kind:
        case Kind.DEPOSIT:
            phone = deposit_from(item).pushed_to
            return Known(
                known.window, known.about, instrument=phone or "", paid_by_phone=phone is not None
            )
        case Kind.WITHDRAWAL:
            payout = payout_from(item)
            added = None if payout.account_id is None else created_at(payout.account_id)
            return Known(
                known.window,
                known.about,
                account_at=added,
                lacks_minor=payout.lacks_minor,
                everything=payout.everything is not None and not payout.goal_id,
            )
        case Kind.ACCOUNT:
            account = account_from(item)
            return Known(
                known.window,
                known.about,
                instrument=account.shown_as,
                account_country=account.country,
            )
