"""Run as `uv run --group backtest python -m tools.backtest --picture docs/backtest.png`.

Prints the table of docs/backtest.md. Without `--picture` it needs nothing but the dev group.
"""

import argparse
import contextlib
import io
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from tools.backtest.figures import figures
from tools.backtest.history import History, load
from tools.backtest.picture import draw
from tools.backtest.replay import Replay, Result, Scenario

SCENARIOS = {
    "score 3": Scenario(score=3),
    "score 5": Scenario(score=5),
    "score 3, taking out": Scenario(score=3, monthly_minor=0, quarterly_out_minor=60_000),
}


def told(name: str, done: int, of: int) -> None:
    """How far it is, on one line that a terminal overwrites."""
    end = "\n" if done == of else ""
    print(f"\r{name}: {done:,} of {of:,} days, books balance", end=end, file=sys.stderr, flush=True)


def replayed(name: str, history: History, scenario: Scenario) -> Result:
    """A run; what the platform's functions write for their logs is left out."""
    with contextlib.redirect_stdout(io.StringIO()):
        return Replay(history, scenario).run(lambda done, of: told(name, done, of))


def table(results: Mapping[str, Result]) -> str:
    """What there is to say of each result, one column each, in Markdown."""
    columns = [_column(result) for result in results.values()]
    lines = [f"| | {' | '.join(results)} |", "|---" * (len(columns) + 1) + "|"]
    lines += [f"| {row} | {' | '.join(each[row] for each in columns)} |" for row in columns[0]]
    return "\n".join(lines)


def _column(result: Result) -> dict[str, str]:
    found = figures(result.points)
    paid_out = sum(result.paid_out.values())
    paid = sum(each.paid_in for each in result.points) + paid_out
    return {
        "paid in": _dollars(paid),
        "paid out": _dollars(paid_out),
        "worth at the end": _dollars(result.points[-1].worth),
        "time-weighted return": f"{found.time_weighted:.2%}",
        "the same a year": f"{found.a_year:.2%}",
        "money-weighted return a year": _share(found.money_weighted),
        "return by modified Dietz": _share(found.modified_dietz),
        "deviation a year": f"{found.deviation:.2%}",
        "Sharpe ratio (risk-free: 0)": f"{found.sharpe:.2f}",
        "Sortino ratio": f"{found.sortino:.2f}",
        "deepest fall from a top": f"{found.drawdown:.2%}",
        "worst day of twenty": f"{found.worst_twentieth:.2%}",
        "management fees": _dollars(result.fees_minor),
        "cost of spreads": _dollars(result.costs_minor),
        "traded": _dollars(result.traded_minor),
        "plans, entries in the journal": f"{len(result.plans):,}, {result.entries:,}",
        "rebalanced": ", ".join(run.began_on.isoformat() for run in result.runs) or "never",
        "sessions on which orders waited": f"{len(result.stopped)}",
        "months whose books balance": f"{result.audits}",
    }


def _share(found: float | None) -> str:
    return "none" if found is None else f"{found:.2%}"


def _dollars(minor: int) -> str:
    return f"{minor / 100:,.2f}"


def main() -> None:
    """All scenarios; prints the table and what the breaker did."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--only", action="append", choices=list(SCENARIOS))
    parser.add_argument("--first", type=date.fromisoformat, default=date.min)
    parser.add_argument("--last", type=date.fromisoformat, default=date.max)
    given = parser.parse_args()
    history = load().between(given.first, given.last)
    results = {
        name: replayed(name, history, scenario)
        for name, scenario in SCENARIOS.items()
        if name in (given.only or SCENARIOS)
    }
    print(table(results))
    first = next(iter(results.values()))
    levels = ", ".join(f"{day} (level {level})" for day, level in first.levels.items())
    print(f"\nFallen by a level: {levels or 'never'}.\n")
    print("| time (UTC) | the market's breaker | why |\n|---|---|---|")
    for each in first.breaker:
        print(f"| {each.since:%Y-%m-%d %H:%M} | {each.state.value} | {each.reason} |")
    if given.picture:
        draw(results, given.picture)


if __name__ == "__main__":
    main()
