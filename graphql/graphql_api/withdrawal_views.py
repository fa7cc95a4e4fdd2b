"""A withdrawal as its owner sees it, and as it would be if it was asked for now."""

from datetime import date, datetime

import strawberry

from graphql_api.money import Money, money_of
from graphql_api.payout_accounts import AccountBooks, PayoutAccount, account_view
from graphql_api.payout_states import PayoutStatus
from graphql_api.rules import INHERITED, SIGNED_IN, Info, field, object_type
from graphql_api.scalars import GoalId, PayoutId, Rate, Symbol
from graphql_api.withdrawal_plans import WithdrawalWarning, warnings_of
from graphql_api.withdrawal_steps import STEPS, WithdrawalStep
from shared.kernel import money
from shared.payments.quoting import FxQuote
from shared.payouts.model import Payout, Purpose
from shared.payouts.reasons import PayoutReason, text_of
from shared.payouts.rows import PayoutRow, payout_from
from shared.payouts.states import NOT_PAID
from shared.payouts.terms import Terms
from shared.platform.tables import Item
from shared.withdrawals.offers import Offer


@object_type(description="The exchange rate of a withdrawal.")
class WithdrawalQuote:
    """See the description."""

    mid_rate: Rate = field(INHERITED, "Published rate: units of what arrives for one dollar.")
    rate: Rate = field(INHERITED, "The rate that the person gets.")
    spread_basis_points: int = field(INHERITED, "What we keep of it, in 1/10,000.")
    source: str = field(INHERITED, "Who published the rate.")
    as_of: datetime = field(INHERITED, "Of when the rate is.")
    expires_at: datetime = field(
        INHERITED, "What is sent later is converted anew, at the rate of that moment."
    )


@object_type(description="A rate that was over before the withdrawal was sent.")
class WithdrawalRateChange:
    """See the description."""

    at: datetime = field(INHERITED, "When another one took its place.")
    amount_before: Money = field(INHERITED, "What would have arrived.")
    amount_after: Money = field(INHERITED, "What arrives instead.")
    before: WithdrawalQuote = field(INHERITED, "The rate that was over.")
    after: WithdrawalQuote = field(INHERITED, "The one in its place.")


@object_type(description="A rate that the person has to agree to, because it is much worse.")
class WithdrawalOffer:
    """See the description."""

    amount: Money = field(INHERITED, "What would arrive.")
    quote: WithdrawalQuote = field(INHERITED, "The rate.")
    answer_by: datetime = field(
        INHERITED, "Without an answer until then it is cancelled, and the money is free again."
    )


@object_type(description="A state that a withdrawal entered, and when.")
class WithdrawalMove:
    """See the description."""

    status: PayoutStatus = field(INHERITED, "The state.")
    at: datetime = field(INHERITED, "When it was entered.")


@object_type(description="Money that a person takes out.")
class Withdrawal:
    """See the description."""

    payout_id: PayoutId = field(INHERITED, "Identifier.")
    status: PayoutStatus = field(INHERITED, "Where it stands.")
    reason: str | None = field(INHERITED, "Stable code of why it waits or came to nothing.")
    reason_text: str | None = field(INHERITED, "The reason in words.")
    goal_id: GoalId | None = field(
        INHERITED, "Of which goal's money; null of all there is, the general goal's first."
    )
    all: bool = field(INHERITED, "Whether everything is taken out, or was, in one of its parts.")
    estimated: bool = field(
        INHERITED, "Of everything: not all of it is sold yet, so all amounts are estimates."
    )
    last_fee: Money | None = field(
        INHERITED, "Of everything: the management fee that was charged before, once that is known."
    )
    debited: Money = field(INHERITED, "What the account loses.")
    amount: Money = field(INHERITED, "What arrives.")
    quote: WithdrawalQuote | None = field(INHERITED, "How money is converted, if so.")
    rate_changes: list[WithdrawalRateChange] = field(
        INHERITED, "Rates that were over before it was sent, oldest first."
    )
    next_action: WithdrawalStep | None = field(
        INHERITED, "What it waits for; null when it is over."
    )
    to_be_raised: Money = field(
        INHERITED, "What cash does not cover yet: it is held once sales for it have settled."
    )
    expected_on: date | None = field(
        INHERITED, "While it is RAISING: when what was sold has settled, once that is known."
    )
    offer: WithdrawalOffer | None = field(
        INHERITED, "While it is AWAITING_CONSENT: what to agree to with `acceptWithdrawalOffer`."
    )
    paid_to: str = field(INHERITED, "Where it goes, masked.")
    not_before: datetime | None = field(
        INHERITED, "The account was new: nothing leaves before this time."
    )
    timeline: list[WithdrawalMove] = field(INHERITED, "Its states, oldest first.")
    created_at: datetime = field(INHERITED, "When it was asked for.")
    paid_at: datetime | None = field(INHERITED, "When it was paid.")
    receipt: str | None = field(INHERITED, "M-Pesa's receipt number, once it was paid.")
    can_cancel: bool = field(INHERITED, "Whether it can still be taken back.")
    account_id: strawberry.Private[str]
    books: strawberry.Private[AccountBooks]

    @field(SIGNED_IN, "The account that it goes to, also when that was removed since.")
    def payout_account(self) -> PayoutAccount | None:
        """See the description."""
        found = self.books.find(self.account_id)
        return None if found is None else account_view(found)


