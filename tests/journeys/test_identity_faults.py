"""What the identity provider sends that is lost, repeated, late, forged or false."""

import hashlib
import hmac
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tools.journey import operations as op
from tools.journey.client import Refused, wait_for
from tools.journey.person import Person, send_form
from tools.journey.pictures import photo
from tools.stack import Endpoints

pytestmark = pytest.mark.journey


class Provider:
    """What the provider itself knows, asked with its own token."""

    def __init__(self, sandbox: Any) -> None:
        self.sandbox = sandbox
        self.config = sandbox.get("/_control/config")

    def ask(self, path: str, **query: str) -> Any:
        """A GET of its API."""
        headers = {"authorization": f"Token token={self.config['onfido_api_token']}"}
        url = f"{self.sandbox.url}/onfido/v3.6/{path}"
        return self.sandbox.http.get(url, params=query, headers=headers).raise_for_status().json()

    def applicants(self, person: Person) -> list[str]:
        """Ids under which it knows a person."""
        every = self.ask("applicants", per_page="500")["applicants"]
        return [one["id"] for one in every if one["email"] == person.email]

    def checks(self, person: Person) -> list[Any]:
        """All checks of a person."""
        return [
            check
            for applicant in self.applicants(person)
            for check in self.ask("checks", applicant_id=applicant)["checks"]
        ]

    def files(self, person: Person) -> int:
        """How many files of a person it holds."""
        return sum(
            len(self.ask(kind, applicant_id=applicant)[kind])
            for applicant in self.applicants(person)
            for kind in ("documents", "live_photos")
        )

    def delivery(self, check_id: str, token: str | None = None) -> tuple[bytes, dict[str, str]]:
        """News that a check is complete, as the provider would sign it."""
        payload = {
            "resource_type": "check",
            "action": "check.completed",
            "object": {"id": check_id, "status": "complete", "href": "https://example.com"},
        }
        body = json.dumps({"payload": payload}).encode()
        key = (token or self.config["onfido_webhook_token"]).encode()
        signature = hmac.new(key, body, hashlib.sha256).hexdigest()
        return body, {"x-sha2-signature": signature, "content-type": "application/json"}


@pytest.fixture
def provider(sandbox: Any) -> Provider:
    return Provider(sandbox)


def notices_of(person: Person, topic: str) -> int:
    """How many notices of a kind are in the inbox."""
    seen = person.screen()["notifications"]["nodes"]
    return sum(notice["topic"] == topic for notice in seen)


def assert_approved_once(person: Person, provider: Provider) -> None:
    """Approved, and everything was made exactly once."""
    seen = person.wait_for_kyc("APPROVED", "REJECTED", "ACTION_REQUIRED", "IN_REVIEW")
    assert seen["kycCase"]["status"] == "APPROVED"
    assert seen["kycCase"]["attemptsLeft"] == 2
    person.wait_for_broker()
    assert (len(provider.applicants(person)), len(provider.checks(person))) == (1, 1)
    assert provider.files(person) == 2
    wait_for("the notice", lambda: notices_of(person, "investing.broker_account_opened") == 1)
    assert notices_of(person, "kyc.identity_approved") == 1


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("lost", {}),
        ("duplicate", {"copies": 4}),
        ("late", {"seconds": 3}),
        ("forged", {"only": True}),
        ("forged", {}),
    ],
    ids=["lost", "duplicate", "late", "only-forged", "also-forged"],
)
def test_a_person_is_approved_once_whatever_happens_to_the_webhook(
    newcomer: Callable[..., Person],
    sandbox: Any,
    provider: Provider,
    kind: str,
    params: dict[str, Any],
) -> None:
    person = newcomer()
    sandbox.fault("onfido", "check.completed", kind, times=5, **params)
    person.prove_identity()
    assert_approved_once(person, provider)
    (check,) = provider.checks(person)
    answers = [delivery["status"] for delivery in sandbox.deliveries("onfido", check["id"])]
    if kind == "lost":
        assert answers == [None]
    elif kind == "duplicate":
        assert answers.count(200) == 4
    elif kind == "forged":
        assert 401 in answers
        assert (200 in answers) is not params.get("only", False)


@pytest.mark.parametrize(
    "operation", ["applicants.create", "documents.create", "live_photos.create", "checks.create"]
)
def test_what_the_provider_did_without_answering_is_not_done_twice(
    newcomer: Callable[..., Person], sandbox: Any, provider: Provider, operation: str
) -> None:
    person = newcomer()
    sandbox.fault("onfido", operation, "timeout_after_effect", close=True)
    person.prove_identity()
    assert_approved_once(person, provider)


