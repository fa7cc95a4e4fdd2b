"""A profile, the questionnaire and documents, through the deployed adapter."""

from typing import Any

from shared.kernel.clock import FixedClock
from tests.graphql_api.steps import (
    DOCUMENTS,
    PROFILE,
    QUESTIONS,
    SUBMIT,
    UPDATE,
    UPLOAD,
    answers,
    update,
)


def test_a_profile_is_filled_in_and_shown_masked(amina: Any) -> None:
    assert update(amina, **PROFILE)["profile"] == {
        "givenName": "Amina",
        "taxId": "***78Z",
        "taxCountry": "KEN",
        "complete": True,
        "missing": [],
    }
    steps = amina.graphql("{ viewer { nextSteps } }").data["viewer"]["nextSteps"]
    assert "COMPLETE_PROFILE" not in steps


def test_what_is_wrong_with_a_profile_is_named(amina: Any) -> None:
    answer = update(amina, givenName="4mina")
    assert (answer["__typename"], answer["field"]) == ("InvalidInputError", "givenName")
    assert update(amina, dateOfBirth="2020-01-01")["code"] == "TOO_YOUNG"
    for bad in ("1990-2-28", "19900228", "1990-W01-1", "28.02.1990", "1990-02-30"):
        refused = amina.graphql(UPDATE, {"i": {"dateOfBirth": bad}})
        assert refused.codes == ["BAD_USER_INPUT"], bad
    assert amina.graphql(UPDATE, {"i": {"kycStatus": "APPROVED"}}).codes == ["BAD_USER_INPUT"]


def test_failures_speak_swahili_to_those_who_do(amina: Any) -> None:
    update(amina, language="SW")
    answer = update(amina, dateOfBirth="2020-01-01")
    assert answer["message"] == "Lazima uwe na umri wa angalau miaka 18."


def test_the_questionnaire_is_asked_and_answered_in_either_language(amina: Any) -> None:
    english = amina.graphql(QUESTIONS, {"l": "EN"}).data["riskQuestionnaire"]
    swahili = amina.graphql(QUESTIONS, {"l": "SW"}).data["riskQuestionnaire"]
    assert english["version"] == swahili["version"]
    assert english["questions"][0]["text"] != swahili["questions"][0]["text"]
    low = amina.graphql(SUBMIT, {"i": answers(amina)}).data["submitRiskProfile"]
    high = amina.graphql(SUBMIT, {"i": answers(amina, last=True)}).data["submitRiskProfile"]
    assert low["assessment"]["score"] < high["assessment"]["score"]
    shown = amina.graphql("{ viewer { user { riskProfile { score } } } }").data["viewer"]
    assert shown["user"]["riskProfile"]["score"] == high["assessment"]["score"]


def test_answers_that_do_not_fit_are_refused_and_change_nothing(amina: Any) -> None:
    whole = answers(amina)
    cases = {
        "RISK_ANSWER_MISSING": whole | {"answers": whole["answers"][:-1]},
        "RISK_QUESTIONNAIRE_UNKNOWN": whole | {"version": "1900-1"},
        "INVALID_VALUE": whole | {"answers": whole["answers"] + whole["answers"][:1]},
        "RISK_TOO_HIGH": whole | {"chosen": 5},
    }
    for code, variables in cases.items():
        answer = amina.graphql(SUBMIT, {"i": variables}).data["submitRiskProfile"]
        assert answer["code"] == code
    shown = amina.graphql("{ viewer { user { riskProfile { score } } } }").data["viewer"]
    assert shown["user"]["riskProfile"] is None


def test_an_upload_is_asked_for_and_never_shows_where_files_lie(
    amina: Any, clock: FixedClock
) -> None:
    asked = {"documentType": "PASSPORT", "contentType": "image/jpeg", "sizeBytes": 200_000}
    upload = amina.graphql(UPLOAD, {"i": asked}).data["requestKycUpload"]
    assert upload["url"] == "https://upload.example.com"
    assert {"name": "policy", "value": "signed"} in upload["fields"]
    shown = amina.graphql(DOCUMENTS).data["viewer"]
    assert shown["kycCase"]["status"] == "IN_PROGRESS"
    assert shown["kycDocuments"] == [
        {
            "docId": upload["docId"],
            "userId": amina.user_id,
            "documentType": "PASSPORT",
            "side": "FRONT",
            "s3Url": None,
            "verificationStatus": "REQUESTED",
        }
    ]
    assert amina.graphql(UPLOAD, {"i": asked | {"side": "BACK"}}).data["requestKycUpload"] == {
        "__typename": "RefusedError",
        "code": "KYC_DOCUMENT_KIND_INVALID",
    }
    huge = amina.graphql(UPLOAD, {"i": asked | {"sizeBytes": 20_000_000}})
    assert huge.data["requestKycUpload"]["code"] == "KYC_FILE_SIZE_REFUSED"
