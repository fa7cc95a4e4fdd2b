"""What the firm's position is worth, and what members of staff did with the firm's own money."""

from datetime import datetime

from graphql_api.money import Money, money_of, money_or_none
from graphql_api.pages import Connection, connection_of, from_cursor, page_size
from graphql_api.rules import INHERITED, Info, any_of, field, object_type
from graphql_api.scalars import AuditEntryId, Cursor, Rate
from graphql_api.staff_audit import PLACE, AuditChange, changes_of, trail_of
from shared.audit.model import Action, Recorded
from shared.kernel.money import Currency, FxRate
from shared.platform import keys
from shared.treasury.positions import Position, held, revalued
from shared.treasury.store import HouseBalances
from shared.users.roles import Role

WATCHERS = any_of(Role.COMPLIANCE, Role.ADMIN)


@object_type(description="A currency that the firm holds, or owes, for people's dollars.")
class FxPosition:
    """See the description."""

    held: Money = field(INHERITED, "How much of it; negative when it is owed.")
    worth: Money | None = field(INHERITED, "In dollars, at the middle of now; null without one.")
    mid: Rate | None = field(INHERITED, "Dollars for one of it.")
    as_of: datetime | None = field(INHERITED, "When that was published.")


@object_type(description="All currencies, valued anew. Nothing is booked by looking.")
class FxRevaluation:
    """See the description."""

    positions: list[FxPosition] = field(INHERITED, "By currency; those without any are left out.")
    worth: Money | None = field(INHERITED, "Of all; null while one has no rate.")
    booked: Money = field(INHERITED, "The dollars that were paid for them; negative: received.")
    difference: Money | None = field(
        INHERITED, "What selling all at the middle of now would gain; negative: lose."
    )


@object_type(description="What a member of staff did with what is nobody's but the firm's.")
class HouseAct:
    """See the description."""

    entry_id: AuditEntryId = field(INHERITED, "Identifier.")
    at: datetime = field(INHERITED, "When.")
    actor: str = field(INHERITED, "User id of who did it, or `operator:` and a name.")
    actor_role: Role = field(INHERITED, "In which role; SYSTEM for the operators' tool.")
    action: Action = field(INHERITED, "What.")
    reason: str = field(INHERITED, "Why, in the actor's words.")
    changes: list[AuditChange] = field(INHERITED, "What it changed.")
    correlation_id: str = field(INHERITED, "Finds the lines in the log.")
    intact: bool = field(INHERITED, "Whether the entry is as it was written.")


@object_type()
class TreasuryHouseFields:
    """What those who watch the firm's money read besides its accounts."""

    @field(WATCHERS, "What the firm's position in other currencies is worth now.")
    def fx_revaluation(self, info: Info) -> FxRevaluation:
        """See the description."""
        context = info.context
        context.count_read()
        balances = held(HouseBalances(context.app.database).sheet())
        rates: dict[Currency, FxRate] = {}
        for currency in balances:
            rate = context.app.exchange_rates.between(currency, Currency.USD)
            if currency is not Currency.USD and rate is not None:
                rates[currency] = rate
        found = revalued(balances, rates)
        return FxRevaluation(
            positions=[_position_view(one) for one in found.positions],
            worth=money_or_none(found.worth),
            booked=money_of(found.booked),
            difference=money_or_none(found.difference),
        )

    @field(WATCHERS, "What members of staff did with the firm's own money, newest first.")
    def trail(
        self, info: Info, first: int = 20, after: Cursor | None = None
    ) -> Connection[HouseAct]:
        """See the description."""
        context, size = info.context, page_size(first)
        place = None if after is None else from_cursor(after, PLACE)
        context.count_read()
        subject = keys.house_of(context.app.settings.cell)
        page = trail_of(context).page(subject, size, place)
        return connection_of([(at, _act_view(each)) for at, each in page.entries], page.after)


def _position_view(position: Position) -> FxPosition:
    mid = position.mid
    return FxPosition(
        held=money_of(position.held),
        worth=money_or_none(position.worth),
        mid=None if mid is None else Rate(mid.rate),
        as_of=None if mid is None else mid.as_of,
    )


def _act_view(recorded: Recorded) -> HouseAct:
    entry = recorded.entry
    return HouseAct(
        entry_id=AuditEntryId(entry.id),
        at=entry.at,
        actor=entry.actor.id,
        actor_role=entry.actor.role,
        action=entry.action,
        reason=entry.reason,
        changes=changes_of(entry),
        correlation_id=entry.correlation_id,
        intact=recorded.intact,
    )
