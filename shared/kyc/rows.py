"""Rows of cases, documents, broker accounts and vendors' ids."""

from typing import ClassVar

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
)

from shared.platform.tables import InstantAttribute, Row


class CaseRow(Row):
    """The identity case of a person."""

    KIND: ClassVar[str] = "kyc_case"

    status = UnicodeAttribute()
    version = NumberAttribute()
    created_at = InstantAttribute()
    updated_at = InstantAttribute()
    attempts = NumberAttribute()
    reason = UnicodeAttribute(null=True)
    documents = JSONAttribute()
    applicant_id = UnicodeAttribute(null=True)
    applicant_begun = BooleanAttribute()
    applicant_current = BooleanAttribute()
    check_id = UnicodeAttribute(null=True)
    past_checks = JSONAttribute()
    submitted_at = InstantAttribute(null=True)
    decided_at = InstantAttribute(null=True)
    lease = NumberAttribute(null=True)
    lease_until = InstantAttribute(null=True)
    consented_at = InstantAttribute(null=True)
    consent = BinaryAttribute(legacy_encoding=False, null=True)
    pending = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)
    attention = UnicodeAttribute(null=True)
    waits_at = UnicodeAttribute(null=True)


class DocumentRow(Row):
    """One upload."""

    KIND: ClassVar[str] = "kyc_document"

    id = UnicodeAttribute()
    type = UnicodeAttribute()
    side = UnicodeAttribute()
    content_type = UnicodeAttribute()
    status = UnicodeAttribute()
    requested_at = InstantAttribute()
    expires_at = InstantAttribute()
    etag = UnicodeAttribute(null=True)
    sha256 = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    provider_id = UnicodeAttribute(null=True)


class BrokerAccountRow(Row):
    """The person's account at the broker, on its way and when it is open."""

    KIND: ClassVar[str] = "broker_account"

    status = UnicodeAttribute()
    version = NumberAttribute()
    created_at = InstantAttribute()
    updated_at = InstantAttribute()
    account_id = UnicodeAttribute(null=True)
    result_sent = BooleanAttribute()
    reason = UnicodeAttribute(null=True)
    pending = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)


class ClaimRow(Row):
    """A vendor's id and the person it belongs to."""

    KIND: ClassVar[str] = "claim"

    user_id = UnicodeAttribute()
