"""The real adapters against a running sandbox of the vendors."""

import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from sandbox.config import SandboxConfig
from shared.kernel.clock import SystemClock
from shared.kyc.errors import ProviderRefused, ProviderUnavailable
from shared.kyc.model import (
    BrokerStatus,
    CaseStatus,
    Document,
    DocumentStatus,
    DocumentType,
    Side,
)
from shared.kyc.ports import Application, EmailTaken, Finding, IdentityResult, Person
from shared.kyc.providers.alpaca_accounts import AlpacaAccounts
from shared.kyc.providers.onfido import OnfidoIdentity
from shared.kyc.reasons import Reason
from shared.users.model import UserStatus

JPEG = b"\xff\xd8\xff\xe0" + b"pixels" * 6000
CONFIG = SandboxConfig(onfido_check_delay_ms=10, alpaca_account_delay_ms=10)
NOW = SystemClock().now()
USER = "usr_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"


@pytest.fixture(scope="session")
def vendors(serve_sandbox: Callable[[SandboxConfig], str]) -> Iterator[httpx.Client]:
    """A client of a sandbox in this process."""
    with httpx.Client(base_url=serve_sandbox(CONFIG), trust_env=False, timeout=10) as client:
        yield client


def eventually[T](look: Callable[[], T | None], seconds: int = 10) -> T:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError("nothing came of it")


def base_of(vendors: httpx.Client, path: str) -> str:
    return f"{str(vendors.base_url).rstrip('/')}/{path}"


@pytest.fixture
def sandbox(vendors: httpx.Client) -> httpx.Client:
    vendors.post("/_control/reset").raise_for_status()
    return vendors


@pytest.fixture(scope="session")
def onfido(vendors: httpx.Client) -> OnfidoIdentity:
    return OnfidoIdentity(CONFIG.onfido_api_token, base_of(vendors, "onfido/v3.6"))


@pytest.fixture(scope="session")
def alpaca(vendors: httpx.Client) -> AlpacaAccounts:
    with warnings.catch_warnings():
        # The SDK imports its streaming client too, which imports what is going away.
        warnings.filterwarnings("ignore", "websockets.legacy", DeprecationWarning)
        import alpaca.broker.client  # noqa: F401 - imported here for its warning alone
    return AlpacaAccounts(CONFIG.alpaca_key, CONFIG.alpaca_secret, base_of(vendors, "alpaca"))


@pytest.fixture
def person(world: Any) -> Person:
    return Person(USER, UserStatus.ACTIVE, world.people.read(world.user).profile, b"key")


def named(person: Person, family_name: str) -> Person:
    return replace(person, profile=replace(person.profile, family_name=family_name))


def document(number: int, type: DocumentType, side: Side = Side.FRONT) -> Document:
    return Document(
        id=f"doc_t1_01ARZ3NDEKTSV4RRFFQ69G5F{number:02}",
        user_id=USER,
        type=type,
        side=side,
        content_type="image/jpeg",
        status=DocumentStatus.CLEAN,
        requested_at=NOW,
        expires_at=NOW,
    )


def checked(onfido: OnfidoIdentity, applicant: str, who: Person, first: int = 1) -> Any:
    documents = []
    for number, kind in enumerate((DocumentType.PASSPORT, DocumentType.SELFIE), first):
        file = document(number, kind)
        made = onfido.upload(applicant, file, who, JPEG + bytes([number]))
        documents.append(replace(file, provider_id=made))
    check = onfido.start_check(applicant, documents)
    return eventually(lambda: next((r for r in [onfido.check(check)] if r.complete), None))


def order(sandbox: httpx.Client, vendor: str, operation: str, kind: str, **params: Any) -> None:
    fault = {"vendor": vendor, "operation": operation, "kind": kind, "params": params}
    sandbox.post("/_control/faults", json=fault).raise_for_status()


