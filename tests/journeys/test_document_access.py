"""Identity documents: what an upload form takes, and who can get at a file."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tools.journey import operations as op
from tools.journey.client import Refused, wait_for
from tools.journey.person import Person
from tools.journey.pictures import photo

pytestmark = pytest.mark.journey

VIRUS = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
CLEAN_TAG = (
    "<Tagging><TagSet><Tag><Key>GuardDutyMalwareScanStatus</Key>"
    "<Value>NO_THREATS_FOUND</Value></Tag></TagSet></Tagging>"
)
STRANGER = "usr_l1_01ARZ3NDEKTSV4RRFFQ69G5FAV"


@dataclass(frozen=True)
class Form:
    """An upload form, to be filled in otherwise than agreed."""

    person: Person
    doc_id: str
    url: str
    fields: dict[str, str]

    def post(self, content: bytes, **changed: str) -> httpx.Response:
        """Send it with some fields changed or added."""
        fields = self.fields | {name.replace("_", "-"): value for name, value in changed.items()}
        picture = {"file": ("photo.png", content, "image/png")}
        return self.person.client.http.post(self.url, data=fields, files=picture)

    def status(self) -> tuple[str, str | None]:
        """Of its document: where it stands, and why."""
        documents = self.person.kyc()["kycDocuments"]
        (mine,) = [each for each in documents if each["docId"] == self.doc_id]
        return mine["verificationStatus"], mine["reason"] and mine["reason"]["code"]

    def settles_as(self, status: str, reason: str | None = None) -> None:
        """Wait until the document stands so."""
        wait_for(f"{status} {reason}", lambda: self.status() == (status, reason), seconds=30)


@pytest.fixture
def form(newcomer: Callable[..., Person]) -> Form:
    """Of a new person's passport."""
    person = newcomer()
    wanted = {"documentType": "PASSPORT", "contentType": "image/png", "sizeBytes": 50_000}
    place = person.client.graphql(op.REQUEST_KYC_UPLOAD, input=wanted)
    fields = {field["name"]: field["value"] for field in place["fields"]}
    return Form(person, place["docId"], place["url"], fields)


def test_a_form_takes_nothing_but_what_was_agreed(form: Form) -> None:
    content = photo()
    others = form.fields["key"].replace(form.person.user_id, STRANGER)
    assert others != form.fields["key"]
    for changed in (
        {"Content_Type": "text/html"},
        {"key": others},
        {"key": form.fields["key"] + "x"},
        {"acl": "public-read"},
        {"tagging": CLEAN_TAG},
        {"success_action_redirect": "https://evil.example"},
        {"x_amz_meta_scanned_etag": "0" * 32},
    ):
        assert form.post(content, **changed).status_code == 403, changed
    for size in (10, 10 * 1024 * 1024 + 1):
        assert form.post(content[:8] + bytes(size)).status_code == 400, size
    assert form.status() == ("REQUESTED", None)
    assert form.post(content).status_code == 204
    form.settles_as("CLEAN")


def test_a_file_can_be_read_listed_and_written_by_no_stranger(form: Form) -> None:
    assert form.post(photo()).status_code == 204
    form.settles_as("CLEAN")
    http, key = form.person.client.http, form.fields["key"]
    assert form.person.user_id in key
    for method, url in (
        ("GET", f"{form.url}/{key}"),
        ("HEAD", f"{form.url}/{key}"),
        ("GET", form.url),
        ("PUT", f"{form.url}/{key}"),
        ("DELETE", f"{form.url}/{key}"),
    ):
        assert http.request(method, url).status_code == 403, (method, url)
    shown = form.person.screen()["kycDocuments"]
    assert [each["docId"] for each in shown] == [form.doc_id]
    assert key not in str(shown)
    assert form.url not in str(shown)
    assert form.status() == ("CLEAN", None)


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7\n" + bytes(20_000), b"<html><script>alert(1)</script>" + bytes(20_000)],
    ids=["pdf", "html"],
)
def test_a_file_is_what_its_bytes_say(form: Form, content: bytes) -> None:
    assert form.post(content).status_code == 204
    form.settles_as("REJECTED_FILE", "FILE_TYPE")


def test_a_clean_file_that_is_replaced_is_looked_at_again(form: Form, sandbox: Any) -> None:
    person = form.person
    assert form.post(photo()).status_code == 204
    form.settles_as("CLEAN")
    assert form.post(photo()[:-12] + VIRUS + bytes(64)).status_code == 204
    form.settles_as("REJECTED_FILE", "FILE_INFECTED")
    person.upload("SELFIE")
    with pytest.raises(TimeoutError):
        person.wait_for_kyc("SUBMITTED", "PROCESSING", "APPROVED", seconds=4)
    token = sandbox.get("/_control/config")["onfido_api_token"]
    known = sandbox.http.get(
        f"{sandbox.url}/onfido/v3.6/applicants?per_page=500",
        headers={"authorization": f"Token token={token}"},
    ).json()["applicants"]
    assert person.email not in {applicant["email"] for applicant in known}


def test_what_was_approved_is_not_touched_by_its_old_form(form: Form) -> None:
    person = form.person
    assert form.post(photo()).status_code == 204
    person.upload("SELFIE")
    person.wait_for_kyc("APPROVED")
    assert form.post(photo()[:-12] + VIRUS + bytes(64)).status_code == 204
    with pytest.raises(TimeoutError):
        wait_for("a change", lambda: form.status() != ("VERIFIED", None), seconds=3)
    with pytest.raises(Refused) as refused:
        person.upload("PASSPORT")
    assert refused.value.code == "KYC_ALREADY_VERIFIED"
