"""Who may what: a rule beside every field, compiled per document and judged once per request.

A field cannot be made without its rule, and a schema that has one without cannot be built. Before
anything is executed, ``required_rules`` gathers the rules of all fields that an operation selects,
and ``authorize`` judges them together: one refused field refuses the request.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast, dataclass_transform

import strawberry

from graphql_api.context import Context
from graphql_api.cost import WORK
from shared.users.errors import Forbidden, NotSignedIn, StepUpRequired
from shared.users.roles import STAFF as STAFF_ROLES
from shared.users.roles import Role

type Info = strawberry.Info[Context, None]

RULE = "rule"
"""Where a field's metadata keep its rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What must hold for whoever selects a field."""

    name: str
    signed_in: bool = True
    roles: frozenset[Role] = frozenset()
    """One of these is needed, with a second factor set up; none means everybody."""
    state: bool = False
    """The person is judged by the bounded state that the answer is made of: one read for both."""
    step_up: bool = False
    """A second factor must have been proved minutes ago in the session that asks."""

    def with_step_up(self) -> "Rule":
        """The same, and a second factor proved minutes ago."""
        return replace(self, name=f"{self.name}+STEP_UP", step_up=True)


ANYONE = Rule("ANYONE", signed_in=False)
"""No sign-in needed: the operations by which one signs in."""
INHERITED = Rule("INHERITED", signed_in=False)
"""A part of a value: whoever was given the value may see it."""
SIGNED_IN = Rule("SIGNED_IN")
"""An active person with a live access token, about their own things only."""
OWNER = Rule("OWNER", state=True)
"""As SIGNED_IN, for the root of all that is one's own."""
SUPPORT = Rule("SUPPORT", roles=frozenset({Role.SUPPORT}))
COMPLIANCE = Rule("COMPLIANCE", roles=frozenset({Role.COMPLIANCE}))
ADMIN = Rule("ADMIN", roles=frozenset({Role.ADMIN}))
STAFF = Rule("STAFF", roles=STAFF_ROLES)
"""Any of the three."""


def any_of(*roles: Role) -> Rule:
    """Some of the staff; ValueError when none is named, or one that is not staff."""
    if not roles or not STAFF_ROLES.issuperset(roles):
        raise ValueError("name roles of staff")
    return Rule("_OR_".join(sorted(roles)), roles=frozenset(roles))


def authorize(context: Context, rules: frozenset[Rule]) -> None:
    """Judge all rules of an operation together, and note in the context that it was done.

    NotSignedIn, Forbidden or StepUpRequired when one does not hold. A profile row that carries the
    role of the platform itself opens nothing: workers have no access tokens.
    """
    asked = [rule for rule in rules if rule.signed_in]
    if asked:
        if any(rule.state for rule in asked):
            context.state()
        if not context.is_active():
            raise NotSignedIn()
        user = context.user()
        if user.role is Role.SYSTEM:
            raise Forbidden()
        for rule in asked:
            if rule.roles and not (user.role in rule.roles and user.mfa):
                raise Forbidden()
        if any(rule.step_up for rule in asked) and not context.stepped_up():
            raise StepUpRequired()
    context.authorized = rules


if TYPE_CHECKING:

    class _Field(Any):  # type: ignore[misc]  # a default of every type, as dataclasses.field is
        """A field of any type; as a decorator it leaves the resolver's type as it is."""

        def __call__[**P, R](self, resolver: Callable[P, R]) -> Callable[P, R]:
            """See the class."""


def field(rule: Rule, description: str, *, work: int = 0, **more: Any) -> "_Field":
    """A field with its rule, as an attribute's default or as the decorator of a resolver.

    ``work``: what it computes beyond its parts, in the unit of ``graphql_api.cost``.
    """
    beside = {RULE: rule, WORK: work}
    return cast("_Field", strawberry.field(description=description, metadata=beside, **more))


@dataclass_transform(kw_only_default=True, field_specifiers=(field,))
def object_type[C: type](
    *, description: str | None = None, name: str | None = None
) -> Callable[[C], C]:
    """A type that is answered with; each of its fields has a rule."""
    return strawberry.type(name=name, description=description)


@dataclass_transform(kw_only_default=True, field_specifiers=(field,))
def interface_type[C: type](*, description: str, name: str | None = None) -> Callable[[C], C]:
    """An interface; each of its fields has a rule."""
    return strawberry.interface(name=name, description=description)
