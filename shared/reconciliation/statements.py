"""Builds what the parties say from settings: the same classes against vendors and sandbox."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Protocol

from shared.cases.store import CaseStore
from shared.kernel.money import Currency
from shared.ledger.house import HouseJournal
from shared.payments.providers.adyen_report import AdyenReports
from shared.payments.providers.stripe_client import stripe_client
from shared.payments.providers.stripe_listing import StripeListing
from shared.payments.suspended import SuspendedPayments
from shared.platform.http import http_client
from shared.platform.runtime import Runtime
from shared.platform.secrets import Secrets
from shared.reconciliation.imported import ImportedLines, ImportedStatement
from shared.reconciliation.importing import Importing
from shared.reconciliation.model import Party
from shared.reconciliation.ports import Statements
from shared.reconciliation.providers.adyen_statement import items_of
from shared.reconciliation.providers.bank_files import read_bank_file
from shared.reconciliation.providers.stripe_statement import StripeStatement
from shared.reconciliation.settlement_reports import SettlementReports
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
    def bank_accounts(self) -> str:
        """The firm's own account by currency, as JSON."""


def statements_of(
    platform: Runtime, secrets: Secrets, values: Values
) -> Mapping[Party, Statements]:
    """Of those parties that list what they hold for us, or send it."""
    stripe = StripeListing(
        lambda: _client_of(
            str(secrets.get(values.stripe_secret)["api_key"]), values.stripe_base_url
        )
    )
    lines = ImportedLines(platform.database, platform.clock)
    return {
        Party.STRIPE: StripeStatement(stripe, platform.clock),
        Party.ADYEN: ImportedStatement(Party.ADYEN, lines),
        Party.BANK: ImportedStatement(Party.BANK, lines),
    }


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
