"""`python -m tools.demo`: drives the journey over HTTP, shows it, writes .local/demo.json."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from tools.demo.day import Day
from tools.demo.report import document
from tools.demo.screen import show
from tools.demo.story import Story
from tools.journey.client import Broken, Refused
from tools.journey.person import Person
from tools.stack.places import Ports

LOCAL = Path(__file__).resolve().parents[2] / ".local"
ENDPOINTS, RESULT = LOCAL / "endpoints.json", LOCAL / "demo.json"

STEPS: tuple[tuple[str, str], ...] = (
    ("sign_up", "Sign up, confirm the address, sign in"),
    ("second_factor", "Second factor, session renewed, ended, begun again"),
    ("risk", "Profile and risk questions"),
    ("identity", "Passport and selfie checked at Onfido"),
    ("broker", "Own account opened at the broker"),
    ("card", "1,000.00 USD by card through Stripe Checkout"),
    ("mpesa", "65,000.00 KES by M-Pesa at a stored rate"),
    ("invest", "Plan, checks, orders, fills"),
    ("fallback", "300.00 USD by card; Stripe is down, Adyen stands in"),
    ("withdraw", "300.00 USD back out, to a phone by M-Pesa"),
    ("books", "The screen in one query, and the journal"),
    ("reconcile", "The day ends: books against every gateway"),
)


def main() -> int:
    """Exit code 0 when everything happened."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 110)
    if not ENDPOINTS.exists():
        console.print("demo: nothing runs here; start it with: make up")
        return 1
    endpoints = json.loads(ENDPOINTS.read_text())
    day = Day(endpoints, str(ENDPOINTS), Ports.from_environment())
    story = Story(Person.new(endpoints), day)
    started, seconds = time.monotonic_ns(), {}
    for name, title in STEPS:
        outcome = _step(console, title, getattr(story, name))
        if outcome is None:
            return 1
        seconds[name] = outcome
    total_ms = (time.monotonic_ns() - started) // 1_000_000
    result = document(story, seconds, total_ms)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    show(console, result)
    console.print(f"\nAll of it in {total_ms / 1000:.1f} s. For machines: {_relative(RESULT)}")
    return 0


def _step(console: Console, title: str, act: Callable[[], Any]) -> str | None:
    """Run one step under a spinner; its seconds, or None when it failed."""
    began = time.monotonic_ns()
    try:
        with console.status(title):
            note = act()
    except (Refused, Broken, TimeoutError, httpx.HTTPError) as failure:
        console.print(f"[red]✗[/red] {title}: {failure}")
        console.print("  Look at the logs with: make logs")
        return None
    taken = f"{(time.monotonic_ns() - began) // 1_000_000 / 1000:.1f}"
    console.print(f"[green]✓[/green] {title:<52}{taken:>6} s" + (f"  {note}" if note else ""))
    return taken


def _relative(path: Path) -> str:
    return str(path.relative_to(LOCAL.parent))


if __name__ == "__main__":
    sys.exit(main())
