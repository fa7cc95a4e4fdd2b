"""All rules over a person's window: what each says, and what is news. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from shared.money_monitoring.names import Outcome, Rule
from shared.money_monitoring.patterns import PATTERNS, Hit, Seen
from shared.money_monitoring.table import RuleTable


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a rule says of a window. Of an alert: the numbers of the newest pattern that names a
    movement which no alert of the rule has named, and all movements of such patterns."""

    rule: Rule
    outcome: Outcome
    version: int = 0
    numbers: Mapping[str, str] = field(default_factory=dict)
    minor: int = 0
    evidence: tuple[str, ...] = ()


def hits(seen: Seen, rule: Rule, table: RuleTable) -> Iterator[Hit]:
    """What a rule says at each movement, oldest first, by the version in force on its day."""
    for movement in seen.window.movements:
        version = table.on(rule, movement.at.date())
        hit = None if version is None else PATTERNS[rule](seen, movement, version)
        if hit is not None:
            yield hit


def judged(seen: Seen, table: RuleTable) -> tuple[Judgement, ...]:
    """Each rule once, in their order."""
    return tuple(_of(rule, hits(seen, rule, table), seen) for rule in Rule)


def _of(rule: Rule, found: Iterable[Hit], seen: Seen) -> Judgement:
    known = {one.id for one in seen.window.movements if rule in one.flagged}
    every = list(found)
    fresh = [
        one
        for one in every
        if one.outcome is Outcome.ALERT and any(name not in known for name in one.evidence)
    ]
    if fresh:
        last = fresh[-1]
        evidence = tuple(dict.fromkeys(name for one in fresh for name in one.evidence))
        return Judgement(rule, Outcome.ALERT, last.version, last.numbers, last.minor, evidence)
    open_ = [one for one in every if one.outcome is Outcome.UNKNOWN]
    if open_:
        asked = tuple(dict.fromkeys(name for one in open_ for name in one.evidence))
        return Judgement(rule, Outcome.UNKNOWN, open_[-1].version, open_[-1].numbers, 0, asked)
    return Judgement(rule, Outcome.PASS)
