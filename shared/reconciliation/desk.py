"""Puts the use case together over a database."""

from collections.abc import Mapping

from shared.cases.store import CaseStore
from shared.ledger.house import HouseJournal
from shared.platform.runtime import Runtime
from shared.reconciliation.breaks import Breaks
from shared.reconciliation.fees import Fees
from shared.reconciliation.model import Party
from shared.reconciliation.ports import Archive, Signer, Statements
from shared.reconciliation.service import Reconciling
from shared.reconciliation.store import ReportStore
from shared.treasury.store import HouseBalances


def reconciling_of(
    platform: Runtime,
    cell: str,
    statements: Mapping[Party, Statements],
    archive: Archive,
    signer: Signer,
) -> Reconciling:
    """Everything of one cell."""
    database, facts, clock = platform.database, platform.facts, platform.clock
    return Reconciling(
        balances=HouseBalances(database),
        statements=statements,
        reports=ReportStore(database),
        archive=archive,
        signer=signer,
        breaks=Breaks(CaseStore(database), facts, clock),
        fees=Fees(HouseJournal(database, cell), facts, clock),
        facts=facts,
        clock=clock,
        ids=platform.ids,
    )