@pytest.mark.parametrize(
    ("family_name", "expected"),
    [
        ("Kamau", ()),
        ("Consider", (Finding(Reason.DOCUMENT_FORGED),)),
        ("Suspected", (Finding(Reason.DOCUMENT_FORGED),)),
        ("Caution", (Finding(Reason.DOCUMENT_SUSPECTED),)),
        ("Blurred", (Finding(Reason.DOCUMENT_BLURRED),)),
        ("Expired", (Finding(Reason.DOCUMENT_EXPIRED),)),
        ("Mismatch", (Finding(Reason.NAME_MISMATCH),)),
        ("Faceless", (Finding(Reason.FACE_MISMATCH, on_selfie=True),)),
    ],
)
def test_a_check_ends_in_our_words(
    sandbox: Any, onfido: OnfidoIdentity, person: Person, family_name: str, expected: Any
) -> None:
    who = named(person, family_name)
    applicant = onfido.create_applicant(who)
    result = checked(onfido, applicant, who)
    assert (result.applicant_id, tuple(result.findings)) == (applicant, expected)


def test_whatever_was_made_can_be_found_again(
    sandbox: Any, onfido: OnfidoIdentity, person: Person
) -> None:
    assert onfido.find_applicant(person, NOW) is None
    applicant = onfido.create_applicant(person)
    assert onfido.find_applicant(person, NOW) == applicant
    assert onfido.find_applicant(person, NOW + timedelta(days=1)) is None
    other = replace(person, profile=replace(person.profile, email="other@example.com"))
    assert onfido.find_applicant(other, NOW) is None
    result = checked(onfido, applicant, person)
    assert set(onfido.uploads(applicant)) == {
        "doc_t1_01ARZ3NDEKTSV4RRFFQ69G5F01",
        "doc_t1_01ARZ3NDEKTSV4RRFFQ69G5F02",
    }
    assert onfido.checks(applicant) == [result.id]


def test_a_corrected_profile_reaches_the_provider(
    sandbox: Any, onfido: OnfidoIdentity, person: Person
) -> None:
    applicant = onfido.create_applicant(named(person, "Mismatch"))
    onfido.update_applicant(applicant, person)
    assert tuple(checked(onfido, applicant, person).findings) == ()


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_what_says_nothing_about_the_request_is_unavailability(
    sandbox: Any, onfido: OnfidoIdentity, person: Person, status: int
) -> None:
    order(sandbox, "onfido", "applicants.create", "error", status=status)
    with pytest.raises(ProviderUnavailable):
        onfido.create_applicant(person)
    assert onfido.create_applicant(person)


def test_a_name_that_the_provider_cannot_take_is_a_refusal(
    sandbox: Any, onfido: OnfidoIdentity, person: Person
) -> None:
    with pytest.raises(ProviderRefused):
        onfido.create_applicant(named(person, "<Kamau>"))
    with pytest.raises(ProviderRefused):
        onfido.check("not-an-identifier")


def test_a_server_that_is_not_there_is_unavailability(person: Person) -> None:
    nobody = OnfidoIdentity("token", "http://127.0.0.1:9/v3.6")
    with pytest.raises(ProviderUnavailable):
        nobody.create_applicant(person)


def test_a_case_runs_through_the_real_adapters(
    sandbox: Any, onfido: OnfidoIdentity, alpaca: AlpacaAccounts, make_world: Any
) -> None:
    world = make_world()
    world.verification = replace(world.verification, provider=onfido)
    world.opening = replace(world.opening, broker=alpaca)
    profile = world.people.read(world.user).profile
    world.set_profile(world.user, replace(profile, family_name="Blurred"))

    def done(status: CaseStatus) -> bool:
        world.verification.advance(world.user)
        return world.case.status is status

    world.upload(DocumentType.PASSPORT, content=JPEG)
    world.upload(DocumentType.SELFIE, content=JPEG)
    eventually(lambda: done(CaseStatus.ACTION_REQUIRED))
    assert world.case.reason is Reason.DOCUMENT_BLURRED
    world.upload(DocumentType.PASSPORT, content=JPEG)
    eventually(lambda: done(CaseStatus.APPROVED))

    def active() -> bool:
        world.opening.advance(world.user)
        return bool(world.file.broker_account.status is BrokerStatus.ACTIVE)

    eventually(active)
    assert world.profile.broker_account_id == world.file.broker_account.account_id
    assert [name for name, _ in world.events()] == [
        "kyc.identity_submitted.v1",
        "kyc.identity_rejected.v1",
        "kyc.identity_submitted.v1",
        "kyc.identity_approved.v1",
        "investing.broker_account_opened.v1",
    ]


