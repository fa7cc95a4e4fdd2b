"""Why a document or a case was not accepted, and what a person may be told about it.

A provider's words never reach a person: they are mapped to one of these codes. Everything that
could help a forger, and everything about watch lists, shares one neutral sentence.
"""

from dataclasses import dataclass
from enum import StrEnum


class Class(StrEnum):
    """What a reason leads to."""

    RETRY = "RETRY"
    """The person can mend it with a new picture, document or profile."""
    REVIEW = "REVIEW"
    """A member of staff has to look at it."""
    FINAL = "FINAL"
    """The case is rejected."""


class Reason(StrEnum):
    """Every reason, by the code that clients see."""

    FILE_INFECTED = "FILE_INFECTED"
    FILE_TYPE = "FILE_TYPE"
    FILE_SIZE = "FILE_SIZE"
    FILE_UNSCANNED = "FILE_UNSCANNED"
    FILE_CHANGED = "FILE_CHANGED"
    FILE_REFUSED = "FILE_REFUSED"
    SAME_FILE = "SAME_FILE"
    DOCUMENT_BLURRED = "DOCUMENT_BLURRED"
    DOCUMENT_GLARE = "DOCUMENT_GLARE"
    DOCUMENT_TOO_DARK = "DOCUMENT_TOO_DARK"
    DOCUMENT_CUT_OFF = "DOCUMENT_CUT_OFF"
    DOCUMENT_COVERED = "DOCUMENT_COVERED"
    DOCUMENT_UNREADABLE = "DOCUMENT_UNREADABLE"
    DOCUMENT_DAMAGED = "DOCUMENT_DAMAGED"
    DOCUMENT_EXPIRED = "DOCUMENT_EXPIRED"
    DOCUMENT_UNSUPPORTED = "DOCUMENT_UNSUPPORTED"
    NO_DOCUMENT = "NO_DOCUMENT"
    WRONG_SIDE = "WRONG_SIDE"
    MISSING_BACK = "MISSING_BACK"
    TWO_DOCUMENTS = "TWO_DOCUMENTS"
    NOT_ORIGINAL = "NOT_ORIGINAL"
    NAME_MISMATCH = "NAME_MISMATCH"
    BIRTH_DATE_MISMATCH = "BIRTH_DATE_MISMATCH"
    DATA_MISMATCH = "DATA_MISMATCH"
    SELFIE_NO_FACE = "SELFIE_NO_FACE"
    SELFIE_QUALITY = "SELFIE_QUALITY"
    FACE_MISMATCH = "FACE_MISMATCH"
    LIVENESS_FAILED = "LIVENESS_FAILED"
    DOCUMENT_SUSPECTED = "DOCUMENT_SUSPECTED"
    REPEATED_ATTEMPTS = "REPEATED_ATTEMPTS"
    RESULT_UNCLEAR = "RESULT_UNCLEAR"
    CHECK_OVERDUE = "CHECK_OVERDUE"
    PROVIDER_REFUSED = "PROVIDER_REFUSED"
    DOCUMENT_FORGED = "DOCUMENT_FORGED"
    DOCUMENT_COMPROMISED = "DOCUMENT_COMPROMISED"
    UNDERAGE = "UNDERAGE"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a reason means. ``retries`` rejections of this reason lead to a review instead;
    ``same_file`` tells that sending the same picture again can help."""

    kind: Class
    en: str
    sw: str
    retries: int = 3
    same_file: bool = False

    def text(self, language: str) -> str:
        """The sentence for the person."""
        return self.sw if language == "sw" else self.en


_R, _V, _F = Class.RETRY, Class.REVIEW, Class.FINAL
_MORE_TIME = "We need more time to check your identity."
_MORE_TIME_SW = "Tunahitaji muda zaidi kukagua utambulisho wako."
_CLOSED = "We cannot confirm your identity."
_CLOSED_SW = "Hatuwezi kuthibitisha utambulisho wako."

MEANINGS: dict[Reason, Meaning] = {
    Reason.FILE_INFECTED: Meaning(
        _R, "The file may be harmful. Send another one.", "Faili huenda ina madhara. Tuma nyingine."
    ),
    Reason.FILE_TYPE: Meaning(
        _R, "The file is not the kind it claims to be.", "Faili si ya aina inayodaiwa."
    ),
    Reason.FILE_SIZE: Meaning(
        _R, "The file is too small or too large.", "Faili ni ndogo mno au kubwa mno."
    ),
    Reason.FILE_UNSCANNED: Meaning(
        _R,
        "The file could not be checked. Send it again.",
        "Faili haikukaguliwa. Itume tena.",
        same_file=True,
    ),
    Reason.FILE_CHANGED: Meaning(
        _R,
        "The file was replaced meanwhile. Send it again.",
        "Faili ilibadilishwa. Itume tena.",
        same_file=True,
    ),
    Reason.FILE_REFUSED: Meaning(
        _R, "The picture cannot be used. Take a new one.", "Picha haifai. Piga nyingine."
    ),
    Reason.SAME_FILE: Meaning(
        _R, "This picture was refused before. Take a new one.", "Picha hii ilikataliwa. Piga mpya."
    ),
    Reason.DOCUMENT_BLURRED: Meaning(
        _R, "The picture is blurred. Take a sharp one.", "Picha ina ukungu. Piga iliyo wazi."
    ),
    Reason.DOCUMENT_GLARE: Meaning(
        _R, "Light reflects on the document.", "Mwanga unaakisi kwenye hati."
    ),
    Reason.DOCUMENT_TOO_DARK: Meaning(_R, "The picture is too dark.", "Picha ina giza mno."),
    Reason.DOCUMENT_CUT_OFF: Meaning(_R, "Show the whole document.", "Onyesha hati nzima."),
    Reason.DOCUMENT_COVERED: Meaning(
        _R, "A part of the document is covered.", "Sehemu ya hati imefunikwa."
    ),
    Reason.DOCUMENT_UNREADABLE: Meaning(
        _R, "The document cannot be read. Take a new picture.", "Hati haisomeki. Piga picha mpya."
    ),
    Reason.DOCUMENT_DAMAGED: Meaning(
        _R, "The document is damaged. Use another one.", "Hati imeharibika. Tumia nyingine."
    ),
    Reason.DOCUMENT_EXPIRED: Meaning(
        _R, "The document has expired. Use a valid one.", "Hati imekwisha muda. Tumia halali."
    ),
    Reason.DOCUMENT_UNSUPPORTED: Meaning(
        _R,
        "This document is not accepted. Use a passport, national ID or driving licence.",
        "Hati hii haikubaliki. Tumia pasipoti, kitambulisho au leseni ya udereva.",
    ),
    Reason.NO_DOCUMENT: Meaning(
        _R, "There is no document in the picture.", "Hakuna hati kwenye picha."
    ),
    Reason.WRONG_SIDE: Meaning(
        _R, "This is the other side of the document.", "Huu ni upande mwingine wa hati."
    ),
    Reason.MISSING_BACK: Meaning(
        _R, "The back of the document is missing.", "Upande wa nyuma wa hati haupo."
    ),
    Reason.TWO_DOCUMENTS: Meaning(_R, "Show one document only.", "Onyesha hati moja tu."),
    Reason.NOT_ORIGINAL: Meaning(
        _R,
        "Photograph the original document itself.",
        "Piga picha ya hati halisi yenyewe.",
        retries=1,
    ),
    Reason.NAME_MISMATCH: Meaning(
        _R,
        "The name on the document differs from your profile. Correct the profile if it is wrong.",
        "Jina kwenye hati ni tofauti na wasifu wako. Sahihisha wasifu ikiwa una kosa.",
        retries=1,
        same_file=True,
    ),
    Reason.BIRTH_DATE_MISMATCH: Meaning(
        _R,
        "The date of birth differs from your profile. Correct the profile if it is wrong.",
        "Tarehe ya kuzaliwa ni tofauti na wasifu wako. Sahihisha wasifu ikiwa una kosa.",
        retries=1,
        same_file=True,
    ),
    Reason.DATA_MISMATCH: Meaning(
        _R,
        "The document differs from your profile. Correct the profile if it is wrong.",
        "Hati ni tofauti na wasifu wako. Sahihisha wasifu ikiwa una kosa.",
        retries=1,
        same_file=True,
    ),
    Reason.SELFIE_NO_FACE: Meaning(
        _R, "There is no face in the picture.", "Hakuna uso kwenye picha."
    ),
    Reason.SELFIE_QUALITY: Meaning(
        _R, "Take the selfie again in good light.", "Piga picha yako tena penye mwanga mzuri."
    ),
    Reason.FACE_MISMATCH: Meaning(
        _R, "The selfie does not match the document.", "Picha yako hailingani na hati.", retries=1
    ),
    Reason.LIVENESS_FAILED: Meaning(
        _R, "Take the selfie yourself, with the camera.", "Piga picha mwenyewe kwa kamera."
    ),
    Reason.DOCUMENT_SUSPECTED: Meaning(_V, _MORE_TIME, _MORE_TIME_SW),
    Reason.REPEATED_ATTEMPTS: Meaning(_V, _MORE_TIME, _MORE_TIME_SW),
    Reason.RESULT_UNCLEAR: Meaning(_V, _MORE_TIME, _MORE_TIME_SW),
    Reason.CHECK_OVERDUE: Meaning(_V, _MORE_TIME, _MORE_TIME_SW),
    Reason.PROVIDER_REFUSED: Meaning(_V, _MORE_TIME, _MORE_TIME_SW),
    Reason.DOCUMENT_FORGED: Meaning(_F, _CLOSED, _CLOSED_SW),
    Reason.DOCUMENT_COMPROMISED: Meaning(_F, _CLOSED, _CLOSED_SW),
    Reason.UNDERAGE: Meaning(
        _F, "You are not old enough yet.", "Bado hujafikisha umri unaohitajika."
    ),
}


NOT_CONFIRMED = "NOT_CONFIRMED"
"""What events say instead of a reason that is not told."""


def public(reason: Reason) -> Reason | None:
    """The code that a client may see: only what the person can act on, and their age."""
    kind = MEANINGS[reason].kind
    return reason if kind is Class.RETRY or reason is Reason.UNDERAGE else None


def told(reason: Reason, language: str) -> str:
    """The sentence that the person reads."""
    return MEANINGS[reason].text(language)


def told_of(code: str, language: str) -> str:
    """The sentence for a code out of an event; the neutral one for a code that tells nothing."""
    if code in Reason:
        return told(Reason(code), language)
    return _CLOSED_SW if language == "sw" else _CLOSED
