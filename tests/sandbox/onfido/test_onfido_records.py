"""Applicants, pictures and refusals, with the official SDK as the client."""

import json

import onfido
import pytest
import urllib3

from tests.sandbox.onfido.people import (
    PNG,
    REPORTS,
    api_of,
    checked,
    document,
    person,
    with_pictures,
)


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


def test_the_smallest_file_can_be_set(sandbox, api):
    applicant = person(api)
    small = b"\xff\xd8\xff" + bytes(20_000)
    assert document(api, applicant, content=small).file_size == len(small)
    sandbox.post("/_control/config", json={"onfido_min_file_bytes": 32_768}).raise_for_status()
    try:
        with pytest.raises(onfido.ApiException) as caught:
            document(api, applicant, content=small)
    finally:
        sandbox.post("/_control/config", json={"onfido_min_file_bytes": 10_240})
    assert caught.value.status == 422


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
