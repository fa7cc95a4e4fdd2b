"""Reference rates in the shape of Frankfurter v2, at business time."""

from collections.abc import Sequence

from starlette.routing import BaseRoute

from sandbox.config import SandboxConfig
from sandbox.context import Sandbox
from sandbox.fx.api import PREFIX, FxApi
from sandbox.fx.series import published_series
from sandbox.index import VendorCard


def _credentials(_: SandboxConfig) -> Sequence[tuple[str, str]]:
    return (("key", "none needed"),)


CARD = VendorCard(
    "Exchange rates",
    (PREFIX,),
    _credentials,
    (
        ("/v2/rate/KES/USD", "one pair; ?date=YYYY-MM-DD for the past"),
        ("/v2/rates?base=USD&quotes=EUR,KES,ZAR", "a list"),
    ),
)


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    """The API."""
    return FxApi(sandbox, published_series()).routes()
