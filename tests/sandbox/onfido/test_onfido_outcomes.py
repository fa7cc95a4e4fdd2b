"""How a check ends, and how its end is told, with the official SDK as the client."""

import onfido
import pytest

from tests.sandbox.onfido.people import JPEG, PNG, REPORTS, checked, document, person, with_pictures


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
    # Newest first, also within one second.
    assert api.list_checks(applicant.id).checks[0].id == check.id
    assert len(api.list_checks(applicant.id).checks) == 3


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
