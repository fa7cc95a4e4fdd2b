"""Rates that never run out: a test asks more in a second than a person in a day."""

from typing import Any

from graphql_api.application import Application


class _Unlimited:
    def take(self, principal: str, bucket: Any, cost: int = 1) -> None:
        """Always."""


def unlimited(app: Application) -> None:
    """Nobody is too fast for this application."""
    app.__dict__["rates"] = _Unlimited()
