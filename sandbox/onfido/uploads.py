"""Documents and live photos: upload and download."""

import uuid
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.onfido.countries import COUNTRIES
from sandbox.onfido.errors import invalid, not_found
from sandbox.onfido.files import (
    DOCUMENT_TYPES,
    PHOTO_TYPES,
    StoredFile,
    multipart,
    stored_file,
    text_field,
)
from sandbox.onfido.registry import Registry

TYPES = frozenset(
    {
        "driving_licence",
        "national_identity_card",
        "passport",
        "passport_card",
        "residence_permit",
        "tax_id",
        "unknown",
        "visa",
        "voter_id",
        "work_permit",
    }
)
SIDES = frozenset({None, "front", "back"})


class Uploads:
    """What people send pictures to."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def document(self, request: Request) -> Response:
        """`POST /documents`"""
        async with multipart(request) as form:
            applicant = self._registry.applicant(text_field(form, "applicant_id"))
            document_type, side = text_field(form, "type"), text_field(form, "side")
            country = text_field(form, "issuing_country")
            if document_type not in TYPES:
                raise invalid(type=["is not a known document type"])
            if side not in SIDES:
                raise invalid(side=["must be front or back"])
            if country is not None and country not in COUNTRIES:
                raise invalid(issuing_country=["is not a valid country code"])
            min_bytes = self._registry.sandbox.config.onfido_min_file_bytes
            file = await stored_file(form, DOCUMENT_TYPES, min_bytes)
        return self._keep(
            request,
            "documents",
            file,
            applicant_id=applicant["id"],
            type=document_type,
            side=side,
            issuing_country=country,
        )

    async def live_photo(self, request: Request) -> Response:
        """`POST /live_photos`"""
        async with multipart(request) as form:
            applicant = self._registry.applicant(text_field(form, "applicant_id"))
            min_bytes = self._registry.sandbox.config.onfido_min_file_bytes
            file = await stored_file(form, PHOTO_TYPES, min_bytes)
        return self._keep(request, "live_photos", file, applicant_id=applicant["id"])

    def download(self, kind: str) -> Callable[[Request], Awaitable[Response]]:
        """`GET /documents/{id}/download` and the same for photos."""

        async def content(request: Request) -> Response:
            file_id = request.path_params["id"]
            if file_id not in getattr(self._registry, kind):
                raise not_found()
            file = self._registry.files[file_id]
            name = quote(file.name, safe="")
            return Response(
                file.content,
                media_type=file.media_type,
                headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
            )

        return content

    def _keep(self, request: Request, kind: str, file: StoredFile, **fields: Any) -> Response:
        made_id = str(uuid.uuid4())
        href = f"{request.url.scheme}://{request.headers['host']}{request.url.path}/{made_id}"
        made = {
            "id": made_id,
            "created_at": self._registry.now(),
            "href": href,
            "download_href": f"{href}/download",
            "file_name": file.name,
            "file_type": file.kind,
            "file_size": len(file.content),
            **fields,
        }
        getattr(self._registry, kind)[made_id] = made
        self._registry.files[made_id] = file
        return JSONResponse(made, status_code=201)
