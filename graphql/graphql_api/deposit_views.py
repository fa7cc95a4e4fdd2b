"""A deposit as its owner sees it, whichever way it is paid."""

from datetime import datetime

import strawberry

from graphql_api.disputes import Dispute, dispute_view
from graphql_api.money import Money, money_of
from graphql_api.refunds import Refund, refund_view
from graphql_api.rules import INHERITED, SIGNED_IN, Info, field, object_type
from graphql_api.scalars import DepositId, GoalId, Rate
from shared.kernel import money
from shared.payments.methods import Gateway, Method
from shared.payments.model import Deposit as Stored
from shared.payments.reasons import text_of
from shared.payments.rows import DepositRow, deposit_from
from shared.payments.states import CREDITED, DepositStatus
from shared.platform.tables import Item
from shared.strategies.goals import general_goal_id

strawberry.enum(Gateway, description="Who takes the money for us.")
strawberry.enum(Method, name="DepositMethod", description="How a person pays in.")
strawberry.enum(DepositStatus, description="Where a deposit stands.")

_ACTION = frozenset({DepositStatus.ACTION_REQUIRED, DepositStatus.PENDING})


@object_type(description="One line of how to make a bank transfer.")
class TransferInstruction:
    """See the description."""

    name: str = field(INHERITED, "What it is, such as `reference` or `account_number`.")
    text: str = field(INHERITED, "What to write there.")


@object_type(description="What the payer has to do; one of the three is given.")
class DepositAction:
    """See the description."""

    redirect_url: str | None = field(INHERITED, "Page to pay on, by card or bank debit.")
    push_sent_to: str | None = field(
        INHERITED, "Phone, masked, on which to confirm with the M-Pesa PIN."
    )
    transfer: list[TransferInstruction] = field(
        INHERITED, "Where to send a bank transfer; empty for other ways of paying."
    )


@object_type(description="The exchange rate that was locked for a deposit.")
class DepositQuote:
    """See the description."""

    mid_rate: Rate = field(INHERITED, "Published rate: dollars for one unit.")
    rate: Rate = field(INHERITED, "The rate that the person gets.")
    spread_basis_points: int = field(INHERITED, "What we keep of it, in 1/10,000.")
    fee: Money = field(INHERITED, "What the spread costs, in dollars.")
    source: str = field(INHERITED, "Who published the rate.")
    as_of: datetime = field(INHERITED, "Of when the rate is.")
    expires_at: datetime = field(INHERITED, "Until when a payment could be begun at it.")
    replaced_rate: Rate | None = field(
        INHERITED, "The rate that had been locked before, when the money came too late for it."
    )


@object_type(description="A state that something entered, and when.")
class DepositMove:
    """See the description."""

    status: DepositStatus = field(INHERITED, "The state.")
    at: datetime = field(INHERITED, "When it was entered.")


@object_type(description="Money that a person pays in.")
class Deposit:
    """See the description."""

    deposit_id: DepositId = field(INHERITED, "Identifier.")
    method: Method = field(INHERITED, "How it is paid.")
    gateway: Gateway = field(INHERITED, "With whom it is being paid, or was.")
    status: DepositStatus = field(INHERITED, "Where it stands.")
    amount: Money = field(INHERITED, "What is paid.")
    credited: Money = field(INHERITED, "What the account gets.")
    refunded: Money = field(INHERITED, "Of `amount`: what went back to the payer.")
    quote: DepositQuote | None = field(INHERITED, "How money was converted, if so.")
    next_action: DepositAction | None = field(
        INHERITED, "What the payer has to do now; null when nothing."
    )
    reason: str | None = field(INHERITED, "Stable code of why it does not move on.")
    reason_text: str | None = field(INHERITED, "The reason in words.")
    timeline: list[DepositMove] = field(INHERITED, "Its states, oldest first.")
    created_at: datetime = field(INHERITED, "When it was made.")
    goal_id: GoalId = field(INHERITED, "What it is saved for; the general goal if none was named.")
    settled_at: datetime | None = field(INHERITED, "When the money was credited.")
    funded_at: datetime | None = field(
        INHERITED, "When it reached the broker account, free to be invested."
    )
    stored: strawberry.Private[Stored]

    @field(SIGNED_IN, "What of it went back, or is on its way, the oldest first.")
    def refunds(self, info: Info) -> list[Refund]:
        """See the description."""
        stored, context = self.stored, info.context
        if stored.status not in CREDITED:
            return []
        context.count_read()
        found = context.app.money_back.index.of_deposit(stored.user_id, stored.deposit_id)
        return [refund_view(one, context.language) for one in found]

    @field(SIGNED_IN, "What the payer's bank does about it; what is not decided before the rest.")
    def dispute(self, info: Info) -> Dispute | None:
        """See the description."""
        stored, context = self.stored, info.context
        if stored.status not in CREDITED:
            return None
        context.count_read()
        found = context.app.money_back.disputes.of_deposit(stored.user_id, stored.deposit_id)
        newest = max(found, key=lambda one: (one.undecided, one.opened_at), default=None)
        return None if newest is None else dispute_view(newest, context.language)


def deposit_view(stored: Stored, language: str) -> Deposit:
    """A deposit for its owner."""
    return Deposit(
        deposit_id=DepositId(stored.deposit_id),
        method=stored.method,
        gateway=stored.gateway,
        status=stored.status,
        amount=money_of(stored.amount),
        credited=money_of(stored.credited),
        refunded=money_of(money.Money(stored.refunded_minor, stored.amount.currency)),
        quote=_quote(stored),
        next_action=_action(stored),
        reason=None if stored.reason is None else stored.reason.value,
        reason_text=None if stored.reason is None else text_of(stored.reason, language),
        timeline=[DepositMove(status=one.status, at=one.at) for one in stored.moves],
        created_at=stored.created_at,
        goal_id=GoalId(stored.goal_id or general_goal_id(stored.user_id)),
        settled_at=stored.settled_at,
        funded_at=stored.funded_at,
        stored=stored,
    )


def read_deposit(item: Item) -> Stored | None:
    """A deposit among the feed's entries."""
    return deposit_from(item) if item.kind == DepositRow.KIND else None


def _action(stored: Stored) -> DepositAction | None:
    asked = stored.redirect_url or stored.pushed_to or stored.instructions
    # Rows of an earlier version say PENDING while the payer still has to act.
    if stored.status not in _ACTION or not asked:
        return None
    if stored.status is DepositStatus.PENDING and stored.moves:
        return None
    return DepositAction(
        redirect_url=stored.redirect_url,
        push_sent_to=stored.pushed_to,
        transfer=[TransferInstruction(name=name, text=text) for name, text in stored.instructions],
    )


def _quote(stored: Stored) -> DepositQuote | None:
    quote = stored.quote
    if quote is None:
        return None
    return DepositQuote(
        mid_rate=Rate(quote.mid.rate),
        rate=Rate(quote.rate),
        spread_basis_points=quote.spread,
        fee=money_of(quote.fee(stored.amount)),
        source=quote.mid.source,
        as_of=quote.mid.as_of,
        expires_at=quote.expires_at,
        replaced_rate=None if quote.replaced is None else Rate(quote.replaced),
    )
