"""The table of rules is data with dates; what was ever in force is never edited."""

import hashlib
import json
from datetime import date, timedelta
from pathlib import Path
from string import Formatter

import pytest

from shared.investing.rules.evaluating import JUDGES
from shared.investing.rules.names import FIRST, NEVER_BLOCK_RAISING, ORDER, WAITS, Rule
from shared.investing.rules.table import DatedRule, RuleTable, reference, rule_table
from shared.investing.rules.wordings import CHECKS
from shared.market_data.universe import SYMBOLS

TODAY = date(2026, 3, 2)
PUBLISHED = {
    1: "5d5fe1bd49285dd1",
    2: "10556d6b078549c2",
}
"""Digest of each version of the table that was ever deployed."""


def content() -> str:
    """What the table says, without how it is written."""
    return json.dumps(
        [
            [
                one.rule,
                one.version,
                one.valid_from.isoformat(),
                dict(sorted(one.parameters.items())),
            ]
            for one in rule_table().rules
        ]
    )


def test_a_changed_table_is_a_new_version() -> None:
    digest = hashlib.sha256(content().encode()).hexdigest()[:16]
    assert PUBLISHED[rule_table().version] == digest
    assert max(PUBLISHED) == rule_table().version


def test_every_rule_is_in_the_table_has_its_place_its_judge_and_its_words() -> None:
    assert set(rule_table().on(TODAY)) == set(Rule) == set(ORDER) == set(CHECKS)
    assert len(ORDER) == len(set(ORDER))
    assert set(FIRST) < set(ORDER)
    assert all((one.rule, one.version) in JUDGES for one in rule_table().rules)
    assert all(one.basis for one in rule_table().rules)
    for texts in CHECKS.values():
        english, swahili = (_fields(texts[language]) for language in ("en", "sw"))
        assert english == swahili
        assert texts["en"] != texts["sw"]


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_the_page_for_people_names_every_rule_and_its_limits() -> None:
    page = (Path(__file__).parents[3] / "docs/risk-rules.md").read_text(encoding="utf-8")
    lines = {
        rule: next(line for line in page.splitlines() if f"`{rule.value}`" in line) for rule in Rule
    }
    assert all(line.startswith("| ") for line in lines.values())
    assert "5 %" in lines[Rule.ORDER_VOLUME]
    assert "2027-10-20" in lines[Rule.PATTERN_DAY_TRADING]
    for rule in Rule:
        waits = lines[rule].split("|")[3].strip()
        assert waits == ("waits" if rule in WAITS else "refuses" if waits else ""), rule


def test_rules_that_people_wait_for_and_rules_about_their_money() -> None:
    never = {Rule.COVERED, Rule.PERSON_ACTIVE, Rule.IDENTITY_APPROVED, Rule.ACCOUNT_ACTIVE}
    assert not never & NEVER_BLOCK_RAISING
    assert {Rule.ACCOUNT_FLAGS, Rule.DAILY_LOSS} <= WAITS & NEVER_BLOCK_RAISING


def test_pattern_day_trading_is_in_force_until_brokers_may_no_longer_count() -> None:
    last = date(2027, 10, 20)
    assert rule_table().on(last)[Rule.PATTERN_DAY_TRADING].parameters == {
        "day_trades": 3,
        "sessions": 5,
        "equity_minor": 2_500_000,
    }
    assert Rule.PATTERN_DAY_TRADING not in rule_table().on(last + timedelta(days=1))
    assert rule_table().on(date(2025, 12, 31)) == {}


def dated(version: int, first: date, last: date | None) -> DatedRule:
    return DatedRule(Rule.ORDER_SIZE, version, first, last, {"max_bp": version}, "a test")


def test_a_new_version_begins_the_day_after_the_old_one_ends() -> None:
    old, new = dated(1, TODAY, TODAY + timedelta(9)), dated(2, TODAY + timedelta(10), None)
    table = RuleTable(2, (old, new))
    assert table.on(TODAY + timedelta(9))[Rule.ORDER_SIZE].version == 1
    assert table.on(TODAY + timedelta(10))[Rule.ORDER_SIZE].version == 2


@pytest.mark.parametrize("last", [None, TODAY + timedelta(10)])
def test_two_versions_of_one_rule_never_hold_on_one_day(last: date | None) -> None:
    with pytest.raises(ValueError, match="two versions of ORDER_SIZE"):
        RuleTable(2, (dated(1, TODAY, last), dated(2, TODAY + timedelta(10), None)))


def test_everything_that_we_invest_in_has_an_issuer_a_sector_and_a_currency() -> None:
    known = reference()
    assert set(SYMBOLS) <= set(known.assets)
    assert known.as_of == date(2026, 1, 1)
    assert len(known.source) > 100
    assert known.assets["AAPL"].sector == known.assets["MSFT"].sector == "INFORMATION_TECHNOLOGY"
    assert {each.currency for each in known.assets.values()} == {"USD"}
