"""A day's reconciliation with what it asks for, keeps and signs in memory."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.broker_reconciliation.sweeping import Sweep
from shared.platform.indexes import SEGMENTS, segment_name
from shared.portfolio.holders import HolderStore

NOW = datetime(2026, 3, 3, 2, tzinfo=UTC)
DAY = date(2026, 3, 2)


@dataclass
class Asked:
    """Messages; see Asked."""

    segments: list[tuple[date, int, int]] = field(default_factory=list)
    accounts: list[tuple[str, int | None]] = field(default_factory=list)

    def segment(self, day: date, number: int, delay_seconds: int = 0) -> None:
        self.segments.append((day, number, delay_seconds))

    def account(self, day: date, user_id: str, attempt: int | None) -> None:
        assert day == DAY
        self.accounts.append((user_id, attempt))


class Safe:
    """An archive and a signer in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def keep(self, place: str, content: bytes) -> None:
        self.kept[place] = content

    def read(self, place: str) -> bytes | None:
        return self.kept.get(place)

    def sign(self, digest: bytes) -> str:
        return digest.hex()[:8]


@dataclass
class Desk:
    """A sweep with what it asked for."""

    world: Any
    sweep: Sweep
    asked: Asked
    safe: Safe
    calls: list[bool] = field(default_factory=list)

    def walk_all(self) -> None:
        for number in range(SEGMENTS):
            self.sweep.walk(DAY, number)

    def day(self) -> None:
        """As it goes when nothing is in the way."""
        self.sweep.tick()
        self.walk_all()
        self.sweep.tick()


@pytest.fixture
def desk(world: Any) -> Desk:
    world.segment = segment_name(7)
    asked, safe, stops = Asked(), Safe(), list[bool]()
    sweep = Sweep(
        holders=HolderStore(world.database),
        days=world.days,
        looking=world.looking,
        asked=asked,
        market_now=lambda: NOW,
        archive=safe,
        signer=safe,
        facts=world.facts,
        clock=world.clock,
        half_gone=lambda: bool(stops) and stops.pop(0),
    )
    return Desk(world, sweep, asked, safe, stops)
