"""What the use cases of identity need from outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from shared.kyc.model import BrokerAccount, BrokerStatus, Case, CaseFile, Document
from shared.kyc.reasons import Reason
from shared.platform.work import Write
from shared.users.model import PersonalProfile, UserStatus


@dataclass(frozen=True, slots=True)
class Person:
    """A person with their data in the clear; lives in memory only."""

    user_id: str
    status: UserStatus
    profile: PersonalProfile
    wrapped_key: bytes

    @property
    def complete(self) -> bool:
        """Whether the profile has everything that the check and the broker need."""
        return not self.profile.missing()


class People(Protocol):
    """The profiles of people, as identity needs them."""

    def read(self, user_id: str) -> Person | None:
        """One person, or None."""

    def seal(self, person: Person, data: Mapping[str, str]) -> bytes:
        """Encrypt a few of this person's data with their own key."""

    def open(self, person: Person, sealed: bytes) -> dict[str, str]:
        """Decrypt what ``seal`` made."""

    def set_kyc_status(self, user_id: str, status: str) -> Write:
        """Copy the case's status to the profile (write name ``profile``)."""

    def set_broker_account(self, user_id: str, account_id: str, status: str) -> Write:
        """Copy the broker's account to the profile (write name ``profile``)."""


@dataclass(frozen=True, slots=True)
class HeldCases:
    """Cases that wait for a member of staff, the longest waiting first, each with its place in
    the list; ``after`` continues when not None."""

    entries: tuple[tuple[str, Case], ...]
    after: str | None


class Cases(Protocol):
    """Cases, documents and broker accounts. Every write but the first carries the condition that
    the row still has the version that was read (write names ``case``, ``broker_account``)."""

    def read(self, user_id: str) -> CaseFile:
        """All of a person's, in one request."""

    def save_case(self, before: Case | None, after: Case, due: datetime | None) -> Write:
        """The whole case; ``due`` is when the safety net looks at it, None when nothing is
        pending. ``after.version`` is set by the store."""

    def save_document(self, document: Document) -> Write:
        """The whole document; guarded by the case's version in the same fact."""

    def save_broker_account(
        self, before: BrokerAccount | None, after: BrokerAccount, due: datetime | None
    ) -> Write:
        """The whole row, like ``save_case``."""

    def held(self, limit: int, after: str | None = None) -> HeldCases:
        """At most so many (1-99) cases in review, from behind the place ``after``. A page can be
        short, even empty, and yet not last."""

    def claim(self, vendor: str, external_id: str, user_id: str) -> Write:
        """Tie a vendor's id to one person for ever; claiming it again for them is no failure."""

    def claimed_by(self, vendor: str, external_id: str) -> str | None:
        """The person that a vendor's id belongs to."""


@dataclass(frozen=True, slots=True)
class UploadTarget:
    """Where and with which form fields a browser posts a file."""

    url: str
    fields: Mapping[str, str]


class DocumentVault(Protocol):
    """Where files lie: new ones in quarantine, inspected ones in the vault."""

    def upload_target(
        self, key: str, content_type: str, smallest: int, largest: int, seconds: int
    ) -> UploadTarget:
        """A form that accepts one file of this kind and size, for so many seconds."""

    def read_new(self, key: str, etag: str) -> bytes | None:
        """The bytes in quarantine that have this ETag; None when they are not there (any more).

        At most one byte over the largest allowed file is read.
        """

    def keep(self, key: str, etag: str, kept_key: str, content_type: str) -> bool:
        """Copy out of quarantine; False when these bytes are gone. Repeating it is harmless."""

    def read_kept(self, kept_key: str) -> bytes:
        """The bytes of a kept file."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that the provider objects to, and on which documents of ours."""

    reason: Reason
    on_selfie: bool = False


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The provider's view of one check. Findings count only when it is ``complete``;
    a complete check without any was passed in every part."""

    id: str
    applicant_id: str
    complete: bool
    findings: Sequence[Finding] = field(default_factory=tuple)


class IdentityProvider(Protocol):
    """Checks identities. Every method raises ProviderUnavailable when nothing can be said, and
    ProviderRefused when the request will never be carried out."""

    @property
    def name(self) -> str:
        """By which the provider is known in events and claims."""

    def find_applicant(self, person: Person, since: datetime) -> str | None:
        """An applicant with this person's address and birth date, made after ``since``."""

    def create_applicant(self, person: Person) -> str:
        """Make the person known; the provider's id."""

    def update_applicant(self, applicant_id: str, person: Person) -> None:
        """Tell the person's present data."""

    def uploads(self, applicant_id: str) -> Mapping[str, str]:
        """Provider's file ids by our document ids."""

    def upload(self, applicant_id: str, document: Document, person: Person, content: bytes) -> str:
        """Hand over one file; the provider's id."""

    def checks(self, applicant_id: str) -> Sequence[str]:
        """Ids of all checks of an applicant, newest first."""

    def start_check(self, applicant_id: str, documents: Sequence[Document]) -> str:
        """Start checking these documents (with provider ids) and the newest selfie."""

    def check(self, check_id: str) -> CheckResult:
        """How it stands; findings with the reports once it is complete."""


@dataclass(frozen=True, slots=True)
class AccountView:
    """What the broker says about an account: its own status word in ``word``."""

    account_id: str
    status: BrokerStatus
    word: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """What an account is opened with: the person and when and from where they agreed."""

    person: Person
    agreed_at: datetime
    ip_address: str


@dataclass(frozen=True, slots=True)
class IdentityResult:
    """The passed check, as the broker files it."""

    check_id: str
    provider: str
    started_at: datetime
    completed_at: datetime
    document_types: Sequence[str]


class EmailTaken(Exception):
    """The broker has an account with this e-mail address already."""


class BrokerAccounts(Protocol):
    """Accounts at the broker. Raises ProviderUnavailable and ProviderRefused."""

    @property
    def name(self) -> str:
        """By which the broker is known in claims."""

    def open(self, application: Application) -> AccountView:
        """Ask for a new account. Raises EmailTaken."""

    def find(self, person: Person) -> AccountView | None:
        """The account with this person's address, if its name and birth date are theirs too."""

    def get(self, account_id: str) -> AccountView:
        """How an account stands."""

    def send_identity_result(self, account_id: str, person: Person, result: IdentityResult) -> None:
        """File the passed check; sending it again replaces it."""
