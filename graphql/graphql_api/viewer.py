"""The person who asks: the root of the screen, answered by two reads."""

import re
from enum import StrEnum

import strawberry

from graphql_api.context import Context
from graphql_api.corporate_actions import CorporateActionFields
from graphql_api.deposit_views import Deposit, deposit_view, read_deposit
from graphql_api.fees import ManagementFeeFields
from graphql_api.goals import GoalFields
from graphql_api.journal import JournalEntry, journal_slice
from graphql_api.kyc import KycCase, KycDocument, case_file, kyc_case_of, kyc_documents_of
from graphql_api.languages import Language
from graphql_api.money import Money, money_of
from graphql_api.notifications import Notification, notification_of, read_notice
from graphql_api.orders import Order, order_view, read_order
from graphql_api.own_sessions import Session, read_sessions
from graphql_api.pages import (
    Connection,
    connection_of,
    feed_slice,
    from_cursor,
    page_size,
)
from graphql_api.paybill import PaybillFields
from graphql_api.payout_accounts import PayoutAccountFields
from graphql_api.plans import InvestmentPlan, plan_view, read_plan
from graphql_api.portfolio import Portfolio, portfolio_of
from graphql_api.profile import Profile, profile_view
from graphql_api.rebalances import RebalanceFields
from graphql_api.risk import RiskProfile
from graphql_api.risk_decisions import RiskDecisionFields
from graphql_api.rules import INHERITED, OWNER, SIGNED_IN, Info, field, object_type
from graphql_api.scalars import AccountId, Cursor, DepositId, EmailAddress, UserId
from graphql_api.transactions import Transaction, account_id, read_transaction
from graphql_api.withdrawals import WithdrawalFields
from shared.kernel import money
from shared.kernel.money import Currency
from shared.kyc.model import CaseStatus
from shared.kyc.requirements import NextAction, next_action
from shared.ledger.store import ACCOUNT_CURRENCIES
from shared.platform.tables import Item
from shared.portfolio.model import State
from shared.users.model import UserStatus

strawberry.enum(UserStatus, description="Where a person stands with us.")
_SEQ = re.compile(r"[0-9]{1,12}", re.ASCII)


@strawberry.enum(description="What a person can do next, in the order to do it.")
class NextStep(StrEnum):
    """See the description."""

    COMPLETE_PROFILE = "COMPLETE_PROFILE"
    ANSWER_RISK_QUESTIONS = "ANSWER_RISK_QUESTIONS"
    UPLOAD_IDENTITY_DOCUMENT = "UPLOAD_IDENTITY_DOCUMENT"
    UPLOAD_SELFIE = "UPLOAD_SELFIE"
    WAIT_FOR_IDENTITY_CHECK = "WAIT_FOR_IDENTITY_CHECK"
    WAIT_FOR_BROKER_ACCOUNT = "WAIT_FOR_BROKER_ACCOUNT"
    MAKE_DEPOSIT = "MAKE_DEPOSIT"
    SECURE_ACCOUNT = "SECURE_ACCOUNT"


@object_type(
    description="A person. The password is kept by the identity provider and can never be read."
)
class User:
    """See the description."""

    user_id: UserId = field(INHERITED, "Identifier.")
    status: UserStatus = field(INHERITED, "Where the person stands with us.")
    language: Language = field(INHERITED, "In which we write to them.")
    kyc_status: CaseStatus = field(INHERITED, "Where the identity check stands.")
    risk_profile: RiskProfile | None = field(INHERITED, "Null while the questions are unanswered.")
    second_factor: bool = field(INHERITED, "Whether an authenticator app is set up.")
    broker_account_status: str | None = field(
        INHERITED, "State of the person's own account at the broker."
    )

    @field(SIGNED_IN, "E-mail address.")
    def email(self, info: Info) -> EmailAddress:
        """See the description."""
        return EmailAddress(info.context.profile().email)

    @field(SIGNED_IN, "Personal data.")
    def profile(self, info: Info) -> Profile:
        """See the description."""
        return profile_view(info.context.profile())


