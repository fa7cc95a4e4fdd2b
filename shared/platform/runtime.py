"""What every function builds at its start: database, clock, ids and the unit of work."""

from dataclasses import dataclass

from shared.kernel.clock import Clock, SystemClock
from shared.kernel.ids import Ids, UlidIds
from shared.platform.config import Settings
from shared.platform.dynamo import DynamoDatabase
from shared.platform.outbox import Facts
from shared.platform.tables import Database, Table


@dataclass(frozen=True, slots=True)
class Runtime:
    """The ports that use cases of any context need."""

    database: Database
    clock: Clock
    ids: Ids
    facts: Facts


def runtime(settings: Settings) -> Runtime:
    """Over DynamoDB, with the tables that these settings name."""
    names: dict[Table, str] = {}
    for table in Table:
        name = getattr(settings, f"{table.value}_table", None)
        if name is not None:
            names[table] = name
    database = DynamoDatabase(names)
    clock = SystemClock()
    ids = UlidIds(settings.cell, clock)
    return Runtime(database, clock, ids, Facts(database, clock, ids))
