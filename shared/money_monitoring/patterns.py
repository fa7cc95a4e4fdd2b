"""The patterns, each over a person's window: which movements make it, with numbers. Pure.

Every movement is an anchor: a pattern is found whichever of its movements was heard of last.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.kernel.ids import created_at
from shared.money_monitoring.names import Outcome, Rule
from shared.money_monitoring.table import DatedRule
from shared.money_monitoring.window import Kind, Movement, Payer, Window

DAY, WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule says at one movement. ``numbers`` are amounts in US cents, counts and codes."""

    outcome: Outcome
    at: datetime
    version: int
    evidence: tuple[str, ...] = ()
    numbers: Mapping[str, str] = field(default_factory=dict)
    minor: int = 0
    """The sum of money that it is about."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What patterns look at. ``income_minor`` is a year's, as the person declared it."""

    window: Window
    income_minor: int | None = None

    def deposits(self) -> list[Movement]:
        """Those that were credited, oldest first."""
        return [one for one in self.window.movements if one.kind is Kind.DEPOSIT and not one.void]

    def withdrawals(self) -> list[Movement]:
        """Those that were paid or still may be."""
        return [
            one for one in self.window.movements if one.kind is Kind.WITHDRAWAL and not one.void
        ]


type Pattern = Callable[[Seen, Movement, DatedRule], Hit | None]


def structuring(seen: Seen, last: Movement, rule: DatedRule) -> Hit | None:
    """Deposits of ``share_percent`` to below 100 % of a threshold, ``count`` within a time."""
    limits = rule.parameters
    near = [
        one
        for one in _within(seen.deposits(), last, rule.hours("within_hours"))
        if _just_below(one.minor, limits["threshold_minor"], limits["share_percent"])
    ]
    if last not in near or len(near) < limits["count"]:
        return None
    return _alert(rule, last, near, count=len(near), threshold_minor=limits["threshold_minor"])


def velocity(seen: Seen, last: Movement, rule: DatedRule) -> Hit | None:
    """What came within a day, or a week, against a year's income."""
    limits, income = rule.parameters, seen.income_minor
    if last.kind is not Kind.DEPOSIT or last.void:
        return None
    untold = False
    for name, period in (("day", DAY), ("week", WEEK)):
        came = _within(seen.deposits(), last, period)
        total = _sum(came)
        if total < limits["from_minor"]:
            continue
        if income is None:
            untold = True
            limit = limits[f"undeclared_{name}_minor"]
            if total > limit:
                return _alert(
                    rule, last, came, period=name.upper(), income="UNDECLARED", limit_minor=limit
                )
        elif total * 100 > income * limits[f"{name}_percent"]:
            allowed = limits[f"{name}_percent"]
            return _alert(
                rule, last, came, period=name.upper(), income="DECLARED", limit_percent=allowed
            )
    return _unknown(rule, last, income="UNDECLARED") if untold else None


def in_and_out(seen: Seen, last: Movement, rule: DatedRule) -> Hit | None:
    """A withdrawal of most of what came, of which little was invested."""
    limits = rule.parameters
    if last.kind is not Kind.WITHDRAWAL or last.void:
        return None
    came = _within(seen.deposits(), last, rule.hours("within_hours"))
    total = _sum(came)
    if not came or total < limits["from_minor"]:
        return None
    left = [one for one in seen.withdrawals() if came[0].at <= one.at <= last.at]
    if _sum(left) * 100 < total * limits["share_percent"]:
        return None
    if last.bought_minor is None:
        return _unknown(rule, last, bought_minor="UNKNOWN")
    if last.bought_minor * 100 > total * limits["invested_percent"]:
        return None
    return _alert(
        rule,
        last,
        [*came, *left],
        minor=total,
        in_minor=total,
        out_minor=_sum(left),
        bought_minor=last.bought_minor,
    )


def third_party_payer(seen: Seen, last: Movement, rule: DatedRule) -> Hit | None:
    """A deposit from a phone that is not the person's."""
    if last.kind is not Kind.DEPOSIT or last.void or last.minor < rule.parameters["from_minor"]:
        return None
    if last.payer is Payer.UNTOLD:
        return _unknown(rule, last, payer=Payer.UNTOLD.value)
    return _alert(rule, last, [last]) if last.payer is Payer.OTHER else None


