"""How much of a portfolio may be one asset, one issuer, one sector or one currency. Pure.

What was too large before and is not bought only warns, and so does a portfolio that is too small
to be spread: nobody is forced to sell.
"""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

from shared.investing.plan import Check, Outcome
from shared.investing.rules.facts import Parameters
from shared.investing.rules.judging import Proposed, share_of, shown, told
from shared.investing.rules.names import Rule
from shared.market_data.model import AssetType
from shared.portfolio.valuation import WHOLE_BP

UNKNOWN = "UNKNOWN"
"""The sector and currency of what the table of reference does not know."""


def by_symbol(proposed: Proposed, parameters: Parameters) -> Check:
    """One asset, by its kind: ``<kind>_bp``, binding from ``from_minor`` cents on. Plans of the
    first version carry these among the parameters of planning."""
    caps: Callable[[str], Fraction]
    if "from_minor" in parameters:
        binds_from = parameters["from_minor"]
        caps = _by_kind(proposed, parameters)
    else:
        planning = proposed.inputs.rules
        binds_from = planning.caps_from_minor

        def caps(symbol: str) -> Fraction:
            return Fraction(planning.caps_bp[_kind(proposed, symbol)], WHOLE_BP)

    groups = {symbol: (symbol,) for symbol in proposed.after}
    return _judged(Rule.CONCENTRATION, proposed, groups, caps, binds_from)


def by_issuer(proposed: Proposed, parameters: Parameters) -> Check:
    """All assets of one issuer, by their kind; who is not known issues one asset alone."""
    classes = proposed.risk.classes
    groups = _grouped(
        proposed, lambda symbol: classes[symbol].issuer if symbol in classes else symbol
    )
    kinds = _by_kind(proposed, parameters)

    def cap(issuer: str) -> Fraction:
        return min(kinds(symbol) for symbol in groups[issuer])

    return _judged(Rule.ISSUER_CONCENTRATION, proposed, groups, cap, parameters["from_minor"])


def by_sector(proposed: Proposed, parameters: Parameters) -> Check:
    """All assets of one sector: ``<sector>_bp``, else ``other_bp``."""
    classes = proposed.risk.classes
    groups = _grouped(
        proposed, lambda symbol: classes[symbol].sector if symbol in classes else UNKNOWN
    )
    cap = _by_name(parameters)
    return _judged(Rule.SECTOR_CONCENTRATION, proposed, groups, cap, parameters["from_minor"])


def by_currency(proposed: Proposed, parameters: Parameters) -> Check:
    """All assets that trade in one currency: ``<currency>_bp``, else ``other_bp``."""
    classes = proposed.risk.classes
    groups = _grouped(
        proposed, lambda symbol: classes[symbol].currency if symbol in classes else UNKNOWN
    )
    cap = _by_name(parameters)
    return _judged(Rule.CURRENCY_CONCENTRATION, proposed, groups, cap, parameters["from_minor"])


def _grouped(proposed: Proposed, name: Callable[[str], str]) -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for symbol in sorted(proposed.after):
        groups[name(symbol)] = (*groups.get(name(symbol), ()), symbol)
    return groups


def _by_kind(proposed: Proposed, parameters: Parameters) -> Callable[[str], Fraction]:
    return lambda symbol: share_of(parameters, f"{_kind(proposed, symbol).value}_bp")


def _by_name(parameters: Parameters) -> Callable[[str], Fraction]:
    return lambda name: share_of(parameters, f"{name}_bp" if f"{name}_bp" in parameters else OTHER)


OTHER = "other_bp"


def _kind(proposed: Proposed, symbol: str) -> AssetType:
    asset = proposed.inputs.assets.get(symbol)
    return AssetType.STOCK if asset is None else asset.type


def _judged(
    rule: Rule,
    proposed: Proposed,
    groups: Mapping[str, Iterable[str]],
    cap: Callable[[str], Fraction],
    binds_from: int,
) -> Check:
    whole, worst, values = proposed.whole_after, Outcome.PASS, {}
    for name, symbols in sorted(groups.items()):
        members = tuple(symbols)
        share = Fraction(sum(proposed.after[each] for each in members), whole or 1)
        if share <= cap(name):
            continue
        values[name] = f"{shown(share)} over {_plain(cap(name))}"
        bought = any(each in proposed.bought for each in members)
        binding = bought and whole >= binds_from
        worst = Outcome.FAIL if binding or worst is Outcome.FAIL else Outcome.WARN
    return told(rule, worst, **values)


def _plain(share: Fraction) -> str:
    """A cap without needless zeros, as it was always written."""
    return f"{shown(share).normalize():f}"
