"""Each movement is remembered, and what it makes with others is told to members of staff alone.

Window, alerts and cases are one conditional write, so that a crash between any two lines leaves
nothing half done; what comes again, or late, finds what is remembered and changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from shared.cases.model import CaseKind, new_case
from shared.cases.ports import Cases
from shared.kernel.clock import Clock
from shared.kernel.ids import created_at
from shared.money_monitoring.judging import Judgement, judged
from shared.money_monitoring.model import Alert, name_of
from shared.money_monitoring.names import Outcome, Rule
from shared.money_monitoring.patterns import Seen
from shared.money_monitoring.ports import About, Alerts, Known, Movements, Windows
from shared.money_monitoring.table import RuleTable
from shared.money_monitoring.window import Kind, Movement, Payer, Slot, Window
from shared.platform.contention import full_jitter
from shared.platform.observability import metric
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, Write, retry_lost_race

_TRIES = 4


@dataclass(frozen=True, slots=True)
class Watch:
    """The ports of this use case."""

    movements: Movements
    windows: Windows
    alerts: Alerts
    cases: Cases
    facts: UnitOfWork
    clock: Clock
    table: RuleTable
    pause: Callable[[int], None] = full_jitter

    def heard(self, user_id: str, movement: Movement) -> tuple[Alert, ...]:
        """A movement, perhaps again: the alerts that it opened or added to. One read and one
        write while no rule needs to know more."""

        def attempt() -> tuple[Alert, ...]:
            try:
                return self._heard(user_id, movement)
            except ConditionFailed:
                raise LostRace from None

        alerts = retry_lost_race(attempt, tries=_TRIES, pause=self.pause)
        for one in alerts:
            metric("MoneyAlert", rule=one.rule.value)
        return alerts

    def _heard(self, user_id: str, movement: Movement) -> tuple[Alert, ...]:
        known = self.movements.known(user_id, movement)
        before = known.window
        new = movement if movement.void else self._enriched(movement, known)
        after = before.heard(new)
        if after == before:
            return ()
        if before.version == 0:
            # What happened before anybody watched, once a person.
            last = self.movements.last_before(user_id, created_at(movement.id))
            after = replace(after, last_before=last)
        writes: list[Write] = []
        alerts: list[Alert] = []
        if not new.void:
            after = self._looked_up(after, known, new.id)
            for judgement in judged(_seen(after, known.about), self.table):
                if judgement.outcome is Outcome.ALERT:
                    after, alert, part = self._raised(after, judgement)
                    alerts.append(alert)
                    writes += part
        self.facts.commit([self.windows.save(before, after), *writes])
        return tuple(alerts)

    def _enriched(self, movement: Movement, known: Known) -> Movement:
        """With what rows of other contexts tell. No pattern is judged here."""
        payer = Payer.UNTOLD
        if known.paid_by_phone and known.about.phone is not None:
            payer = Payer.OWN if known.instrument == known.about.phone else Payer.OTHER
        return replace(
            movement,
            payer=payer,
            instrument=known.instrument,
            countries=self._countries(movement, known),
            account_at=known.account_at,
        )

    def _countries(self, movement: Movement, known: Known) -> frozenset[str] | None:
        rule = self.table.on(Rule.COUNTRY, movement.at.date())
        told = dict(known.about.countries)
        if movement.kind is Kind.ACCOUNT and known.account_country is not None:
            told["ACCOUNT"] = known.account_country
        if rule is None or not told:
            return None
        return frozenset(name for name, code in told.items() if code in rule.countries)

    def _looked_up(self, window: Window, known: Known, new: str) -> Window:
        """What two rules need to know of withdrawals, asked for only where it decides."""
        for judgement in judged(_seen(window, known.about), self.table):
            if judgement.outcome is not Outcome.UNKNOWN:
                continue
            for name in judgement.evidence:
                found = window.get(name)
                if found is not None and found.kind is Kind.WITHDRAWAL:
                    # The row that was read is the new movement's: of another one it tells nothing.
                    its = known if name == new else self.movements.known(window.user_id, found)
                    window = window.heard(self._asked(window.user_id, judgement, found, its))
        return window

    def _asked(self, user_id: str, of: Judgement, found: Movement, known: Known) -> Movement:
        if of.rule is Rule.IN_AND_OUT and found.bought_minor is None:
            rule = self.table.on(of.rule, found.at.date())
            begin = found.at if rule is None else found.at - rule.hours("within_hours")
            bought = self.movements.bought(user_id, begin, found.at)
            # What is sold for it again was not bought to be kept.
            return replace(found, bought_minor=max(0, bought - known.lacks_minor))
        if of.rule is Rule.NEW_ACCOUNT_FULL_OUT and found.left_minor is None:
            if known.everything:
                # Whatever it is expected to bring: nothing is to stay.
                return replace(found, left_minor=0)
            left = self.movements.left(user_id) - known.lacks_minor
            return replace(found, left_minor=max(0, left))
        return found

    def _raised(self, window: Window, of: Judgement) -> tuple[Window, Alert, list[Write]]:
        """One alert per person and rule waits at a time; what is found meanwhile joins it."""
        slot, now = window.slots.get(of.rule), self.clock.now()
        number = 1 if slot is None else slot.number
        if slot is not None and slot.open:
            before = self.alerts.get(name_of(window.user_id, of.rule, number))
            if before is None:
                raise LookupError("an alert that a window names is missing")
            after = before.joined(of.version, of.numbers, of.minor, of.evidence, now)
        else:
            number += int(slot is not None)
            before = None
            after = Alert(
                user_id=window.user_id,
                rule=of.rule,
                number=number,
                rule_version=of.version,
                opened_at=now,
                found_at=now,
                numbers=dict(of.numbers),
                minor=of.minor,
                evidence=of.evidence,
            )
        facts = {name: text for name, text in after.numbers.items() if name not in _NAMED}
        case = new_case(
            CaseKind.MONEY_ALERT,
            after.name,
            now,
            user_id=after.user_id,
            rule=after.rule.value,
            rule_version=str(after.rule_version),
            sum_minor=str(after.minor),
            movements=str(len(after.evidence)),
            **facts,
        )
        marked = window.flagged(of.rule, of.evidence, Slot(number, open=True))
        return marked, after, [self.alerts.save(before, after), self.cases.open(case)]


_NAMED = frozenset({"rule", "rule_version", "sum_minor", "movements"})


def _seen(window: Window, about: About) -> Seen:
    return Seen(window, about.income_minor)
