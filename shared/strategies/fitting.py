"""Changing weights for one person, exactly: less equity, or without what they exclude. Pure."""

from collections.abc import Collection, Mapping

from shared.kernel.money import allocate
from shared.strategies.errors import NothingLeft
from shared.strategies.model import WHOLE_BP, AssetClass, class_of, equity_of


def _of(weights: Mapping[str, int], kind: AssetClass) -> dict[str, int]:
    return {name: bp for name, bp in sorted(weights.items()) if class_of(name) is kind}


def _shared(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """``total`` in proportion, the last points to the largest remainders, ties by symbol."""
    if not total or not weights:
        return {}
    names = sorted(weights)
    return dict(zip(names, allocate(total, [weights[name] for name in names]), strict=True))


def with_at_most(weights: Mapping[str, int], equity_bp: int) -> dict[str, int]:
    """The same weights with no more than so much equity; what is left over goes to the bonds.

    Within each class the proportions stay. Raises NothingLeft when there are no bonds to take it.
    """
    if equity_of(weights) <= equity_bp:
        return dict(sorted(weights.items()))
    bonds = _of(weights, AssetClass.BONDS)
    if not bonds:
        raise NothingLeft()
    fitted = _shared(equity_bp, _of(weights, AssetClass.EQUITY))
    return _whole(fitted | _shared(WHOLE_BP - equity_bp, bonds))


def without(weights: Mapping[str, int], excluded: Collection[str]) -> dict[str, int]:
    """The same weights without some symbols; theirs go to the others of their class.

    So the share of equity stays what the strategy says. Raises NothingLeft when a class has
    nothing left to take it.
    """
    fitted: dict[str, int] = {}
    for kind in AssetClass:
        whole = _of(weights, kind)
        kept = {name: bp for name, bp in whole.items() if name not in excluded}
        if whole and not kept:
            raise NothingLeft()
        freed = sum(whole.values()) - sum(kept.values())
        more = _shared(freed, kept)
        fitted |= {name: bp + more.get(name, 0) for name, bp in kept.items()}
    return _whole(fitted)


def _whole(weights: Mapping[str, int]) -> dict[str, int]:
    return {name: bp for name, bp in sorted(weights.items()) if bp}