@object_type(description="Cash in one currency.")
class Account:
    """See the description."""

    account_id: AccountId = field(INHERITED, "Identifier.")
    user_id: UserId = field(INHERITED, "Whose it is.")
    currency: Currency = field(INHERITED, "In which currency.")
    balance: Money = field(INHERITED, "All of it: available and held.")
    available: Money = field(INHERITED, "Free to be invested.")
    held: Money = field(INHERITED, "Reserved for orders, or not at the broker yet.")
    receivable: Money = field(
        INHERITED,
        "What is owed to us because a bank took back money that was spent, as a negative amount; "
        "zero when nothing is. While it is not zero nothing can be paid out.",
    )


def accounts_of(state: State[Item]) -> list[Account]:
    """Out of a person's state."""
    wallets = [state.wallet(currency) for currency in ACCOUNT_CURRENCIES]
    return [
        Account(
            account_id=account_id(state.user_id, wallet.currency),
            user_id=UserId(state.user_id),
            currency=wallet.currency,
            balance=money_of(wallet.balance),
            available=money_of(money.Money(wallet.available, wallet.currency)),
            held=money_of(money.Money(wallet.held, wallet.currency)),
            receivable=money_of(money.Money(-wallet.owed, wallet.currency)),
        )
        for wallet in wallets
    ]


@object_type(description="All that belongs to the person who asks, and nothing of others.")
class Viewer(
    CorporateActionFields,
    RebalanceFields,
    GoalFields,
    PaybillFields,
    PayoutAccountFields,
    WithdrawalFields,
    RiskDecisionFields,
    ManagementFeeFields,
):
    """See the description."""

    @field(SIGNED_IN, "The person.")
    def user(self, info: Info) -> User:
        """See the description."""
        user = info.context.user()
        risk = None
        if user.risk_score is not None:
            risk = RiskProfile(score=user.risk_score, questionnaire_version=user.risk_version)
        return User(
            user_id=UserId(user.user_id),
            status=user.status,
            language=user.language,
            kyc_status=CaseStatus(user.kyc_status.value),
            risk_profile=risk,
            second_factor=user.mfa,
            broker_account_status=user.broker_status,
        )

    @field(SIGNED_IN, "Cash by currency.")
    def accounts(self, info: Info) -> list[Account]:
        """See the description."""
        return accounts_of(info.context.state())

    @field(SIGNED_IN, "What is held, and what it is worth.")
    def portfolio(self, info: Info) -> Portfolio:
        """See the description."""
        return portfolio_of(info.context)

    @field(SIGNED_IN, "Movements, newest first.")
    def transactions(
        self, info: Info, first: int = 20, after: Cursor | None = None
    ) -> Connection[Transaction]:
        """See the description."""
        page = feed_slice(info.context, read_transaction, first, after)
        return connection_of(page.entries, page.after)

    @field(SIGNED_IN, "Orders, newest first.")
    def orders(self, info: Info, first: int = 20, after: Cursor | None = None) -> Connection[Order]:
        """See the description."""
        page = feed_slice(info.context, read_order, first, after)
        return connection_of(
            [(key, order_view(one, info.context)) for key, one in page.entries], page.after
        )

    @field(SIGNED_IN, "Plans, newest first: what was decided about each deposit.")
    def plans(
        self, info: Info, first: int = 20, after: Cursor | None = None
    ) -> Connection[InvestmentPlan]:
        """See the description."""
        page = feed_slice(info.context, read_plan, first, after)
        spoken = info.context.language
        entries = [(key, plan_view(one, spoken)) for key, one in page.entries]
        return connection_of(entries, page.after)

    @field(SIGNED_IN, "Deposits, newest first.")
    def deposits(
        self, info: Info, first: int = 20, after: Cursor | None = None
    ) -> Connection[Deposit]:
        """See the description."""
        page = feed_slice(info.context, read_deposit, first, after)
        spoken = info.context.language
        entries = [(key, deposit_view(one, spoken)) for key, one in page.entries]
        return connection_of(entries, page.after)

    @field(SIGNED_IN, "One deposit; null when there is none of this id for you.")
    def deposit(self, info: Info, deposit_id: DepositId) -> Deposit | None:
        """See the description."""
        context = info.context
        context.count_read()
        found = context.app.deposit_store.get(context.user_id, deposit_id)
        return None if found is None else deposit_view(found, context.language)

    @field(SIGNED_IN, "The inbox, newest first.")
    def notifications(
        self, info: Info, first: int = 20, after: Cursor | None = None
    ) -> Connection[Notification]:
        """See the description."""
        page = feed_slice(info.context, read_notice, first, after)
        spoken = info.context.language
        entries = [(key, notification_of(one, spoken)) for key, one in page.entries]
        return connection_of(entries, page.after)

    @field(SIGNED_IN, "The identity check.")
    def kyc_case(self, info: Info) -> KycCase:
        """See the description."""
        return kyc_case_of(info.context)

    @field(SIGNED_IN, "Documents for the identity check, oldest first.")
    def kyc_documents(self, info: Info) -> list[KycDocument]:
        """See the description."""
        return kyc_documents_of(info.context)

    @field(SIGNED_IN, "Entries of an account's journal, newest first.")
    def journal(
        self,
        info: Info,
        currency: Currency = Currency.USD,
        first: int = 20,
        after: Cursor | None = None,
    ) -> Connection[JournalEntry]:
        """See the description."""
        context = info.context
        start = None if after is None else int(from_cursor(after, _SEQ))
        context.count_read()
        page = context.app.ledger.entries(
            context.user_id, currency, after=start, limit=page_size(first)
        )
        shown = journal_slice(page)
        return connection_of(shown.entries, shown.after)

    @field(SIGNED_IN, "Where one is signed in, the newest sign-in first.")
    def sessions(self, info: Info) -> list[Session]:
        """See the description."""
        return read_sessions(info.context)

    @field(SIGNED_IN, "What to do next, in this order; empty when all is set up.")
    def next_steps(self, info: Info) -> list[NextStep]:
        """See the description."""
        return next_steps_of(info.context)


