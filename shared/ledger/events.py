"""What happened to the books, for those who keep balances of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.kernel.events import Event


class Leg(BaseModel):
    """One leg: debit positive, credit negative, in the smallest unit of ``asset``."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    account: str
    asset: str
    amount: int


class EntryPostedV1(Event):
    """An entry has its place in a journal. It leaves with every entry, whoever posts it.

    ``owner_id`` and ``chain`` name the chain (a person's wallet, or one of the house's), ``seq``
    the place in it. Legs of a person's accounts stand under ``customers:<what>``, so that the
    legs balance per asset here too.
    """

    type: ClassVar[str] = "ledger.entry_posted"

    owner_id: str
    chain: str
    seq: int
    kind: str
    reference: str
    at: datetime
    legs: tuple[Leg, ...]
    memo: Mapping[str, str] = {}
