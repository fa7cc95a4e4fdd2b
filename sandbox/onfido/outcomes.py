"""How a check ends, by the last name of the applicant."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is found: `found` names the branch of the breakdown that is not clear."""

    sub_result: str | None
    found: tuple[str, ...]
    effect: str
    # The reason flags in the properties of the branch.
    properties: tuple[tuple[str, str], ...] = ()
    report: str = "document"


CLEAR = Outcome("clear", (), "every report is clear")
PENDING = "pending"
# A second check with a document that was not in the first is clear.
CLEARED_BY_A_NEW_DOCUMENT = frozenset({"blurred"})

BY_LAST_NAME = {
    "consider": Outcome(
        "rejected",
        ("visual_authenticity", "security_features"),
        "document: consider, sub_result rejected, security features not genuine",
    ),
    "suspected": Outcome(
        "suspected",
        ("visual_authenticity", "digital_tampering"),
        "document: consider, sub_result suspected, digital tampering",
    ),
    "caution": Outcome(
        "caution",
        ("data_consistency", "date_of_birth"),
        "document: consider, sub_result caution, birth dates on the document differ",
    ),
    "blurred": Outcome(
        "rejected",
        ("image_integrity", "image_quality"),
        "document: consider, blurred_photo; clear with a new document",
        (("blurred_photo", "consider"),),
    ),
    "expired": Outcome(
        "rejected",
        ("data_validation", "document_expiration"),
        "document: consider, the document has expired",
    ),
    "mismatch": Outcome(
        "caution",
        ("data_comparison", "last_name"),
        "document: consider, the document shows another last name",
    ),
    "faceless": Outcome(
        None,
        ("face_comparison", "face_match"),
        "facial_similarity_photo: consider, another face",
        report="facial_similarity_photo",
    ),
}
