"""The reports of a check with their breakdown trees."""

from typing import Any

from sandbox.onfido.outcomes import Outcome

type Json = dict[str, Any]

DOCUMENT_TREE = {
    "data_comparison": ("first_name", "last_name", "date_of_birth", "issuing_country"),
    "data_consistency": ("first_name", "last_name", "date_of_birth", "document_numbers"),
    "data_validation": ("date_of_birth", "document_expiration", "document_numbers", "mrz"),
    "image_integrity": (
        "image_quality",
        "supported_document",
        "colour_picture",
        "conclusive_document_quality",
    ),
    "visual_authenticity": (
        "fonts",
        "picture_face_integrity",
        "template",
        "security_features",
        "original_document_present",
        "digital_tampering",
        "other",
        "face_detection",
    ),
    "compromised_document": ("document_database", "repeat_attempts"),
    "age_validation": ("minimum_accepted_age",),
}
FACE_TREE = {
    "face_comparison": ("face_match",),
    "image_integrity": ("face_detected", "source_integrity"),
    "visual_authenticity": ("spoofing_detection",),
}
TREES = {"document": DOCUMENT_TREE, "facial_similarity_photo": FACE_TREE}


def open_report(report_id: str, name: str, check_id: str, created_at: str, base: str) -> Json:
    """A report whose result is not known yet."""
    return {
        "id": report_id,
        "name": name,
        "href": f"{base}/reports/{report_id}",
        "check_id": check_id,
        "created_at": created_at,
        "status": "awaiting_data",
        "result": None,
        "sub_result": None,
        "breakdown": {},
        "properties": {},
        "documents": [],
    }


def finish(report: Json, outcome: Outcome, applicant: Json, material: Json) -> None:
    """Fills the result in; `material` has the ids under `documents` and `live_photos`, and the
    properties that were read from the document."""
    name = report["name"]
    concerned = outcome.report == name and bool(outcome.found)
    report.update(
        status="complete",
        result="consider" if concerned else "clear",
        breakdown=_breakdown(TREES[name], outcome if concerned else None),
        documents=[{"id": document_id} for document_id in material["documents"]],
    )
    if name == "document":
        report["sub_result"] = outcome.sub_result if concerned else "clear"
        report["properties"] = _read_from_document(outcome, applicant, material)
    else:
        report["live_photos"] = [{"id": photo_id} for photo_id in material["live_photos"]]
        report["properties"] = {"score": 0.21 if concerned else 0.93}


def _breakdown(tree: dict[str, tuple[str, ...]], outcome: Outcome | None) -> Json:
    found = () if outcome is None else outcome.found
    properties = {} if outcome is None else dict(outcome.properties)
    breakdown: Json = {}
    for branch, leaves in tree.items():
        breakdown[branch] = {
            "result": "consider" if found[:1] == (branch,) else "clear",
            "breakdown": {
                leaf: {
                    "result": "consider" if found == (branch, leaf) else "clear",
                    "properties": properties if found == (branch, leaf) else {},
                }
                for leaf in leaves
            },
        }
    return breakdown


def _read_from_document(outcome: Outcome, applicant: Json, material: Json) -> Json:
    mismatch = outcome.found == ("data_comparison", "last_name")
    expired = outcome.found == ("data_validation", "document_expiration")
    read: Json = {
        "first_name": applicant["first_name"],
        "last_name": "Otherwise" if mismatch else applicant["last_name"],
        "date_of_expiry": "2020-12-31" if expired else "2033-12-31",
        "document_type": material["document_type"],
        "document_numbers": [{"type": "document_number", "value": "12345678"}],
        "issuing_country": material["issuing_country"],
    }
    if applicant.get("dob"):
        read["date_of_birth"] = applicant["dob"]
    return {key: value for key, value in read.items() if value is not None}
