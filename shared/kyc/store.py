"""Cases, documents and broker accounts as rows beside the person's profile."""

from datetime import datetime
from typing import Any

from pynamodb.expressions.condition import Condition

from shared.kernel.clock import to_text
from shared.kyc.model import (
    BrokerAccount,
    BrokerStatus,
    Case,
    CaseFile,
    CaseStatus,
    Document,
    DocumentStatus,
    DocumentType,
    Side,
)
from shared.kyc.ports import HeldCases
from shared.kyc.reasons import Reason
from shared.kyc.rows import BrokerAccountRow, CaseRow, ClaimRow, DocumentRow
from shared.platform import keys
from shared.platform.indexes import attention_bucket, attention_buckets, pending_bucket
from shared.platform.tables import Database, Page, Put, Table
from shared.platform.work import Write

_CASE, _BROKER = keys.proof("CASE"), keys.proof("BROKER")
_LAST = keys.proof("~")
_REVIEWS = "KYC_REVIEW"


def _case(row: CaseRow, user_id: str) -> Case:
    return Case(
        user_id=user_id,
        status=CaseStatus(row.status),
        version=int(row.version),
        created_at=row.created_at,
        updated_at=row.updated_at,
        attempts=int(row.attempts),
        reason=None if row.reason is None else Reason(row.reason),
        documents=tuple(row.documents),
        applicant_id=row.applicant_id,
        applicant_begun=bool(row.applicant_begun),
        applicant_current=bool(row.applicant_current),
        check_id=row.check_id,
        past_checks=tuple(row.past_checks),
        submitted_at=row.submitted_at,
        decided_at=row.decided_at,
        lease=None if row.lease is None else int(row.lease),
        lease_until=row.lease_until,
        consented_at=row.consented_at,
        consent=row.consent,
    )


def _document(row: DocumentRow, user_id: str) -> Document:
    return Document(
        id=row.id,
        user_id=user_id,
        type=DocumentType(row.type),
        side=Side(row.side),
        content_type=row.content_type,
        status=DocumentStatus(row.status),
        requested_at=row.requested_at,
        expires_at=row.expires_at,
        etag=row.etag,
        sha256=row.sha256,
        reason=None if row.reason is None else Reason(row.reason),
        provider_id=row.provider_id,
    )


def _broker_account(row: BrokerAccountRow, user_id: str) -> BrokerAccount:
    return BrokerAccount(
        user_id=user_id,
        status=BrokerStatus(row.status),
        version=int(row.version),
        created_at=row.created_at,
        updated_at=row.updated_at,
        account_id=row.account_id,
        result_sent=bool(row.result_sent),
        reason=row.reason,
    )


def case_file_from(user_id: str, page: Page) -> CaseFile:
    """A person's identity out of a page of their state that somebody else read."""
    case, broker = page.first(CaseRow), page.first(BrokerAccountRow)
    documents = (_document(row, user_id) for row in page.rows(DocumentRow))
    return CaseFile(
        case=None if case is None else _case(case, user_id),
        documents=tuple(sorted(documents, key=lambda each: each.id)),
        broker_account=None if broker is None else _broker_account(broker, user_id),
    )


def _pending(user_id: str, due: datetime | None) -> dict[str, Any]:
    if due is None:
        return {}
    return {"pending": pending_bucket(user_id), "due": to_text(due)}


def _attention(case: Case) -> dict[str, Any]:
    """Only a case in review is on the reviewers' list, by the time since when it is."""
    if case.status is not CaseStatus.IN_REVIEW:
        return {}
    since = case.decided_at or case.updated_at
    return {
        "attention": attention_bucket(_REVIEWS, case.user_id),
        "waits_at": f"{to_text(since)}#{case.user_id}",
    }


class CaseStore:
    """See Cases."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, user_id: str) -> CaseFile:
        """See Cases."""
        page = self._database.query(Table.CORE, keys.user(user_id), keys.proof(""), _LAST)
        return case_file_from(user_id, page)

    def save_case(self, before: Case | None, after: Case, due: datetime | None) -> Write:
        """See Cases."""
        row = CaseRow(
            pk=keys.user(after.user_id),
            sk=_CASE,
            status=after.status.value,
            version=1 if before is None else before.version + 1,
            created_at=after.created_at,
            updated_at=after.updated_at,
            attempts=after.attempts,
            reason=after.reason,
            documents=list(after.documents),
            applicant_id=after.applicant_id,
            applicant_begun=after.applicant_begun,
            applicant_current=after.applicant_current,
            check_id=after.check_id,
            past_checks=list(after.past_checks),
            submitted_at=after.submitted_at,
            decided_at=after.decided_at,
            lease=after.lease,
            lease_until=after.lease_until,
            consented_at=after.consented_at,
            consent=after.consent,
            **_pending(after.user_id, due),
            **_attention(after),
        )
        return Put("case", row, _unchanged(CaseRow, None if before is None else before.version))

    def save_document(self, document: Document) -> Write:
        """See Cases."""
        row = DocumentRow(
            pk=keys.user(document.user_id),
            sk=keys.proof(document.id),
            id=document.id,
            type=document.type.value,
            side=document.side.value,
            content_type=document.content_type,
            status=document.status.value,
            requested_at=document.requested_at,
            expires_at=document.expires_at,
            etag=document.etag,
            sha256=document.sha256,
            reason=document.reason,
            provider_id=document.provider_id,
        )
        return Put(f"document:{document.id}", row)

    def save_broker_account(
        self, before: BrokerAccount | None, after: BrokerAccount, due: datetime | None
    ) -> Write:
        """See Cases."""
        version = None if before is None else before.version
        row = BrokerAccountRow(
            pk=keys.user(after.user_id),
            sk=_BROKER,
            status=after.status.value,
            version=(version or 0) + 1,
            created_at=after.created_at,
            updated_at=after.updated_at,
            account_id=after.account_id,
            result_sent=after.result_sent,
            reason=after.reason,
            **_pending(after.user_id, due),
        )
        return Put("broker_account", row, _unchanged(BrokerAccountRow, version))

    def held(self, limit: int, after: str | None = None) -> HeldCases:
        """See Cases."""
        listed = sorted(
            (
                each
                for bucket in attention_buckets(_REVIEWS)
                for each in self._database.waiting(bucket, after or "", limit + 1)
            ),
            key=lambda each: each.place,
        )
        page = listed[:limit]
        # The index is a moment behind: what is in the table now decides.
        found = self._database.get_many([each.key for each in page]) if page else {}
        rows = ((each, found[each.key].to(CaseRow)) for each in page if each.key in found)
        entries = tuple(
            (each.place, _case(row, each.key.pk.removeprefix("USER#")))
            for each, row in rows
            if row.status == CaseStatus.IN_REVIEW.value
        )
        return HeldCases(entries, page[-1].place if len(listed) > limit else None)

    def claim(self, vendor: str, external_id: str, user_id: str) -> Write:
        """See Cases."""
        row = ClaimRow(pk=f"EXT#{vendor}#{external_id}", sk="EXT", user_id=user_id)
        return Put("claim", row, ClaimRow.pk.does_not_exist() | (ClaimRow.user_id == user_id))

    def claimed_by(self, vendor: str, external_id: str) -> str | None:
        """See Cases."""
        row = self._database.get(ClaimRow, f"EXT#{vendor}#{external_id}", "EXT")
        return None if row is None else str(row.user_id)


def _unchanged(row: type[CaseRow] | type[BrokerAccountRow], version: int | None) -> Condition:
    return row.pk.does_not_exist() if version is None else row.version == version
