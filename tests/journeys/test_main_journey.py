"""From sign-up to a portfolio, through HTTP only."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tools.journey.client import Refused, wait_for
from tools.journey.person import Person
from tools.stack import Endpoints

pytestmark = pytest.mark.journey

IDENTITY_SERVICE = "no-reply@verificationemail.com"


def test_a_stranger_becomes_an_investor(
    newcomer: Callable[..., Person],
    assert_books_agree: Callable[[Person], Any],
    endpoints: Endpoints,
    aws: Callable[[str], Any],
) -> None:
    person = newcomer(language="SW")
    assert [account["currency"] for account in person.screen()["accounts"]] == ["USD", "KES"]
    with pytest.raises(Refused) as early:
        person.create_deposit("STRIPE", "100.00")
    assert early.value.code == "PAYMENTS_IDENTITY_NOT_APPROVED"

    person.prove_identity()
    approved = person.wait_for_kyc("APPROVED", "REJECTED", "ACTION_REQUIRED")
    assert approved["kycCase"]["status"] == "APPROVED"
    documents = {d["documentType"]: d["verificationStatus"] for d in approved["kycDocuments"]}
    assert documents == {"PASSPORT": "VERIFIED", "SELFIE": "VERIFIED"}
    person.wait_for_broker()

    card = person.create_deposit("STRIPE", "1000.00")
    assert card["status"] == "ACTION_REQUIRED"
    person.pay_by_card(card).raise_for_status()
    done = person.wait_for_deposit(card["depositId"], "FUNDED", "FAILED", "EXPIRED")
    assert done["status"] == "FUNDED"
    # Money that arrives while this plan is made would be invested by it, and not by its own.
    person.wait_until_invested([card["depositId"]])
    push = person.create_deposit("MPESA", "65000.00")
    rate = Decimal(push["quote"]["midRate"])
    assert push["quote"]["source"] == "frankfurter:inverse"
    assert push["nextAction"]["pushSentTo"] == "2547*****678"
    done = person.wait_for_deposit(push["depositId"], "FUNDED", "FAILED", "EXPIRED")
    assert done["status"] == "FUNDED"
    person.wait_until_invested([push["depositId"]])
    screen = assert_books_agree(person)

    credited = Decimal(push["credited"]["amount"])
    assert Decimal("0.98") * 65000 * rate < credited < 65000 * rate
    assert Decimal(screen["portfolio"]["netDeposits"]["amount"]) == 1000 + credited
    assert len(screen["portfolio"]["holdings"]) >= 5
    assert Decimal(screen["portfolio"]["drift"]) < Decimal("0.01")
    orders = screen["orders"]["nodes"]
    assert {order["status"] for order in orders} == {"FILLED"}
    spent = sum(Decimal(order["filledAmount"]["amount"]) for order in orders)
    assert spent + Decimal(screen["portfolio"]["cash"]["amount"]) == 1000 + credited
    for order in orders:
        assert f"({order['symbol']})" in order["why"]["summary"]
        assert order["why"]["summary"].startswith("Agizo hili linanunua ")
        # A rule may warn, of days that are too few to know a usual volume for example.
        outcomes = {check["outcome"] for check in order["why"]["checks"]}
        assert "PASS" in outcomes
        assert outcomes <= {"PASS", "WARN"}
    kinds = Counter(t["type"] for t in screen["transactions"]["nodes"])
    assert kinds == {"DEPOSIT": 2, "BUY": len(orders)}

    topics = _notices(person)
    assert topics == {
        "users.user_registered": 1,
        "kyc.identity_approved": 1,
        "investing.broker_account_opened": 1,
        "payments.deposit_settled": 2,
        "investing.plan_created": 2,
        "investing.orders_completed": 2,
    }
    assert screen["notifications"]["nodes"][-1]["subject"] == "Karibu Baobab"
    mails = _mails(endpoints, person)
    assert Counter(mails) == Counter(
        n["subject"] for n in person.screen()["notifications"]["nodes"]
    )


def _notices(person: Person) -> Counter[str]:
    def look() -> Counter[str] | None:
        seen = person.screen()["notifications"]["nodes"]
        topics = Counter(notice["topic"] for notice in seen)
        return topics if topics["investing.orders_completed"] == 2 else None

    return wait_for("all notices", look)


def _mails(endpoints: Endpoints, person: Person) -> list[str]:
    """Subjects of the mails that our sender sent to this person."""

    def look() -> list[str] | None:
        sent = person.client.http.get(f"{endpoints.aws}/_ministack/ses/messages").json()
        mine = [m for m in sent["messages"]["000000000000"] if m["To"] == [person.email]]
        subjects = [m["Subject"] for m in mine if m["Source"] != IDENTITY_SERVICE]
        return subjects if len(subjects) >= 9 else None

    return wait_for("all mails", look)


def test_a_second_factor_is_asked_for_and_a_session_ends_at_once(
    newcomer: Callable[..., Person],
) -> None:
    person = newcomer()
    person.add_second_factor()
    person.sign_in()
    first_token = person.client.access_token
    person.refresh()
    assert person.client.access_token != first_token
    assert person.screen()["user"]["secondFactor"] is True
    person.sign_out()
    with pytest.raises(Refused) as ended:
        person.refresh()
    assert ended.value.code == "SESSION_ENDED"


def test_a_wrong_password_and_an_unknown_address_look_the_same(
    newcomer: Callable[..., Person],
) -> None:
    person = newcomer()
    person.password = "Wrong-password-2026!"
    with pytest.raises(Refused) as wrong:
        person.sign_in()
    person.email = "nobody.at.all@example.com"
    with pytest.raises(Refused) as unknown:
        person.sign_in()
    assert (wrong.value.code, wrong.value.text) == (unknown.value.code, unknown.value.text)


def test_nothing_is_shown_without_a_token(newcomer: Callable[..., Person]) -> None:
    person = newcomer()
    for token in (None, "garbage", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."):
        person.client.access_token = token
        answer = person.client.post(
            person.client.graphql_url, "query Q { viewer { user { email } } }", {}
        )
        assert answer.status_code == 401
        assert person.email not in answer.text


def test_a_blurred_document_is_rejected_with_a_reason_and_a_new_one_is_accepted(
    newcomer: Callable[..., Person],
) -> None:
    person = newcomer(familyName="Blurred")
    person.prove_identity()
    rejected = person.wait_for_kyc("ACTION_REQUIRED", "APPROVED", "REJECTED")
    assert rejected["kycCase"]["status"] == "ACTION_REQUIRED"
    assert rejected["kycCase"]["reason"]["code"] == "DOCUMENT_BLURRED"
    assert rejected["kycCase"]["attemptsLeft"] == 2
    person.upload("PASSPORT")
    if person.kyc()["kycCase"]["nextAction"] == "UPLOAD_SELFIE":
        person.upload("SELFIE")
    assert person.wait_for_kyc("APPROVED", "REJECTED")["kycCase"]["status"] == "APPROVED"


def test_a_forged_document_is_rejected_for_good(newcomer: Callable[..., Person]) -> None:
    person = newcomer(familyName="Consider")
    person.prove_identity()
    seen = person.wait_for_kyc("REJECTED", "IN_REVIEW", "APPROVED", "ACTION_REQUIRED")
    assert seen["kycCase"]["status"] in {"REJECTED", "IN_REVIEW"}
    with pytest.raises(Refused):
        person.create_deposit("STRIPE", "100.00")
    assert seen["user"]["brokerAccountStatus"] is None


def test_a_virus_never_reaches_the_provider(newcomer: Callable[..., Person]) -> None:
    person = newcomer()
    eicar = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    person.upload("PASSPORT", b"\x89PNG\r\n\x1a\n" + eicar + bytes(12_000))

    def look() -> Any:
        documents = person.kyc()["kycDocuments"]
        return next((d for d in documents if d["verificationStatus"] == "REJECTED_FILE"), None)

    assert wait_for("the scan", look)["documentType"] == "PASSPORT"
    assert person.kyc()["kycCase"]["status"] in {"IN_PROGRESS", "NOT_STARTED", "ACTION_REQUIRED"}
