"""A world with one person, a vault, a provider and a broker in memory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.events import Envelope, Event
from shared.kernel.ids import Kind, SequentialIds
from shared.kyc import service
from shared.kyc.account_opening import AccountOpening
from shared.kyc.errors import ProviderUnavailable
from shared.kyc.model import (
    BrokerStatus,
    Case,
    CaseFile,
    Document,
    DocumentType,
    Side,
)
from shared.kyc.ports import (
    AccountView,
    Application,
    CheckResult,
    EmailTaken,
    Finding,
    IdentityResult,
    Person,
    UploadTarget,
)
from shared.kyc.providers.people import StoredPeople
from shared.kyc.store import CaseStore
from shared.kyc.uploads import ScanResult, ScanVerdict, Uploads
from shared.kyc.verification import Verification
from shared.platform import keys
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts, OutboxRow
from shared.platform.personal import MemoryPersonalData
from shared.platform.tables import Database, Put, Table
from shared.platform.work import Write
from shared.users.model import PersonalProfile, User
from shared.users.store import ProfileRow, UserStore

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
JPEG = b"\xff\xd8\xff\xe0" + b"pixels" * 3000

PROFILE = PersonalProfile(
    email="Wanjiru@Example.com",
    given_name="Wanjiru",
    family_name="Kamau",
    date_of_birth=date(1990, 1, 1),
    phone="+254712345678",
    street="1 Moi Avenue",
    city="Nairobi",
    postal_code="00100",
    country="KEN",
    nationality="KEN",
    tax_id_type="KEN_KRA_PIN",
    tax_id="A000000000A",
    tax_country="KEN",
    funding_source="SAVINGS",
    employment="SELF_EMPLOYED",
    control_person=False,
    exchange_affiliated=False,
    politically_exposed=False,
    family_exposed=False,
)


class Crash(BaseException):
    """The process dies here; nothing may catch it."""


class Fuse:
    """Burns at step number ``at``, before or after the effect; counts steps otherwise."""

    def __init__(self) -> None:
        self.steps = 0
        self.at: int | None = None
        self.after = False

    def around[T](self, effect: Callable[[], T]) -> T:
        self.steps += 1
        if self.at == self.steps and not self.after:
            raise Crash
        result = effect()
        if self.at == self.steps and self.after:
            raise Crash
        return result


class FusedFacts(Facts):
    """A unit of work that can die before or after the commit."""

    fuse: Fuse

    def commit(self, writes: Sequence[Write], *events: Event) -> None:
        self.fuse.around(lambda: super(FusedFacts, self).commit(writes, *events))


@dataclass
class Vault:
    """Objects by key: (etag, bytes)."""

    fuse: Fuse
    new: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    kept: dict[str, bytes] = field(default_factory=dict)

    def upload_target(
        self, key: str, content_type: str, smallest: int, largest: int, seconds: int
    ) -> UploadTarget:
        conditions = {"Content-Type": content_type, "range": f"{smallest}-{largest}"}
        return UploadTarget("https://quarantine.test", {"key": key, **conditions})

    def read_new(self, key: str, etag: str) -> bytes | None:
        found = self.new.get(key)
        return found[1] if found and found[0] == etag else None

    def keep(self, key: str, etag: str, kept_key: str, content_type: str) -> bool:
        content = self.read_new(key, etag)
        if content is None:
            return kept_key in self.kept
        self.fuse.around(lambda: self.kept.update({kept_key: content}))
        return True

    def read_kept(self, kept_key: str) -> bytes:
        return self.kept[kept_key]


@dataclass
class Provider:
    """Remembers whatever it is asked for, as often as it is asked; like Onfido it knows no
    idempotency."""

    fuse: Fuse
    clock: FixedClock
    name: str = "onfido"
    applicants: list[tuple[str, Person, datetime]] = field(default_factory=list)
    updates: list[Person] = field(default_factory=list)
    files: list[tuple[str, str, str]] = field(default_factory=list)
    started: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    complete: set[str] = field(default_factory=set)
    objections: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    down: bool = False

    def _effect[T](self, effect: Callable[[], T]) -> T:
        if self.down:
            raise ProviderUnavailable(provider=self.name)
        return self.fuse.around(effect)

    def _look(self) -> None:
        if self.down:
            raise ProviderUnavailable(provider=self.name)

    def find_applicant(self, person: Person, since: datetime) -> str | None:
        self._look()
        mine = [
            a for a, who, at in self.applicants if who.user_id == person.user_id and at >= since
        ]
        return mine[0] if mine else None

    def create_applicant(self, person: Person) -> str:
        made = f"applicant-{len(self.applicants) + 1}"
        self._effect(lambda: self.applicants.append((made, person, self.clock.now())))
        return made

    def update_applicant(self, applicant_id: str, person: Person) -> None:
        self._effect(lambda: self.updates.append(person))

    def uploads(self, applicant_id: str) -> Mapping[str, str]:
        self._look()
        return {document: file for owner, document, file in self.files if owner == applicant_id}

    def upload(self, applicant_id: str, document: Document, person: Person, content: bytes) -> str:
        made = f"file-{len(self.files) + 1}"
        self._effect(lambda: self.files.append((applicant_id, document.id, made)))
        return made

    def checks(self, applicant_id: str) -> Sequence[str]:
        self._look()
        return [check for owner, check, _ in reversed(self.started) if owner == applicant_id]

    def start_check(self, applicant_id: str, documents: Sequence[Document]) -> str:
        made = f"check-{len(self.started) + 1}"
        files = tuple(str(each.provider_id) for each in documents)
        self._effect(lambda: self.started.append((applicant_id, made, files)))
        return made

    def check(self, check_id: str) -> CheckResult:
        self._look()
        owner = next(owner for owner, check, _ in self.started if check == check_id)
        done = check_id in self.complete
        return CheckResult(check_id, owner, done, self.objections.get(check_id, ()))


@dataclass
class Broker:
    """One account per address, as the broker has it."""

    fuse: Fuse
    name: str = "alpaca"
    accounts: dict[str, AccountView] = field(default_factory=dict)
    owners: dict[str, tuple[str, str]] = field(default_factory=dict)
    applications: list[Application] = field(default_factory=list)
    results: list[tuple[str, IdentityResult]] = field(default_factory=list)
    down: bool = False

    def _look(self) -> None:
        if self.down:
            raise ProviderUnavailable(provider=self.name)

    def open(self, application: Application) -> AccountView:
        self._look()
        profile = application.person.profile
        if profile.email in {email for email, _ in self.owners.values()}:
            raise EmailTaken
        made = f"account-{len(self.accounts) + 1}"
        view = AccountView(made, BrokerStatus.SUBMITTED, "SUBMITTED")

        def effect() -> None:
            self.accounts[made] = view
            self.owners[made] = (profile.email, str(profile.family_name))
            self.applications.append(application)

        self.fuse.around(effect)
        return view

    def find(self, person: Person) -> AccountView | None:
        self._look()
        mine = (person.profile.email, str(person.profile.family_name))
        return next((self.accounts[a] for a, who in self.owners.items() if who == mine), None)

    def get(self, account_id: str) -> AccountView:
        self._look()
        return self.accounts[account_id]

    def send_identity_result(self, account_id: str, person: Person, result: IdentityResult) -> None:
        self._look()
        self.fuse.around(lambda: self.results.append((account_id, result)))

    def says(self, word: str, status: BrokerStatus) -> None:
        for account in self.accounts:
            reason = None if status is BrokerStatus.ACTIVE else word
            self.accounts[account] = AccountView(account, status, word, reason)


class World:
    """Everything together, over one database."""

    def __init__(self, database: Database | None = None) -> None:
        self.database = database or MemoryDatabase()
        self.clock = FixedClock(NOW)
        self.ids = SequentialIds(clock=self.clock)
        self.fuse = Fuse()
        self.facts = FusedFacts(self.database, self.clock, self.ids)
        self.facts.fuse = self.fuse
        self.personal = MemoryPersonalData()
        self.users = UserStore(self.database)
        self.people = StoredPeople(self.users, self.personal)
        self.cases = CaseStore(self.database)
        self.vault = Vault(self.fuse)
        self.provider = Provider(self.fuse, self.clock)
        self.broker = Broker(self.fuse)
        self.uploads = Uploads(self.cases, self.people, self.vault, self.facts, self.clock)
        self.verification = Verification(
            self.cases, self.people, self.vault, self.provider, self.facts, self.clock
        )
        self.opening = AccountOpening(
            self.cases, self.people, self.broker, self.facts, self.clock, self.provider.name
        )
        self.user = self.register()

    def register(self, profile: PersonalProfile = PROFILE) -> str:
        user_id = self.ids.new(Kind.USER)
        self.set_profile(user_id, profile)
        return user_id

    def set_profile(self, user_id: str, profile: PersonalProfile) -> None:
        old = self.users.get(user_id)
        sealed = self.personal.seal(
            profile.to_mapping(),
            subject=user_id,
            wrapped_key=old.sealed.wrapped_key if old else None,
        )
        row = ProfileRow(
            pk=keys.user(user_id),
            sk=keys.PROFILE,
            status="ACTIVE",
            language="en",
            kyc_status=old.kyc_status.value if old else "NOT_STARTED",
            wrapped_key=sealed.wrapped_key,
            personal=sealed.ciphertext,
        )
        self.database.write(Put("profile", row))

    @property
    def profile(self) -> User:
        found = self.users.get(self.user)
        assert found is not None
        return found

    @property
    def file(self) -> CaseFile:
        return self.cases.read(self.user)

    @property
    def case(self) -> Case:
        case = self.file.case
        assert case is not None
        return case

    def request(
        self, type: DocumentType, side: Side = Side.FRONT, user_id: str | None = None, **more: Any
    ) -> service.Upload:
        values = {"content_type": "image/jpeg", "size_bytes": len(JPEG), "ip_address": "192.0.2.7"}
        return service.request_upload(
            self.cases,
            self.people,
            self.vault,
            self.facts,
            self.clock,
            self.ids,
            user_id=user_id or self.user,
            request=service.UploadRequest(type, side, **(values | more)),
        )

    def put(self, document: Document, content: bytes) -> str:
        """Post the bytes; their ETag."""
        etag = f"etag-{hash(content) & 0xFFFFFF:x}"
        key = service.quarantine_key(document.user_id, document.id)
        self.vault.new[key] = (etag, content)
        return etag

    def scan(self, document: Document, etag: str, verdict: ScanVerdict = ScanVerdict.CLEAN) -> bool:
        return self.uploads.take(ScanResult(document.user_id, document.id, etag, verdict))

    def upload(
        self, type: DocumentType, side: Side = Side.FRONT, content: bytes = JPEG
    ) -> Document:
        """Ask, post different bytes per document, and scan."""
        document = self.request(type, side).document
        self.scan(document, self.put(document, content + document.id.encode()))
        found = self.file.document(document.id)
        assert found is not None
        return found

    def submit(self) -> None:
        """A passport and a selfie."""
        self.upload(DocumentType.PASSPORT)
        self.upload(DocumentType.SELFIE)

    def finish_check(self, *objections: Finding) -> None:
        check = self.provider.started[-1][1]
        self.provider.complete.add(check)
        self.provider.objections[check] = objections

    def approve(self) -> None:
        """All the way to an approved identity."""
        self.submit()
        self.verification.advance(self.user)
        self.finish_check()
        self.verification.advance(self.user)

    def events(self) -> list[tuple[str, dict[str, Any]]]:
        pages = [self.database.query(Table.OUTBOX, f"OUTBOX#{n}", "0", "Z") for n in range(8)]
        rows = [row for page in pages for row in page.rows(OutboxRow)]
        envelopes = [Envelope.model_validate_json(row.envelope) for row in rows]
        return [(each.type, each.data) for each in sorted(envelopes, key=lambda each: each.id)]


@pytest.fixture
def world() -> World:
    """Over memory."""
    return World()


@pytest.fixture(scope="session")
def make_world() -> type[World]:
    """For tests that need several, or another database."""
    return World


@pytest.fixture(scope="session")
def crash() -> type[Crash]:
    """The exception with which a fuse burns."""
    return Crash
