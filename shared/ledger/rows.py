"""Rows of journal entries, both ways, and what leaves with each of them."""

import json
from dataclasses import dataclass
from typing import ClassVar

from pynamodb.attributes import UnicodeAttribute

from shared.kernel.money import Currency
from shared.ledger.accounts import summed
from shared.ledger.events import EntryPostedV1, Leg
from shared.ledger.model import Draft, Entry, EntryKind, Posting
from shared.platform import keys
from shared.platform.tables import InstantAttribute, Put, Row, Table, WholeAttribute


class JournalRow(Row):
    """One immutable entry with all its legs."""

    TABLE: ClassVar[Table] = Table.JOURNAL
    KIND: ClassVar[str] = "entry"

    seq = WholeAttribute()
    entry_kind = UnicodeAttribute()
    reference = UnicodeAttribute()
    at = InstantAttribute()
    legs = UnicodeAttribute()
    memo = UnicodeAttribute()
    previous_hash = UnicodeAttribute()
    hash = UnicodeAttribute()


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry with the hash that was stored with it."""

    entry: Entry
    hash: str


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Entries newest first; ``after`` continues when not None."""

    entries: tuple[StoredEntry, ...]
    after: int | None


def partition(owner_id: str) -> str:
    """Where the chains of a person, or of the house, lie."""
    return keys.house(owner_id) if keys.is_house(owner_id) else keys.user(owner_id)


def place(currency: Currency, seq: int) -> str:
    """Sort key of an entry."""
    return f"{currency.value}#{seq:012d}"


def appended(name: str, entry: Entry) -> Put:
    """The write of an entry, which tells of itself: no use case can forget to."""
    return Put(name, row_of(entry), JournalRow.pk.does_not_exist(), tells=posted(entry))


def posted(entry: Entry) -> EntryPostedV1:
    """The event of an entry."""
    draft = entry.draft
    return EntryPostedV1(
        owner_id=entry.user_id,
        chain=entry.currency.value,
        seq=entry.seq,
        kind=draft.kind.value,
        reference=draft.reference,
        at=draft.at,
        legs=tuple(
            Leg(account=summed(leg.account), asset=leg.asset, amount=leg.amount)
            for leg in draft.postings
        ),
        memo=dict(draft.memo),
    )


def row_of(entry: Entry) -> JournalRow:
    """An entry as its row."""
    legs = [[leg.account, leg.asset, leg.amount] for leg in entry.draft.postings]
    return JournalRow(
        pk=partition(entry.user_id),
        sk=place(entry.currency, entry.seq),
        seq=entry.seq,
        entry_kind=entry.draft.kind.value,
        reference=entry.draft.reference,
        at=entry.draft.at,
        legs=json.dumps(legs, separators=(",", ":")),
        memo=json.dumps(dict(entry.draft.memo), separators=(",", ":"), sort_keys=True),
        previous_hash=entry.previous_hash,
        hash=entry.hash,
    )


def entry_of(row: JournalRow) -> StoredEntry:
    """An entry out of its row."""
    draft = Draft(
        kind=EntryKind(row.entry_kind),
        reference=row.reference,
        at=row.at,
        postings=tuple(Posting(*leg) for leg in json.loads(row.legs)),
        memo=json.loads(row.memo),
    )
    owner = keys.owner_of(row.pk)
    currency = Currency(row.sk.partition("#")[0])
    return StoredEntry(Entry(owner, currency, int(row.seq), draft, row.previous_hash), row.hash)
