"""The journal of the house: facts about money that belong to no person, each booked once."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.kernel.events import Event
from shared.kernel.money import Currency
from shared.ledger.model import GENESIS, Draft, Entry
from shared.ledger.ports import House
from shared.ledger.rows import EntryPage, appended
from shared.ledger.store import LedgerStore
from shared.platform import keys
from shared.platform.contention import full_jitter
from shared.platform.tables import Check, Database, Put, Row, Update
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, Write, retry_lost_race

HOUSE, ENTRY, KEY = "house", "house_journal", "house_key"
"""Names of the writes: the end of the chain, the entry, and the key that is used once."""
_GUARD = "GUARD"
_TRIES = 8


class HouseChainRow(Row):
    """The end of one of the house's chains; there is one per currency."""

    KIND: ClassVar[str] = "house_chain"

    seq = NumberAttribute()
    head = UnicodeAttribute()


class HouseKeyRow(Row):
    """A fact that was booked: never again under this key."""

    KIND: ClassVar[str] = "house_key"

    entry_kind = UnicodeAttribute()
    reference = UnicodeAttribute()
    chain = UnicodeAttribute()
    seq = NumberAttribute()


def _key_of(key: str) -> str:
    return f"EXT#HOUSE#{key}"


class HouseJournal:
    """See House. Chains lie in the journal under the firm's own partition, hashed like those of
    people."""

    def __init__(self, database: Database, cell: str) -> None:
        self._database = database
        self._ledger = LedgerStore(database)
        self.owner_id = keys.house_of(cell)

    def post(self, draft: Draft, key: str) -> list[Write]:
        """See House."""
        currency = Currency(draft.postings[0].asset.partition("/")[0])
        partition = keys.house(self.owner_id)
        found = self._database.get(HouseChainRow, partition, keys.chain(currency))
        seq, head = (0, GENESIS) if found is None else (int(found.seq), found.head)
        entry = Entry(self.owner_id, currency, seq + 1, draft, head)
        unchanged = (
            HouseChainRow.pk.does_not_exist()
            if found is None
            else (HouseChainRow.seq == seq) & (HouseChainRow.head == head)
        )
        used = HouseKeyRow(
            pk=_key_of(key),
            sk=_GUARD,
            entry_kind=draft.kind.value,
            reference=draft.reference,
            chain=currency.value,
            seq=entry.seq,
        )
        actions = (HouseChainRow.seq.set(entry.seq), HouseChainRow.head.set(entry.hash))
        return [
            Update(HOUSE, HouseChainRow, partition, keys.chain(currency), actions, unchanged),
            appended(ENTRY, entry),
            Put.new(KEY, used),
        ]

    def posted(self, key: str) -> bool:
        """See House."""
        return self._database.get(HouseKeyRow, _key_of(key), _GUARD) is not None

    def require(self, key: str) -> Write:
        """See House."""
        exists = HouseKeyRow.pk.exists()
        return Check("house_key_before", HouseKeyRow, _key_of(key), _GUARD, exists)

    def entries(
        self, currency: Currency, *, after: int | None = None, limit: int = 50
    ) -> EntryPage:
        """Entries of one of the house's chains, newest first."""
        return self._ledger.entries(self.owner_id, currency, after=after, limit=limit)


def book_once(
    house: House,
    facts: UnitOfWork,
    draft: Draft,
    key: str,
    *events: Event,
    also: Sequence[Write] = (),
    pause: Callable[[int], None] = full_jitter,
) -> bool:
    """Book a fact of the house, with the writes and events that belong to it; False when it was
    booked before, which is success too.

    Raises TemporarilyUnavailable when others keep appending, and ConditionFailed when one of
    ``also`` does not hold: nothing was written then.
    """

    def attempt() -> bool:
        try:
            facts.commit([*house.post(draft, key), *also], *events)
        except ConditionFailed as failure:
            if KEY in failure.found:
                return False
            if failure.found.keys() <= {HOUSE, ENTRY}:
                raise LostRace from None
            raise
        return True

    return retry_lost_race(attempt, tries=_TRIES, pause=pause)
