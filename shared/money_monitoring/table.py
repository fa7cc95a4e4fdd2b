"""The table of rules that watch money: named, versioned and dated data. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any

from shared.money_monitoring.names import Rule


@dataclass(frozen=True, slots=True)
class DatedRule:
    """One version of a rule; ``valid_to`` is its last day, None while nobody knows of one.
    Amounts are US cents, shares percent, times hours."""

    rule: Rule
    version: int
    valid_from: date
    valid_to: date | None
    parameters: Mapping[str, int]
    basis: str
    """Where it comes from."""
    countries: frozenset[str] = frozenset()
    """ISO 3166-1 alpha-3, of a rule about countries."""

    def holds(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def hours(self, name: str) -> timedelta:
        """A parameter that is a time."""
        return timedelta(hours=self.parameters[name])


@dataclass(frozen=True, slots=True)
class RuleTable:
    """All versions of all rules. ValueError when two versions of one rule hold on one day."""

    version: int
    rules: tuple[DatedRule, ...]
    report_minor: int
    """From this amount on suspicious activity has to be reported, in US cents."""
    report_basis: str

    def __post_init__(self) -> None:
        for number, one in enumerate(self.rules):
            for other in self.rules[number + 1 :]:
                if one.rule is other.rule and _meet(one, other):
                    raise ValueError(f"two versions of {one.rule} hold at once")

    def on(self, rule: Rule, day: date) -> DatedRule | None:
        """The version in force on a day; None when the rule is not."""
        return next((one for one in self.rules if one.rule is rule and one.holds(day)), None)

    def version_of(self, rule: Rule, version: int) -> DatedRule | None:
        """A version by its number, also of long ago."""
        known = ((one.rule, one.version) for one in self.rules)
        return next(
            (one for one, name in zip(self.rules, known, strict=True) if name == (rule, version)),
            None,
        )


def _meet(one: DatedRule, other: DatedRule) -> bool:
    return one.holds(other.valid_from) or other.holds(one.valid_from)


@cache
def rule_table() -> RuleTable:
    """The table of the repository."""
    text = resources.files("shared.money_monitoring").joinpath("rules.json").read_text("utf-8")
    content = json.loads(text)
    return RuleTable(
        version=content["version"],
        rules=tuple(map(_rule, content["rules"])),
        report_minor=content["report_minor"],
        report_basis=content["report_basis"],
    )


def _rule(given: Mapping[str, Any]) -> DatedRule:
    until = given["valid_to"]
    return DatedRule(
        rule=Rule(given["name"]),
        version=given["version"],
        valid_from=date.fromisoformat(given["valid_from"]),
        valid_to=None if until is None else date.fromisoformat(until),
        parameters=given["parameters"],
        basis=given["basis"],
        countries=frozenset(given.get("countries", ())),
    )
