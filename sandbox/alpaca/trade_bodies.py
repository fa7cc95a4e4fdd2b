"""What a correction of a trade is ordered with."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Positive = Annotated[Decimal, Field(gt=0, le=Decimal(1_000_000), decimal_places=9)]


class CorrectionOrder(BaseModel):
    """Body of `POST /_control/alpaca/trades/{execution_id}/correct`: the right price, and the
    right quantity where that was wrong too."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    price: Positive
    qty: Positive | None = None
