"""Opens accounts and moves them through approval."""

from collections.abc import Coroutine, Mapping
from typing import Any
from uuid import uuid4

from sandbox.alpaca.account_bodies import CreateAccount, Document, UpdateAccount
from sandbox.alpaca.accounts import Account, AccountStatus
from sandbox.alpaca.event_log import Topic
from sandbox.alpaca.problems import conflict, invalid, malformed
from sandbox.alpaca.state import State
from sandbox.alpaca.wire import read, timestamp

ADULT_YEARS = 18
LARGEST_UPLOAD = 10

# The family name decides where the application goes; any other is approved.
FIXTURES: Mapping[str, AccountStatus] = {
    "actionrequired": AccountStatus.ACTION_REQUIRED,
    "rejectedbroker": AccountStatus.REJECTED,
    "approvalpending": AccountStatus.APPROVAL_PENDING,
}
KYC_RESULTS: Mapping[AccountStatus, dict[str, Any]] = {
    AccountStatus.ACTION_REQUIRED: {
        "accept": {},
        "indeterminate": {"TAX_IDENTIFICATION": {}},
        "reject": {},
        "additional_information": "",
        "summary": "fail",
    },
    AccountStatus.REJECTED: {
        "accept": {},
        "indeterminate": {},
        "reject": {"WATCHLIST_HIT": {}},
        "additional_information": "",
        "summary": "fail",
    },
    AccountStatus.APPROVED: {
        "accept": {},
        "indeterminate": {},
        "reject": {},
        "additional_information": "",
        "summary": "pass",
    },
}


class AccountDesk:
    """The only place that changes an account's status."""

    def __init__(self, state: State) -> None:
        self._state = state

    def open(self, body: Any) -> Account:
        """Takes an application.

        Raises:
            Problem: it is incomplete, or the e-mail address has an account.
        """
        wanted = read(body, CreateAccount)
        self._require_adult(wanted)
        email = wanted.contact.email_address.casefold()
        if any(account.email == email for account in self._state.accounts.values()):
            raise conflict("an account with this email address already exists")
        account = Account(
            id=str(uuid4()),
            number=self._state.next_account_number(),
            created_at=self._state.now(),
            status=AccountStatus.SUBMITTED,
            contact=wanted.contact.model_dump(mode="json", exclude_none=True),
            identity=wanted.identity.model_dump(mode="json", exclude_none=True),
            disclosures=wanted.disclosures.model_dump(),
            agreements=[one.model_dump(exclude_none=True) for one in wanted.agreements],
            trusted_contact=wanted.trusted_contact,
        )
        self._state.accounts[account.id] = account
        self._store(account, wanted.documents)
        self._announce(account, "")
        self._later(self._decide(account))
        return account

    def update(self, account: Account, body: Any) -> None:
        """Changes what the owner told; members that are absent stay.

        Raises:
            Problem: the result would not be acceptable as an application.
        """
        changes = read(body, UpdateAccount)
        merged = {
            "contact": account.contact | changes.contact,
            "identity": account.identity | changes.identity,
            "disclosures": account.disclosures | changes.disclosures,
            "agreements": account.agreements,
        }
        wanted = read(merged, CreateAccount)
        self._require_adult(wanted)
        email = wanted.contact.email_address.casefold()
        others = (one for one in self._state.accounts.values() if one is not account)
        if any(other.email == email for other in others):
            raise conflict("an account with this email address already exists")
        account.contact = wanted.contact.model_dump(mode="json", exclude_none=True)
        account.identity = wanted.identity.model_dump(mode="json", exclude_none=True)
        account.disclosures = wanted.disclosures.model_dump()
        if changes.trusted_contact is not None:
            account.trusted_contact = changes.trusted_contact

    def upload(self, account: Account, body: Any) -> None:
        """Adds documents; they answer an open question of the approval.

        Raises:
            Problem: the body is no list of one to ten documents.
        """
        if not isinstance(body, list):
            raise malformed("request body must be a list of documents")
        if not 1 <= len(body) <= LARGEST_UPLOAD:
            raise invalid(f"between 1 and {LARGEST_UPLOAD} documents at a time")
        self._store(account, [read(one, Document) for one in body])
        if account.status is AccountStatus.ACTION_REQUIRED:
            self._later(self._approve(account))

    def close(self, account: Account) -> None:
        """Closes an empty account.

        Raises:
            Problem: it still holds something, or is not active.
        """
        if account.status is not AccountStatus.ACTIVE or account is self._state.firm:
            raise invalid("only an active customer account can be closed")
        if account.cash or account.holdings or self._state.open_orders(account.id):
            raise invalid("account must hold no cash, no positions and no open orders")
        self._move(account, AccountStatus.ACCOUNT_CLOSED)

    def _require_adult(self, wanted: CreateAccount) -> None:
        today, born = self._state.today(), wanted.identity.date_of_birth
        birthday_to_come = (today.month, today.day) < (born.month, born.day)
        if today.year - born.year - birthday_to_come < ADULT_YEARS:
            raise invalid(f"identity.date_of_birth: must be at least {ADULT_YEARS} years ago")

    def _store(self, account: Account, documents: list[Document]) -> None:
        """Keeps what the documents are, not what they show."""
        for document in documents:
            account.documents.append(
                {
                    "id": str(uuid4()),
                    "document_type": document.document_type,
                    "document_sub_type": document.document_sub_type,
                    "mime_type": document.mime_type,
                    "created_at": timestamp(self._state.now()),
                }
            )

    def _later(self, work: Coroutine[None, None, None]) -> None:
        # Two steps, decision and activation, make up the configured delay.
        delay_ms = self._state.sandbox.config.alpaca_account_delay_ms // 2
        self._state.sandbox.background.after(delay_ms, work)

    async def _decide(self, account: Account) -> None:
        name = str(account.identity["family_name"]).casefold()
        status = FIXTURES.get(name, AccountStatus.APPROVED)
        if status is AccountStatus.APPROVED:
            await self._approve(account)
        else:
            self._move(account, status)

    async def _approve(self, account: Account) -> None:
        if account.status in {AccountStatus.APPROVED, AccountStatus.ACTIVE}:
            return
        self._move(account, AccountStatus.APPROVED)
        self._later(self._activate(account))

    async def _activate(self, account: Account) -> None:
        self._move(account, AccountStatus.ACTIVE)

    def _move(self, account: Account, status: AccountStatus) -> None:
        before = account.status.value
        account.move(status)
        account.kyc_results = KYC_RESULTS.get(status, account.kyc_results)
        self._announce(account, before)

    def _announce(self, account: Account, before: str) -> None:
        self._state.events.append(
            Topic.ACCOUNT,
            {
                "account_id": account.id,
                "account_number": account.number,
                "status_from": before,
                "status_to": account.status.value,
                "kyc_results": account.kyc_results,
            },
        )
