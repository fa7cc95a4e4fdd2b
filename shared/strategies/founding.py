"""The first version of every strategy; whatever comes later is published by two people.

All assets of the universe appear in every strategy, the share of equity grows with the score, and
no income strategy holds more equity than the growth strategy of its score.
"""

from datetime import date

from shared.strategies.model import Strategy, Style, strategy_id

_V1 = date(2026, 1, 1)


def _first(style: Style, score: int, **weights: int) -> Strategy:
    return Strategy(strategy_id(style, score), 1, score, _V1, dict(sorted(weights.items())))


def _growth(score: int, **weights: int) -> Strategy:
    return _first(Style.GROWTH, score, **weights)


def _income(score: int, **weights: int) -> Strategy:
    return _first(Style.INCOME, score, **weights)


FOUNDING: tuple[Strategy, ...] = (
    _growth(1, AAAB=8000, MTUM=200, QUAL=500, SIZE=200, USMV=800, VLUE=300),
    _growth(2, AAAB=6000, MTUM=500, QUAL=1000, SIZE=400, USMV=1400, VLUE=700),
    _growth(3, AAAB=4000, MTUM=900, QUAL=1500, SIZE=700, USMV=1700, VLUE=1200),
    _growth(4, AAAB=2000, MTUM=1400, QUAL=2100, SIZE=1000, USMV=1800, VLUE=1700),
    _growth(5, AAAB=500, MTUM=1800, QUAL=2600, SIZE=1300, USMV=1700, VLUE=2100),
    _income(1, AAAB=8500, MTUM=100, QUAL=300, SIZE=100, USMV=700, VLUE=300),
    _income(2, AAAB=7500, MTUM=100, QUAL=500, SIZE=100, USMV=1200, VLUE=600),
    _income(3, AAAB=6500, MTUM=200, QUAL=700, SIZE=200, USMV=1600, VLUE=800),
    _income(4, AAAB=5500, MTUM=200, QUAL=900, SIZE=300, USMV=2000, VLUE=1100),
    _income(5, AAAB=4500, MTUM=300, QUAL=1100, SIZE=400, USMV=2400, VLUE=1300),
)
"""Never edited: a change is a new version beside the old one."""
