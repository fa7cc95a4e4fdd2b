"""A person as members of staff see them: where they stand, and of personal data only a glimpse."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import strawberry

from graphql_api.application import Application
from graphql_api.context import FEED_PAGE, Context
from graphql_api.deposit_views import Deposit, deposit_view, read_deposit
from graphql_api.languages import Language
from graphql_api.orders import Order, order_view, read_order
from graphql_api.pages import Connection, connection_of, feed_slice
from graphql_api.payout_accounts import AccountBooks
from graphql_api.profile import Profile, profile_view
from graphql_api.risk_decisions import StaffRiskDecision, staff_risk_decisions
from graphql_api.rules import COMPLIANCE, INHERITED, STAFF, Info, any_of, field, object_type
from graphql_api.scalars import Cursor, EmailAddress, TaxId, Text, UserId
from graphql_api.staff_duties import acting, duties_of
from graphql_api.viewer import Account, accounts_of
from graphql_api.withdrawal_views import Withdrawal, read_withdrawal, withdrawal_view
from shared.investing.plan import Plan
from shared.kernel.ids import Kind, created_at, is_id
from shared.kyc.model import CaseStatus
from shared.platform.masking import mask_email, mask_phone
from shared.platform.tables import Item, Key
from shared.portfolio.model import FeedPage, State
from shared.users.model import PersonalProfile, User, UserStatus
from shared.users.roles import Role
from shared.users.service import profile_of
from shared.users.store import profile_key, user_from

HELPERS = any_of(Role.SUPPORT, Role.COMPLIANCE)
"""Whoever talks with people about their money."""


class PersonFile:
    """What this request has read of somebody else; see Reader."""

    def __init__(self, context: Context, user: User) -> None:
        self.app: Application = context.app
        self.plans: dict[str, Plan | None] = {}
        self.user = user
        self._context = context
        self._state: State[Item] | None = None
        self._feed: FeedPage[Item] | None = None

    @property
    def user_id(self) -> str:
        """Whose file it is."""
        return self.user.user_id

    def state(self) -> State[Item]:
        """Their bounded state: one read per request."""
        if self._state is None:
            self._context.count_read()
            self._state = self.app.states.state(self.user_id)
        return self._state

    def feed(self) -> FeedPage[Item]:
        """The newest page of their feed: one read per request."""
        if self._feed is None:
            self._context.count_read()
            self._feed = self.app.states.feed(self.user_id, FEED_PAGE)
        return self._feed

    def count_read(self) -> None:
        """Counts for whoever asks."""
        self._context.count_read()


@object_type(description="As much of somebody's contact data as is needed to compare it.")
class MaskedContact:
    """See the description."""

    email: str = field(INHERITED, "Such as `a***@e***.com`.")
    phone: str | None = field(INHERITED, "Such as `+254******678`.")
    initial: str | None = field(INHERITED, "Of the given name.")


@object_type(description="Personal data in the clear, for those who judge identities.")
class Identity:
    """See the description."""

    email: EmailAddress = field(INHERITED, "E-mail address.")
    profile: Profile = field(INHERITED, "As the person sees it.")
    tax_id: TaxId | None = field(INHERITED, "The whole tax identifier.")
    control_person: bool | None = field(INHERITED, "Declared; null while they have not.")
    exchange_affiliated: bool | None = field(INHERITED, "Declared; null while they have not.")
    politically_exposed: bool | None = field(INHERITED, "Declared; null while they have not.")
    family_exposed: bool | None = field(INHERITED, "Declared; null while they have not.")


@object_type(description="A person, as members of staff see them.")
class Person:
    """See the description."""

    user_id: UserId = field(INHERITED, "Identifier.")
    registered_at: datetime = field(INHERITED, "When they signed up.")
    status: UserStatus = field(INHERITED, "Where the person stands with us.")
    role: Role = field(INHERITED, "What the person may do.")
    language: Language = field(INHERITED, "In which we write to them.")
    kyc_status: CaseStatus = field(INHERITED, "Where the identity check stands.")
    broker_account_status: str | None = field(INHERITED, "State of the account at the broker.")
    second_factor: bool = field(INHERITED, "Whether an authenticator app is set up.")
    sessions: int = field(INHERITED, "How many devices are signed in.")
    file: strawberry.Private[PersonFile]

    @field(STAFF, "How they are reached, masked.")
    def contact(self) -> MaskedContact:
        """See the description."""
        return _masked(profile_of(self.file.app.people, self.file.user))

    @field(
        COMPLIANCE.with_step_up(),
        "Personal data in the clear, for a reason of 10 to 500 characters. That it was looked at, "
        "and why, is on record before it is shown. Not for one's own.",
    )
    def identity(self, info: Info, reason: Text) -> Identity:
        """See the description."""
        context = info.context
        context.count_read()
        profile = duties_of(context).see_identity(acting(context), self.user_id, reason)
        return _identity(profile)

    @field(HELPERS, "Cash by currency.")
    def accounts(self) -> list[Account]:
        """See the description."""
        return accounts_of(self.file.state())

    @field(HELPERS, "Deposits, newest first; never the page on which one is paid.")
    def deposits(
        self, info: Info, first: int = 20, after: Cursor | None = None
    ) -> Connection[Deposit]:
        """See the description."""
        page = feed_slice(self.file, read_deposit, first, after)
        spoken = info.context.language
        entries = [
            (key, replace(deposit_view(one, spoken), next_action=None)) for key, one in page.entries
        ]
        return connection_of(entries, page.after)

    @field(HELPERS, "Withdrawals, newest first, as the person sees them.")
    def withdrawals(
        self, info: Info, first: int = 20, after: Cursor | None = None
    ) -> Connection[Withdrawal]:
        """See the description."""
        page = feed_slice(self.file, read_withdrawal, first, after)
        books, spoken = AccountBooks(self.file), info.context.language
        entries = [(key, withdrawal_view(one, spoken, books)) for key, one in page.entries]
        return connection_of(entries, page.after)

    @field(HELPERS, "Orders, newest first.")
    def orders(self, first: int = 20, after: Cursor | None = None) -> Connection[Order]:
        """See the description."""
        page = feed_slice(self.file, read_order, first, after)
        entries = [(key, order_view(one, self.file)) for key, one in page.entries]
        return connection_of(entries, page.after)

    @field(STAFF, "Plans that a rule refused or warned of, newest first, with a replay.")
    def risk_decisions(
        self, info: Info, first: int = 20, after: Cursor | None = None
    ) -> Connection[StaffRiskDecision]:
        """See the description."""
        return staff_risk_decisions(self.file, info.context.language, first, after)


def find_person(context: Context, user_id: str) -> Person | None:
    """Somebody by id, in one read; None when there is nobody."""
    if not is_id(user_id, Kind.USER):
        return None
    context.count_read()
    user = context.app.users.get(user_id)
    return None if user is None else person_view(context, user)


class People:
    """Several people's profiles, read together when the first of them is asked for."""

    def __init__(self, context: Context, user_ids: Iterable[str]) -> None:
        self._context = context
        self._keys = {user_id: profile_key(user_id) for user_id in user_ids}
        self._found: dict[Key, Item] | None = None

    def find(self, user_id: str) -> Person | None:
        """One of them; None when there is nobody."""
        if self._found is None:
            self._context.count_read()
            self._found = self._context.app.database.get_many(list(self._keys.values()))
        item = self._found.get(self._keys[user_id])
        return None if item is None else person_view(self._context, user_from(item))


