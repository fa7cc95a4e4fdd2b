"""Lambda entry point of the GraphQL and session endpoints."""

from typing import Any

from graphql_api.adapter import LambdaAdapter
from graphql_api.application import Application
from graphql_api.asgi import Service
from graphql_api.outside import outside
from graphql_api.settings import Settings
from shared.platform import snapshots
from shared.platform.entry import entry_point

settings = Settings.load()
service = Service(Application(settings, outside(settings)))
adapter = LambdaAdapter(service)


@snapshots.before_snapshot
def prime() -> None:
    """Once per published version; what it needs is loaded only then."""
    from graphql_api.priming import prime

    prime(service, settings)


@entry_point("graphql_api")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """An HTTP API event (payload version 2.0) to its answer."""
    return adapter(event, context)
