"""Identity checks over the wire, with Onfido's own SDK as the client."""

import json

import onfido
import pytest
import urllib3

JPEG = b"\xff\xd8\xff\xe0" + bytes(40_000)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40_000)
REPORTS = [onfido.ReportName.DOCUMENT, onfido.ReportName.FACIAL_SIMILARITY_PHOTO]


@pytest.fixture
def api(sandbox):
    return api_of(sandbox)


def api_of(sandbox, token="api_sandbox.token"):
    return onfido.DefaultApi(
        onfido.ApiClient(
            onfido.Configuration(
                api_token=token,
                host=f"{str(sandbox.base_url).rstrip('/')}/onfido/v3.6",
                timeout=urllib3.Timeout(connect=5, read=5),
            )
        )
    )


@pytest.fixture
def hooked(sandbox, receiver):
    sandbox.post(
        "/_control/config", json={"onfido_webhook_url": f"{receiver.url}/onfido"}
    ).raise_for_status()
    return sandbox


def person(api, last_name="Wanjiku"):
    return api.create_applicant(
        onfido.ApplicantBuilder(
            first_name="Amina",
            last_name=last_name,
            dob="1990-05-01",
            email="amina@example.com",
            address={"postcode": "00100", "country": "KEN"},
            location={"ip_address": "127.0.0.1", "country_of_residence": "KEN"},
            consents=[{"name": "privacy_notices_read", "granted": True}],
        )
    )


def document(api, applicant, content=JPEG, name="id.jpg"):
    return api.upload_document(
        type="national_identity_card",
        applicant_id=applicant.id,
        file=(name, content),
        side="front",
        issuing_country="KEN",
    )


def checked(api, applicant, eventually, **fields):
    """A check that has come to its end, with its reports by name."""
    check = api.create_check(
        onfido.CheckBuilder(applicant_id=applicant.id, report_names=REPORTS, **fields)
    )

    def complete():
        found = api.find_check(check.id)
        return found if found.status == "complete" else None

    done = eventually(complete)
    listed = api.list_reports(check.id).reports
    return done, {report.actual_instance.name.value: report.actual_instance for report in listed}


def with_pictures(api, last_name):
    applicant = person(api, last_name)
    document(api, applicant)
    api.upload_live_photo(applicant_id=applicant.id, file=("me.png", PNG))
    return applicant


def test_a_person_with_good_papers_is_clear(api, eventually):
    applicant = person(api)
    assert applicant.sandbox is True
    assert api.find_applicant(applicant.id).address.country == "KEN"
    front = document(api, applicant)
    assert (front.file_name, front.file_size, front.file_type) == ("id.jpg", len(JPEG), "jpg")
    photo = api.upload_live_photo(applicant_id=applicant.id, file=("me.png", PNG))
    check, reports = checked(api, applicant, eventually)
    assert (check.status, check.result) == ("complete", "clear")
    paper, face = reports["document"], reports["facial_similarity_photo"]
    assert (paper.result, paper.sub_result) == ("clear", "clear")
    assert [one.id for one in paper.documents] == [front.id]
    assert paper.properties.last_name == "Wanjiku"
    assert str(paper.properties.date_of_birth) == "1990-05-01"
    assert face.result == "clear"
    assert [one.id for one in face.live_photos] == [photo.id]
    assert api.find_report(paper.id).actual_instance.id == paper.id


@pytest.mark.parametrize(
    ("last_name", "sub_result", "branch", "leaf"),
    [
        ("Consider", "rejected", "visual_authenticity", "security_features"),
        ("Suspected", "suspected", "visual_authenticity", "digital_tampering"),
        ("Caution", "caution", "data_consistency", "date_of_birth"),
        ("Blurred", "rejected", "image_integrity", "image_quality"),
        ("EXPIRED", "rejected", "data_validation", "document_expiration"),
        ("mismatch", "caution", "data_comparison", "last_name"),
    ],
)
def test_a_magic_name_is_found_in_one_branch_of_the_document(
    api, eventually, last_name, sub_result, branch, leaf
):
    check, reports = checked(api, with_pictures(api, last_name), eventually)
    assert check.result == "consider"
    paper = reports["document"]
    assert (paper.result, paper.sub_result) == ("consider", sub_result)
    tree = paper.breakdown.to_dict()
    found = {
        (name, inner)
        for name, part in tree.items()
        for inner, end in part["breakdown"].items()
        if end["result"] == "consider"
    }
    assert found == {(branch, leaf)}
    assert {name for name, part in tree.items() if part["result"] == "consider"} == {branch}
    assert reports["facial_similarity_photo"].result == "clear"


def test_the_reason_of_a_blurred_picture_is_named(api, eventually):
    _, reports = checked(api, with_pictures(api, "Blurred"), eventually)
    quality = reports["document"].breakdown.image_integrity.breakdown.image_quality
    assert quality.properties.blurred_photo == "consider"


