"""Which withdrawals a member of staff looks at before money leaves. Data, and pure functions.

Each rule is a pattern that anti-money-laundering guidance names. A hit refuses nothing and says
nothing: the withdrawal waits, with the same words whatever the rule, and nobody who may have
reason to hide is warned.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

RULES_FACT = "rules"
"""The fact of a case that names the rules that hit, between commas."""


class Rule(StrEnum):
    """Names of results, for staff alone."""

    STRUCTURED_DEPOSITS = "STRUCTURED_DEPOSITS"
    """Several deposits just below the reporting threshold."""
    STRUCTURED_WITHDRAWALS = "STRUCTURED_WITHDRAWALS"
    """Several withdrawals just below the amount from which on a second person agrees."""
    IN_AND_OUT = "IN_AND_OUT"
    """What just came in leaves, and next to nothing was bought."""
    NEW_ACCOUNT_EMPTIED = "NEW_ACCOUNT_EMPTIED"
    """Nearly everything goes to an account that was just added."""
    DORMANT_THEN_ACTIVE = "DORMANT_THEN_ACTIVE"
    """After a long time without any movement money moves in and out, or to a new account."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """Amounts in cents, shares in percent."""

    reporting_minor: int = 1_000_000
    just_below: int = 80
    """From this share of a threshold on an amount is just below it."""
    structured_count: int = 3
    structured_within: timedelta = timedelta(days=5)
    out_within: timedelta = timedelta(hours=72)
    out_share: int = 80
    out_from_minor: int = 50_000
    """Less than this may come and go: somebody tries us out."""
    new_account: timedelta = timedelta(days=7)
    emptied_share: int = 90
    emptied_from_minor: int = 50_000
    dormant_for: timedelta = timedelta(days=180)
    awake_within: timedelta = timedelta(days=7)

    @property
    def looks_back(self) -> timedelta:
        """The longest of the periods in which single movements are looked at."""
        return max(self.structured_within, self.out_within, self.awake_within)


PARAMETERS = Parameters()


@dataclass(frozen=True, slots=True)
class Movement:
    """So many cents at a time."""

    at: datetime
    minor: int


@dataclass(frozen=True, slots=True)
class Activity:
    """What a person's account did within ``Parameters.looks_back``, and when last before."""

    registered_at: datetime
    deposits: Sequence[Movement] = ()
    """Credited to the wallet, when they were."""
    purchases: Sequence[Movement] = ()
    last_before: datetime | None = None
    """The newest movement before the period, None when there never was one."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A withdrawal that is asked for."""

    at: datetime
    minor: int
    available_minor: int
    """Before it, with what could be sold for it."""
    account_added_at: datetime
    raised_minor: int = 0
    """What is sold for it."""


def findings(
    wish: Wish,
    activity: Activity,
    withdrawals: Sequence[Movement],
    *,
    approval_minor: int,
    parameters: Parameters = PARAMETERS,
) -> tuple[Rule, ...]:
    """All rules that hit, in the order of their definition. ``withdrawals`` are those before that
    were paid or still may be; ``approval_minor`` is the stage's amount for a second person."""
    results = {
        Rule.STRUCTURED_DEPOSITS: _structured(
            activity.deposits, parameters.reporting_minor, wish.at, parameters
        ),
        Rule.STRUCTURED_WITHDRAWALS: _just_below(wish.minor, approval_minor, parameters)
        and _structured(
            [*withdrawals, Movement(wish.at, wish.minor)], approval_minor, wish.at, parameters
        ),
        Rule.IN_AND_OUT: _in_and_out(wish, activity, withdrawals, parameters),
        Rule.NEW_ACCOUNT_EMPTIED: _emptied(wish, parameters),
        Rule.DORMANT_THEN_ACTIVE: _awoken(wish, activity, parameters),
    }
    return tuple(rule for rule in Rule if results[rule])


def _just_below(minor: int, threshold: int, parameters: Parameters) -> bool:
    return parameters.just_below * threshold <= minor * 100 < threshold * 100


def _structured(
    movements: Iterable[Movement], threshold: int, now: datetime, parameters: Parameters
) -> bool:
    near = [
        one
        for one in _since(movements, now - parameters.structured_within)
        if _just_below(one.minor, threshold, parameters)
    ]
    return len(near) >= parameters.structured_count


def _in_and_out(
    wish: Wish, activity: Activity, withdrawals: Iterable[Movement], parameters: Parameters
) -> bool:
    begin = wish.at - parameters.out_within
    came = _since(activity.deposits, begin)
    total = sum(one.minor for one in came)
    if total < parameters.out_from_minor:
        return False
    first = min(one.at for one in came)
    # What is sold for it again was not bought to be kept.
    bought = sum(one.minor for one in _since(activity.purchases, first)) - wish.raised_minor
    if bought * 100 > total * (100 - parameters.out_share):
        return False  # a purchase for the sake of it excuses nothing
    leaves = wish.minor + sum(one.minor for one in _since(withdrawals, first))
    return leaves * 100 >= total * parameters.out_share


def _emptied(wish: Wish, parameters: Parameters) -> bool:
    fresh = wish.at - wish.account_added_at < parameters.new_account
    most = wish.minor * 100 >= wish.available_minor * parameters.emptied_share
    return fresh and most and wish.minor >= parameters.emptied_from_minor


def _awoken(wish: Wish, activity: Activity, parameters: Parameters) -> bool:
    begin = wish.at - parameters.awake_within
    earlier = [one.at for one in (*activity.deposits, *activity.purchases) if one.at < begin]
    last = max([*earlier, activity.last_before or activity.registered_at])
    if begin - last < parameters.dormant_for:
        return False
    return wish.account_added_at >= begin or bool(_since(activity.deposits, begin))


def _since(movements: Iterable[Movement], begin: datetime) -> list[Movement]:
    return [one for one in movements if one.at >= begin]
