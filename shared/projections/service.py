"""The projection of a goal: a question about its future, answered by many of them."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from shared.kernel.errors import TemporarilyUnavailable
from shared.projections.assumptions import Expectation
from shared.projections.history import MILLION, past_months
from shared.projections.model import (
    Chance,
    Method,
    Projection,
    Question,
    Span,
    standing_of,
)
from shared.projections.outcomes import reached_by, required, successes, worths
from shared.projections.simulating import SEED, Column, Factors, accumulated, by_history, by_model
from shared.strategies.model import WHOLE_BP, Strategy
from shared.strategies.targets import Wish, target_of

PATHS = 40_000
"""Enough that a probability is told to a quarter of a per cent."""
YEAR = 12


def weights_ahead(
    wish: Wish, strategies: Mapping[str, Strategy], today: date, months: int
) -> list[Mapping[str, int]]:
    """What money is invested in during each of the coming months, by the strategies in force
    today and the goal's path. TemporarilyUnavailable while its strategy is not known; NothingLeft
    where too much is excluded."""
    found: list[Mapping[str, int]] = []
    for month in range(months):
        target = target_of(wish, strategies, today + relativedelta(months=month))
        if target is None:
            raise TemporarilyUnavailable()
        found.append(target.weights)
    return found


def project(question: Question, *, paths: int = PATHS, seed: int = SEED) -> Projection:
    """Ranges after each year and at the end, and the chance of reaching the target if there is
    one. The same question and seed always have the same answer."""
    spans: list[Span] = []
    last: Factors | None = None
    for month, factors in enumerate(accumulated(_growths(question, paths, seed)), 1):
        if month % YEAR == 0 or month == question.months:
            cents = worths(factors, question.worth_minor, question.monthly_minor)
            spans.append(Span(month, *reached_by(cents, 90, 50, 10)))
            last = factors
    if last is None:
        raise ValueError("a projection looks at least a month ahead")
    cents = worths(last, question.worth_minor, question.monthly_minor)
    (reached,) = reached_by(cents, question.wished_percent)
    return Projection(tuple(spans), reached, _chance(question, last, reached), paths)


def wear_of(question: Question) -> Decimal:
    """What a month's fee and inflation leave of 1, in today's purchasing power."""
    fee = 1 - Decimal(question.fee_bp) / WHOLE_BP / YEAR
    inflation = 1 + Decimal(question.assumptions.inflation_bp) / WHOLE_BP
    return fee / inflation ** (Decimal(1) / YEAR)


def expected_of(question: Question) -> list[Expectation]:
    """Of the portfolio of each month; months of one portfolio share theirs."""
    known: dict[tuple[tuple[str, int], ...], Expectation] = {}
    found = []
    for weights in question.weights:
        key = tuple(weights.items())
        if key not in known:
            known[key] = question.assumptions.of_portfolio(weights)
        found.append(known[key])
    return found


def _growths(question: Question, paths: int, seed: int) -> Iterator[Column]:
    wear = wear_of(question)
    if question.method is Method.MODEL:
        return by_model(expected_of(question), wear, paths, seed)
    return by_history(
        question.weights, past_months(), question.assumptions, wear, paths=paths, seed=seed
    )


def _chance(question: Question, last: Factors, reached: int) -> Chance | None:
    target, worth = question.target_minor, question.worth_minor
    if target is None:
        return None
    paths = len(last.start)
    count = successes(last, worth, question.monthly_minor, target)
    return Chance(
        # Rounded down: what is not certain does not look so.
        probability=Decimal(count * MILLION // paths).scaleb(-6),
        required_minor=required(last, worth, target, question.wished_percent),
        standing=standing_of(reached, target),
    )
