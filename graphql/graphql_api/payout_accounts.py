"""Where a person's money may go: M-Pesa numbers and bank accounts in their own name."""

from datetime import datetime
from typing import Annotated

import strawberry

from graphql_api.errors import Failure, answered
from graphql_api.pages import Reader
from graphql_api.rules import INHERITED, SIGNED_IN, Info, field, object_type
from graphql_api.scalars import (
    AccountNumber,
    CountryCode,
    IdempotencyKey,
    Line,
    PayoutAccountId,
    PhoneNumber,
    RoutingNumber,
)
from shared.kernel.money import Currency
from shared.withdrawals.destinations import BankNumbers
from shared.withdrawals.model import AccountKind, AccountStatus
from shared.withdrawals.model import PayoutAccount as Stored

strawberry.enum(AccountKind, name="PayoutAccountKind", description="Where money can go.")
strawberry.enum(
    AccountStatus, name="PayoutAccountStatus", description="Whether money can go there."
)


@object_type(description="An account of the person to which money can be paid out.")
class PayoutAccount:
    """See the description."""

    payout_account_id: PayoutAccountId = field(INHERITED, "Identifier.")
    kind: AccountKind = field(INHERITED, "Where it is.")
    status: AccountStatus = field(INHERITED, "Whether it can be paid out to.")
    currency: Currency = field(INHERITED, "What arrives there.")
    country: CountryCode | None = field(INHERITED, "Of the bank.")
    shown_as: str = field(INHERITED, "Masked, such as `2547*****678` or `DE **** 3000`.")
    usable_at: datetime = field(
        INHERITED, "Withdrawals can be asked for at once; nothing leaves before this time."
    )
    created_at: datetime = field(INHERITED, "When it was added.")


@strawberry.input(description="An account at a bank.")
class BankAccountInput:
    """See the description."""

    country: CountryCode = strawberry.field(
        description="Of the bank: USA, KEN, ZAF, or one where the euro is money."
    )
    account_number: AccountNumber = strawberry.field(
        description="An IBAN where the euro is money, else the account's number."
    )
    routing_number: RoutingNumber | None = strawberry.field(
        default=None, description="In the USA the routing number, in KEN and ZAF the bank's BIC."
    )


@strawberry.input(description="Which account; `phone` or `bank`, and not both.")
class AddPayoutAccountInput:
    """See the description."""

    idempotency_key: IdempotencyKey = strawberry.field(
        description="New for every account; repeat it when no answer came."
    )
    holder_name: Line = strawberry.field(
        description="In whose name it is: the person's own, as their identity was confirmed."
    )
    phone: PhoneNumber | None = strawberry.field(
        default=None, description="A Kenyan number with M-Pesa."
    )
    bank: BankAccountInput | None = strawberry.field(default=None, description="At a bank.")


@strawberry.input(description="Which account to remove.")
class RemovePayoutAccountInput:
    """See the description."""

    payout_account_id: PayoutAccountId = strawberry.field(description="The account.")


@object_type(description="It is so now, or was before.")
class PayoutAccountPayload:
    """See the description."""

    payout_account: PayoutAccount = field(INHERITED, "As it stands now.")


PayoutAccountResult = Annotated[
    PayoutAccountPayload | Failure,
    strawberry.union("PayoutAccountResult", description="The account, or why nothing was done."),
]


def account_view(stored: Stored) -> PayoutAccount:
    """An account for its owner."""
    return PayoutAccount(
        payout_account_id=PayoutAccountId(stored.account_id),
        kind=stored.kind,
        status=stored.status,
        currency=stored.currency,
        country=None if stored.country is None else CountryCode(stored.country),
        shown_as=stored.shown_as,
        usable_at=stored.usable_at,
        created_at=stored.created_at,
    )


class AccountBooks:
    """A person's payout accounts, read when the first of them is needed."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[str, Stored] | None = None

    def find(self, account_id: str) -> Stored | None:
        """One of them, removed ones too."""
        if self._known is None:
            self._reader.count_read()
            book = self._reader.app.paying_out.accounts.book(self._reader.user_id)
            self._known = {one.account_id: one for one in book.accounts}
        return self._known.get(account_id)


@object_type()
class PayoutAccountFields:
    """What a person reads of their payout accounts."""

    @field(SIGNED_IN, "Accounts to which money can be paid out, oldest first.")
    def payout_accounts(self, info: Info) -> list[PayoutAccount]:
        """See the description."""
        context = info.context
        context.count_read()
        book = context.app.paying_out.accounts.book(context.user_id)
        return [account_view(one) for one in book.active]


@object_type()
class PayoutAccountMutation:
    """Mutations about payout accounts."""

    @field(
        SIGNED_IN.with_step_up(),
        "Add an account in one's own name to which money can be paid out. Nothing leaves for it "
        "before `usableAt`. The same account again is the same account.",
    )
    def add_payout_account(self, info: Info, input: AddPayoutAccountInput) -> PayoutAccountResult:
        """See the description."""
        context = info.context
        bank = input.bank

        def add() -> PayoutAccountPayload:
            account = context.app.paying_out.keeping.add(
                context.user_id,
                idempotency_key=input.idempotency_key,
                holder_name=input.holder_name,
                phone=input.phone,
                bank=None
                if bank is None
                else BankNumbers(bank.country, bank.account_number, bank.routing_number),
            )
            return PayoutAccountPayload(payout_account=account_view(account))

        return answered(add, context.language)

    @field(
        SIGNED_IN.with_step_up(),
        "Remove an account. Not while a withdrawal to it is under way.",
    )
    def remove_payout_account(
        self, info: Info, input: RemovePayoutAccountInput
    ) -> PayoutAccountResult:
        """See the description."""
        context = info.context

        def remove() -> PayoutAccountPayload:
            account = context.app.paying_out.keeping.remove(
                context.user_id, input.payout_account_id
            )
            return PayoutAccountPayload(payout_account=account_view(account))

        return answered(remove, context.language)
