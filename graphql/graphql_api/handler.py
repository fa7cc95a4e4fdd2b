"""Lambda entry point of the GraphQL and session endpoints."""

from functools import cache
from typing import Any

from graphql_api.adapter import LambdaAdapter
from graphql_api.application import Application
from graphql_api.asgi import Service
from graphql_api.outside import outside
from graphql_api.settings import Settings
from shared.platform.entry import entry_point


@cache
def _adapter() -> LambdaAdapter:
    settings = Settings.load()
    return LambdaAdapter(Service(Application(settings, outside(settings))))


@entry_point("graphql_api")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """An HTTP API event (payload version 2.0) to its answer."""
    return _adapter()(event, context)
