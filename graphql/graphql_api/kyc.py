"""The identity check: where it stands, its documents, and how to upload one."""

from datetime import datetime
from typing import Annotated

import strawberry

from graphql_api.context import Context
from graphql_api.errors import Failure, answered
from graphql_api.rules import INHERITED, SIGNED_IN, Info, field, object_type
from graphql_api.scalars import DocumentId, MediaType, UserId
from shared.kyc.model import CaseFile, CaseStatus, Document, DocumentStatus, DocumentType, Side
from shared.kyc.reasons import Reason, public, told
from shared.kyc.requirements import NextAction, next_action
from shared.kyc.service import Upload, UploadRequest, request_upload
from shared.kyc.store import case_file_from
from shared.platform.tables import Page

strawberry.enum(DocumentType, description="What can be uploaded.")
strawberry.enum(Side, name="DocumentSide", description="Which side of a document.")
strawberry.enum(DocumentStatus, description="Where one upload stands.")
strawberry.enum(CaseStatus, name="KycStatus", description="Where the identity check stands.")
strawberry.enum(NextAction, name="KycNextAction", description="What moves the check forward.")


@object_type(description="Why something has to be sent again, or why it ended.")
class KycReason:
    """See the description."""

    code: str | None = field(INHERITED, "Stable code, where there is something to do.")
    text: str = field(INHERITED, "In the person's language.")


@object_type(description="The identity check of a person.")
class KycCase:
    """See the description."""

    status: CaseStatus = field(INHERITED, "Where it stands.")
    reason: KycReason | None = field(INHERITED, "Why, when there is a reason.")
    attempts_left: int = field(INHERITED, "How often documents may be sent again.")
    next_action: NextAction = field(INHERITED, "What the person should do now.")


@object_type(description="A document that a person uploaded, or is about to.")
class KycDocument:
    """See the description."""

    doc_id: DocumentId = field(INHERITED, "Identifier.")
    user_id: UserId = field(INHERITED, "Whose it is.")
    document_type: DocumentType = field(INHERITED, "What it is.")
    side: Side = field(INHERITED, "Which side of it.")
    s3_url: str | None = field(
        INHERITED, "A short reference to the stored file; never a link or a key that opens it."
    )
    verification_status: DocumentStatus = field(INHERITED, "Where it stands.")
    reason: KycReason | None = field(INHERITED, "Why it was refused, if it was.")
    requested_at: datetime = field(INHERITED, "When the upload was asked for.")


@object_type(description="A field of an upload form.")
class FormField:
    """See the description."""

    name: str = field(INHERITED, "Name of the form field.")
    value: str = field(INHERITED, "Its value, to be sent unchanged.")


@strawberry.input(description="A file that is about to be uploaded.")
class RequestKycUploadInput:
    """See the description."""

    document_type: DocumentType = strawberry.field(description="What it shows.")
    side: Side = strawberry.field(
        default=Side.FRONT, description="Which side; a passport and a selfie have only a front."
    )
    content_type: MediaType = strawberry.field(description="Such as `image/jpeg`.")
    size_bytes: int = strawberry.field(description="Its size, 10 KB to 10 MB.")


@object_type(
    description="Where to post the file: multipart/form-data to `url`, all `fields` first, then "
    "the file as `file`."
)
class RequestKycUploadPayload:
    """See the description."""

    doc_id: DocumentId = field(INHERITED, "Of the document.")
    url: str = field(INHERITED, "Where to post.")
    fields: list[FormField] = field(INHERITED, "To send before the file.")
    expires_at: datetime = field(INHERITED, "Until then the upload is accepted.")


RequestKycUploadResult = Annotated[
    RequestKycUploadPayload | Failure,
    strawberry.union(
        "RequestKycUploadResult", description="Where to upload, or why it is not possible."
    ),
]


def case_file(context: Context) -> CaseFile:
    """Out of the state that this request has read."""
    return case_file_from(context.user_id, Page(context.state().proofs))


def kyc_case_of(context: Context) -> KycCase:
    """The case as its owner may see it."""
    file = case_file(context)
    complete = context.user().profile_complete
    return KycCase(
        status=file.status,
        reason=_reason_of(None if file.case is None else file.case.reason, context.language),
        attempts_left=3 if file.case is None else file.case.attempts_left,
        next_action=next_action(file, profile_complete=complete),
    )


def kyc_documents_of(context: Context) -> list[KycDocument]:
    """All uploads, oldest first."""
    documents = case_file(context).documents
    return [_document_of(document, context.language) for document in documents]


def _document_of(document: Document, language: str) -> KycDocument:
    stored = document.status is not DocumentStatus.REQUESTED
    return KycDocument(
        doc_id=DocumentId(document.id),
        user_id=UserId(document.user_id),
        document_type=document.type,
        side=document.side,
        s3_url=document.short_reference if stored else None,
        verification_status=document.status,
        reason=_reason_of(document.reason, language),
        requested_at=document.requested_at,
    )


def _reason_of(reason: Reason | None, language: str) -> KycReason | None:
    if reason is None:
        return None
    shown = public(reason)
    return KycReason(code=None if shown is None else shown.value, text=told(reason, language))


def _payload_of(upload: Upload) -> RequestKycUploadPayload:
    return RequestKycUploadPayload(
        doc_id=DocumentId(upload.document.id),
        url=upload.target.url,
        fields=[FormField(name=k, value=v) for k, v in upload.target.fields.items()],
        expires_at=upload.document.expires_at,
    )


@object_type()
class KycMutation:
    """Mutations about identity."""

    @field(
        SIGNED_IN,
        "Ask for the upload of one file. Once the profile is complete and an identity "
        "document and a selfie are here and clean, the check starts by itself. With an upload the "
        "person agrees to the check and to the broker's terms.",
    )
    def request_kyc_upload(
        self, info: Info, input: RequestKycUploadInput
    ) -> RequestKycUploadResult:
        """See the description."""
        context = info.context

        def request() -> RequestKycUploadPayload:
            upload = request_upload(
                context.app.cases,
                context.app.kyc_people,
                context.app.vault,
                context.app.facts,
                context.app.clock,
                context.app.ids,
                user_id=context.user_id,
                request=UploadRequest(
                    type=input.document_type,
                    side=input.side,
                    content_type=input.content_type,
                    size_bytes=input.size_bytes,
                    ip_address=context.ip_address,
                ),
            )
            return _payload_of(upload)

        return answered(request, context.language)