_AT_IDENTITY = {
    NextAction.UPLOAD_IDENTITY_DOCUMENT: NextStep.UPLOAD_IDENTITY_DOCUMENT,
    NextAction.UPLOAD_FRONT: NextStep.UPLOAD_IDENTITY_DOCUMENT,
    NextAction.UPLOAD_BACK: NextStep.UPLOAD_IDENTITY_DOCUMENT,
    NextAction.UPLOAD_SELFIE: NextStep.UPLOAD_SELFIE,
    NextAction.WAIT: NextStep.WAIT_FOR_IDENTITY_CHECK,
}


def next_steps_of(context: Context) -> list[NextStep]:
    """From the state of this request."""
    user, state = context.user(), context.state()
    steps = []
    if not user.profile_complete:
        steps.append(NextStep.COMPLETE_PROFILE)
    if user.risk_score is None:
        steps.append(NextStep.ANSWER_RISK_QUESTIONS)
    file = case_file(context)
    at_identity = _AT_IDENTITY.get(next_action(file, profile_complete=True))
    if at_identity is not None:
        steps.append(at_identity)
    if file.status is CaseStatus.APPROVED:
        if user.broker_status != "ACTIVE":
            steps.append(NextStep.WAIT_FOR_BROKER_ACCOUNT)
        if user.risk_score is not None and state.net_deposits.minor == 0:
            steps.append(NextStep.MAKE_DEPOSIT)
    if not user.mfa:
        steps.append(NextStep.SECURE_ACCOUNT)
    return steps


@object_type()
class ViewerQuery:
    """The root of everything personal."""

    @field(OWNER, "The person who asks.")
    def viewer(self, info: Info) -> Viewer:
        """See the description."""
        return Viewer()
