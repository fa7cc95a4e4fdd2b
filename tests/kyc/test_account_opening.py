"""The account at the broker."""

from dataclasses import replace
from typing import Any

import pytest

from shared.kernel.ids import Kind
from shared.kyc.errors import ProviderRefused, ProviderUnavailable
from shared.kyc.model import BrokerStatus, DocumentType
from shared.kyc.ports import AccountView
from shared.kyc.verification import Progress

OPENED, REFUSED = "investing.broker_account_opened.v1", "investing.broker_account_refused.v1"


def outcomes(world: Any) -> list[tuple[str, Any]]:
    return [(name, data) for name, data in world.events() if name in (OPENED, REFUSED)]


def test_an_approved_person_gets_an_account_with_the_result_of_the_check(world: Any) -> None:
    world.approve()
    assert world.opening.advance(world.user) is Progress.WAITING
    (application,) = world.broker.applications
    assert application.person.profile.family_name == "Kamau"
    assert application.ip_address == "192.0.2.7"
    assert application.agreed_at == world.case.consented_at
    ((account, result),) = world.broker.results
    assert (account, result.check_id, result.provider) == ("account-1", "check-1", "onfido")
    assert result.document_types == ["PASSPORT", "SELFIE"]
    assert world.file.broker_account.status is BrokerStatus.SUBMITTED
    assert outcomes(world) == []
    world.broker.says("ACTIVE", BrokerStatus.ACTIVE)
    assert world.opening.advance(world.user) is Progress.SETTLED
    assert world.file.broker_account.status is BrokerStatus.ACTIVE
    assert (world.profile.broker_account_id, world.profile.broker_status) == ("account-1", "ACTIVE")
    opened = {"user_id": world.user, "broker_account_id": "account-1"}
    assert outcomes(world) == [(OPENED, opened)]


def test_repeats_never_open_a_second_account(world: Any) -> None:
    world.approve()
    for _ in range(3):
        world.opening.advance(world.user)
    world.broker.says("ACTIVE", BrokerStatus.ACTIVE)
    for _ in range(3):
        world.opening.advance(world.user, told=True)
    assert len(world.broker.accounts) == 1
    assert len(outcomes(world)) == 1


def test_nobody_gets_an_account_before_the_identity_is_approved(world: Any) -> None:
    world.submit()
    assert world.opening.advance(world.user) is Progress.SETTLED
    assert (world.broker.accounts, world.file.broker_account) == ({}, None)


@pytest.mark.parametrize(
    ("word", "status", "again"),
    [
        ("ACTION_REQUIRED", BrokerStatus.ACTION_REQUIRED, True),
        ("REJECTED", BrokerStatus.REJECTED, False),
    ],
)
def test_a_refusal_of_the_broker_is_told_once_and_not_asked_again(
    world: Any, word: str, status: BrokerStatus, again: bool
) -> None:
    world.approve()
    world.opening.advance(world.user)
    world.broker.says(word, status)
    for _ in range(3):
        assert world.opening.advance(world.user) is Progress.SETTLED
    assert world.file.broker_account.status is status
    refused = {"user_id": world.user, "reason": word, "can_retry": again}
    assert outcomes(world) == [(REFUSED, refused)]


