"""A small world around one person's movements: real stores, and movements by hand."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ulid import ULID

from shared.cases.store import CaseStore
from shared.kernel.clock import FixedClock
from shared.kernel.ids import SequentialIds
from shared.money_monitoring.disposing import Disposing
from shared.money_monitoring.ports import About, Known
from shared.money_monitoring.store import AlertStore, WindowStore
from shared.money_monitoring.table import rule_table
from shared.money_monitoring.watching import Watch
from shared.money_monitoring.window import Kind, Movement
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.tables import Database

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def _id(kind: str, at: datetime, number: int) -> str:
    body = int(at.timestamp() * 1000).to_bytes(6, "big") + number.to_bytes(10, "big")
    return f"{kind}_t1_{ULID.from_bytes(body)}"


USER = _id("usr", NOW - 30 * DAY, 1)
OLD_USER = _id("usr", NOW - 400 * DAY, 2)


def deposit(number: int, minor: int, at: datetime = NOW, **more: Any) -> Movement:
    """So many cents came."""
    return Movement(_id("dep", at, number), Kind.DEPOSIT, at, minor, **more)


def withdrawal(number: int, minor: int, at: datetime = NOW, **more: Any) -> Movement:
    """So many cents leave."""
    return Movement(_id("pay", at, number), Kind.WITHDRAWAL, at, minor, **more)


def account(number: int, at: datetime = NOW, **more: Any) -> Movement:
    """A payout account was added."""
    return Movement(_id("pac", at, number), Kind.ACCOUNT, at, **more)


@dataclass
class ScriptedMovements:
    """What other contexts would tell, and how often they were asked."""

    windows: WindowStore
    about: About = field(default_factory=About)
    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    left_minor: int = 0
    bought_minor: int = 0
    before: datetime | None = None
    asked: list[str] = field(default_factory=list)

    def known(self, user_id: str, movement: Movement) -> Known:
        """See Movements."""
        self.asked.append("known")
        return Known(self.windows.get(user_id), self.about, **self.told.get(movement.id, {}))

    def left(self, user_id: str) -> int:
        """See Movements."""
        self.asked.append("left")
        return self.left_minor

    def bought(self, user_id: str, since: datetime, until: datetime) -> int:
        """See Movements."""
        self.asked.append("bought")
        return self.bought_minor

    def last_before(self, user_id: str, moment: datetime) -> datetime | None:
        """See Movements."""
        self.asked.append("last_before")
        return self.before


class World:
    """Everything over one database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = FixedClock(NOW)
        self.facts = Facts(database, self.clock, SequentialIds("t1", self.clock))
        self.windows, self.alerts = WindowStore(database), AlertStore(database)
        self.cases = CaseStore(database)
        self.movements = ScriptedMovements(self.windows)
        self.watch = Watch(
            self.movements,
            self.windows,
            self.alerts,
            self.cases,
            self.facts,
            self.clock,
            rule_table(),
            pause=lambda _: None,
        )
        self.disposing = Disposing(
            self.alerts, self.windows, self.cases, self.facts, self.clock, pause=lambda _: None
        )

    def hear(self, *movements: Movement, user_id: str = USER) -> list[str]:
        """Movements, one after the other: names of the alerts that they opened or added to."""
        return [one.name for each in movements for one in self.watch.heard(user_id, each)]


@pytest.fixture
def world() -> World:
    """In memory."""
    return World(MemoryDatabase())


@pytest.fixture
def stored_world(database: Database) -> World:
    """Over both engines."""
    return World(database)
