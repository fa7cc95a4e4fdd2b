"""Puts the questions to M-Pesa together over a database."""

from shared.platform.queues import Queue
from shared.platform.runtime import Runtime
from shared.platform.secrets import Secrets
from shared.reconciliation.imported import ImportedLines
from shared.reconciliation.mpesa.answers import Answers
from shared.reconciliation.mpesa.asking import Asking
from shared.reconciliation.mpesa.charges import Charges
from shared.reconciliation.mpesa.store import Questions
from shared.reconciliation.providers.daraja_questions import accounts_told
from shared.reconciliation.service import Reconciling
from shared.reconciliation.statements import Values, mpesa_inquiry_of, mpesa_statement_of
from shared.treasury.store import HouseBalances


def asking_of(
    platform: Runtime,
    cell: str,
    reconciling: Reconciling,
    secrets: Secrets,
    values: Values,
    queue: Queue,
) -> Asking:
    """Everything of one cell; its ``answers`` take what M-Pesa says."""
    inquiry = mpesa_inquiry_of(platform, secrets, values)
    statement = mpesa_statement_of(platform, inquiry, values, reconciling.archive)
    database, facts, clock = platform.database, platform.facts, platform.clock
    questions, lines = Questions(database), ImportedLines(database, clock)
    return Asking(
        reconciling=reconciling,
        questions=questions,
        lines=statement.ours,
        answers=Answers(
            questions=questions,
            lines=lines,
            balances=HouseBalances(database),
            reports=reconciling.reports,
            facts=facts,
            clock=clock,
            cell=cell,
            read=accounts_told,
        ),
        charges=Charges(database, questions, lines, statement, facts),
        inquiry=inquiry,
        queue=queue,
        facts=facts,
        clock=clock,
        cell=cell,
    )