@pytest.mark.parametrize("word", ["ACTION_REQUIRED", "REJECTED", "ACTIVE"])
def test_an_account_that_does_not_open_calls_somebody_once(
    world: Any, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    counted: list[str] = []
    monkeypatch.setattr("shared.kyc.attention.metric", counted.append)
    world.approve()
    world.opening.advance(world.user)
    world.broker.says(word, BrokerStatus(word))
    for _ in range(3):
        world.opening.advance(world.user)
    assert counted == ([] if word == "ACTIVE" else ["BrokerAccountNeedsReview"])


def test_an_account_that_needed_help_opens_when_the_broker_says_so(world: Any) -> None:
    world.approve()
    world.opening.advance(world.user)
    world.broker.says("ACTION_REQUIRED", BrokerStatus.ACTION_REQUIRED)
    world.opening.advance(world.user)
    world.broker.says("ACTIVE", BrokerStatus.ACTIVE)
    assert world.opening.advance(world.user) is Progress.SETTLED
    assert world.file.broker_account.status is BrokerStatus.ACTION_REQUIRED
    assert world.opening.owner_of_account("account-1") == world.user
    world.opening.advance(world.user, told=True)
    assert world.file.broker_account.status is BrokerStatus.ACTIVE
    assert [name for name, _ in outcomes(world)] == [REFUSED, OPENED]


def test_an_address_that_is_somebody_elses_is_never_adopted(world: Any) -> None:
    world.broker.accounts["account-0"] = AccountView("account-0", BrokerStatus.ACTIVE, "ACTIVE")
    world.broker.owners["account-0"] = ("Wanjiru@Example.com", "Somebody")
    world.approve()
    assert world.opening.advance(world.user) is Progress.SETTLED
    account = world.file.broker_account
    assert (account.status, account.reason) == (BrokerStatus.ACTION_REQUIRED, "EMAIL_TAKEN")
    assert world.profile.broker_account_id is None
    refused = {"user_id": world.user, "reason": "EMAIL_TAKEN", "can_retry": False}
    assert outcomes(world) == [(REFUSED, refused)]


def test_an_account_that_belongs_to_another_user_of_ours_is_never_adopted(world: Any) -> None:
    world.broker.accounts["account-0"] = AccountView("account-0", BrokerStatus.ACTIVE, "ACTIVE")
    world.broker.owners["account-0"] = ("Wanjiru@Example.com", "Kamau")
    other = world.ids.new(Kind.USER)
    world.database.write(world.cases.claim("alpaca", "account-0", other))
    world.approve()
    world.opening.advance(world.user)
    assert world.file.broker_account.reason == "EMAIL_TAKEN"
    assert world.opening.owner_of_account("account-0") == other


def test_an_outage_opens_nothing_and_loses_nothing(world: Any) -> None:
    world.approve()
    world.broker.down = True
    with pytest.raises(ProviderUnavailable):
        world.opening.advance(world.user)
    assert world.file.broker_account.status is BrokerStatus.OPENING
    world.broker.down = False
    world.opening.advance(world.user)
    assert len(world.broker.accounts) == 1


def test_an_application_that_the_broker_refuses_is_told_and_stops(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def refuse(application: Any) -> Any:
        calls.append(application)
        raise ProviderRefused(provider="alpaca", what="accounts")

    monkeypatch.setattr(world.broker, "open", refuse)
    world.approve()
    for _ in range(3):
        assert world.opening.advance(world.user) is Progress.SETTLED
    assert len(calls) == 1
    assert [data["reason"] for _, data in outcomes(world)] == ["BROKER_REFUSED"]


def test_without_a_stored_consent_nobody_signs_for_the_person(world: Any) -> None:
    world.approve()
    case = world.case
    world.database.write(world.cases.save_case(case, replace(case, consent=None), None))
    world.opening.advance(world.user)
    assert world.broker.accounts == {}
    assert [data["reason"] for _, data in outcomes(world)] == ["CONSENT_MISSING"]
    assert world.file.documents[0].type is DocumentType.PASSPORT


def test_an_account_that_the_broker_takes_up_again_is_followed_again(world: Any) -> None:
    world.approve()
    world.opening.advance(world.user)
    world.broker.says("REJECTED", BrokerStatus.REJECTED)
    world.opening.advance(world.user)
    world.broker.says("APPROVAL_PENDING", BrokerStatus.SUBMITTED)
    assert world.opening.advance(world.user, told=True) is Progress.WAITING
    assert world.file.broker_account.status is BrokerStatus.SUBMITTED
    world.broker.says("ACTIVE", BrokerStatus.ACTIVE)
    world.opening.advance(world.user)
    assert [name for name, _ in outcomes(world)] == [REFUSED, OPENED]
