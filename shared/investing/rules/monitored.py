"""What of a portfolio is above a cap by itself, without any order. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from shared.investing.inputs import AssetUsed, Cause, Inputs, PriceUsed
from shared.investing.proposing import Proposal, worths
from shared.investing.rules.concentration import by_currency, by_issuer, by_sector, by_symbol
from shared.investing.rules.facts import Risk
from shared.investing.rules.judging import Judge, Proposed
from shared.investing.rules.names import Rule

MONITORED: Mapping[Rule, Judge] = {
    Rule.CONCENTRATION: by_symbol,
    Rule.ISSUER_CONCENTRATION: by_issuer,
    Rule.SECTOR_CONCENTRATION: by_sector,
    Rule.CURRENCY_CONCENTRATION: by_currency,
}
"""Rules that a portfolio can break by standing still."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A share of the whole portfolio that is above its cap."""

    rule: Rule
    name: str
    """Symbol, issuer, sector or currency."""
    share: Decimal
    cap: Decimal


def breaches(
    held: Mapping[str, int],
    cash_minor: int,
    prices: Mapping[str, PriceUsed],
    assets: Mapping[str, AssetUsed],
    risk: Risk,
) -> tuple[Breach, ...]:
    """By rule and name. A portfolio below the value from which a cap binds has none."""
    inputs = Inputs(
        cause=Cause.REBALANCE,
        cause_id="",
        person_active=True,
        identity_approved=True,
        score=None,
        account_active=True,
        available_minor=cash_minor,
        open_orders=0,
        held=held,
        target=None,
        prices=prices,
        assets=assets,
        breakers={},
        market_open=False,
        business_now=datetime.min.replace(tzinfo=UTC),
        risk=risk,
    )
    proposed = Proposed(inputs, Proposal(values=worths(inputs), due=False))
    found = []
    for rule, judge in MONITORED.items():
        parameters = risk.rules.get(rule)
        if parameters is None or proposed.whole_before < parameters["from_minor"]:
            continue
        for name, text in judge(proposed, parameters).values.items():
            share, _, cap = text.partition(" over ")
            found.append(Breach(rule, name, Decimal(share), Decimal(cap)))
    return tuple(sorted(found, key=lambda each: (each.rule.value, each.name)))
