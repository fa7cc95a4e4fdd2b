"""The company at work on the deployed stack: who gives roles, what they see, what holds at once."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tools.journey.client import Refused
from tools.journey.person import Person
from tools.stack import Endpoints
from tools.stack.places import CHECKOUT

pytestmark = pytest.mark.journey

REASON = "A journey through the back office"
CONTACT = """query($u: UserId!) { staff { person(userId: $u) {
  status role sessions contact { email phone initial } accounts { currency } } } }"""
IDENTITY = """query($u: UserId!, $r: Text!) { staff { person(userId: $u) {
  identity(reason: $r) { email taxId profile { familyName } } } } }"""
TRAIL = """query($u: UserId!) { staff { auditTrail(userId: $u, first: 20) {
  nodes { action actor actorRole reason intact changes { name before after } } } } }"""
HELD = "{ staff { heldForReview(first: 20) { nodes { userId reason attempts } } } }"
WHO = "{ viewer { user { userId } } }"
DONE = """... on StaffActionPayload { person { status role sessions kycStatus } }
  ... on UserError { code message }"""


def mutation(name: str, kind: str = "StaffActionInput") -> str:
    """An act of staff."""
    return f"mutation($input: {kind}!) {{ {name}(input: $input) {{ {DONE} }} }}"


@dataclass(frozen=True)
class Member:
    """Somebody of the company."""

    person: Person

    @property
    def user_id(self) -> str:
        """Identifier."""
        return self.person.user_id

    def enrol(self) -> None:
        """Sign up and set up the second factor."""
        self.person.sign_up()
        self.person.sign_in()
        self.person.add_second_factor()

    def sign_in(self) -> None:
        """With the second factor, which makes it fresh."""
        self.person.sign_in()

    def ask(self, document: str, **variables: object) -> Any:
        """What the back office answers."""
        return self.person.client.graphql(document, **variables)

    def act(self, name: str, user_id: str, kind: str = "StaffActionInput", **more: str) -> Any:
        """Do something to somebody; the person afterwards."""
        given = {"userId": user_id, "reason": REASON, **more}
        return self.ask(mutation(name, kind), input=given)["person"]


def refused(person: Person, document: str, **variables: object) -> list[str]:
    """The codes with which a request was refused."""
    answer = person.client.post(person.client.graphql_url, document, variables).json()
    assert not answer.get("data"), answer
    return [error["extensions"]["code"] for error in answer["errors"]]


@dataclass(frozen=True)
class Company:
    """The people of the company, and the operators' tool."""

    admin: Member
    support: Member
    officer: Member
    tool: Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def tool(
    endpoints: Endpoints, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the operators' tool as operators do."""
    file: Path = tmp_path_factory.mktemp("staff") / "endpoints.json"
    file.write_text(endpoints.to_json())

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tools.staff", "--endpoints", str(file), *arguments],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture(scope="module")
def hire(endpoints: Endpoints) -> Iterator[Callable[[str], Member]]:
    """Makes people with a second factor."""
    people: list[Person] = []
    urls = {
        "graphql": endpoints.graphql,
        "session": endpoints.session,
        "sandbox": endpoints.sandbox,
    }

    def make(name: str) -> Member:
        people.append(Person.new(urls, name))
        member = Member(people[-1])
        member.enrol()
        return member

    yield make
    for person in people:
        person.client.http.close()


@pytest.fixture(scope="module")
def company(
    hire: Callable[[str], Member], tool: Callable[..., subprocess.CompletedProcess[str]]
) -> Company:
    """An administrator by the tool, and colleagues by the administrator."""
    admin, support, officer = hire("admin"), hire("support"), hire("officer")
    given = tool("role", "--email", admin.person.email, "--role", "ADMIN", "--reason", REASON)
    assert given.returncode == 0, given.stderr
    assert f"{admin.user_id} is ADMIN, by operator:" in given.stdout
    admin.sign_in()
    for member, role in ((support, "SUPPORT"), (officer, "COMPLIANCE")):
        assert admin.act("setRole", member.user_id, "SetRoleInput", role=role)["role"] == role
        assert refused(member.person, WHO) == ["NOT_SIGNED_IN"]
        member.sign_in()
    return Company(admin, support, officer, tool)


def test_the_tool_gives_no_role_without_a_second_factor_nor_to_nobody(
    newcomer: Callable[..., Person], tool: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    person = newcomer()
    role = ("--role", "ADMIN", "--reason", REASON)
    for email, code in ((person.email, "SECOND_FACTOR_NEEDED"), ("no@example.com", "NOT_FOUND")):
        answer = tool("role", "--email", email, *role)
        assert (answer.returncode, code in answer.stderr) == (1, True), answer.stderr
        assert "Traceback" not in answer.stderr
    assert person.client.graphql(WHO)


def test_support_sees_a_glimpse_and_compliance_everything_on_record(
    company: Company, newcomer: Callable[..., Person]
) -> None:
    person = newcomer()
    seen = company.support.ask(CONTACT, u=person.user_id)["person"]
    assert (seen["status"], seen["role"], seen["sessions"]) == ("ACTIVE", "USER", 1)
    assert seen["contact"] == {"email": "w***@e***.com", "phone": "+254******678", "initial": "W"}
    asked = {"u": person.user_id, "r": REASON}
    assert refused(company.support.person, IDENTITY, **asked) == ["FORBIDDEN"]
    assert refused(company.admin.person, IDENTITY, **asked) == ["FORBIDDEN"]
    assert refused(person, CONTACT, u=person.user_id) == ["FORBIDDEN"]
    identity = company.officer.ask(IDENTITY, **asked)["person"]["identity"]
    assert identity["email"] == person.email
    assert (identity["taxId"], identity["profile"]["familyName"]) == ("A012345678Z", "Kamau")
    (entry,) = company.admin.ask(TRAIL, u=person.user_id)["auditTrail"]["nodes"]
    assert entry == {
        "action": "IDENTITY_SEEN",
        "actor": company.officer.user_id,
        "actorRole": "COMPLIANCE",
        "reason": REASON,
        "intact": True,
        "changes": [],
    }


def test_stopping_somebody_holds_at_once_for_a_token_that_has_not_expired(
    company: Company, newcomer: Callable[..., Person]
) -> None:
    person = newcomer()
    assert person.client.graphql(WHO)
    assert company.officer.act("suspendPerson", person.user_id)["status"] == "SUSPENDED"
    assert refused(person, WHO) == ["NOT_SIGNED_IN"]
    with pytest.raises(Refused):
        person.refresh()
    with pytest.raises(Refused):
        person.sign_in()
    assert company.officer.act("reinstatePerson", person.user_id)["status"] == "ACTIVE"
    person.sign_in()
    assert person.client.graphql(WHO)
    assert company.support.act("endSessions", person.user_id)["sessions"] == 0
    assert refused(person, WHO) == ["NOT_SIGNED_IN"]


def test_a_role_that_is_taken_is_gone_at_once_and_the_trail_is_whole(
    company: Company, hire: Callable[[str], Member]
) -> None:
    temp = hire("temp")
    company.admin.act("setRole", temp.user_id, "SetRoleInput", role="SUPPORT")
    temp.sign_in()
    assert temp.ask(CONTACT, u=company.admin.user_id)["person"]["role"] == "ADMIN"
    company.admin.act("setRole", temp.user_id, "SetRoleInput", role="USER")
    assert refused(temp.person, CONTACT, u=company.admin.user_id) == ["NOT_SIGNED_IN"]
    with pytest.raises(Refused) as own:
        company.admin.act("setRole", company.admin.user_id, "SetRoleInput", role="USER")
    assert own.value.code == "STAFF_OWN_ACCOUNT"
    shown = company.tool("audit", "--email", temp.person.email)
    assert shown.returncode == 0, shown.stderr
    assert "role SUPPORT -> USER" in shown.stdout
    assert "role USER -> SUPPORT" in shown.stdout
    assert "the trail is whole" in shown.stdout


def test_an_entry_that_was_rewritten_behind_our_back_is_found(
    company: Company,
    newcomer: Callable[..., Person],
    endpoints: Endpoints,
    aws: Callable[[str], Any],
) -> None:
    person = newcomer()
    company.support.act("endSessions", person.user_id)
    table = endpoints.outputs["AuditTable"]
    key = {":pk": {"S": person.user_id}}
    found = aws("dynamodb").query(
        TableName=table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=key
    )
    (row,) = found["Items"]
    aws("dynamodb").put_item(TableName=table, Item=row | {"reason": {"S": "Something harmless"}})
    (entry,) = company.admin.ask(TRAIL, u=person.user_id)["auditTrail"]["nodes"]
    assert (entry["reason"], entry["intact"]) == ("Something harmless", False)
    shown = company.tool("audit", "--email", person.email)
    assert (shown.returncode, "not whole" in shown.stdout) == (1, True)


def test_a_held_identity_is_decided_by_compliance_and_the_broker_opens_the_account(
    company: Company, newcomer: Callable[..., Person]
) -> None:
    person = newcomer(familyName="Caution")
    person.prove_identity()
    person.wait_for_kyc("IN_REVIEW")
    held = {one["userId"]: one for one in company.officer.ask(HELD)["heldForReview"]["nodes"]}
    assert held[person.user_id]["reason"] == "DOCUMENT_SUSPECTED"
    assert refused(company.admin.person, HELD) == ["FORBIDDEN"]
    decided = company.officer.act(
        "decideIdentityCase", person.user_id, "DecideIdentityCaseInput", decision="APPROVE"
    )
    assert decided["kycStatus"] == "APPROVED"
    person.wait_for_broker()
    left = [one["userId"] for one in company.officer.ask(HELD)["heldForReview"]["nodes"]]
    assert person.user_id not in left
    (entry,) = company.officer.ask(TRAIL, u=person.user_id)["auditTrail"]["nodes"]
    assert entry["action"] == "IDENTITY_CASE_DECIDED"
    assert {"name": "status", "before": "IN_REVIEW", "after": "APPROVED"} in entry["changes"]
