"""Goals and exclusions: reading one's own, making, changing and archiving them."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from graphql_api.context import Context
from graphql_api.errors import Failure, answered
from graphql_api.goal_views import Goal, goals_view
from graphql_api.rules import INHERITED, SIGNED_IN, Info, field, object_type
from graphql_api.scalars import Amount, GoalId, IdempotencyKey, Line, Symbol
from shared.kernel.money import Money
from shared.portfolio.model import BASE
from shared.strategies.glide import Path
from shared.strategies.goal_store import Saving, saving_from
from shared.strategies.goals import GoalStatus, Terms
from shared.strategies.model import Style

if TYPE_CHECKING:
    from shared.strategies.service import GoalService, Saved

_NAME = "1 to 60 characters of plain text. Kept sealed with the person's own key."
_TARGET = "How much is wanted, in US dollars; open when left out."
_UNTIL = "The day on which it is to be reached, within 80 years; open when left out."
_SCORE = "A risk score lower than one's own, 1 to 5; one's own when left out, never a higher one."


@object_type()
class GoalFields:
    """Of whoever asks."""

    @field(
        SIGNED_IN,
        "What one saves for, the general goal first, then by age; archived ones where asked for.",
    )
    def goals(self, info: Info, archived: bool = False) -> list[Goal]:
        """See the description."""
        return _goals(info.context, archived=archived)

    @field(SIGNED_IN, "Assets that one does not want, by symbol.")
    def exclusions(self, info: Info) -> list[Symbol]:
        """See the description."""
        return _symbols(_saving(info.context).exclusions.symbols)


@strawberry.input(description="What to save for.")
class CreateGoalInput:
    """See the description."""

    idempotency_key: IdempotencyKey = strawberry.field(
        description="New for every goal; repeat it when no answer came."
    )
    name: Line = strawberry.field(description=_NAME)
    target: Amount | None = strawberry.field(default=None, description=_TARGET)
    until: date | None = strawberry.field(default=None, description=_UNTIL)
    path: Path = strawberry.field(
        default=Path.SPENDING, description="What happens at the date; the equity falls towards it."
    )
    style: Style = strawberry.field(default=Style.GROWTH, description="What it aims at.")
    score: int | None = strawberry.field(default=None, description=_SCORE)


@strawberry.input(description="A goal as it is to be from now on: what is left out is not set.")
class ChangeGoalInput:
    """See the description."""

    goal_id: GoalId = strawberry.field(description="Which.")
    name: Line | None = strawberry.field(
        default=None, description="Another name; it stays when left out."
    )
    target: Amount | None = strawberry.field(default=None, description=_TARGET)
    until: date | None = strawberry.field(default=None, description=_UNTIL)
    path: Path = strawberry.field(description="What happens at the date.")
    style: Style = strawberry.field(description="What it aims at.")
    score: int | None = strawberry.field(default=None, description=_SCORE)


@strawberry.input(description="Which goal.")
class ArchiveGoalInput:
    """See the description."""

    goal_id: GoalId = strawberry.field(description="The goal; any but the general one.")


@strawberry.input(description="Assets that one does not want.")
class SetExclusionsInput:
    """See the description."""

    symbols: list[Symbol] = strawberry.field(
        description="All of them, in any order; none of them is bought from now on."
    )


@object_type(description="It is so now, or was before.")
class GoalPayload:
    """See the description."""

    goal: Goal = field(INHERITED, "As it stands now.")


@object_type(description="They are so now, or were before.")
class ExclusionsPayload:
    """See the description."""

    exclusions: list[Symbol] = field(INHERITED, "All of them, by symbol.")
    goals: list[Goal] = field(INHERITED, "What that makes of one's goals.")


GoalResult = Annotated[
    GoalPayload | Failure,
    strawberry.union("GoalResult", description="The goal, or why nothing was done."),
]
ExclusionsResult = Annotated[
    ExclusionsPayload | Failure,
    strawberry.union("ExclusionsResult", description="Done, or why nothing was changed."),
]


def goals_of(context: Context) -> "GoalService":
    """The use cases over the parts of this process; the key of names is that of whoever asks."""
    # Not every request is about goals: a cold start does not load them.
    from shared.platform.idempotency import IdempotencyKeys
    from shared.strategies.goal_store import SavingStore
    from shared.strategies.providers.sealing import SealedNames
    from shared.strategies.service import GoalService

    app = context.app
    return GoalService(
        SavingStore(app.database),
        SealedNames(lambda _: context.user(), app.personal),
        app.strategies.in_force,
        IdempotencyKeys(app.database),
        app.facts,
        app.clock,
        app.ids,
    )


def _saving(context: Context) -> Saving:
    """Out of the state of this request."""
    state = context.state()
    return saving_from(state.user_id, state.saving)


def _goals(context: Context, *, archived: bool) -> list[Goal]:
    saving = _saving(context)
    shown = [one for one in saving.goals if archived or one.status is GoalStatus.ACTIVE]
    return goals_view(context, saving, goals_of(context).opened(shown))


def _symbols(symbols: frozenset[str]) -> list[Symbol]:
    return [Symbol(one) for one in sorted(symbols)]


def _payload(context: Context, saved: "Saved") -> GoalPayload:
    context.forget()
    (goal,) = goals_view(context, _saving(context), [saved])
    return GoalPayload(goal=goal)


def _terms(input: CreateGoalInput | ChangeGoalInput) -> Terms:
    return Terms(
        target=None if input.target is None else Money.parse(input.target, BASE),
        until=input.until,
        path=input.path,
        style=input.style,
        score=input.score,
    )


@object_type()
class GoalMutation:
    """Mutations about goals and exclusions."""

    @field(
        SIGNED_IN,
        "Save for something. The same key with the same content gives the same goal.",
    )
    def create_goal(self, info: Info, input: CreateGoalInput) -> GoalResult:
        """See the description."""
        context = info.context

        def create() -> GoalPayload:
            made = goals_of(context).create(
                context.user_id, key=input.idempotency_key, name=input.name, terms=_terms(input)
            )
            return _payload(context, made)

        return answered(create, context.language)

    @field(
        SIGNED_IN,
        "Save for it in another way. What is bought already is brought to the new target by and "
        "by. The general goal can be changed too.",
    )
    def change_goal(self, info: Info, input: ChangeGoalInput) -> GoalResult:
        """See the description."""
        context = info.context

        def change() -> GoalPayload:
            changed = goals_of(context).change(
                context.user_id, input.goal_id, name=input.name, terms=_terms(input)
            )
            return _payload(context, changed)

        return answered(change, context.language)

    @field(SIGNED_IN, "Save nothing more for it. What was saved stays one's own.")
    def archive_goal(self, info: Info, input: ArchiveGoalInput) -> GoalResult:
        """See the description."""
        context = info.context

        def archive() -> GoalPayload:
            return _payload(context, goals_of(context).archive(context.user_id, input.goal_id))

        return answered(archive, context.language)

    @field(
        SIGNED_IN,
        "Never buy these, for any goal. Refused where too little would be left to invest in.",
    )
    def set_exclusions(self, info: Info, input: SetExclusionsInput) -> ExclusionsResult:
        """See the description."""
        context = info.context

        def exclude() -> ExclusionsPayload:
            symbols: frozenset[str] = frozenset(input.symbols)
            kept = goals_of(context).exclude(context.user_id, symbols)
            context.forget()
            return ExclusionsPayload(
                exclusions=_symbols(kept.symbols), goals=_goals(context, archived=False)
            )

        return answered(exclude, context.language)
