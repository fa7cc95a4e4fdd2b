"""Draws the sandbox's price files out of published packages.

Run as `uv run --group market-data python tools/market_data.py`; with `--check` nothing is
written and the exit status says whether the committed files are what would be drawn.
"""

import argparse
import csv
import gzip
import hashlib
import io
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, getcontext
from importlib import metadata, resources
from itertools import pairwise
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "sandbox" / "data"

ETFS = ("MTUM", "QUAL", "SIZE", "USMV", "VLUE")
STOCKS = ("AAPL", "JNJ", "JPM", "KO", "MSFT", "PG", "UNH", "WMT", "XOM")
BOND = "AAAB"
FIRST, LAST = date(2014, 1, 2), date(2022, 12, 28)

SHIFT_WEEKS = 260
BOND_SHIFT_WEEKS = 473
BOND_FIRST, BOND_LAST = date(2009, 12, 1), date(2018, 12, 1)

PRICE_STEP = Decimal("0.0001")
BOND_YEARS = 10
BOND_START = Decimal(100)

type Row = tuple[date, tuple[Decimal, ...]]


@dataclass(frozen=True)
class Drawn:
    """One file and where it comes from."""

    file: str
    symbols: tuple[str, ...]
    rows: Sequence[Row]
    package: str
    resource: str
    licence: str
    shift_weeks: int
    kind: str
    note: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the files, or compares them with `--check`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check = parser.parse_args(arguments).check
    getcontext().prec = 40
    drawn = [etfs(), stocks(), bond()]
    files = {one.file: rendered(one) for one in drawn}
    entries = [provenance(one, files[one.file]) for one in drawn]
    files["provenance.json"] = (json.dumps({"files": entries}, indent=2) + "\n").encode()
    files["PROVENANCE.md"] = page(entries).encode()
    stale = [name for name, body in files.items() if current(name) != body]
    if check:
        for name in stale:
            print(f"{name} differs from what the packages give", file=sys.stderr)
        return 1 if stale else 0
    for name in stale:
        (DATA / name).write_bytes(files[name])
        print(f"wrote {name}: {len(files[name])} bytes")
    return 0


def etfs() -> Drawn:
    """Factor funds, adjusted closes."""
    rows = table("skfolio", "datasets/data/factors_dataset.csv.gz", ETFS)
    return Drawn(
        file="etfs.csv",
        symbols=ETFS,
        rows=shifted(rows, SHIFT_WEEKS),
        package="skfolio",
        resource="skfolio/datasets/data/factors_dataset.csv.gz",
        licence="BSD-3-Clause",
        shift_weeks=SHIFT_WEEKS,
        kind="historical adjusted closes",
        note="Five US factor funds; dividends and splits are inside the adjusted closes.",
    )


def stocks() -> Drawn:
    """Large US shares, adjusted closes."""
    rows = table("skfolio", "datasets/data/sp500_dataset.csv.gz", STOCKS)
    return Drawn(
        file="stocks.csv",
        symbols=STOCKS,
        rows=shifted(rows, SHIFT_WEEKS),
        package="skfolio",
        resource="skfolio/datasets/data/sp500_dataset.csv.gz",
        licence="BSD-3-Clause",
        shift_weeks=SHIFT_WEEKS,
        kind="historical adjusted closes",
        note="Nine of the package's twenty S&P 500 members.",
    )


def bond() -> Drawn:
    """A model bond, computed from yields; no market ever quoted it."""
    resource = "data/default/default.csv.gz"
    yields = [
        (month, Decimal(row["AAA"]) / 100)
        for row in packaged("arch", resource)
        if BOND_FIRST <= (month := american(row["Date"])) <= BOND_LAST
    ]
    return Drawn(
        file="bond.csv",
        symbols=(BOND,),
        rows=shifted(daily(bond_index(yields)), BOND_SHIFT_WEEKS),
        package="arch",
        resource=f"arch/{resource}",
        licence="NCSA",
        shift_weeks=BOND_SHIFT_WEEKS,
        kind="model-derived",
        note=(
            "Model 10-year AAA bond (derived from Moody's AAA yields). Not a market price: a "
            "10-year par bond is bought at the month's yield, repriced at the next month's yield "
            "with one month less to run (accrued coupon included) and rolled into a new par "
            "bond; the index starts at 100. Between the monthly points the logarithm is "
            "interpolated by calendar days over all weekdays, so its daily volatility is far "
            "too low to be real."
        ),
    )


def packaged(package: str, resource: str) -> Iterable[dict[str, str]]:
    """Rows of a gzipped CSV file inside an installed package, as text."""
    raw = resources.files(package).joinpath(resource).read_bytes()
    return csv.DictReader(io.StringIO(gzip.decompress(raw).decode()))


def table(package: str, resource: str, symbols: Sequence[str]) -> list[Row]:
    """The rows of the chosen years and symbols."""
    return [
        (day, tuple(priced(Decimal(row[symbol])) for symbol in symbols))
        for row in packaged(package, resource)
        if FIRST <= (day := date.fromisoformat(row["Date"])) <= LAST
    ]


