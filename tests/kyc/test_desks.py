"""Messages in, use cases called: scans, deliveries, checks and events."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.open_broker_account.routing import Desk as AccountDesk
from functions.verify_identity.routing import Desk as IdentityDesk
from shared.kernel.events import Envelope, Event
from shared.kyc.errors import ProviderUnavailable
from shared.kyc.events import IdentityApprovedV1, IdentitySubmittedV1
from shared.kyc.model import BrokerStatus, CaseStatus, DocumentStatus, DocumentType
from shared.kyc.ports import Finding
from shared.kyc.reasons import Reason
from shared.kyc.service import quarantine_key
from shared.platform.queues import (
    AwsMessage,
    CheckMessage,
    Checks,
    EventMessage,
    MalformedMessage,
    MemoryQueue,
    WebhookMessage,
)
from shared.users.events import ProfileCompletedV1

AT = datetime(2026, 3, 2, tzinfo=UTC)
JPEG = b"\xff\xd8\xff\xe0" + b"pixels" * 3000
BUCKET = "quarantine-bucket"


@pytest.fixture
def queue() -> MemoryQueue:
    return MemoryQueue()


@pytest.fixture
def identity(world: Any, queue: MemoryQueue) -> IdentityDesk:
    return IdentityDesk(world.uploads, world.verification, Checks(queue), BUCKET)


@pytest.fixture
def accounts(world: Any, queue: MemoryQueue) -> AccountDesk:
    return AccountDesk(world.opening, Checks(queue))


def scanned(
    key: str, etag: str, word: str = "NO_THREATS_FOUND", bucket: str = BUCKET
) -> AwsMessage:
    detail = {
        "schemaVersion": "1.0",
        "scanStatus": "COMPLETED",
        "resourceType": "S3_OBJECT",
        "s3ObjectDetails": {
            "bucketName": bucket,
            "objectKey": key,
            "eTag": etag,
            "versionId": "",
            "s3Throttled": False,
        },
        "scanResultDetails": {"scanResultStatus": word, "threats": None},
    }
    name = "GuardDuty Malware Protection Object Scan Result"
    return AwsMessage("aws.guardduty", name, detail)


def post(world: Any, type: DocumentType) -> tuple[str, str]:
    document = world.request(type).document
    return quarantine_key(world.user, document.id), world.put(document, JPEG + type.encode())


def event(happened: Event) -> EventMessage:
    return EventMessage(Envelope.seal(happened, id="evt", at=AT, correlation_id="c"))


def delivery(check: str, resource: str = "check") -> WebhookMessage:
    content = {
        "payload": {
            "resource_type": resource,
            "action": f"{resource}.completed",
            "object": {
                "id": check,
                "status": "complete",
                "completed_at_iso8601": "2026-03-02T09:00:00Z",
                "href": f"https://api.eu.onfido.com/v3.6/checks/{check}",
            },
        }
    }
    return WebhookMessage("onfido", json.dumps(content).encode(), AT)


def test_scan_results_of_all_documents_start_the_check_and_its_chain(
    world: Any, identity: IdentityDesk, queue: MemoryQueue
) -> None:
    identity.handle(scanned(*post(world, DocumentType.PASSPORT)))
    assert queue.sent == []
    identity.handle(scanned(*post(world, DocumentType.SELFIE)))
    assert world.case.status is CaseStatus.PROCESSING
    assert queue.sent == [(CheckMessage("identity", {"user_id": world.user}, 0), 2)]


@pytest.mark.parametrize("word", ["THREATS_FOUND", "A_NEW_WORD"])
def test_no_other_word_of_the_scanner_makes_a_file_clean(
    world: Any, identity: IdentityDesk, word: str
) -> None:
    identity.handle(scanned(*post(world, DocumentType.PASSPORT), word))
    assert world.file.documents[0].status is DocumentStatus.REJECTED_FILE


def test_results_about_other_objects_are_passed_over(world: Any, identity: IdentityDesk) -> None:
    key, etag = post(world, DocumentType.PASSPORT)
    identity.handle(scanned(key, etag, bucket="another-bucket"))
    identity.handle(scanned("somewhere/else", etag))
    assert world.file.documents[0].status is DocumentStatus.REQUESTED


def test_a_delivery_decides_by_what_the_provider_says_and_a_repeat_changes_nothing(
    world: Any, identity: IdentityDesk
) -> None:
    world.submit()
    world.verification.advance(world.user)
    identity.handle(delivery("check-1"))
    assert world.case.status is CaseStatus.PROCESSING
    world.finish_check(Finding(Reason.DOCUMENT_GLARE))
    for _ in range(3):
        identity.handle(delivery("check-1"))
    assert world.case.status is CaseStatus.ACTION_REQUIRED
    names = [name for name, _ in world.events()]
    assert names.count("kyc.identity_rejected.v1") == 1


def test_deliveries_about_nobody_or_something_else_do_nothing(
    world: Any, identity: IdentityDesk
) -> None:
    world.provider.started.append(("applicant-of-nobody", "check-9", ()))
    identity.handle(delivery("check-9"))
    identity.handle(delivery("run-1", "workflow_run"))
    with pytest.raises(MalformedMessage):
        identity.handle(WebhookMessage("onfido", b"[]", AT))
    assert world.file.case is None


def test_a_lost_delivery_is_made_up_for_by_the_chain_of_checks(
    world: Any, identity: IdentityDesk, queue: MemoryQueue
) -> None:
    world.submit()
    check = CheckMessage("identity", {"user_id": world.user}, 0)
    identity.handle(check)
    assert queue.sent == [(CheckMessage("identity", {"user_id": world.user}, 1), 5)]
    world.finish_check()
    identity.handle(queue.sent[0][0])
    assert world.case.status is CaseStatus.APPROVED
    assert len(queue.sent) == 1


def test_a_check_during_an_outage_asks_again_later(
    world: Any, identity: IdentityDesk, queue: MemoryQueue
) -> None:
    world.submit()
    world.provider.down = True
    identity.handle(CheckMessage("identity", {"user_id": world.user}, 5))
    assert queue.sent == [(CheckMessage("identity", {"user_id": world.user}, 6), 900)]
    with pytest.raises(ProviderUnavailable):
        identity.handle(scanned(quarantine_key(world.user, world.case.documents[0]), "etag"))
    assert world.case.status is CaseStatus.PROCESSING


def test_a_completed_profile_submits_what_was_waiting_for_it(
    world: Any, identity: IdentityDesk, queue: MemoryQueue
) -> None:

    whole = world.people.read(world.user).profile
    world.set_profile(world.user, replace(whole, tax_id=None))
    world.submit()
    identity.handle(event(ProfileCompletedV1(user_id=world.user)))
    assert world.case.status is CaseStatus.IN_PROGRESS
    world.set_profile(world.user, whole)
    identity.handle(event(ProfileCompletedV1(user_id=world.user)))
    assert world.case.status is CaseStatus.PROCESSING
    assert len(queue.sent) == 1


def test_what_belongs_to_another_queue_is_malformed(
    identity: IdentityDesk, accounts: AccountDesk, world: Any
) -> None:
    for desk in (identity, accounts):
        with pytest.raises(MalformedMessage):
            desk.handle(event(IdentitySubmittedV1(user_id=world.user)))
        with pytest.raises(MalformedMessage):
            desk.handle(CheckMessage("payment", {"user_id": world.user}))
        with pytest.raises(MalformedMessage):
            desk.handle(WebhookMessage("stripe", b"{}", AT))


def told_by_broker(account: str) -> WebhookMessage:
    data = {"account_id": account, "status_from": "SUBMITTED", "status_to": "ACTIVE"}
    return WebhookMessage(
        "broker", json.dumps({"type": "account_status", "data": data}).encode(), AT
    )


def test_an_approval_opens_the_account_and_the_brokers_word_makes_it_active(
    world: Any, accounts: AccountDesk, queue: MemoryQueue
) -> None:
    world.approve()
    approved = event(IdentityApprovedV1(user_id=world.user, provider="onfido"))
    accounts.handle(approved)
    accounts.handle(approved)
    assert world.file.broker_account.status is BrokerStatus.SUBMITTED
    assert {message.check for message, _ in queue.sent} == {"broker_account"}
    accounts.handle(told_by_broker("account-1"))
    assert world.file.broker_account.status is BrokerStatus.SUBMITTED
    world.broker.says("ACTIVE", BrokerStatus.ACTIVE)
    accounts.handle(told_by_broker("account-1"))
    accounts.handle(told_by_broker("account-1"))
    assert world.file.broker_account.status is BrokerStatus.ACTIVE
    assert len(world.broker.accounts) == 1


def test_checks_follow_an_account_until_it_is_settled(
    world: Any, accounts: AccountDesk, queue: MemoryQueue
) -> None:
    world.approve()
    world.broker.down = True
    accounts.handle(CheckMessage("broker_account", {"user_id": world.user}, 0))
    world.broker.down = False
    accounts.handle(queue.sent[0][0])
    assert [message.attempt for message, _ in queue.sent] == [1, 2]
    world.broker.says("ACTIVE", BrokerStatus.ACTIVE)
    accounts.handle(queue.sent[1][0])
    assert len(queue.sent) == 2
    assert world.file.broker_account.status is BrokerStatus.ACTIVE


def test_an_account_event_about_nobody_is_passed_over(world: Any, accounts: AccountDesk) -> None:
    accounts.handle(told_by_broker("account-of-nobody"))
    with pytest.raises(MalformedMessage):
        accounts.handle(WebhookMessage("broker", b"{}", AT))
    assert world.file.broker_account is None
