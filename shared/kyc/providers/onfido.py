"""Identity checks by Onfido (API v3.6), through the official SDK.

The SDK's models refuse words that they do not know, so answers are read as plain JSON and an
unknown status means "not yet". Onfido has no idempotency keys: whoever calls this looks up what
may exist before making it again; files carry our document id as their name for that purpose.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import urllib3

from shared.kernel.clock import from_text
from shared.kyc.errors import ProviderRefused, ProviderUnavailable
from shared.kyc.model import Document, DocumentType
from shared.kyc.ports import CheckResult, Finding, Person
from shared.kyc.providers.onfido_reports import REPORTS, findings

NAME = "onfido"
CONNECT_SECONDS, READ_SECONDS = 2, 10
_PAGE, _PAGES = 100, 5
_CLOCK_SKEW = timedelta(minutes=5)
_TYPES = {
    DocumentType.PASSPORT: "passport",
    DocumentType.NATIONAL_ID: "national_identity_card",
    DocumentType.DRIVING_LICENCE: "driving_licence",
}
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}
# Wrong credentials and limits mend themselves or are mended by us: the case waits meanwhile.
_WAIT = frozenset({401, 403, 408, 409, 410, 429})

type Json = dict[str, Any]


class OnfidoIdentity:
    """See IdentityProvider."""

    name = NAME

    def __init__(self, api_token: str, base_url: str) -> None:
        import onfido

        configuration = onfido.Configuration(
            api_token=api_token,
            host=base_url,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            retries=0,
        )
        self._sdk = onfido
        self._api = onfido.DefaultApi(onfido.ApiClient(configuration))

    def find_applicant(self, person: Person, since: datetime) -> str | None:
        """See IdentityProvider. The newest pages are read, as there is no search."""
        earliest = since - _CLOCK_SKEW
        for page in range(1, _PAGES + 1):
            answer = self._call(
                self._api.list_applicants_without_preload_content, page=page, per_page=_PAGE
            )
            for applicant in answer["applicants"]:
                if from_text(applicant["created_at"]) < earliest:
                    return None
                if _is(applicant, person):
                    return str(applicant["id"])
            if len(answer["applicants"]) < _PAGE:
                return None
        return None

    def create_applicant(self, person: Person) -> str:
        """See IdentityProvider."""
        body = self._model("ApplicantBuilder", _applicant(person))
        answer = self._call(
            self._api.create_applicant_without_preload_content, applicant_builder=body
        )
        return str(answer["id"])

    def update_applicant(self, applicant_id: str, person: Person) -> None:
        """See IdentityProvider."""
        data = _applicant(person)
        del data["consents"]
        self._call(
            self._api.update_applicant_without_preload_content,
            applicant_id=UUID(applicant_id),
            applicant_updater=self._model("ApplicantUpdater", data),
        )

    def uploads(self, applicant_id: str) -> Mapping[str, str]:
        """See IdentityProvider."""
        owner = UUID(applicant_id)
        documents = self._call(self._api.list_documents_without_preload_content, applicant_id=owner)
        photos = self._call(self._api.list_live_photos_without_preload_content, applicant_id=owner)
        files = [*documents["documents"], *photos["live_photos"]]
        return {str(each["file_name"]).partition(".")[0]: str(each["id"]) for each in files}

    def upload(self, applicant_id: str, document: Document, person: Person, content: bytes) -> str:
        """See IdentityProvider."""
        file = (f"{document.id}.{_ENDINGS[document.content_type]}", content)
        if document.type is DocumentType.SELFIE:
            answer = self._call(
                self._api.upload_live_photo_without_preload_content,
                applicant_id=UUID(applicant_id),
                file=file,
                advanced_validation=False,
            )
        else:
            answer = self._call(
                self._api.upload_document_without_preload_content,
                type=_TYPES[document.type],
                applicant_id=UUID(applicant_id),
                file=file,
                side=document.side.value.lower(),
                issuing_country=_issuer(document, person),
            )
        return str(answer["id"])

    def checks(self, applicant_id: str) -> Sequence[str]:
        """See IdentityProvider."""
        answer = self._call(
            self._api.list_checks_without_preload_content, applicant_id=UUID(applicant_id)
        )
        newest_first = sorted(answer["checks"], key=lambda each: each["created_at"], reverse=True)
        return [str(each["id"]) for each in newest_first]

    def start_check(self, applicant_id: str, documents: Sequence[Document]) -> str:
        """See IdentityProvider."""
        identity = [
            each.provider_id
            for each in documents
            if each.type is not DocumentType.SELFIE and each.provider_id is not None
        ]
        data = {
            "applicant_id": applicant_id,
            "report_names": list(REPORTS),
            "document_ids": identity,
            "privacy_notices_read_consent_given": True,
        }
        body = self._model("CheckBuilder", data)
        answer = self._call(self._api.create_check_without_preload_content, check_builder=body)
        return str(answer["id"])

    def check(self, check_id: str) -> CheckResult:
        """See IdentityProvider."""
        found = self._call(self._api.find_check_without_preload_content, check_id=_uuid(check_id))
        complete = found.get("status") == "complete"
        objections: Sequence[Finding] = ()
        if complete:
            reports = self._call(
                self._api.list_reports_without_preload_content, check_id=_uuid(check_id)
            )
            objections = findings(found, reports["reports"])
        return CheckResult(str(found["id"]), str(found["applicant_id"]), complete, objections)

    def _model(self, name: str, data: Json) -> Any:
        try:
            return getattr(self._sdk, name).from_dict(data)
        except ValueError:
            raise ProviderRefused(provider=NAME, what=name) from None

    def _call(self, operation: Callable[..., Any], **arguments: Any) -> Json:
        try:
            response = operation(**arguments)
            status, body = int(response.status), response.data
        except (urllib3.exceptions.HTTPError, self._sdk.ApiException, OSError):
            raise ProviderUnavailable(provider=NAME) from None
        if status >= 500 or status in _WAIT:
            raise ProviderUnavailable(provider=NAME)
        if status >= 400:
            raise ProviderRefused(provider=NAME, what=operation.__name__.split("_without")[0])
        try:
            answer: Json = json.loads(body)
        except ValueError:
            raise ProviderUnavailable(provider=NAME) from None
        return answer


def _issuer(document: Document, person: Person) -> str | None:
    """Licences are issued where people live, the others by their own country."""
    profile = person.profile
    if document.type is DocumentType.DRIVING_LICENCE:
        return profile.country
    return profile.nationality


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ProviderRefused(provider=NAME, what="an identifier") from None


def _is(applicant: Json, person: Person) -> bool:
    born = person.profile.date_of_birth
    return (
        str(applicant.get("email", "")).casefold() == person.profile.email.casefold()
        and born is not None
        and applicant.get("dob") == born.isoformat()
    )


def _applicant(person: Person) -> Json:
    profile = person.profile
    data: Json = {
        "first_name": profile.given_name,
        "last_name": profile.family_name,
        "email": profile.email,
        "dob": None if profile.date_of_birth is None else profile.date_of_birth.isoformat(),
        "phone_number": profile.phone,
        "consents": [{"name": "privacy_notices_read", "granted": True}],
    }
    if profile.postal_code and profile.country:
        # Onfido takes an address only with a postcode.
        data["address"] = {
            "street": profile.street,
            "town": profile.city,
            "postcode": profile.postal_code,
            "country": profile.country,
        }
    return {name: value for name, value in data.items() if value is not None}
