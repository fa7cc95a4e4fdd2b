"""Who may what: the one place, named beside every root field. Without a rule, nobody may."""

from collections.abc import Callable
from typing import Any, cast

import strawberry
from strawberry.permission import BasePermission

from graphql_api.context import Context
from shared.users.errors import NotSignedIn

type Info = strawberry.Info[Context, None]


class SignedIn(BasePermission):
    """An active person with a live access token; they see their own things only."""

    message = "Please sign in."

    def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool:
        """Loads who is asking; the resolvers then read that person's partition only."""
        if info.operation.operation.value == "query":
            info.context.state()
        return info.context.is_active()

    def on_unauthorized(self) -> None:
        """As the error that clients answer by refreshing their session."""
        raise NotSignedIn()


class Anyone(BasePermission):
    """No sign-in needed: the operations by which one signs in."""

    def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool:
        """Always."""
        return True


def root[**P, R](
    rule: type[BasePermission], description: str
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A field of a root type; it cannot be made without naming its rule."""

    def decorate(resolver: Callable[P, R]) -> Callable[P, R]:
        made: Any = strawberry.field(
            resolver=resolver, permission_classes=[rule], description=description
        )
        return cast(Callable[P, R], made)

    return decorate


def computed[**P, R](description: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A field below the root: reached only through a root field, whose rule holds for it."""

    def decorate(resolver: Callable[P, R]) -> Callable[P, R]:
        made: Any = strawberry.field(resolver=resolver, description=description)
        return cast(Callable[P, R], made)

    return decorate


ROOT_RULES: tuple[type[BasePermission], ...] = (SignedIn, Anyone)
"""Every root field carries exactly one of these; a test goes through the schemas."""
