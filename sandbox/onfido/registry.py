"""Applicants, their documents and photos, and their checks."""

import hashlib
import hmac
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from sandbox.context import Sandbox
from sandbox.onfido import reports
from sandbox.onfido.bodies import CheckBody
from sandbox.onfido.errors import invalid, not_found
from sandbox.onfido.files import StoredFile
from sandbox.onfido.outcomes import (
    BY_LAST_NAME,
    CLEAR,
    CLEARED_BY_A_NEW_DOCUMENT,
    PENDING,
    Outcome,
)

type Json = dict[str, Any]

VENDOR = "onfido"
COMPLETED = "check.completed"
WRONG_TOKEN = "not-the-token-of-this-webhook"


class NotInProgress(Exception):
    """The check is complete already."""


@dataclass(slots=True)
class Registry:
    """Objects by id, in the order in which they were made."""

    sandbox: Sandbox
    applicants: dict[str, Json] = field(default_factory=dict)
    documents: dict[str, Json] = field(default_factory=dict)
    live_photos: dict[str, Json] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    checks: dict[str, Json] = field(default_factory=dict)
    reports: dict[str, Json] = field(default_factory=dict)
    _documents_of: dict[str, list[str]] = field(default_factory=dict)

    def clear(self) -> None:
        """Forgets everything."""
        for kept in (
            self.applicants,
            self.documents,
            self.live_photos,
            self.files,
            self.checks,
            self.reports,
            self._documents_of,
        ):
            kept.clear()

    def now(self) -> str:
        """Wall-clock time as Onfido writes it."""
        return f"{self.sandbox.now():%Y-%m-%dT%H:%M:%SZ}"

    def applicant(self, applicant_id: str | None) -> Json:
        """The applicant that a request names.

        Raises:
            OnfidoError: 422.
        """
        found = self.applicants.get(applicant_id or "")
        if found is None:
            raise invalid(applicant_id=["is not a known applicant"])
        return found

    def forget_applicant(self, applicant_id: str) -> None:
        """Deletes a person with all pictures, checks and reports.

        Raises:
            OnfidoError: 404.
        """
        if self.applicants.pop(applicant_id, None) is None:
            raise not_found()
        checks = {
            key for key, check in self.checks.items() if check["applicant_id"] == applicant_id
        }
        for kept in (self.documents, self.live_photos):
            for key in [key for key, one in kept.items() if one["applicant_id"] == applicant_id]:
                del kept[key]
                self.files.pop(key)
        for key in [key for key, report in self.reports.items() if report["check_id"] in checks]:
            del self.reports[key]
        for key in checks:
            del self.checks[key]
            del self._documents_of[key]

    def start_check(self, body: CheckBody, base: str) -> Json:
        """A check in progress, with its reports.

        Raises:
            OnfidoError: 422, something that the reports need is missing.
        """
        applicant = self.applicant(body.applicant_id)
        documents = self._chosen_documents(applicant["id"], body.document_ids)
        if "facial_similarity_photo" in body.report_names and not self._newest_photo(
            applicant["id"]
        ):
            raise invalid(report_names=["a live photo must be uploaded first"])
        check_id, now = str(uuid.uuid4()), self.now()
        made = [
            reports.open_report(str(uuid.uuid4()), name, check_id, now, base)
            for name in dict.fromkeys(body.report_names)
        ]
        check = {
            "id": check_id,
            "applicant_id": applicant["id"],
            "applicant_provides_data": False,
            "created_at": now,
            "form_uri": None,
            "href": f"{base}/checks/{check_id}",
            "paused": False,
            "privacy_notices_read_consent_given": body.privacy_notices_read_consent_given,
            "redirect_uri": None,
            "report_ids": [report["id"] for report in made],
            "result": None,
            "results_uri": f"https://dashboard.onfido.com/checks/{check_id}",
            "sandbox": True,
            "status": "in_progress",
            "tags": list(body.tags),
            "version": "3.6",
            "webhook_ids": body.webhook_ids,
        }
        outcome = self._outcome(applicant, documents)
        self.checks[check_id] = check
        self.reports |= {report["id"]: report for report in made}
        self._documents_of[check_id] = documents
        if applicant["last_name"].lower() != PENDING:
            delay_ms = self.sandbox.config.onfido_check_delay_ms
            self.sandbox.background.after(delay_ms, self._end(check, outcome))
        return check

    async def complete(self, check: Json, outcome: Outcome) -> None:
        """Ends a check and tells the webhook.

        Raises:
            NotInProgress: nothing was changed.
        """
        if check["status"] != "in_progress":
            raise NotInProgress(check["status"])
        applicant = self.applicants[check["applicant_id"]]
        documents = self._documents_of[check["id"]]
        newest = self.documents[documents[-1]]
        photo = self._newest_photo(applicant["id"])
        material = {
            "documents": documents,
            "live_photos": [photo] if photo else [],
            "document_type": newest["type"],
            "issuing_country": newest["issuing_country"],
        }
        results = set()
        for report_id in check["report_ids"]:
            report = self.reports[report_id]
            reports.finish(report, outcome, applicant, material)
            results.add(report["result"])
        check.update(status="complete", result="clear" if results == {"clear"} else "consider")
        await self._tell(check)

    async def _end(self, check: Json, outcome: Outcome) -> None:
        if check["id"] in self.checks and check["status"] == "in_progress":
            await self.complete(check, outcome)

    def _chosen_documents(self, applicant_id: str, wanted: list[str] | None) -> list[str]:
        own = [key for key, one in self.documents.items() if one["applicant_id"] == applicant_id]
        if not own:
            raise invalid(document_ids=["a document must be uploaded first"])
        if wanted is None:
            return own[-1:]
        if not wanted or not set(wanted) <= set(own):
            raise invalid(document_ids=["are not documents of the applicant"])
        return wanted

    def _newest_photo(self, applicant_id: str) -> str | None:
        own = [key for key, one in self.live_photos.items() if one["applicant_id"] == applicant_id]
        return own[-1] if own else None

    def _outcome(self, applicant: Json, documents: list[str]) -> Outcome:
        name = applicant["last_name"].lower()
        used = {
            document_id
            for key, earlier in self.checks.items()
            if earlier["applicant_id"] == applicant["id"]
            for document_id in self._documents_of[key]
        }
        if name in CLEARED_BY_A_NEW_DOCUMENT and used and not used & set(documents):
            return CLEAR
        return BY_LAST_NAME.get(name, CLEAR)

    async def _tell(self, check: Json) -> None:
        url = self.sandbox.config.onfido_webhook_url
        if url is None:
            return
        payload = {
            "resource_type": "check",
            "action": COMPLETED,
            "object": {
                "id": check["id"],
                "status": check["status"],
                "completed_at_iso8601": self.now(),
                "href": check["href"],
            },
        }
        body = json.dumps({"payload": payload}, separators=(",", ":")).encode()
        await self.sandbox.outbound.deliver(
            vendor=VENDOR,
            url=url,
            body=body,
            headers=_signed(body, self.sandbox.config.onfido_webhook_token),
            forged=_signed(body, WRONG_TOKEN),
            event_type=COMPLETED,
        )


def signature(token: str, body: bytes) -> str:
    """`X-SHA2-Signature`: HMAC-SHA256 of the raw body in lower-case hex."""
    return hmac.new(token.encode(), body, hashlib.sha256).hexdigest()


def _signed(body: bytes, token: str) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "User-Agent": "Onfido-Webhook",
        "X-SHA2-Signature": signature(token, body),
    }
