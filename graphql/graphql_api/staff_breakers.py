"""Breakers of automatic orders: how they stand, for everybody; stopped and let go by staff."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import strawberry

from graphql_api.breaker_states import BreakerState
from graphql_api.context import Context
from graphql_api.errors import Failure, answered
from graphql_api.rules import ADMIN, INHERITED, SIGNED_IN, Info, any_of, field, object_type
from graphql_api.scalars import Symbol, Text
from graphql_api.staff_audit import trail_of
from graphql_api.staff_duties import acting
from shared.audit.breakers import BreakerDuties, BreakerTrail
from shared.breakers.changing import Changing
from shared.breakers.holding import Holding
from shared.breakers.names import BROKER, BROKERS, GLOBAL, at_broker, breaker_of
from shared.investing.at_broker import broker_of
from shared.kernel.errors import InvalidValue
from shared.market_data.breakers import Switches
from shared.market_data.model import Breaker
from shared.market_data.universe import SYMBOLS
from shared.platform import keys
from shared.users.roles import Role

_REASON = "Why: 10 to 500 characters, kept for good; no personal data."
_PAUSED = {
    "en": "Automatic orders are paused for now. They go on by themselves; money and withdrawals "
    "are not affected.",
    "sw": "Maagizo ya kiotomatiki yamesitishwa kwa sasa. Yataendelea yenyewe; pesa na utoaji wa "
    "pesa haziathiriki.",
}
_FLOWING = {
    "en": "Automatic orders are placed as usual.",
    "sw": "Maagizo ya kiotomatiki yanawekwa kama kawaida.",
}


@strawberry.enum(
    description="What stops automatic orders: a person, the broker, the market, too much work."
)
class OrderBreaker(StrEnum):
    """See the description."""

    TRADING = "trading"
    BROKER = "broker"
    VOLATILITY = "volatility"
    OVERLOAD = "overload"


@object_type(description="A breaker of automatic orders.")
class AutomaticBreaker:
    """See the description."""

    breaker: OrderBreaker = field(INHERITED, "Which.")
    symbol: Symbol | None = field(INHERITED, "Of one symbol: which; else it stops all orders.")
    broker: str | None = field(
        INHERITED, "With `BROKER`: the one broker whose orders it stops; null for all of them."
    )
    state: BreakerState = field(INHERITED, "How it stands; one never touched is closed.")
    reason: str | None = field(
        INHERITED, "The measure that changed it, or `STAFF`; null when nothing ever did."
    )
    since: datetime | None = field(
        INHERITED, "Since when; by the market's clock where the market changed it."
    )


@object_type(description="Whether automatic orders are placed.")
class AutomaticOrders:
    """See the description."""

    paused: bool = field(INHERITED, "Whether all of them wait.")
    paused_symbols: list[Symbol] = field(INHERITED, "Whose orders wait while others are placed.")
    message: str = field(INHERITED, "The same in words, in the person's language.")


@strawberry.input(description="Which automatic orders are to stop or go on, and why.")
class SwitchBreakerInput:
    """See the description."""

    breaker: OrderBreaker = strawberry.field(description="Which.")
    symbol: Symbol | None = strawberry.field(
        default=None, description="With `VOLATILITY` alone: of this symbol only."
    )
    broker: Text | None = strawberry.field(
        default=None,
        description="With `BROKER` alone: of the orders at this broker only, `alpaca` or `ibkr`.",
    )
    reason: Text = strawberry.field(description=_REASON)


@object_type(description="It stands so, now or before.")
class SwitchBreakerPayload:
    """See the description."""

    breakers: list[AutomaticBreaker] = field(INHERITED, "How all of them stand.")


SwitchBreakerResult = Annotated[
    SwitchBreakerPayload | Failure,
    strawberry.union("SwitchBreakerResult", description="Done, or why nothing was changed."),
]


def _known(context: Context) -> dict[str, Breaker]:
    context.count_read()
    names = [*GLOBAL, *map(at_broker, BROKERS), *map(breaker_of, SYMBOLS)]
    return Switches(context.app.database).read(names)


def _views(known: dict[str, Breaker]) -> list[AutomaticBreaker]:
    """All global ones, and those of one broker or symbol that are not closed."""
    found = [_view(name, None, known.get(name)) for name in GLOBAL]
    for broker in BROKERS:
        one = known.get(at_broker(broker))
        if one is not None and one.state is not BreakerState.CLOSED:
            found.append(_view(BROKER, None, one, broker))
    for symbol in SYMBOLS:
        one = known.get(breaker_of(symbol))
        if one is not None and one.state is not BreakerState.CLOSED:
            found.append(_view("volatility", symbol, one))
    return found


def _view(
    name: str, symbol: str | None, one: Breaker | None, broker: str | None = None
) -> AutomaticBreaker:
    return AutomaticBreaker(
        breaker=OrderBreaker(name),
        broker=broker,
        symbol=None if symbol is None else Symbol(symbol),
        state=BreakerState.CLOSED if one is None else one.state,
        reason=None if one is None else one.reason,
        since=None if one is None else one.since,
    )


@object_type()
class BreakerQuery:
    """The roots of breakers."""

    @field(any_of(Role.COMPLIANCE, Role.ADMIN), "What stops automatic orders. For staff alone.")
    def breakers(self, info: Info) -> list[AutomaticBreaker]:
        """See the description."""
        return _views(_known(info.context))

    @field(SIGNED_IN, "Whether automatic orders are placed; why not is not told.")
    def automatic_orders(self, info: Info) -> AutomaticOrders:
        """See the description."""
        known = _known(info.context)
        stopped = {name for name, one in known.items() if one.blocks}
        theirs = at_broker(broker_of(info.context.user().broker_account_id or ""))
        paused = any(name in stopped for name in (*GLOBAL, theirs))
        words = _PAUSED if paused else _FLOWING
        return AutomaticOrders(
            paused=paused,
            paused_symbols=[Symbol(one) for one in SYMBOLS if breaker_of(one) in stopped],
            message=words[info.context.language],
        )


@object_type()
class BreakerMutation:
    """What staff do with breakers."""

    @field(
        ADMIN.with_step_up(),
        "Stop automatic orders until a person lets them go on. Orders wait, none is lost, and "
        "withdrawals of cash go on.",
    )
    def stop_automatic_orders(self, info: Info, input: SwitchBreakerInput) -> SwitchBreakerResult:
        """See the description."""
        return _switched(info.context, input, stop=True)

    @field(
        ADMIN.with_step_up(),
        "Let automatic orders go on, whoever or whatever stopped them. Against a measure that "
        "still holds they go on until it is worse.",
    )
    def resume_automatic_orders(self, info: Info, input: SwitchBreakerInput) -> SwitchBreakerResult:
        """See the description."""
        return _switched(info.context, input, stop=False)


def _name_of(input: SwitchBreakerInput) -> str:
    if input.symbol is not None and input.breaker is not OrderBreaker.VOLATILITY:
        raise InvalidValue(field="symbol", reason="must be given for VOLATILITY, only")
    if input.broker is not None and input.breaker is not OrderBreaker.BROKER:
        raise InvalidValue(field="broker", reason="must be given for BROKER, only")
    if input.symbol is not None:
        return breaker_of(input.symbol)
    return input.breaker.value if input.broker is None else at_broker(input.broker)


def _switched(context: Context, input: SwitchBreakerInput, *, stop: bool) -> SwitchBreakerResult:
    def switch() -> SwitchBreakerPayload:
        app, name = context.app, _name_of(input)
        trail = BreakerTrail(keys.house_of(app.settings.cell), trail_of(context))
        changing = Changing(Switches(app.database), app.facts)
        duties = BreakerDuties(trail, Holding(changing, app.clock, SYMBOLS))
        act = duties.stop if stop else duties.release
        act(acting(context), name, input.reason)
        return SwitchBreakerPayload(breakers=_views(_known(context)))

    return answered(switch, context.language)
