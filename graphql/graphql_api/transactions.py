"""What moved in a person's accounts, newest first."""

from datetime import datetime
from enum import StrEnum

import strawberry

from graphql_api.deposit_views import read_deposit
from graphql_api.money import Money, money_of
from graphql_api.orders import begun_at, read_order
from graphql_api.rules import INHERITED, field, object_type
from graphql_api.scalars import AccountId, Symbol, TransactionId
from shared.corporate_actions.model import ActionStatus, PersonAction
from shared.corporate_actions.rows import ActionRow, action_from
from shared.investing.model import Order, OrderStatus, Side
from shared.kernel import money
from shared.kernel.ids import Kind, created_at, derived
from shared.kernel.money import Currency
from shared.payments.model import CREDITED, Deposit, DepositStatus
from shared.payouts.model import Payout, Purpose
from shared.payouts.rows import PayoutRow, payout_from
from shared.payouts.states import NOT_PAID, PayoutStatus
from shared.platform.tables import Item
from shared.portfolio.model import BASE


@strawberry.enum(description="What kind of movement it is.")
class TransactionType(StrEnum):
    """See the description."""

    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"
    REFUND = "REFUND"
    BUY = "BUY"
    SELL = "SELL"
    DIVIDEND = "DIVIDEND"


_LEAVES = {
    Purpose.WITHDRAWAL: TransactionType.WITHDRAWAL,
    Purpose.REFUND: TransactionType.REFUND,
}


@strawberry.enum(description="Whether it happened.")
class TransactionStatus(StrEnum):
    """See the description."""

    PENDING = "PENDING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


@object_type(description="A movement of money in an account.")
class Transaction:
    """See the description."""

    transaction_id: TransactionId = field(
        INHERITED, "Identifier of the deposit, payout, order or corporate action behind it."
    )
    account_id: AccountId = field(INHERITED, "In which account.")
    type: TransactionType = field(INHERITED, "What kind of movement.")
    amount: Money = field(INHERITED, "How much, in the account's currency.")
    timestamp: datetime = field(
        INHERITED, "When it was begun; of a trade that has ended, when it last bought or sold."
    )
    status: TransactionStatus = field(INHERITED, "Whether it happened.")
    symbol: Symbol | None = field(INHERITED, "The asset bought, sold, or of the dividend, if any.")


def account_id(user_id: str, currency: Currency) -> AccountId:
    """A person's account in a currency."""
    return AccountId(derived(Kind.ACCOUNT, user_id, currency.value))


def read_transaction(item: Item) -> Transaction | None:
    """A movement among the feed's entries."""
    deposit = read_deposit(item)
    if deposit is not None:
        return _of_deposit(deposit)
    if item.kind == PayoutRow.KIND:
        return _of_payout(payout_from(item))
    if item.kind == ActionRow.KIND:
        return _of_action(action_from(item))
    order = read_order(item)
    return None if order is None else _of_order(order)


def _of_deposit(deposit: Deposit) -> Transaction:
    if deposit.status in CREDITED:
        status = TransactionStatus.COMPLETED
    elif deposit.status in (DepositStatus.FAILED, DepositStatus.EXPIRED):
        status = TransactionStatus.FAILED
    else:
        status = TransactionStatus.PENDING
    return Transaction(
        transaction_id=TransactionId(deposit.deposit_id),
        account_id=account_id(deposit.user_id, deposit.credited.currency),
        type=TransactionType.DEPOSIT,
        amount=money_of(deposit.credited),
        timestamp=deposit.created_at,
        status=status,
        symbol=None,
    )


def _of_payout(payout: Payout) -> Transaction | None:
    """What leaves the account; a payment that never was in it is none of its movements."""
    if payout.purpose not in _LEAVES:
        return None
    if payout.status is PayoutStatus.PAID:
        status = TransactionStatus.COMPLETED
    elif payout.status in NOT_PAID:
        status = TransactionStatus.FAILED
    else:
        status = TransactionStatus.PENDING
    return Transaction(
        transaction_id=TransactionId(payout.payout_id),
        account_id=account_id(payout.user_id, payout.debited.currency),
        type=_LEAVES[payout.purpose],
        amount=money_of(payout.debited),
        timestamp=payout.created_at,
        status=status,
        symbol=None,
    )


def _of_action(action: PersonAction) -> Transaction | None:
    """A dividend after taxes, until it is paid what is expected; a split moves no money."""
    if action.status is ActionStatus.DECLARED:
        status, minor = TransactionStatus.PENDING, action.expected_minor
    elif action.settled is not None:
        status, minor = TransactionStatus.COMPLETED, action.paid_minor - action.withheld_minor
    else:
        return None
    return Transaction(
        transaction_id=TransactionId(action.action_id),
        account_id=account_id(action.user_id, BASE),
        type=TransactionType.DIVIDEND,
        amount=money_of(money.Money(minor, BASE)),
        timestamp=action.at or created_at(action.action_id),
        status=status,
        symbol=Symbol(action.symbol),
    )


def _of_order(order: Order) -> Transaction:
    """Until it has ended, the amount is what it was made for; then what it came to."""
    if not order.final:
        status, minor = TransactionStatus.PENDING, order.notional_minor
    elif order.charged_minor or order.status is OrderStatus.FILLED:
        status, minor = TransactionStatus.COMPLETED, order.charged_minor
    else:
        status, minor = TransactionStatus.FAILED, order.notional_minor
    return Transaction(
        transaction_id=TransactionId(order.order_id),
        account_id=account_id(order.user_id, BASE),
        type=TransactionType.BUY if order.side is Side.BUY else TransactionType.SELL,
        amount=money_of(money.Money(minor, BASE)),
        timestamp=(order.filled_at if order.final else None) or begun_at(order),
        status=status,
        symbol=Symbol(order.symbol),
    )
