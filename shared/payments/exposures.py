"""Where it is kept which deposits of a person were forwarded while they could be disputed."""

import json
from itertools import batched
from typing import ClassVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.payments.rows import deposit_from, deposit_key
from shared.payments.seasoning import Exposure
from shared.platform import keys
from shared.platform.tables import Database, Item, Key, Put, Row
from shared.platform.work import Write

_SK = "FORWARDED"


class ForwardedRow(Row):
    """Ids of those deposits. Its version makes two decisions at once impossible."""

    KIND: ClassVar[str] = "forwarded"

    version = NumberAttribute()
    deposits = UnicodeAttribute()


class ExposureStore:
    """See Exposures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, user_id: str) -> Exposure:
        """See Exposures."""
        row = self._database.get(ForwardedRow, keys.user(user_id), _SK)
        if row is None:
            return Exposure(user_id, 0)
        places = [deposit_key(user_id, each) for each in json.loads(row.deposits)]
        found: dict[Key, Item] = {}
        for some in batched(places, 100, strict=False):
            found |= self._database.get_many(some)
        deposits = tuple(deposit_from(found[place]) for place in places if place in found)
        return Exposure(user_id, int(row.version), deposits)

    def keep(self, exposure: Exposure, deposit_ids: tuple[str, ...]) -> Write:
        """See Exposures."""
        row = ForwardedRow(
            pk=keys.user(exposure.user_id),
            sk=_SK,
            version=exposure.version + 1,
            deposits=json.dumps(deposit_ids, separators=(",", ":")),
        )
        unchanged = (
            ForwardedRow.version == exposure.version
            if exposure.version
            else ForwardedRow.pk.does_not_exist()
        )
        return Put("forwarded", row, unchanged)
