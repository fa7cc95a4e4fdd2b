"""Onfido: applicants, documents, photos, checks and their signed webhook."""

from collections.abc import Sequence

from starlette.routing import BaseRoute

from sandbox.config import SandboxConfig
from sandbox.context import Sandbox
from sandbox.index import VendorCard
from sandbox.onfido.api import PREFIX, OnfidoApi
from sandbox.onfido.outcomes import BY_LAST_NAME, PENDING
from sandbox.onfido.registry import Registry


def _credentials(config: SandboxConfig) -> Sequence[tuple[str, str]]:
    return (
        ("API token", config.onfido_api_token),
        ("webhook token", config.onfido_webhook_token),
        ("webhook URL", config.onfido_webhook_url or "not set"),
    )


CARD = VendorCard(
    "Onfido",
    (PREFIX,),
    _credentials,
    (
        *((f"last name {name.title()}", outcome.effect) for name, outcome in BY_LAST_NAME.items()),
        (f"last name {PENDING.title()}", "the check stays in progress until it is ordered to end"),
        ("any other last name", "clear"),
    ),
)


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    """The API and its control endpoint."""
    registry = Registry(sandbox)
    sandbox.on_reset(registry.clear)
    return OnfidoApi(registry).routes()
