"""What a file is, judged by its bytes: kind by magic number, size, and the test virus."""

import hashlib

from shared.kyc.model import MAX_FILE_BYTES, MIN_FILE_BYTES, DocumentType
from shared.kyc.reasons import Reason

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"

_MAGIC: dict[str, bytes] = {JPEG: b"\xff\xd8\xff", PNG: b"\x89PNG\r\n\x1a\n", PDF: b"%PDF-"}

# The agreed-upon test file of scanners, cut in two so that this source is not one.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def accepted(document: DocumentType) -> tuple[str, ...]:
    """Content types taken for a document; a selfie is always a picture."""
    return (JPEG, PNG) if document is DocumentType.SELFIE else (JPEG, PNG, PDF)


def fault(content: bytes, content_type: str) -> Reason | None:
    """Why these bytes are not a file of that kind, or None.

    What follows a picture's end mark is not looked at: cameras append films and notes there.
    """
    if not MIN_FILE_BYTES <= len(content) <= MAX_FILE_BYTES:
        return Reason.FILE_SIZE
    magic = _MAGIC.get(content_type)
    if magic is None or not content.startswith(magic):
        return Reason.FILE_TYPE
    return None


def is_acceptable(content: bytes) -> bool:
    """Whether these bytes would do as any of the kinds that are taken."""
    return any(fault(content, content_type) is None for content_type in _MAGIC)


def is_test_virus(content: bytes) -> bool:
    """Whether the scanners' test string is anywhere inside."""
    return EICAR in content


def digest(content: bytes) -> str:
    """SHA-256 in lower-case hex: the identity of the bytes."""
    return hashlib.sha256(content).hexdigest()
