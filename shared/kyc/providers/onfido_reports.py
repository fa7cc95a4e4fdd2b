"""What Onfido's reports mean in our words. Pure; unknown words never count as passed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared.kyc.ports import Finding
from shared.kyc.reasons import Reason

DOCUMENT, FACE = "document", "facial_similarity_photo"
REPORTS = (DOCUMENT, FACE)

type Json = Mapping[str, Any]

# Properties name what is wrong with a picture; leaves name the check that failed.
_PROPERTIES: dict[str, Reason] = {
    "blurred_photo": Reason.DOCUMENT_BLURRED,
    "glare_on_photo": Reason.DOCUMENT_GLARE,
    "dark_photo": Reason.DOCUMENT_TOO_DARK,
    "cut_off_document": Reason.DOCUMENT_CUT_OFF,
    "covered_photo": Reason.DOCUMENT_COVERED,
    "obscured_data_points": Reason.DOCUMENT_COVERED,
    "obscured_security_features": Reason.DOCUMENT_COVERED,
    "damaged_document": Reason.DOCUMENT_DAMAGED,
    "punctured_document": Reason.DOCUMENT_DAMAGED,
    "corner_removed": Reason.DOCUMENT_DAMAGED,
    "no_document_in_image": Reason.NO_DOCUMENT,
    "incorrect_side": Reason.WRONG_SIDE,
    "missing_back": Reason.MISSING_BACK,
    "two_documents_uploaded": Reason.TWO_DOCUMENTS,
    "digital_document": Reason.NOT_ORIGINAL,
    "photo_of_screen": Reason.NOT_ORIGINAL,
    "screenshot": Reason.NOT_ORIGINAL,
    "scan": Reason.NOT_ORIGINAL,
    "document_on_printed_paper": Reason.NOT_ORIGINAL,
}
_DOCUMENT_LEAVES: dict[tuple[str, str], Reason] = {
    ("image_integrity", "image_quality"): Reason.DOCUMENT_UNREADABLE,
    ("image_integrity", "conclusive_document_quality"): Reason.DOCUMENT_UNREADABLE,
    ("image_integrity", "colour_picture"): Reason.NOT_ORIGINAL,
    ("image_integrity", "supported_document"): Reason.DOCUMENT_UNSUPPORTED,
    ("visual_authenticity", "original_document_present"): Reason.NOT_ORIGINAL,
    ("data_validation", "document_expiration"): Reason.DOCUMENT_EXPIRED,
    ("data_validation", "expiry_date"): Reason.DOCUMENT_EXPIRED,
    ("data_comparison", "first_name"): Reason.NAME_MISMATCH,
    ("data_comparison", "last_name"): Reason.NAME_MISMATCH,
    ("data_comparison", "date_of_birth"): Reason.BIRTH_DATE_MISMATCH,
    ("compromised_document", "repeat_attempts"): Reason.REPEATED_ATTEMPTS,
}
_DOCUMENT_BRANCHES: dict[str, Reason] = {
    "image_integrity": Reason.DOCUMENT_UNREADABLE,
    "visual_authenticity": Reason.DOCUMENT_FORGED,
    "data_validation": Reason.DOCUMENT_SUSPECTED,
    "data_comparison": Reason.DATA_MISMATCH,
    "data_consistency": Reason.DOCUMENT_SUSPECTED,
    "compromised_document": Reason.DOCUMENT_COMPROMISED,
    "police_record": Reason.DOCUMENT_COMPROMISED,
    "age_validation": Reason.UNDERAGE,
}
_FACE_LEAVES: dict[tuple[str, str], Reason] = {
    ("image_integrity", "face_detected"): Reason.SELFIE_NO_FACE,
}
_FACE_BRANCHES: dict[str, Reason] = {
    "face_comparison": Reason.FACE_MISMATCH,
    "image_integrity": Reason.SELFIE_QUALITY,
    "visual_authenticity": Reason.LIVENESS_FAILED,
}
_SUB_RESULTS: dict[str, Reason] = {
    "rejected": Reason.DOCUMENT_UNREADABLE,
    "suspected": Reason.DOCUMENT_SUSPECTED,
    "caution": Reason.DOCUMENT_SUSPECTED,
}


def findings(check: Json, reports: Sequence[Json]) -> tuple[Finding, ...]:
    """What a complete check objects to; empty only when every report that we ask for is there,
    complete and clear, and so is the check."""
    found: list[Finding] = []
    for name in REPORTS:
        mine = [report for report in reports if report.get("name") == name]
        if not mine:
            found.append(Finding(Reason.RESULT_UNCLEAR, on_selfie=name == FACE))
        for report in mine:
            found += _of_report(report, on_selfie=name == FACE)
    if not found and check.get("result") != "clear":
        found.append(Finding(Reason.RESULT_UNCLEAR))
    return tuple(dict.fromkeys(found))


def _of_report(report: Json, *, on_selfie: bool) -> list[Finding]:
    passed = report.get("status") == "complete" and report.get("result") == "clear"
    caution = report.get("sub_result") not in (None, "clear")
    if passed and not caution:
        return []
    branches = _FACE_BRANCHES if on_selfie else _DOCUMENT_BRANCHES
    leaves = _FACE_LEAVES if on_selfie else _DOCUMENT_LEAVES
    reasons = list(_in_breakdown(report.get("breakdown") or {}, branches, leaves))
    if not reasons:
        fallback = _SUB_RESULTS.get(str(report.get("sub_result")), Reason.RESULT_UNCLEAR)
        reasons = [Reason.RESULT_UNCLEAR if on_selfie else fallback]
    return [Finding(reason, on_selfie) for reason in reasons]


def _in_breakdown(
    breakdown: Json, branches: Mapping[str, Reason], leaves: Mapping[tuple[str, str], Reason]
) -> Iterator[Reason]:
    for branch, content in breakdown.items():
        if not isinstance(content, dict) or _fine(content):
            continue
        failed = [
            (name, leaf)
            for name, leaf in (content.get("breakdown") or {}).items()
            if isinstance(leaf, dict) and not _fine(leaf)
        ]
        for name, leaf in failed:
            known = leaves.get((branch, name), branches.get(branch, Reason.RESULT_UNCLEAR))
            yield from _in_properties(leaf) or [known]
        if not failed:
            yield branches.get(branch, Reason.RESULT_UNCLEAR)


def _fine(node: Json) -> bool:
    """Clear, or not looked at (null): the report's own result covers what was left out."""
    return node.get("result") in ("clear", None)


def _in_properties(leaf: Json) -> list[Reason]:
    named = (leaf.get("properties") or {}).items()
    return [
        _PROPERTIES[name]
        for name, value in named
        if name in _PROPERTIES and value not in ("clear", False, None)
    ]
