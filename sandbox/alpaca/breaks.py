"""What befalls an account at the broker without anybody's order: shares and cash come or go."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.alpaca import assets
from sandbox.alpaca.accounts import Holding
from sandbox.alpaca.problems import Problem
from sandbox.alpaca.state import State
from sandbox.alpaca.wire import decimal_text

Cash = Annotated[Decimal, Field(ge=-1_000_000, le=1_000_000, decimal_places=2)]
Shares = Annotated[Decimal, Field(ge=-1_000_000, le=1_000_000, decimal_places=9)]


class BreakOrder(BaseModel):
    """Body of `POST /_control/alpaca/breaks`: dollars and shares that are there all at once, or
    missing. Unless `listed`, no history and no event tells of it."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    account_id: str
    cash: Cash = Decimal(0)
    symbol: str | None = None
    shares: Shares = Decimal(0)
    listed: bool = False


class Breaks:
    """`POST /_control/alpaca/breaks`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def plant(self, request: Request) -> Response:
        try:
            order = BreakOrder.model_validate_json(await request.body())
            account = self._state.account(order.account_id)
        except ValidationError as error:
            return _refusal(error.errors(include_url=False)[0]["msg"])
        except Problem:
            return _refusal("there is no such account")
        if (order.symbol in assets.LISTED) != (order.shares != 0):
            return _refusal("shares are of a listed symbol, and a symbol has shares")
        if order.symbol is not None and account.holding(order.symbol) + order.shares < 0:
            return _refusal("so many shares are not there")
        # The other side of it is the street's: all books together hold what was prefunded.
        account.cash += order.cash
        self._state.street -= order.cash
        if order.symbol is not None:
            held = account.holdings.setdefault(order.symbol, Holding())
            held.qty += order.shares
            if not held.qty:
                del account.holdings[order.symbol]
        if order.listed:
            self._list(account.id, order)
        held_now = {symbol: decimal_text(one.qty) for symbol, one in account.holdings.items()}
        return JSONResponse({"cash": decimal_text(account.cash), "positions": held_now})

    def _list(self, account_id: str, order: BreakOrder) -> None:
        line = {
            "date": self._state.today().isoformat(),
            "net_amount": decimal_text(order.cash),
            "description": "",
            "status": "executed",
        }
        if order.symbol is not None:
            line |= {"symbol": order.symbol, "qty": decimal_text(order.shares)}
        self._state.record(account_id, "JNLS" if order.symbol else "JNLC", line)


def _refusal(message: str) -> Response:
    return JSONResponse({"error": {"code": "invalid_body", "message": message}}, status_code=422)