def person_view(context: Context, user: User) -> Person:
    """Somebody as staff see them."""
    return Person(
        user_id=UserId(user.user_id),
        registered_at=created_at(user.user_id),
        status=user.status,
        role=user.role,
        language=user.language,
        kyc_status=CaseStatus(user.kyc_status.value),
        broker_account_status=user.broker_status,
        second_factor=user.mfa,
        sessions=len(user.sign_ins.newest_first(context.app.clock.now())),
        file=PersonFile(context, user),
    )


def _identity(profile: PersonalProfile) -> Identity:
    return Identity(
        email=EmailAddress(profile.email),
        profile=profile_view(profile),
        tax_id=None if profile.tax_id is None else TaxId(profile.tax_id),
        control_person=profile.control_person,
        exchange_affiliated=profile.exchange_affiliated,
        politically_exposed=profile.politically_exposed,
        family_exposed=profile.family_exposed,
    )


def _masked(profile: PersonalProfile) -> MaskedContact:
    return MaskedContact(
        email=_masked_email(profile.email),
        phone=None if profile.phone is None else mask_phone(profile.phone),
        initial=None if profile.given_name is None else profile.given_name[:1],
    )


def _masked_email(address: str) -> str:
    """The host too: one of a family or a small firm tells whose it is."""
    local, _, host = mask_email(address).rpartition("@")
    name, dot, top = host.rpartition(".")
    return f"{local}@{name[:1]}***{dot}{top}"
