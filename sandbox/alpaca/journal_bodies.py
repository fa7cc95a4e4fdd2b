"""Request bodies about journals."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from sandbox.alpaca.wire import Order

Amount = Annotated[Decimal, Field(gt=0, decimal_places=2, lt=Decimal(100_000_000))]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Text = Annotated[str, StringConstraints(max_length=1024)]


class Transmitter(Order):
    """Who sends the money, for the travel rule."""

    transmitter_name: Text | None = None
    transmitter_account_number: Text | None = None
    transmitter_address: Text | None = None
    transmitter_financial_institution: Text | None = None
    transmitter_timestamp: Text | None = None


class CreateJournal(Transmitter):
    """Body of `POST /v1/journals`."""

    entry_type: Literal["JNLC"]
    from_account: Id
    to_account: Id
    amount: Amount
    description: Text = ""


class BatchEntry(Transmitter):
    """One receiver of a batch."""

    to_account: Id
    amount: Amount
    description: Text = ""


class CreateBatch(Order):
    """Body of `POST /v1/journals/batch`."""

    entry_type: Literal["JNLC"]
    from_account: Id
    description: Text = ""
    entries: Annotated[list[BatchEntry], Field(min_length=1, max_length=1000)]