@object_type(description="What would come of a withdrawal if it was asked for now.")
class WithdrawalPreview:
    """See the description."""

    debited: Money = field(INHERITED, "What the account would lose; never more than was asked for.")
    amount: Money = field(INHERITED, "What would arrive.")
    fee: Money = field(INHERITED, "What our part of the exchange rate costs, of what arrives.")
    quote: WithdrawalQuote | None = field(INHERITED, "How money would be converted, if so.")
    not_before: datetime | None = field(
        INHERITED, "The account is new: nothing would leave before this time."
    )
    to_be_raised: Money = field(INHERITED, "What settled cash does not cover: it comes first.")
    sold: Money = field(
        INHERITED, "What sales for it would bring, at today's prices; a little more than needed."
    )
    expected_on: date | None = field(
        INHERITED, "When that would have settled, if it is sold in the next session."
    )
    estimated: bool = field(INHERITED, "Of everything: what it comes to is known once it is sold.")
    last_fee: Money = field(
        INHERITED, "Of everything: the management fee until yesterday, which comes first."
    )
    left: list[Symbol] = field(
        INHERITED, "Of everything: symbols of which something stays, because no order takes it."
    )
    goal_id: strawberry.Private[str | None]

    @field(SIGNED_IN, "What the person should know beside it; nothing stands in its way.")
    def warnings(self, info: Info) -> list[WithdrawalWarning]:
        """See the description."""
        return warnings_of(info.context, self.goal_id, everything=self.estimated)


def withdrawal_view(stored: Payout, language: str, books: AccountBooks) -> Withdrawal:
    """A withdrawal for its owner. Whatever staff look at has the same words."""
    return Withdrawal(
        payout_id=PayoutId(stored.payout_id),
        status=stored.status,
        reason=None if stored.reason is None else stored.reason.value,
        reason_text=None if stored.reason is None else text_of(stored.reason, language),
        goal_id=GoalId(stored.goal_id) if stored.goal_id else None,
        all=stored.everything is not None,
        estimated=stored.estimated,
        last_fee=_last_fee(stored),
        debited=money_of(stored.debited),
        amount=money_of(stored.amount),
        quote=_quote(stored.quote),
        rate_changes=_rate_changes(stored),
        next_action=_next_action(stored),
        to_be_raised=_dollars(stored.lacks_minor if stored.status not in NOT_PAID else 0),
        expected_on=stored.settles_on if stored.status is PayoutStatus.RAISING else None,
        offer=_offer(stored.offer),
        paid_to=stored.shown_as or "",
        not_before=stored.not_before,
        timeline=[WithdrawalMove(status=one.status, at=one.at) for one in stored.moves],
        created_at=stored.created_at,
        paid_at=stored.paid_at,
        receipt=stored.receipt,
        can_cancel=stored.cancellable,
        account_id=stored.account_id or "",
        books=books,
    )


def preview_view(offer: Offer) -> WithdrawalPreview:
    """An offer, which nothing was done for."""
    conversion = offer.conversion
    return WithdrawalPreview(
        debited=money_of(conversion.debited),
        amount=money_of(conversion.amount),
        fee=money_of(conversion.fee),
        quote=_quote(conversion.quote),
        not_before=offer.not_before,
        to_be_raised=_dollars(offer.lacks_minor),
        sold=_dollars(offer.sold_minor),
        expected_on=offer.expected_on,
        estimated=offer.everything is not None,
        last_fee=_dollars(offer.fee_minor),
        left=[Symbol(one) for one in offer.left],
        goal_id=offer.goal_id or None,
    )


def read_withdrawal(item: Item) -> Payout | None:
    """A withdrawal among the feed's entries."""
    if item.kind != PayoutRow.KIND:
        return None
    payout = payout_from(item)
    return payout if payout.purpose is Purpose.WITHDRAWAL else None


def _next_action(stored: Payout) -> WithdrawalStep | None:
    # Neutral on purpose: whatever staff or the person's bank look at has the same name.
    if stored.reason is PayoutReason.UNDER_REVIEW and stored.status not in NOT_PAID:
        return WithdrawalStep.CHECK
    if stored.status is PayoutStatus.RAISING and stored.settles_on is not None:
        return WithdrawalStep.SETTLEMENT
    return STEPS.get(stored.status)


def _last_fee(stored: Payout) -> Money | None:
    known = stored.everything
    return None if known is None or known.fee_minor is None else _dollars(known.fee_minor)


def _dollars(minor: int) -> Money:
    return money_of(money.Money(minor, money.Currency.USD))


def _quote(quote: FxQuote | None) -> WithdrawalQuote | None:
    return None if quote is None else _shown(quote)


def _shown(quote: FxQuote) -> WithdrawalQuote:
    return WithdrawalQuote(
        mid_rate=Rate(quote.mid.rate),
        rate=Rate(quote.rate),
        spread_basis_points=quote.spread,
        source=quote.mid.source,
        as_of=quote.mid.as_of,
        expires_at=quote.expires_at,
    )


def _rate_changes(stored: Payout) -> list[WithdrawalRateChange]:
    """Each beside the one that took its place."""
    if stored.quote is None:
        return []
    later = [(one.quote, one.amount) for one in stored.earlier[1:]]
    followers = [*later, (stored.quote, stored.amount)]
    return [
        WithdrawalRateChange(
            at=old.ends_at,
            amount_before=money_of(old.amount),
            amount_after=money_of(amount),
            before=_shown(old.quote),
            after=_shown(quote),
        )
        for old, (quote, amount) in zip(stored.earlier, followers, strict=False)
    ]


def _offer(offer: Terms | None) -> WithdrawalOffer | None:
    if offer is None:
        return None
    return WithdrawalOffer(
        amount=money_of(offer.amount), quote=_shown(offer.quote), answer_by=offer.ends_at
    )