def test_another_face_leaves_the_document_clear(api, eventually):
    check, reports = checked(api, with_pictures(api, "Faceless"), eventually)
    assert check.result == "consider"
    assert reports["document"].result == "clear"
    face = reports["facial_similarity_photo"]
    assert face.result == "consider"
    assert face.breakdown.face_comparison.breakdown.face_match.result == "consider"


def test_a_blurred_document_is_cleared_by_a_new_one_and_not_by_the_same(api, eventually):
    applicant = with_pictures(api, "Blurred")
    assert checked(api, applicant, eventually)[0].result == "consider"
    assert checked(api, applicant, eventually)[0].result == "consider"
    fresh = document(api, applicant, content=PNG, name="again.png")
    check, reports = checked(api, applicant, eventually)
    assert check.result == "clear"
    assert [one.id for one in reports["document"].documents] == [fresh.id]


def test_an_expired_document_stays_expired(api, eventually):
    applicant = with_pictures(api, "Expired")
    checked(api, applicant, eventually)
    document(api, applicant, content=PNG, name="again.png")
    check, reports = checked(api, applicant, eventually)
    assert check.result == "consider"
    assert str(reports["document"].properties.date_of_expiry) == "2020-12-31"


def test_the_webhook_is_signed_and_names_the_check(api, hooked, receiver, eventually):
    check, _ = checked(api, with_pictures(api, "Consider"), eventually)
    (received,) = receiver.wait_for(1)
    event = onfido.WebhookEventVerifier("onfido-webhook-token").read_payload(
        received.body.decode(), received.headers["x-sha2-signature"]
    )
    assert event.payload.action == "check.completed"
    assert event.payload.resource_type == "check"
    assert event.payload.object.id == str(check.id)
    assert event.payload.object.status == "complete"
    assert event.payload.object.href == check.href
    # The outcome is not in the message: it must be fetched.
    assert b"consider" not in received.body


def test_a_forged_webhook_fails_the_official_check(api, hooked, receiver, fault, eventually):
    fault("onfido", "webhook", "forged", only=True)
    checked(api, with_pictures(api, "Wanjiku"), eventually)
    (received,) = receiver.wait_for(1)
    with pytest.raises(onfido.OnfidoInvalidSignatureError):
        onfido.WebhookEventVerifier("onfido-webhook-token").read_payload(
            received.body.decode(), received.headers["x-sha2-signature"]
        )


def test_a_refused_webhook_is_repeated_byte_for_byte(api, hooked, receiver, eventually):
    receiver.statuses = [503, 200]
    checked(api, with_pictures(api, "Wanjiku"), eventually)
    first, second = receiver.wait_for(2)
    assert (first.body, first.headers["x-sha2-signature"]) == (
        second.body,
        second.headers["x-sha2-signature"],
    )


def test_a_lost_webhook_leaves_the_check_to_be_fetched(api, hooked, receiver, fault, eventually):
    fault("onfido", "check.completed", "lost")
    check, _ = checked(api, with_pictures(api, "Wanjiku"), eventually)
    assert check.result == "clear"
    assert receiver.received == []


def test_a_pending_check_ends_only_by_order(api, sandbox, eventually):
    applicant = with_pictures(api, "Pending")
    check = api.create_check(onfido.CheckBuilder(applicant_id=applicant.id, report_names=REPORTS))
    assert (check.status, check.result) == ("in_progress", None)
    (report, _) = api.list_reports(check.id).reports
    assert report.actual_instance.status == "awaiting_data"
    order = f"/_control/onfido/checks/{check.id}/complete"
    assert sandbox.post(order, json={"outcome": "faceless"}).json()["result"] == "consider"
    assert sandbox.post(order, json={}).status_code == 409
    assert api.find_check(check.id).result == "consider"


def test_documents_are_listed_and_downloaded_as_they_were_sent(api):
    applicant = person(api)
    sent = document(api, applicant, content=PNG, name="ķitambulisho ya mbele.png")
    (listed,) = api.list_documents(applicant.id).documents
    assert (listed.id, listed.type, listed.side) == (sent.id, "national_identity_card", "front")
    assert bytes(api.download_document(sent.id)) == PNG
    assert api.find_document(sent.id).file_type == "png"


