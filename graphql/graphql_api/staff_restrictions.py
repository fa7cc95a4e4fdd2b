"""The restricted list: what may not be bought, or not traded at all, by a person's word."""

from datetime import datetime
from typing import Annotated

import strawberry

from graphql_api.context import Context
from graphql_api.errors import Failure, answered
from graphql_api.rules import ADMIN, INHERITED, Info, any_of, field, object_type
from graphql_api.scalars import Symbol, Text
from graphql_api.staff_audit import trail_of
from graphql_api.staff_duties import acting
from shared.market_data.model import Restriction
from shared.market_data.restrictions import RestrictionStore
from shared.market_data.universe import SYMBOLS
from shared.platform import keys
from shared.users.roles import Role

_REASON = "Why: 10 to 500 characters, kept for good; no personal data."
strawberry.enum(
    Restriction,
    name="AssetRestriction",
    description="What may not be done with an asset: `NO_BUYS`, or neither side of it.",
)


@object_type(description="An asset on the restricted list.")
class RestrictedAsset:
    """See the description."""

    symbol: Symbol = field(INHERITED, "Which.")
    restriction: Restriction = field(INHERITED, "What may not be done with it.")
    since: datetime = field(INHERITED, "Since when.")


@strawberry.input(description="Which asset is to be restricted, how far, and why.")
class RestrictAssetInput:
    """See the description."""

    symbol: Symbol = strawberry.field(description="Which.")
    restriction: Restriction = strawberry.field(description="How far.")
    reason: Text = strawberry.field(description=_REASON)


@strawberry.input(description="Which asset is to be traded again, and why.")
class ReleaseAssetInput:
    """See the description."""

    symbol: Symbol = strawberry.field(description="Which.")
    reason: Text = strawberry.field(description=_REASON)


@object_type(description="The list as it is now, whether this changed it or it was so before.")
class RestrictAssetPayload:
    """See the description."""

    restricted: list[RestrictedAsset] = field(INHERITED, "All that is restricted, by symbol.")


RestrictAssetResult = Annotated[
    RestrictAssetPayload | Failure,
    strawberry.union("RestrictAssetResult", description="Done, or why nothing was changed."),
]


def _listed(context: Context) -> list[RestrictedAsset]:
    context.count_read()
    entries = RestrictionStore(context.app.database).read().entries
    return [
        RestrictedAsset(symbol=Symbol(symbol), restriction=one.restriction, since=one.since)
        for symbol, one in sorted(entries.items())
    ]


@object_type()
class RestrictionQuery:
    """The root of the restricted list."""

    @field(any_of(Role.COMPLIANCE, Role.ADMIN), "Assets that may not be traded. For staff alone.")
    def restricted_assets(self, info: Info) -> list[RestrictedAsset]:
        """See the description."""
        return _listed(info.context)


@object_type()
class RestrictionMutation:
    """What staff do with the restricted list."""

    @field(
        ADMIN.with_step_up(),
        "Put an asset on the restricted list. Plans leave it out; its money stays cash. Open "
        "orders that it forbids are canceled, but for sales that raise cash.",
    )
    def restrict_asset(self, info: Info, input: RestrictAssetInput) -> RestrictAssetResult:
        """See the description."""
        return _changed(info.context, input.symbol, input.restriction, input.reason)

    @field(ADMIN.with_step_up(), "Take an asset off the restricted list.")
    def release_asset(self, info: Info, input: ReleaseAssetInput) -> RestrictAssetResult:
        """See the description."""
        return _changed(info.context, input.symbol, None, input.reason)


def _changed(
    context: Context, symbol: str, restriction: Restriction | None, reason: str
) -> RestrictAssetResult:
    def change() -> RestrictAssetPayload:
        # Few requests restrict anything: a cold start does not load what does it.
        from shared.audit.restrictions import RestrictionDuties
        from shared.investing.restricting import Restricting

        app = context.app
        duties = RestrictionDuties(
            keys.house_of(app.settings.cell),
            trail_of(context),
            Restricting(RestrictionStore(app.database), app.facts, app.clock, SYMBOLS),
        )
        if restriction is None:
            duties.release(acting(context), symbol, reason)
        else:
            duties.restrict(acting(context), symbol, restriction, reason)
        return RestrictAssetPayload(restricted=_listed(context))

    return answered(change, context.language)
