"""Builds what the parties say from settings: the same classes against vendors and sandbox."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Protocol

from shared.cases.store import CaseStore
from shared.kernel.money import Currency
from shared.ledger.house import HouseJournal
from shared.payments.callbacks import Addresses, path_key
from shared.payments.providers.adyen_report import AdyenReports
from shared.payments.providers.daraja_client import DarajaClient
from shared.payments.providers.stripe_client import stripe_client
from shared.payments.providers.stripe_listing import StripeListing
from shared.payments.suspended import SuspendedPayments
from shared.platform.http import http_client
from shared.platform.runtime import Runtime
from shared.platform.secrets import Secrets
from shared.reconciliation.imported import ImportedLines, ImportedStatement
from shared.reconciliation.importing import Importing
from shared.reconciliation.model import Party
from shared.reconciliation.mpesa.lines import Shortcodes
from shared.reconciliation.mpesa.lines_of_ours import LinesOfOurs
from shared.reconciliation.mpesa.ports import Inquiry
from shared.reconciliation.mpesa.statement import MpesaStatement
from shared.reconciliation.mpesa.store import Questions
from shared.reconciliation.ports import Archive, Statements
from shared.reconciliation.providers.adyen_statement import items_of
from shared.reconciliation.providers.bank_files import read_bank_file
from shared.reconciliation.providers.daraja_questions import DarajaQuestions
from shared.reconciliation.providers.stripe_statement import StripeStatement
from shared.reconciliation.settlement_reports import SettlementReports
from shared.reconciliation.store import ReportStore
from shared.treasury.store import HouseBalances

_client_of = lru_cache(maxsize=2)(stripe_client)


class Values(Protocol):
    """A stage's values as settings have them."""

    @property
    def cell(self) -> str:
        """Ours."""

    @property
    def stripe_secret(self) -> str:
        """Its name."""

    @property
    def stripe_base_url(self) -> str:
        """Of the API."""

    @property
    def adyen_secret(self) -> str:
        """Its name."""

    @property
    def adyen_reports_base_url(self) -> str:
        """Under which reports lie."""

    @property
    def daraja_secret(self) -> str:
        """Its name."""

    @property
    def daraja_base_url(self) -> str:
        """Of the API."""

    @property
    def webhook_path_secret(self) -> str:
        """Name of the secret that proves paths."""

    @property
    def webhook_base_url(self) -> str:
        """Where M-Pesa's answers come to."""

    @property
    def bank_accounts(self) -> str:
        """The firm's own account by currency, as JSON."""


def statements_of(
    platform: Runtime, secrets: Secrets, values: Values, archive: Archive
) -> Mapping[Party, Statements]:
    """Of those parties that list what they hold for us, send it, or answer. ``archive`` has the
    reports."""
    stripe = StripeListing(
        lambda: _client_of(
            str(secrets.get(values.stripe_secret)["api_key"]), values.stripe_base_url
        )
    )
    lines = ImportedLines(platform.database, platform.clock)
    return {
        Party.STRIPE: StripeStatement(stripe, platform.clock),
        Party.ADYEN: ImportedStatement(Party.ADYEN, lines),
        Party.MPESA: mpesa_statement_of(
            platform, mpesa_inquiry_of(platform, secrets, values), values, archive
        ),
        Party.BANK: ImportedStatement(Party.BANK, lines),
    }


def mpesa_inquiry_of(platform: Runtime, secrets: Secrets, values: Values) -> DarajaQuestions:
    """M-Pesa, asked. Its answers come to ``<webhook_base_url>/daraja-…/<token>``."""
    client = DarajaClient(
        http_client(values.daraja_base_url),
        lambda: secrets.get(values.daraja_secret),
        platform.clock,
    )
    addresses = Addresses(
        values.webhook_base_url, lambda: path_key(secrets.get(values.webhook_path_secret))
    )
    return DarajaQuestions(client, addresses)


def mpesa_statement_of(
    platform: Runtime, inquiry: Inquiry, values: Values, archive: Archive
) -> MpesaStatement:
    """What M-Pesa has answered."""
    database, clock = platform.database, platform.clock
    questions = Questions(database)
    ours = LinesOfOurs(
        balances=HouseBalances(database),
        questions=questions,
        reports=ReportStore(database),
        archive=archive,
        shortcodes=lambda: Shortcodes(*inquiry.shortcodes()),
        clock=clock,
        cell=values.cell,
    )
    return MpesaStatement(questions, ImportedLines(database, clock), ours, clock)


def importing_of(platform: Runtime, values: Values) -> Importing:
    """Files of the firm's bank."""
    return Importing(
        lines=ImportedLines(platform.database, platform.clock),
        balances=HouseBalances(platform.database),
        house=HouseJournal(platform.database, values.cell),
        cases=CaseStore(platform.database),
        facts=platform.facts,
        clock=platform.clock,
        accounts={
            Currency(code): account for code, account in json.loads(values.bank_accounts).items()
        },
        read=read_bank_file,
        suspended=SuspendedPayments(platform.database),
        ids=platform.ids,
    )


def settlement_reports_of(platform: Runtime, secrets: Secrets, values: Values) -> SettlementReports:
    """Reports of Adyen."""
    base = values.adyen_reports_base_url
    reports = AdyenReports(http_client(base), lambda: secrets.get(values.adyen_secret), base)
    return SettlementReports(
        fetch=reports.fetch,
        items=lambda listed, day: items_of(listed, values.cell, day),
        lines=ImportedLines(platform.database, platform.clock),
        house=HouseJournal(platform.database, values.cell),
        facts=platform.facts,
        clock=platform.clock,
    )
