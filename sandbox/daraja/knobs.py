"""Customers and the books, for tests: who pays from the menu, whose phone it is, what moved."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.context import Sandbox
from sandbox.control import parsed
from sandbox.daraja.books import Books
from sandbox.daraja.credential import CERTIFICATE
from sandbox.daraja.menu import Menu, MenuOrder

PREFIX = "/_control/daraja"


class SubscriberOrder(BaseModel):
    """Body of `POST /_control/daraja/subscribers`."""

    model_config = ConfigDict(extra="forbid")

    phone: Annotated[str, Field(pattern=r"^254[17]\d{8}$")]
    name: Annotated[str, Field(min_length=1, max_length=100)]


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

    async def statement(_: Request) -> Response:
        return JSONResponse(books.statement())

    async def certificate(_: Request) -> Response:
        return JSONResponse({"certificate": CERTIFICATE})

    return [
        Route(f"{PREFIX}/c2b", pay, methods=["POST"]),
        Route(f"{PREFIX}/subscribers", name, methods=["POST"]),
        Route(f"{PREFIX}/statement", statement, methods=["GET"]),
        Route(f"{PREFIX}/certificate", certificate, methods=["GET"]),
    ]
