"""Uploaded pictures: their type by content, and their size."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from sandbox.onfido.errors import OnfidoError, invalid

MAX_BYTES = 10 * 1024 * 1024
# Room for the other fields and the boundaries of the multipart body.
MAX_BODY = MAX_BYTES + 64 * 1024

SIGNATURES = (
    (b"\xff\xd8\xff", "jpg", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png", "image/png"),
    (b"%PDF-", "pdf", "application/pdf"),
)
DOCUMENT_TYPES = frozenset({"jpg", "png", "pdf"})
PHOTO_TYPES = frozenset({"jpg", "png"})


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that passed the checks; `kind` is jpg, png or pdf."""

    name: str
    kind: str
    media_type: str
    content: bytes


@asynccontextmanager
async def multipart(request: Request) -> AsyncIterator[FormData]:
    """The form of an upload; its temporary files end with the context.

    Raises:
        OnfidoError: 422 or 400, too large or not a form.
    """
    length = request.headers.get("Content-Length", "")
    if not length.isdigit() or int(length) > MAX_BODY:
        raise invalid(file=["must be less than 10MB"])
    try:
        form = await request.form(max_files=1, max_fields=30)
    except HTTPException as error:
        raise OnfidoError(400, "bad_request", "Invalid form") from error
    try:
        yield form
    finally:
        await form.close()


async def stored_file(form: FormData, allowed: frozenset[str], min_bytes: int) -> StoredFile:
    """The field `file`.

    Raises:
        OnfidoError: 422, it is absent, too small, too large, or of another type.
    """
    upload = form.get("file")
    if not isinstance(upload, UploadFile):
        raise invalid(file=["can't be blank"])
    content = await upload.read()
    if len(content) > MAX_BYTES:
        raise invalid(file=["must be less than 10MB"])
    if len(content) < min_bytes:
        raise invalid(file=[f"must be at least {min_bytes} bytes"])
    for signature, kind, media_type in SIGNATURES:
        if content.startswith(signature) and kind in allowed:
            return StoredFile(upload.filename or f"file.{kind}", kind, media_type, content)
    raise invalid(file=["must be of type " + ", ".join(sorted(allowed))])


def text_field(form: FormData, name: str) -> str | None:
    """A field that is not a file; None when it is absent or empty."""
    value = form.get(name)
    return value if isinstance(value, str) and value else None