def test_applicants_are_listed_newest_first_changed_and_deleted(api, eventually):
    first, second = person(api, "One"), with_pictures(api, "Two")
    assert [one.id for one in api.list_applicants(per_page=1).applicants] == [second.id]
    assert [one.id for one in api.list_applicants(page=2, per_page=1).applicants] == [first.id]
    changed = api.update_applicant(first.id, onfido.ApplicantUpdater(last_name="Three"))
    assert (changed.first_name, changed.last_name) == ("Amina", "Three")
    check, reports = checked(api, second, eventually)
    api.delete_applicant(second.id)
    for gone in (
        lambda: api.find_applicant(second.id),
        lambda: api.find_check(check.id),
        lambda: api.find_report(reports["document"].id),
        lambda: api.delete_applicant(second.id),
    ):
        with pytest.raises(onfido.ApiException) as caught:
            gone()
        assert caught.value.status == 404
    assert api.list_documents(second.id).documents == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xd8\xff" + bytes(100), "at least"),
        (b"GIF89a" + bytes(40_000), "must be of type"),
        (b"\xff\xd8\xff" + bytes(10 * 1024 * 1024), "less than 10MB"),
        (b"\xff\xd8\xff" + bytes(12 * 1024 * 1024), "less than 10MB"),
    ],
)
def test_a_bad_file_is_refused_and_not_kept(api, content, words):
    applicant = person(api)
    with pytest.raises(onfido.ApiException) as caught:
        document(api, applicant, content=content)
    assert caught.value.status == 422
    error = json.loads(caught.value.body)["error"]
    assert error["type"] == "validation_error"
    assert words in error["fields"]["file"][0]
    assert api.list_documents(applicant.id).documents == []


def test_a_pdf_is_a_document_but_no_photo(api):
    applicant = person(api)
    pdf = b"%PDF-1.7" + bytes(40_000)
    assert document(api, applicant, content=pdf).file_type == "pdf"
    with pytest.raises(onfido.ApiException) as caught:
        api.upload_live_photo(applicant_id=applicant.id, file=("me.pdf", pdf))
    assert caught.value.status == 422


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"first_name": "A"}, {"last_name": ["can't be blank"]}),
        ({"first_name": " ", "last_name": "B"}, {"first_name": ["can't be blank"]}),
        ({"first_name": "A", "last_name": "<b>"}, {"last_name": ["invalid characters"]}),
        (
            {"first_name": "A", "last_name": "B", "address": {"country": "KEN"}},
            {"address": [{"postcode": ["can't be blank"]}]},
        ),
        (
            {"first_name": "A", "last_name": "B", "dob": "2999-01-01"},
            {"dob": ["is not a valid date of birth"]},
        ),
    ],
)
def test_a_bad_applicant_is_refused_by_field(sandbox, api, body, fields):
    answer = sandbox.post(
        "/onfido/v3.6/applicants",
        json=body,
        headers={"Authorization": "Token token=api_sandbox.token"},
    )
    assert (answer.status_code, answer.json()["error"]["fields"]) == (422, fields)
    assert api.list_applicants().applicants == []


def test_a_check_needs_pictures_of_its_own_applicant(api):
    applicant, other = person(api), with_pictures(api, "Other")
    foreign = api.list_documents(other.id).documents[0].id

    def refused(**fields):
        with pytest.raises(onfido.ApiException) as caught:
            api.create_check(
                onfido.CheckBuilder(applicant_id=applicant.id, report_names=REPORTS, **fields)
            )
        assert caught.value.status == 422
        return json.loads(caught.value.body)["error"]["fields"]

    assert "document_ids" in refused()
    document(api, applicant)
    assert "report_names" in refused()
    api.upload_live_photo(applicant_id=applicant.id, file=("me.png", PNG))
    assert "document_ids" in refused(document_ids=[foreign])
    assert api.list_checks(applicant.id).checks == []


def test_a_wrong_token_is_refused(sandbox):
    with pytest.raises(onfido.exceptions.UnauthorizedException) as caught:
        person(api_of(sandbox, token="api_sandbox.other"))
    assert json.loads(caught.value.body)["error"]["type"] == "authorization_error"


def test_a_rate_limit_and_an_outage_have_the_error_envelope(api, fault):
    fault("onfido", "applicants.create", "rate_limited")
    fault("onfido", "applicants.create", "error", status=503)
    for status, error_type in ((429, "rate_limit"), (503, "internal_server_error")):
        with pytest.raises(onfido.ApiException) as caught:
            person(api)
        assert caught.value.status == status
        assert json.loads(caught.value.body)["error"]["type"] == error_type
    assert api.list_applicants().applicants == []


def test_an_applicant_whose_answer_was_lost_exists(sandbox, api, fault):
    fault("onfido", "applicants.create", "timeout_after_effect", close=True)
    with pytest.raises((urllib3.exceptions.HTTPError, onfido.ApiException)):
        person(api)
    assert [one.last_name for one in api.list_applicants().applicants] == ["Wanjiku"]


def test_an_unknown_url_is_not_found(sandbox):
    answer = sandbox.get("/onfido/v3.6/workflow_runs")
    assert (answer.status_code, answer.json()["error"]["type"]) == (404, "resource_not_found")
