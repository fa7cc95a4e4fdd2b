"""What the provider's reports mean; whatever is unknown is not passed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kyc.ports import Finding
from shared.kyc.providers.onfido_reports import findings
from shared.kyc.reasons import MEANINGS, Class, Reason, public, told

CLEAR = {"id": "c", "status": "complete", "result": "clear"}
CONSIDER = CLEAR | {"result": "consider"}


def report(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "status": "complete", "result": "clear", "breakdown": {}} | more


def failed(name: str, branch: str, leaf: str, **properties: Any) -> dict[str, Any]:
    inner = {leaf: {"result": "consider", "properties": properties}}
    breakdown = {branch: {"result": "consider", "breakdown": inner}}
    return report(name, result="consider", breakdown=breakdown)


DOCUMENT = report("document", sub_result="clear")
FACE = report("facial_similarity_photo")


def test_two_clear_reports_of_a_clear_check_are_no_finding() -> None:
    assert findings(CLEAR, [DOCUMENT, FACE]) == ()


@pytest.mark.parametrize(
    ("branch", "leaf", "properties", "reason"),
    [
        ("image_integrity", "image_quality", {"blurred_photo": "consider"}, "DOCUMENT_BLURRED"),
        ("image_integrity", "image_quality", {"glare_on_photo": True}, "DOCUMENT_GLARE"),
        ("image_integrity", "image_quality", {"dark_photo": "clear"}, "DOCUMENT_UNREADABLE"),
        ("image_integrity", "conclusive_document_quality", {"missing_back": "x"}, "MISSING_BACK"),
        ("image_integrity", "supported_document", {}, "DOCUMENT_UNSUPPORTED"),
        ("visual_authenticity", "security_features", {}, "DOCUMENT_FORGED"),
        ("visual_authenticity", "digital_tampering", {}, "DOCUMENT_FORGED"),
        ("visual_authenticity", "original_document_present", {"screenshot": 1}, "NOT_ORIGINAL"),
        ("data_validation", "document_expiration", {}, "DOCUMENT_EXPIRED"),
        ("data_validation", "mrz", {}, "DOCUMENT_SUSPECTED"),
        ("data_comparison", "last_name", {}, "NAME_MISMATCH"),
        ("data_comparison", "date_of_birth", {}, "BIRTH_DATE_MISMATCH"),
        ("data_comparison", "gender", {}, "DATA_MISMATCH"),
        ("data_consistency", "date_of_birth", {}, "DOCUMENT_SUSPECTED"),
        ("compromised_document", "document_database", {}, "DOCUMENT_COMPROMISED"),
        ("compromised_document", "repeat_attempts", {}, "REPEATED_ATTEMPTS"),
        ("age_validation", "minimum_accepted_age", {}, "UNDERAGE"),
        ("a_new_branch", "a_new_leaf", {}, "RESULT_UNCLEAR"),
    ],
)
def test_each_part_of_a_document_report_has_its_reason(
    branch: str, leaf: str, properties: dict[str, Any], reason: str
) -> None:
    document = failed("document", branch, leaf, **properties)
    assert findings(CONSIDER, [document, FACE]) == (Finding(Reason(reason)),)


@pytest.mark.parametrize(
    ("branch", "leaf", "reason"),
    [
        ("face_comparison", "face_match", Reason.FACE_MISMATCH),
        ("image_integrity", "face_detected", Reason.SELFIE_NO_FACE),
        ("image_integrity", "source_integrity", Reason.SELFIE_QUALITY),
        ("visual_authenticity", "spoofing_detection", Reason.LIVENESS_FAILED),
    ],
)
def test_each_part_of_a_face_report_concerns_the_selfie(
    branch: str, leaf: str, reason: Reason
) -> None:
    face = failed("facial_similarity_photo", branch, leaf)
    assert findings(CONSIDER, [DOCUMENT, face]) == (Finding(reason, on_selfie=True),)


@pytest.mark.parametrize(
    ("check", "reports", "expected"),
    [
        (CLEAR, [], {Reason.RESULT_UNCLEAR}),
        (CLEAR, [DOCUMENT], {Reason.RESULT_UNCLEAR}),
        (CONSIDER, [DOCUMENT, FACE], {Reason.RESULT_UNCLEAR}),
        (CLEAR | {"result": None}, [DOCUMENT, FACE], {Reason.RESULT_UNCLEAR}),
        (CLEAR, [DOCUMENT | {"status": "withdrawn"}, FACE], {Reason.RESULT_UNCLEAR}),
        (CLEAR, [DOCUMENT | {"result": "unidentified"}, FACE], {Reason.RESULT_UNCLEAR}),
        (CLEAR, [DOCUMENT | {"sub_result": "caution"}, FACE], {Reason.DOCUMENT_SUSPECTED}),
        (CLEAR, [DOCUMENT | {"sub_result": "novel"}, FACE], {Reason.RESULT_UNCLEAR}),
    ],
)
def test_whatever_is_missing_or_unheard_of_is_not_passed(
    check: Any, reports: Any, expected: set[Reason]
) -> None:
    assert {finding.reason for finding in findings(check, reports)} == expected


_RESULTS = st.sampled_from(["clear", "consider", "unidentified", "novel", None])
_LEAVES = st.dictionaries(
    st.sampled_from(["first_name", "image_quality", "novel"]),
    st.fixed_dictionaries({"result": _RESULTS}),
)
_BREAKDOWNS = st.dictionaries(
    st.sampled_from(["image_integrity", "data_comparison", "novel"]),
    st.fixed_dictionaries({"result": _RESULTS, "breakdown": _LEAVES | st.none()}),
)


@given(_RESULTS, st.sampled_from(["complete", "awaiting_data"]), _BREAKDOWNS)
def test_only_an_entirely_clear_answer_passes(
    result: str | None, status: str, breakdown: dict[str, Any]
) -> None:
    document = DOCUMENT | {"result": result, "status": status, "breakdown": breakdown}
    passed = findings(CLEAR, [document, FACE]) == ()
    assert passed == (result == "clear" and status == "complete")


def test_every_reason_has_a_meaning_in_both_languages() -> None:
    assert set(MEANINGS) == set(Reason)
    assert all(told(reason, "en") != told(reason, "sw") for reason in Reason)


def test_what_staff_look_at_and_what_forgers_learn_from_is_never_told() -> None:
    hidden = {reason for reason in Reason if public(reason) is None}
    assert hidden == {
        reason
        for reason, meaning in MEANINGS.items()
        if meaning.kind is not Class.RETRY and reason is not Reason.UNDERAGE
    }
    for language in ("en", "sw"):
        assert len({told(reason, language) for reason in hidden}) == 2
