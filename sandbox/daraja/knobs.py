"""Customers and the books, for tests: who pays from the menu, whose phone it is, what moved."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.context import Sandbox
from sandbox.control import parsed
from sandbox.daraja.books import CHARGES, OUTSIDE, SAFARICOM, Books, account_of
from sandbox.daraja.credential import CERTIFICATE
from sandbox.daraja.menu import Menu, MenuOrder

PREFIX = "/_control/daraja"


class SubscriberOrder(BaseModel):
    """Body of `POST /_control/daraja/subscribers`."""

    model_config = ConfigDict(extra="forbid")

    phone: Annotated[str, Field(pattern=r"^254[17]\d{8}$")]
    name: Annotated[str, Field(min_length=1, max_length=100)]


class AccountOrder(BaseModel):
    """Body of `POST /_control/daraja/accounts`: money reaches an account of a shortcode, or leaves
    it, and no transaction of ours tells of it. What is charged leaves its account of charges."""

    model_config = ConfigDict(extra="forbid")

    shortcode: str | None = None
    account: Literal["Utility Account", "Working Account", "Charges Paid Account"] = (
        "Utility Account"
    )
    amount: Annotated[int, Field(ge=-(10**9), le=10**9)]


def knobs(sandbox: Sandbox, books: Books, menu: Menu) -> list[BaseRoute]:
    """The control endpoints of everything but pushes."""

    async def pay(request: Request) -> Response:
        order = await parsed(request, MenuOrder)
        if isinstance(order, Response):
            return order
        shortcode = order.shortcode or sandbox.config.daraja_shortcode
        paid = await menu.pay(shortcode, order.phone, order.account, order.amount)
        told: dict[str, Any] = {"receipt": None if paid is None else paid.receipt}
        return JSONResponse(told)

    async def name(request: Request) -> Response:
        order = await parsed(request, SubscriberOrder)
        if isinstance(order, Response):
            return order
        books.names[order.phone] = order.name
        return JSONResponse(order.model_dump())

    async def move(request: Request) -> Response:
        order = await parsed(request, AccountOrder)
        if isinstance(order, Response):
            return order
        shortcode = order.shortcode or sandbox.config.daraja_shortcode
        other = SAFARICOM if order.account == CHARGES else OUTSIDE
        books.move(account_of(shortcode, order.account), other, order.amount)
        return JSONResponse(order.model_dump() | {"shortcode": shortcode})

    async def statement(_: Request) -> Response:
        return JSONResponse(books.statement())

    async def certificate(_: Request) -> Response:
        return JSONResponse({"certificate": CERTIFICATE})

    return [
        Route(f"{PREFIX}/c2b", pay, methods=["POST"]),
        Route(f"{PREFIX}/accounts", move, methods=["POST"]),
        Route(f"{PREFIX}/subscribers", name, methods=["POST"]),
        Route(f"{PREFIX}/statement", statement, methods=["GET"]),
        Route(f"{PREFIX}/certificate", certificate, methods=["GET"]),
    ]