def test_an_outage_of_the_provider_delays_and_decides_nothing(
    newcomer: Callable[..., Person], sandbox: Any, provider: Provider
) -> None:
    person = newcomer()
    sandbox.fault("onfido", "checks.create", "error", times=3, status=503)
    sandbox.fault("onfido", "checks.retrieve", "rate_limited", times=2)
    person.prove_identity()
    assert_approved_once(person, provider)


def test_a_delivery_is_believed_neither_forged_nor_signed_while_the_check_runs(
    newcomer: Callable[..., Person],
    sandbox: Any,
    provider: Provider,
    endpoints: Endpoints,
) -> None:
    person = newcomer(familyName="Pending")
    person.prove_identity()
    checks = wait_for("the check", lambda: provider.checks(person))
    url = f"{endpoints.webhooks}/onfido"
    forged, signed = (
        provider.delivery(checks[0]["id"], token) for token in ("guessed-token", None)
    )
    for (body, headers), status in ((forged, 401), (signed, 200), (signed, 200)):
        assert sandbox.http.post(url, content=body, headers=headers).status_code == status
    unknown = provider.delivery("00000000-0000-4000-8000-000000000000")
    assert sandbox.http.post(url, content=unknown[0], headers=unknown[1]).status_code == 200
    with pytest.raises(TimeoutError):
        person.wait_for_kyc("APPROVED", "REJECTED", "ACTION_REQUIRED", "IN_REVIEW", seconds=4)
    with pytest.raises(Refused) as refused:
        person.create_deposit("STRIPE", "100.00")
    assert refused.value.code == "PAYMENTS_IDENTITY_NOT_APPROVED"
    order = f"/_control/onfido/checks/{checks[0]['id']}/complete"
    sandbox.post(order, {"outcome": "clear"})
    assert_approved_once(person, provider)


def test_files_that_arrive_together_are_submitted_once(
    newcomer: Callable[..., Person], provider: Provider
) -> None:
    person = newcomer()
    files = []
    for kind in ("PASSPORT", "SELFIE"):
        content = photo()
        wanted = {"documentType": kind, "contentType": "image/png", "sizeBytes": len(content)}
        place = person.client.graphql(op.REQUEST_KYC_UPLOAD, input=wanted)
        files.append((place["url"], place["fields"], content))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: send_form(*each), [*files, *files]))
    assert_approved_once(person, provider)
    documents = person.kyc()["kycDocuments"]
    assert [each["verificationStatus"] for each in documents] == ["VERIFIED", "VERIFIED"]


def test_a_profile_that_is_completed_last_starts_the_check(
    endpoints: Endpoints, provider: Provider
) -> None:
    urls = {"graphql": endpoints.graphql, "session": endpoints.session}
    person = Person.new(urls | {"sandbox": endpoints.sandbox}, "late")
    person.sign_up()
    person.sign_in()
    person.prove_identity()

    def both_clean() -> bool:
        documents = person.kyc()["kycDocuments"]
        return [each["verificationStatus"] for each in documents] == ["CLEAN", "CLEAN"]

    wait_for("clean files", both_clean)
    assert person.kyc()["kycCase"]["nextAction"] == "COMPLETE_PROFILE"
    assert provider.applicants(person) == []
    person.complete_profile()
    assert_approved_once(person, provider)
    person.client.http.close()


def test_an_account_that_the_broker_refuses_is_told(
    newcomer: Callable[..., Person],
) -> None:
    person = newcomer(familyName="Rejectedbroker")
    person.prove_identity()
    person.wait_for_kyc("APPROVED")
    wait_for("the notice", lambda: notices_of(person, "investing.broker_account_refused") == 1)
    seen = person.screen()
    assert seen["user"]["brokerAccountStatus"] == "REJECTED"
    (notice,) = [
        each
        for each in seen["notifications"]["nodes"]
        if each["topic"] == "investing.broker_account_refused"
    ]
    assert notice["subject"] == "Your investment account is not open yet"
    assert notices_of(person, "investing.broker_account_opened") == 0


def test_a_refusal_is_told_with_its_reason(newcomer: Callable[..., Person]) -> None:
    person = newcomer(familyName="Blurred")
    person.prove_identity()
    person.wait_for_kyc("ACTION_REQUIRED")
    wait_for("the notice", lambda: notices_of(person, "kyc.identity_rejected") == 1)
    (notice,) = [
        each
        for each in person.screen()["notifications"]["nodes"]
        if each["topic"] == "kyc.identity_rejected"
    ]
    assert notice["body"] == "The picture is blurred. Take a sharp one. You can send it again."
