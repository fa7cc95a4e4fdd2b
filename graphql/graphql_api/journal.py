"""The journal of a person's accounts: every movement as balanced, chained entries."""

from datetime import datetime
from decimal import Decimal

import strawberry

from graphql_api.pages import Slice
from shared.ledger.model import EntryKind
from shared.ledger.store import EntryPage, StoredEntry

strawberry.enum(EntryKind, description="What kind of fact an entry records.")


@strawberry.type(description="One leg of an entry; the legs of an entry sum to zero per asset.")
class Posting:
    """See the description."""

    account: str = strawberry.field(description="Which account of the chart.")
    asset: str = strawberry.field(description="Unit and decimals, such as `USD/2` or `VLUE/9`.")
    amount: Decimal = strawberry.field(description="Debit positive, credit negative.")


@strawberry.type(description="A value that is kept with an entry.")
class MemoValue:
    """See the description."""

    name: str = strawberry.field(description="What it is.")
    value: str = strawberry.field(description="Its value.")


@strawberry.type(description="An immutable entry of the journal.")
class JournalEntry:
    """See the description."""

    seq: int = strawberry.field(description="Its place in the account's chain, from 1.")
    kind: EntryKind = strawberry.field(description="What it records.")
    reference: strawberry.ID = strawberry.field(description="The deposit or order behind it.")
    at: datetime = strawberry.field(description="When it was booked.")
    postings: list[Posting] = strawberry.field(description="Its legs.")
    memo: list[MemoValue] = strawberry.field(description="Facts kept with it.")
    hash: str = strawberry.field(description="SHA-256 over the previous hash and this content.")
    previous_hash: str = strawberry.field(description="The entry before.")


def entry_of(stored: StoredEntry) -> JournalEntry:
    """For its owner; accounts of the house are named, those of other people never occur."""
    entry = stored.entry
    return JournalEntry(
        seq=entry.seq,
        kind=entry.draft.kind,
        reference=strawberry.ID(entry.draft.reference),
        at=entry.draft.at,
        postings=[
            Posting(account=leg.account, asset=leg.asset, amount=_scaled(leg.amount, leg.asset))
            for leg in entry.draft.postings
        ],
        memo=[MemoValue(name=name, value=value) for name, value in entry.draft.memo.items()],
        hash=stored.hash,
        previous_hash=entry.previous_hash,
    )


def _scaled(amount: int, asset: str) -> Decimal:
    _, _, places = asset.partition("/")
    return Decimal(amount).scaleb(-int(places or 0))


def journal_slice(page: EntryPage) -> Slice[JournalEntry]:
    """Entries with their ``seq`` as the key to continue from."""
    entries = tuple((str(each.entry.seq), entry_of(each)) for each in page.entries)
    return Slice(entries, None if page.after is None else str(page.after))
