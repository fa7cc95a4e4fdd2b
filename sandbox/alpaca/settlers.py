"""Accounts that have been there for years: with cash and shares, and without any history."""

from decimal import Decimal
from typing import Annotated
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.alpaca import assets
from sandbox.alpaca.account_bodies import Email
from sandbox.alpaca.accounts import Account, AccountStatus, Holding
from sandbox.alpaca.state import State

Cash = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=2)]
Shares = Annotated[Decimal, Field(gt=0, le=1_000_000, decimal_places=9)]
MOST = 1_000
DISCLOSED = (
    *("is_control_person", "is_affiliated_exchange_or_finra"),
    *("is_politically_exposed", "immediate_family_exposed"),
)
CONTACT = {
    "phone_number": "+254700000000",
    "street_address": ["1 Old Street"],
    "city": "Nairobi",
    "country": "KEN",
}
IDENTITY = {
    "given_name": "Old",
    "family_name": "Settler",
    "date_of_birth": "1960-01-01",
    "country_of_tax_residence": "KEN",
    "funding_source": ["savings"],
}


class Settler(BaseModel):
    """One account: who it belongs to and what is in it."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    email: Email
    cash: Cash = Decimal(0)
    shares: dict[str, Shares] = {}


class SettlerOrder(BaseModel):
    """Body of `POST /_control/alpaca/settlers`."""

    model_config = ConfigDict(extra="forbid")

    settlers: Annotated[list[Settler], Field(min_length=1, max_length=MOST)]


class Settlers:
    """`POST /_control/alpaca/settlers`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def settle(self, request: Request) -> Response:
        """All of them or none; their ids in the order of the body."""
        try:
            order = SettlerOrder.model_validate_json(await request.body())
        except ValidationError as error:
            return _refusal(error.errors(include_url=False)[0]["msg"])
        emails = [one.email.casefold() for one in order.settlers]
        known = {account.email for account in self._state.accounts.values()}
        if len(set(emails)) < len(emails) or known & set(emails):
            return _refusal("an address has one account")
        unknown = {name for one in order.settlers for name in one.shares} - set(assets.LISTED)
        if unknown:
            return _refusal(f"there is no asset {min(unknown)}")
        return JSONResponse({"account_ids": [self._add(one) for one in order.settlers]})

    def _add(self, settler: Settler) -> str:
        account = Account(
            id=str(uuid4()),
            number=self._state.next_account_number(),
            created_at=self._state.now(),
            status=AccountStatus.ACTIVE,
            contact=CONTACT | {"email_address": settler.email},
            identity=IDENTITY,
            disclosures=dict.fromkeys(DISCLOSED, False),
            agreements=[],
            cash=settler.cash,
            holdings={name: Holding(qty) for name, qty in settler.shares.items()},
        )
        # The other side of it is the street's: all books together hold what was prefunded.
        self._state.street -= settler.cash
        self._state.accounts[account.id] = account
        return account.id


def _refusal(message: str) -> Response:
    return JSONResponse({"error": {"code": "invalid_body", "message": message}}, status_code=422)
