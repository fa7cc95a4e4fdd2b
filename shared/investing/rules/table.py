"""The table of rules: named, versioned and dated data, chosen by the day. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from shared.investing.rules.facts import ClassUsed
from shared.investing.rules.names import Rule


@dataclass(frozen=True, slots=True)
class DatedRule:
    """One version of a rule; ``valid_to`` is its last day, None while nobody knows of one."""

    rule: Rule
    version: int
    valid_from: date
    valid_to: date | None
    parameters: Mapping[str, int]
    basis: str
    """Where it comes from."""

    def holds(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class RuleTable:
    """All versions of all rules. ValueError when two versions of one rule hold on one day."""

    version: int
    rules: tuple[DatedRule, ...]

    def __post_init__(self) -> None:
        for one in self.rules:
            for other in self.rules:
                if one is not other and one.rule is other.rule and _meet(one, other):
                    raise ValueError(f"two versions of {one.rule} hold at once")

    def on(self, day: date) -> dict[Rule, DatedRule]:
        """The rules in force on a day."""
        return {each.rule: each for each in self.rules if each.holds(day)}


@dataclass(frozen=True, slots=True)
class Reference:
    """Issuer, sector and currency of assets."""

    version: int
    as_of: date
    source: str
    assets: Mapping[str, ClassUsed]


def _meet(one: DatedRule, other: DatedRule) -> bool:
    return one.holds(other.valid_from) or other.holds(one.valid_from)


@cache
def rule_table() -> RuleTable:
    """The table of the repository."""
    content = _read("table.json")
    return RuleTable(content["version"], tuple(map(_rule, content["rules"])))


@cache
def reference() -> Reference:
    """The table of issuers, sectors and currencies of the repository."""
    content = _read("reference.json")
    return Reference(
        version=content["version"],
        as_of=date.fromisoformat(content["as_of"]),
        source=content["source"],
        assets={name: ClassUsed(**given) for name, given in content["assets"].items()},
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
    )


def _read(name: str) -> Any:
    return json.loads(resources.files("shared.investing.rules").joinpath(name).read_text())
