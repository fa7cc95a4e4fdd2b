"""Identifiers: one scalar per kind of thing, so that none is sent in the place of another."""

from typing import NewType

from strawberry.types.scalar import ScalarDefinition

from graphql_api.scalar_forms import by_pattern, strict
from shared.kernel.card_numbers import contains_card_number
from shared.kernel.edge_errors import CardNumberRefused
from shared.kernel.ids import Kind

UserId = NewType("UserId", str)
AccountId = NewType("AccountId", str)
PortfolioId = NewType("PortfolioId", str)
DepositId = NewType("DepositId", str)
PlanId = NewType("PlanId", str)
OrderId = NewType("OrderId", str)
TransactionId = NewType("TransactionId", str)
DocumentId = NewType("DocumentId", str)
NotificationId = NewType("NotificationId", str)
SessionId = NewType("SessionId", str)
AuditEntryId = NewType("AuditEntryId", str)
PayoutId = NewType("PayoutId", str)
PayoutAccountId = NewType("PayoutAccountId", str)
ScheduleId = NewType("ScheduleId", str)
DisputeId = NewType("DisputeId", str)
MoneyCaseId = NewType("MoneyCaseId", str)
ReferenceId = NewType("ReferenceId", str)
ChallengeId = NewType("ChallengeId", str)
MovementId = NewType("MovementId", str)
ReportId = NewType("ReportId", str)
GoalId = NewType("GoalId", str)
ProposalId = NewType("ProposalId", str)
PurchaseId = NewType("PurchaseId", str)
Cursor = NewType("Cursor", str)

_BODY = "_[a-z][a-z0-9]{0,7}_[0-7][0-9A-HJKMNP-TV-Z]{25}"
_LENGTH_MAX = 40


def _id(name: str, what: str, *kinds: Kind) -> ScalarDefinition:
    prefix = "|".join(kind.value for kind in kinds) if kinds else "[a-z]{3}"
    read = by_pattern(f"an identifier of {what}", f"(?:{prefix}){_BODY}", _LENGTH_MAX)
    return strict(name, f"Identifies {what}. Opaque.", read)


_purchase_form = by_pattern(
    "a name of 1 to 64 letters, digits and signs of ._:-", "[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", 64
)


def _purchase(text: str) -> str:
    name = _purchase_form(text)
    if contains_card_number(name):
        raise CardNumberRefused()
    return name


IDS: dict[object, ScalarDefinition] = {
    UserId: _id("UserId", "a person", Kind.USER),
    AccountId: _id("AccountId", "an account", Kind.ACCOUNT),
    PortfolioId: _id("PortfolioId", "a portfolio", Kind.PORTFOLIO),
    DepositId: _id("DepositId", "a deposit", Kind.DEPOSIT),
    PlanId: _id("PlanId", "a plan", Kind.PLAN),
    OrderId: _id("OrderId", "an order", Kind.ORDER),
    TransactionId: _id(
        "TransactionId",
        "a deposit, an order, a payout or a corporate action",
        Kind.DEPOSIT,
        Kind.ORDER,
        Kind.PAYOUT,
        Kind.ACTION,
    ),
    PayoutId: _id("PayoutId", "a payout", Kind.PAYOUT),
    PayoutAccountId: _id("PayoutAccountId", "a payout account", Kind.PAYOUT_ACCOUNT),
    DisputeId: _id("DisputeId", "a dispute", Kind.DISPUTE),
    MoneyCaseId: strict(
        "MoneyCaseId",
        "Identifies a case about money. Opaque.",
        by_pattern("an identifier of a case", "[A-Z_]{3,40}:[!-~]{1,150}", 200),
    ),
    ScheduleId: _id("ScheduleId", "a recurring deposit", Kind.SCHEDULE),
    DocumentId: _id("DocumentId", "a document", Kind.DOCUMENT),
    NotificationId: _id("NotificationId", "a notification", Kind.NOTICE),
    SessionId: _id("SessionId", "a session", Kind.SESSION),
    AuditEntryId: _id("AuditEntryId", "an entry of the audit trail", Kind.AUDIT),
    ReferenceId: _id("ReferenceId", "what an entry of the journal is about"),
    ChallengeId: strict(
        "ChallengeId",
        "A sign-in that waits for its second factor. Opaque.",
        by_pattern("the challenge of a sign-in", "[A-Za-z0-9_-]{16,128}", 128),
    ),
    MovementId: _id("MovementId", "a movement of the treasury", Kind.MOVEMENT),
    ReportId: _id("ReportId", "a report of reconciliation", Kind.REPORT),
    GoalId: _id("GoalId", "something that a person saves for", Kind.GOAL),
    ProposalId: _id("ProposalId", "a proposed version of a strategy", Kind.PROPOSAL),
    PurchaseId: strict(
        "PurchaseId",
        "A purchase as its reporter names it: 1 to 64 letters, digits and signs of `._:-`, and "
        "never the number of a card.",
        _purchase,
    ),
    Cursor: strict(
        "Cursor",
        "A place in a list. Opaque: send one that a page named.",
        by_pattern("a cursor of an earlier page", "[A-Za-z0-9_-]{1,200}", 200),
    ),
}