def applied(person: Person) -> Application:
    return Application(person, NOW, "192.0.2.7")


def test_an_account_is_opened_found_and_told_the_result(
    sandbox: httpx.Client, alpaca: AlpacaAccounts, person: Person
) -> None:
    assert alpaca.find(person) is None
    opened = alpaca.open(applied(person))
    found = alpaca.find(person)
    assert found is not None
    assert found.account_id == opened.account_id
    result = IdentityResult("check", "onfido", NOW, NOW, ["PASSPORT", "SELFIE"])
    alpaca.send_identity_result(opened.account_id, person, result)
    alpaca.send_identity_result(opened.account_id, person, result)
    active = eventually(lambda: alpaca.get(opened.account_id).status is BrokerStatus.ACTIVE or None)
    assert active
    keys = (CONFIG.alpaca_key, CONFIG.alpaca_secret)
    filed = sandbox.get(f"/alpaca/v1/accounts/{opened.account_id}/cip", auth=keys).json()
    assert (filed["provider_name"], filed["kyc"]["approval_status"]) == (["onfido"], "approved")
    account = sandbox.get(f"/alpaca/v1/accounts/{opened.account_id}", auth=keys).json()
    assert account["identity"]["tax_id_type"] == "NOT_SPECIFIED"
    assert account["agreements"][0]["ip_address"] == "192.0.2.7"


def test_an_address_is_taken_once_and_found_only_by_its_owner(
    sandbox: Any, alpaca: AlpacaAccounts, person: Person
) -> None:
    alpaca.open(applied(person))
    with pytest.raises(EmailTaken):
        alpaca.open(applied(person))
    assert alpaca.find(named(person, "Somebody")) is None


@pytest.mark.parametrize(
    ("family_name", "status"),
    [
        ("Actionrequired", BrokerStatus.ACTION_REQUIRED),
        ("Rejectedbroker", BrokerStatus.REJECTED),
    ],
)
def test_the_brokers_refusals_are_told_in_its_own_word(
    sandbox: Any, alpaca: AlpacaAccounts, person: Person, family_name: str, status: BrokerStatus
) -> None:
    opened = alpaca.open(applied(named(person, family_name)))

    def refused() -> Any:
        view = alpaca.get(opened.account_id)
        return view if view.status is status else None

    assert eventually(refused).reason == status.value


@pytest.mark.parametrize("status", [401, 429, 500, 504])
def test_silence_of_the_broker_is_unavailability(
    sandbox: Any, alpaca: AlpacaAccounts, person: Person, status: int
) -> None:
    order(sandbox, "alpaca", "accounts.create", "error", status=status)
    with pytest.raises(ProviderUnavailable):
        alpaca.open(applied(person))


def test_an_account_whose_answer_was_lost_is_found_again(
    sandbox: Any, alpaca: AlpacaAccounts, person: Person
) -> None:
    order(sandbox, "alpaca", "accounts.create", "timeout_after_effect", seconds=0)
    with pytest.raises(ProviderUnavailable):
        alpaca.open(applied(person))
    assert alpaca.find(person) is not None


def test_an_incomplete_application_is_refused_without_naming_its_values(
    sandbox: Any, alpaca: AlpacaAccounts, person: Person
) -> None:
    without = replace(person, profile=replace(person.profile, funding_source="SECRET HOARD"))
    with pytest.raises(ProviderRefused) as raised:
        alpaca.open(applied(without))
    assert "HOARD" not in str(raised.value)
    assert raised.value.__cause__ is None