def dormant_then_active(seen: Seen, last: Movement, rule: DatedRule) -> Hit | None:
    """Long nothing, then money that comes and leaves."""
    window = seen.window
    if last.kind is not Kind.WITHDRAWAL or last.void:
        return None
    begin = last.at - rule.hours("awake_hours")
    came = _within(seen.deposits(), last, last.at - begin)
    if not came or last.minor < rule.parameters["from_minor"]:
        return None
    if window.last_before is not None and window.last_before >= begin:
        return _unknown(rule, last, before="UNKNOWN")
    # Whatever came to nothing was something that the person did.
    times = [one.at for one in window.movements if one.at < begin]
    before = max((*times, window.last_before or created_at(window.user_id)))
    quiet = begin - before
    if quiet < rule.hours("dormant_hours"):
        return None
    return _alert(rule, last, [*came, last], minor=_sum(came), quiet_days=quiet.days)


def many_instruments(seen: Seen, last: Movement, rule: DatedRule) -> Hit | None:
    """Different phones and payout accounts; an instrument that nobody names is none."""
    near = [
        one
        for one in _within(seen.window.movements, last, rule.hours("within_hours"))
        if one.instrument and one.kind is not Kind.WITHDRAWAL
    ]
    different = len({one.instrument for one in near})
    if last not in near or different < rule.parameters["count"]:
        return None
    return _alert(rule, last, near, instruments=different)


def new_account_full_out(seen: Seen, last: Movement, rule: DatedRule) -> Hit | None:
    """A withdrawal of nearly everything to a new account."""
    limits = rule.parameters
    if last.kind is not Kind.WITHDRAWAL or last.void or last.minor < limits["from_minor"]:
        return None
    if last.account_at is None:
        return _unknown(rule, last, account="UNKNOWN")
    age = last.at - last.account_at
    if age >= rule.hours("new_hours"):
        return None
    if last.left_minor is None:
        return _unknown(rule, last, left_minor="UNKNOWN")
    if last.minor * 100 < (last.minor + last.left_minor) * limits["share_percent"]:
        return None
    return _alert(
        rule, last, [last], left_minor=last.left_minor, account_hours=age // timedelta(hours=1)
    )


def country(seen: Seen, last: Movement, rule: DatedRule) -> Hit | None:
    """A movement of somebody, or to an account, of a country that calls for measures."""
    if last.void or (last.kind is not Kind.ACCOUNT and last.minor < rule.parameters["from_minor"]):
        return None
    if last.countries is None:
        return _unknown(rule, last, country="UNKNOWN")
    if not last.countries:
        return None
    return _alert(rule, last, [last], by=".".join(sorted(last.countries)))


PATTERNS: Mapping[Rule, Pattern] = {
    Rule.STRUCTURING: structuring,
    Rule.VELOCITY: velocity,
    Rule.IN_AND_OUT: in_and_out,
    Rule.THIRD_PARTY_PAYER: third_party_payer,
    Rule.DORMANT_THEN_ACTIVE: dormant_then_active,
    Rule.MANY_INSTRUMENTS: many_instruments,
    Rule.NEW_ACCOUNT_FULL_OUT: new_account_full_out,
    Rule.COUNTRY: country,
}


def _just_below(minor: int, threshold: int, percent: int) -> bool:
    return percent * threshold <= minor * 100 < threshold * 100


def _within(movements: Iterable[Movement], last: Movement, period: timedelta) -> list[Movement]:
    return [one for one in movements if last.at - period <= one.at <= last.at]


def _sum(movements: Iterable[Movement]) -> int:
    return sum(one.minor for one in movements)


def _alert(
    rule: DatedRule,
    last: Movement,
    evidence: Sequence[Movement],
    *,
    minor: int | None = None,
    **numbers: str | int,
) -> Hit:
    found = tuple(dict.fromkeys(one.id for one in evidence))
    total = _sum(evidence) if minor is None else minor
    texts = dict(_texts(numbers))
    return Hit(Outcome.ALERT, last.at, rule.version, found, texts, total)


def _unknown(rule: DatedRule, last: Movement, **numbers: str | int) -> Hit:
    return Hit(Outcome.UNKNOWN, last.at, rule.version, (last.id,), dict(_texts(numbers)))


def _texts(numbers: Mapping[str, str | int]) -> Iterator[tuple[str, str]]:
    for name, value in numbers.items():
        yield name, str(value)
