"""Draws the platform's file of trading days out of the calendar of exchange_calendars.

Run as `python -m tools.sessions`; with `--check` nothing is written and the exit status says
whether the committed file is what would be drawn.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent.parent / "shared" / "market_data" / "xnys.json"
EXCHANGE = "XNYS"
FIRST, LAST = date(1990, 1, 1), date(2030, 12, 31)
ZONE = "America/New_York"
BELL = "16:00"


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the file, or compares it with `--check`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    drawn = rendered()
    if FILE.exists() and FILE.read_text() == drawn:
        return 0
    if parser.parse_args(arguments).check:
        print(f"{FILE.name} differs from the calendar of {EXCHANGE}", file=sys.stderr)
        return 1
    FILE.write_text(drawn)
    print(f"wrote {FILE.name}: {len(drawn)} bytes")
    return 0


def rendered() -> str:
    """The file's text: one line a year."""
    import exchange_calendars

    calendar = exchange_calendars.get_calendar(EXCHANGE, start=str(FIRST), end=str(LAST))
    schedule = calendar.schedule
    days = {stamp.date() for stamp in schedule.index}
    closes = {stamp.date(): at.tz_convert(ZONE) for stamp, at in schedule["close"].items()}
    years = {str(year): _year(year, days, closes) for year in range(FIRST.year, LAST.year + 1)}
    lines = ",\n".join(f'    "{year}": {json.dumps(facts)}' for year, facts in years.items())
    version = metadata.version("exchange_calendars")
    return (
        "{\n"
        f'  "exchange": "{EXCHANGE}",\n'
        f'  "source": "exchange_calendars {version} (Apache-2.0)",\n'
        '  "years": {\n'
        f"{lines}\n"
        "  }\n"
        "}\n"
    )


def _year(year: int, sessions: set[date], closes: dict[date, Any]) -> dict[str, Any]:
    """Weekdays without a session, early closing bells, and when New York's clock is ahead."""
    days = [date(year, 1, 1) + timedelta(days=count) for count in range(366)]
    weekdays = [day for day in days if day.year == year and day.weekday() < 5]
    bells = {day: f"{at:%H:%M}" for day, at in closes.items() if day.year == year}
    summer = [day for day, at in closes.items() if day.year == year and at.dst()]
    return {
        "closed": [f"{day:%m-%d}" for day in weekdays if day not in sessions],
        "early": {f"{day:%m-%d}": bell for day, bell in bells.items() if bell != BELL},
        "summer": [f"{min(summer):%m-%d}", f"{max(summer):%m-%d}"],
    }


if __name__ == "__main__":
    sys.exit(main())
