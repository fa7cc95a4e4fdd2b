"""The journal of a person's accounts: every movement as balanced, chained entries."""

from datetime import datetime
from decimal import Decimal

import strawberry

from graphql_api.pages import Slice
from graphql_api.rules import INHERITED, field, object_type
from graphql_api.scalars import Amount, ReferenceId
from shared.ledger.model import EntryKind
from shared.ledger.rows import EntryPage, StoredEntry

strawberry.enum(EntryKind, description="What kind of fact an entry records.")


@object_type(description="One leg of an entry; the legs of an entry sum to zero per asset.")
class Posting:
    """See the description."""

    account: str = field(INHERITED, "Which account of the chart.")
    asset: str = field(INHERITED, "Unit and decimals, such as `USD/2` or `VLUE/9`.")
    amount: Amount = field(INHERITED, "Debit positive, credit negative.")


@object_type(description="A value that is kept with an entry.")
class MemoValue:
    """See the description."""

    name: str = field(INHERITED, "What it is.")
    value: str = field(INHERITED, "Its value.")


@object_type(description="An immutable entry of the journal.")
class JournalEntry:
    """See the description."""

    seq: int = field(INHERITED, "Its place in the account's chain, from 1.")
    kind: EntryKind = field(INHERITED, "What it records.")
    reference: ReferenceId = field(INHERITED, "The deposit or order behind it.")
    at: datetime = field(INHERITED, "When it was booked.")
    postings: list[Posting] = field(INHERITED, "Its legs.")
    memo: list[MemoValue] = field(INHERITED, "Facts kept with it.")
    hash: str = field(INHERITED, "SHA-256 over the previous hash and this content.")
    previous_hash: str = field(INHERITED, "The entry before.")


def entry_of(stored: StoredEntry) -> JournalEntry:
    """For its owner; accounts of the house are named, those of other people never occur."""
    entry = stored.entry
    return JournalEntry(
        seq=entry.seq,
        kind=entry.draft.kind,
        reference=ReferenceId(entry.draft.reference),
        at=entry.draft.at,
        postings=[
            Posting(account=leg.account, asset=leg.asset, amount=_scaled(leg.amount, leg.asset))
            for leg in entry.draft.postings
        ],
        memo=[MemoValue(name=name, value=value) for name, value in entry.draft.memo.items()],
        hash=stored.hash,
        previous_hash=entry.previous_hash,
    )


def _scaled(amount: int, asset: str) -> Amount:
    _, _, places = asset.partition("/")
    return Amount(format(Decimal(amount).scaleb(-int(places or 0)), "f"))


def journal_slice(page: EntryPage) -> Slice[JournalEntry]:
    """Entries with their ``seq`` as the key to continue from."""
    entries = tuple((str(each.entry.seq), entry_of(each)) for each in page.entries)
    return Slice(entries, None if page.after is None else str(page.after))