def shifted(rows: Iterable[Row], weeks: int) -> list[Row]:
    """The same weekdays, whole weeks later."""
    return [(day + timedelta(weeks=weeks), prices) for day, prices in rows]


def american(text: str) -> date:
    """`12/1/2018` as a date."""
    month, day, year = (int(part) for part in text.split("/"))
    return date(year, month, day)


def bond_index(yields: Sequence[tuple[date, Decimal]]) -> list[tuple[date, Decimal]]:
    """Monthly total-return index of the rolled par bond."""
    level = BOND_START
    points = [(yields[0][0], level)]
    for (_, before), (month, now) in pairwise(yields):
        level *= worth_after_a_month(coupon=before, market=now)
        points.append((month, level))
    return points


def worth_after_a_month(*, coupon: Decimal, market: Decimal) -> Decimal:
    """Price per 1 of face value one month after issue, accrued coupon included.

    Ten yearly coupons and the face value, each discounted at the new yield over its own time
    to run, compounded yearly.
    """
    growth = 1 + market
    terms = [Decimal(year) - Decimal(1) / 12 for year in range(1, BOND_YEARS + 1)]
    return sum((coupon / growth**term for term in terms), Decimal(0)) + 1 / growth ** terms[-1]


def daily(points: Sequence[tuple[date, Decimal]]) -> list[Row]:
    """The index on every weekday, log-linear between the monthly points."""
    rows: list[Row] = []
    for (start, low), (end, high) in pairwise(points):
        step = (high.ln() - low.ln()) / (end - start).days
        for offset in range((end - start).days):
            day = start + timedelta(days=offset)
            if day.weekday() < 5:
                rows.append((day, (priced((low.ln() + step * offset).exp()),)))
    return rows


def priced(value: Decimal) -> Decimal:
    """A price of four decimal places."""
    return value.quantize(PRICE_STEP, ROUND_HALF_EVEN)


def rendered(one: Drawn) -> bytes:
    """The CSV file: one row a day, one column a symbol."""
    lines = [",".join(("date", *one.symbols))]
    lines += [
        ",".join((day.isoformat(), *(f"{price.normalize():f}" for price in prices)))
        for day, prices in one.rows
    ]
    return ("\n".join(lines) + "\n").encode()


def provenance(one: Drawn, body: bytes) -> dict[str, object]:
    """The machine readable entry of one file."""
    back = timedelta(weeks=one.shift_weeks)
    first, last = one.rows[0][0], one.rows[-1][0]
    return {
        "file": one.file,
        "symbols": list(one.symbols),
        "kind": one.kind,
        "package": one.package,
        "version": metadata.version(one.package),
        "licence": one.licence,
        "source_file": one.resource,
        "source_first": (first - back).isoformat(),
        "source_last": (last - back).isoformat(),
        "shift_weeks": one.shift_weeks,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "rows": len(one.rows),
        "sha256": hashlib.sha256(body).hexdigest(),
        "note": one.note,
    }


def page(entries: Sequence[Mapping[str, object]]) -> str:
    """The page for people."""
    lines = [
        "# Where the prices come from",
        "",
        "Written by `tools/market_data.py`; `provenance.json` says the same to programs.",
        "",
        "The closes are real and old. Each file is shifted by a fixed number of whole weeks, so",
        "that its weekdays stay weekdays and all files overlap from 2018-12-27 to 2027-12-22. A",
        "price of the sandbox therefore says nothing about the day whose date it carries.",
        "Prices are total returns (adjusted), rounded to four decimal places. There are no",
        "volumes and no intraday prices in the sources: the sandbox makes volumes up, as large as",
        "real ones, and computes a path between two closes.",
        "",
    ]
    for entry in entries:
        symbols = ", ".join(str(symbol) for symbol in entry["symbols"])
        lines += [
            f"## {entry['file']}: {symbols}",
            "",
            f"- Kind: **{entry['kind']}**. {entry['note']}",
            f"- Source: {entry['package']} {entry['version']} ({entry['licence']}), "
            f"`{entry['source_file']}`, {entry['source_first']} to {entry['source_last']}",
            f"- Shift: {entry['shift_weeks']} weeks, so {entry['first']} to {entry['last']} "
            f"({entry['rows']} rows)",
            f"- SHA-256: `{entry['sha256']}`",
            "",
        ]
    lines += [
        "## nyse_sessions.json",
        "",
        "Days on which the New York Stock Exchange was or will be closed, and its 13:00 closes,",
        "2018-12-24 to 2027-12-31: the exchange's published holidays and trading hours, as listed",
        "by the XNYS calendar of exchange_calendars 4.13.2 (Apache-2.0).",
    ]
    return "\n".join(lines) + "\n"


def current(name: str) -> bytes | None:
    """What is committed now."""
    path = DATA / name
    return path.read_bytes() if path.exists() else None


if __name__ == "__main__":
    sys.exit(main())
