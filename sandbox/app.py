"""Puts the vendors together into one ASGI application."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox import adyen, alpaca, control, daraja, fx, ibkr, index, onfido, stripe
from sandbox.config import SandboxConfig
from sandbox.context import Sandbox
from sandbox.index import VendorCard

# A web page that has its own name point to 127.0.0.1 must not reach the knobs.
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor: `routes` gives full paths (its own Mounts, and its `/_control/<vendor>/…`)."""

    card: VendorCard
    routes: Callable[[Sandbox], list[BaseRoute]]


VENDORS: Mapping[str, Vendor] = {
    "stripe": Vendor(stripe.CARD, stripe.routes),
    "adyen": Vendor(adyen.CARD, adyen.routes),
    "daraja": Vendor(daraja.CARD, daraja.routes),
    "onfido": Vendor(onfido.CARD, onfido.routes),
    "fx": Vendor(fx.CARD, fx.routes),
    "alpaca": Vendor(alpaca.CARD, alpaca.routes),
    "ibkr": Vendor(ibkr.CARD, ibkr.routes),
}


def build_app(config: SandboxConfig) -> Starlette:
    """The application; its `state.sandbox` is the `Sandbox`."""
    sandbox = Sandbox(config)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await sandbox.background.aclose()
        await sandbox.outbound.aclose()

    async def health(_: Request) -> Response:
        answer: dict[str, Any] = {"status": "ok", "vendors": list(VENDORS)}
        return JSONResponse(answer)

    app = Starlette(
        routes=[
            Route("/health", health, methods=["GET"]),
            *index.routes([vendor.card for vendor in VENDORS.values()], lambda: sandbox.config),
            *control.routes(sandbox),
            *(route for vendor in VENDORS.values() for route in vendor.routes(sandbox)),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=ALLOWED_HOSTS)],
        lifespan=lifespan,
    )
    app.state.sandbox = sandbox
    return app
