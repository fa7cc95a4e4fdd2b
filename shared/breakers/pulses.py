"""Pulses: sent by the watch, taken by whoever works on a queue."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.breakers.overload import Pulse, Report, kept
from shared.kernel.clock import from_text, to_text
from shared.platform.queues import CheckMessage, Queue
from shared.platform.tables import Database, InstantAttribute, Key, Put, Row, Table
from shared.platform.work import ConditionFailed
from shared.platform.worker import Tally

CHECK = "pulse"
"""The name of the check that a pulse is."""
PULSES = "PULSE"
_SENT, _TAKEN = "SENT", "TAKEN"
_TRIES = 4


class SentRow(Row):
    """The newest pulse of a queue, and since when one may be waiting."""

    KIND: ClassVar[str] = "pulse_sent"

    sent_at = InstantAttribute()
    waiting_since = InstantAttribute()


class TakenRow(Row):
    """What those who took pulses told: lines of instant, handled and failed messages."""

    KIND: ClassVar[str] = "pulse_taken"

    lines = UnicodeAttribute()
    version = NumberAttribute()


def _key(queue: str, side: str) -> Key:
    return Key(Table.CORE, PULSES, f"{queue}#{side}")


@dataclass(frozen=True, slots=True)
class Pulses:
    """The pulses of all queues, in one partition."""

    database: Database

    def read(self, queues: Collection[str]) -> dict[str, Pulse]:
        """By queue, in one request."""
        wanted = [_key(queue, side) for queue in queues for side in (_SENT, _TAKEN)]
        found = self.database.get_many(wanted)
        pulses = {}
        for queue in queues:
            sent, taken = found.get(_key(queue, _SENT)), found.get(_key(queue, _TAKEN))
            row = None if sent is None else sent.to(SentRow)
            pulses[queue] = Pulse(
                sent_at=None if row is None else row.sent_at,
                waiting_since=None if row is None else row.waiting_since,
                reports=() if taken is None else _reports(taken.to(TakenRow)),
            )
        return pulses

    def send(self, queues: Mapping[str, Queue], pulses: Mapping[str, Pulse], now: datetime) -> None:
        """The next one through each queue. A crash before its row is written leaves a pulse that
        nobody waits for."""
        for name, queue in queues.items():
            queue.send(CheckMessage(CHECK, {"queue": name, "sent_at": to_text(now)}))
            at, since = pulses[name].sending(now)
            row = SentRow(pk=PULSES, sk=f"{name}#{_SENT}", sent_at=at, waiting_since=since)
            self.database.write(Put("pulse", row))

    def taken(self, queue: str, sent_at: str, tally: Tally) -> None:
        """A pulse came through, to a process that did this since its last one. Of many at once
        that meet here each is kept, or, after some tries, is only one report less."""
        newest = Report(from_text(sent_at), *tally.drained())
        for _ in range(_TRIES):
            before = self.database.get(TakenRow, PULSES, f"{queue}#{_TAKEN}")
            reports = kept(() if before is None else _reports(before), newest)
            row = TakenRow(
                pk=PULSES,
                sk=f"{queue}#{_TAKEN}",
                lines="\n".join(
                    f"{to_text(each.sent_at)} {each.handled} {each.failed}" for each in reports
                ),
                version=1 if before is None else int(before.version) + 1,
            )
            known = TakenRow.pk.does_not_exist()
            unchanged = known if before is None else TakenRow.version == before.version
            try:
                self.database.write(Put("pulse", row, unchanged))
            except ConditionFailed:
                continue
            return


def _reports(row: TakenRow) -> tuple[Report, ...]:
    lines = (line.split(" ") for line in row.lines.splitlines())
    return tuple(Report(from_text(at), int(handled), int(failed)) for at, handled, failed in lines)
