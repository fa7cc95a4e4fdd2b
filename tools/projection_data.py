"""Derives what projections know of markets from the committed prices.

Run as `uv run python -m tools.projection_data`: it writes `history.json` of `shared/projections`
(monthly returns by class), and the numbers of the newest version's assets in `assumptions.json`,
which follow from them and from the limits that stand there. With `--check` nothing is written, and
the exit status says whether the committed files are what would be derived.

A version that was published is never derived anew from other prices: add one beside it.
"""

import argparse
import csv
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal, getcontext
from itertools import pairwise
from pathlib import Path
from typing import Any

from shared.market_data.universe import SYMBOLS
from shared.strategies.model import AssetClass, class_of

ROOT = Path(__file__).resolve().parents[1]
PRICES = ROOT / "sandbox" / "data"
PROJECTIONS = ROOT / "shared" / "projections"
HISTORY, ASSUMPTIONS = PROJECTIONS / "history.json", PROJECTIONS / "assumptions.json"
FILES: Mapping[AssetClass, str] = {AssetClass.BONDS: "bond.csv", AssetClass.EQUITY: "etfs.csv"}
MILLION, YEAR = 1_000_000, 12

type Months = Mapping[str, Sequence[int]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the files, or compares them with `--check`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check = parser.parse_args(arguments).check
    getcontext().prec = 40
    history = history_of_all()
    assumptions = json.loads(ASSUMPTIONS.read_text())
    newest = max(assumptions["versions"], key=lambda one: str(one["valid_from"]))
    newest["assets"] = assets_of(history, newest["limits"])
    stale = False
    for path, content in ((HISTORY, history), (ASSUMPTIONS, assumptions)):
        text = json.dumps(content, indent=1 if path == HISTORY else 2) + "\n"
        text = _in_rows(text) if path == HISTORY else text
        if path.exists() and path.read_text() == text:
            continue
        stale = True
        if check:
            print(f"{path.name} differs from what the prices give", file=sys.stderr)
        else:
            path.write_text(text)
            print(f"wrote {path.name}: {len(text)} bytes")
    return int(check and stale)


def history_of_all() -> dict[str, Any]:
    """The months of each class, with their provenance."""
    listed = {
        one["file"]: one for one in json.loads((PRICES / "provenance.json").read_text())["files"]
    }
    classes = {}
    for kind, file in FILES.items():
        entry = listed[file]
        first, last, returns = months_of(file, timedelta(weeks=entry["shift_weeks"]))
        classes[kind.value] = {
            "source": f"{entry['package']} {entry['version']} ({entry['licence']}), "
            f"{entry['source_file']}",
            "kind": entry["kind"],
            "first": first,
            "last": last,
            "returns": {name: returns[name] for name in sorted(returns) if name in SYMBOLS},
        }
    return {"unit": "millionths of a monthly total return", "classes": classes}


def months_of(file: str, shift: timedelta) -> tuple[str, str, dict[str, list[int]]]:
    """From the last close of each month to that of the next, on their true days."""
    closes: dict[str, dict[str, Decimal]] = {}
    with (PRICES / file).open(newline="") as lines:
        for row in csv.DictReader(lines):
            month = (date.fromisoformat(row.pop("date")) - shift).isoformat()[:7]
            # Rows are in order: what stays is the last of the month.
            closes[month] = {name: Decimal(price) for name, price in row.items()}
    months = sorted(closes)
    returns = {
        name: [
            _millionths(closes[late][name] / closes[early][name] - 1)
            for early, late in pairwise(months)
        ]
        for name in closes[months[0]]
    }
    return months[1], months[-1], returns


def assets_of(history: Mapping[str, Any], limits: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Of each asset what its months show, within the limits of its class: the mean return of a
    year, rounded down, and the deviation, rounded up, both in basis points."""
    found = {}
    for symbol in SYMBOLS:
        kind = class_of(symbol).value
        mean, deviation = yearly(history["classes"][kind]["returns"][symbol])
        found[symbol] = {
            "return_bp": min(mean, limits[kind]["most_return_bp"]),
            "deviation_bp": max(deviation, limits[kind]["least_deviation_bp"]),
        }
    return found


def yearly(months: Sequence[int]) -> tuple[int, int]:
    """`(1 + mean)^12 - 1`, and the sample deviation of the logarithms times the root of 12."""
    grown = [1 + Decimal(one) / MILLION for one in months]
    mean = (sum(grown, Decimal(0)) / len(grown)) ** YEAR - 1
    logs = [one.ln() for one in grown]
    middle = sum(logs, Decimal(0)) / len(logs)
    variance = sum(((one - middle) ** 2 for one in logs), Decimal(0)) / (len(logs) - 1)
    deviation = (variance * YEAR).sqrt()
    return (
        int((mean * 10_000).to_integral_value(ROUND_FLOOR)),
        int((deviation * 10_000).to_integral_value(ROUND_CEILING)),
    )


def _millionths(value: Decimal) -> int:
    return int((value * MILLION).to_integral_value(ROUND_HALF_EVEN))


def _in_rows(text: str) -> str:
    """Twelve numbers a line instead of one."""
    lines: list[str] = []
    numbers: list[str] = []

    def flush() -> None:
        starts = range(0, len(numbers), YEAR)
        lines.extend("     " + " ".join(numbers[start : start + YEAR]) for start in starts)
        numbers.clear()

    for line in text.splitlines():
        word = line.strip()
        if word.rstrip(",").lstrip("-").isdigit():
            numbers.append(word)
            continue
        flush()
        lines.append(line)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
