"""What a person can do about taxes: choose how sales are taxed, and read what they gained."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.kernel.clock import Clock
from shared.platform.contention import full_jitter
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, retry_lost_race
from shared.portfolio.model import Position
from shared.taxes.errors import TaxSettingsChanged
from shared.taxes.events import TaxSettingsChangedV1
from shared.taxes.model import TaxSettings, Wishes, check_wishes
from shared.taxes.ports import Taxes
from shared.taxes.regimes import regime_of
from shared.taxes.report import Report, report_of

_TRIES = 3
_RACES = {"tax_settings"}


@dataclass(frozen=True, slots=True)
class TaxService:
    """The use cases of the API."""

    taxes: Taxes
    facts: UnitOfWork
    clock: Clock
    pause: Callable[[int], None] = full_jitter

    def change(
        self, user_id: str, country: str, wishes: Wishes, version: int | None = None
    ) -> TaxSettings:
        """The settings as they are to be from now on. What is so already is success, whatever the
        ``version`` that was read. ``country`` is the one whose law is followed.

        Raises InvalidValue, TaxSettingsChanged when there is another version than the one that was
        read, and TemporarilyUnavailable when others kept interfering.
        """
        now = self.clock.now()
        check_wishes(wishes, regime_of(country, now.date()))

        def attempt() -> TaxSettings:
            before = self.taxes.settings(user_id)
            if before.wishes == wishes:
                return before
            if version is not None and version != before.version:
                raise TaxSettingsChanged(version=before.version)
            after = before.changed(wishes)
            told = TaxSettingsChangedV1(user_id=user_id, settings_version=after.version)
            try:
                self.facts.commit(self.taxes.save(before, after, now), told)
            except ConditionFailed as failed:
                if failed.found.keys() <= _RACES:
                    raise LostRace from None
                raise
            return after

        return retry_lost_race(attempt, tries=_TRIES, pause=self.pause)

    def gains(
        self, user_id: str, country: str, year: int, positions: Mapping[str, Position]
    ) -> Report:
        """What was gained by what was sold in a year, by the law of ``country``; ``positions`` are
        all of the person's as they stand now."""
        days = regime_of(country, self.clock.now().date()).wash_days
        return report_of(self.taxes.entries(user_id), positions, year, days)
