"""Rows of proposals, newest last by their ids."""

import json
from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.kernel.ids import Kind, ulid_of
from shared.platform.tables import Database, InstantAttribute, Put, Row, Table
from shared.platform.work import Write
from shared.strategies.events import StrategyPublishedV1
from shared.strategies.model import Style
from shared.strategies.ports import ProposalPage
from shared.strategies.proposals import Draft, Proposal, ProposalStatus

_PARTITION = "PROPOSALS"


class ProposalRow(Row):
    """One proposal."""

    KIND: ClassVar[str] = "proposal"

    proposal_id = UnicodeAttribute()
    style = UnicodeAttribute()
    score = NumberAttribute()
    weights = UnicodeAttribute()
    valid_from = UnicodeAttribute()
    reason = UnicodeAttribute()
    status = UnicodeAttribute()
    proposed_by = UnicodeAttribute()
    proposed_at = InstantAttribute()
    decided_by = UnicodeAttribute(null=True)
    decided_at = InstantAttribute(null=True)
    published = NumberAttribute(null=True)
    version = NumberAttribute()


def _place(proposal_id: str) -> str:
    return f"{ulid_of(proposal_id)}#{Kind.PROPOSAL.value}"


def _row_of(proposal: Proposal) -> ProposalRow:
    draft = proposal.draft
    return ProposalRow(
        pk=_PARTITION,
        sk=_place(proposal.proposal_id),
        proposal_id=proposal.proposal_id,
        style=draft.style.value,
        score=draft.score,
        weights=weights_text(draft.weights),
        valid_from=draft.valid_from.isoformat(),
        reason=proposal.reason,
        status=proposal.status.value,
        proposed_by=proposal.proposed_by,
        proposed_at=proposal.proposed_at,
        decided_by=proposal.decided_by,
        decided_at=proposal.decided_at,
        published=proposal.published,
        version=proposal.version,
    )


def _proposal_of(row: ProposalRow) -> Proposal:
    draft = Draft(
        style=Style(row.style),
        score=int(row.score),
        weights=json.loads(row.weights),
        valid_from=date.fromisoformat(row.valid_from),
    )
    return Proposal(
        proposal_id=row.proposal_id,
        draft=draft,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        reason=row.reason,
        status=ProposalStatus(row.status),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        published=None if row.published is None else int(row.published),
        version=int(row.version),
    )


def weights_text(weights: Mapping[str, int]) -> str:
    """In one canonical form."""
    return json.dumps(dict(weights), separators=(",", ":"), sort_keys=True)


def _told(proposal: Proposal) -> StrategyPublishedV1 | None:
    if proposal.status is not ProposalStatus.APPROVED or proposal.published is None:
        return None
    return StrategyPublishedV1(
        strategy_id=proposal.draft.strategy_id,
        number=proposal.published,
        valid_from=proposal.draft.valid_from.isoformat(),
        proposal_id=proposal.proposal_id,
    )


class ProposalStore:
    """See Proposals."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, proposal_id: str) -> Proposal | None:
        """See Proposals."""
        row = self._database.get(ProposalRow, _PARTITION, _place(proposal_id))
        return None if row is None else _proposal_of(row)

    def page(self, *, limit: int, after: str | None = None) -> ProposalPage:
        """See Proposals."""
        page = self._database.query(
            Table.CORE, _PARTITION, "0", "~", newest_first=True, limit=limit, after=after
        )
        rows = page.rows(ProposalRow)
        return ProposalPage(tuple((row.sk, _proposal_of(row)) for row in rows), page.after)

    def create(self, proposal: Proposal) -> Write:
        """See Proposals."""
        return Put.new("proposal", _row_of(proposal))

    def save(self, before: Proposal, after: Proposal) -> Write:
        """See Proposals."""
        unchanged = ProposalRow.version == before.version
        return Put("proposal", _row_of(after), unchanged, tells=_told(after))
