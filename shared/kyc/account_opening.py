"""Open the approved person's own account at the broker, step by stored step."""

from dataclasses import dataclass, replace
from datetime import timedelta

from shared.kernel.clock import Clock
from shared.kernel.events import Event
from shared.kernel.states import advance as legal
from shared.kyc.attention import broker_account_needs_review
from shared.kyc.errors import ProviderRefused
from shared.kyc.events import BrokerAccountOpenedV1, BrokerAccountRefusedV1
from shared.kyc.model import (
    BROKER_TRANSITIONS,
    BrokerAccount,
    BrokerStatus,
    Case,
    CaseFile,
    CaseStatus,
)
from shared.kyc.ports import (
    AccountView,
    Application,
    BrokerAccounts,
    Cases,
    EmailTaken,
    IdentityResult,
    People,
    Person,
)
from shared.kyc.verification import Progress
from shared.platform.work import (
    ConditionFailed,
    LostRace,
    UnitOfWork,
    Write,
    retry_lost_race,
)

NET = timedelta(minutes=5)
MAX_STEPS = 8
_TRIES = 5


@dataclass(frozen=True, slots=True)
class AccountOpening:
    """The ports of this use case. ``identity_provider`` vouched for the people."""

    cases: Cases
    people: People
    broker: BrokerAccounts
    unit: UnitOfWork
    clock: Clock
    identity_provider: str

    def advance(self, user_id: str, *, told: bool = False) -> Progress:
        """Do what can be done now; WAITING while the broker works on it.

        An account that needs help or was refused is looked at again only when the broker says
        that it changed (``told``). Raises ProviderUnavailable when the broker does not answer.
        """
        for _ in range(MAX_STEPS):
            progress = retry_lost_race(
                lambda: self._step(user_id, told), tries=_TRIES, pause=lambda _: None
            )
            if progress is not Progress.MOVED:
                return progress
        return Progress.WAITING

    def owner_of_account(self, account_id: str) -> str | None:
        """The person whose account this is."""
        return self.cases.claimed_by(self.broker.name, account_id)

    def _step(self, user_id: str, told: bool) -> Progress:
        file = self.cases.read(user_id)
        case, account = file.case, file.broker_account
        if case is None or case.status is not CaseStatus.APPROVED:
            return Progress.SETTLED
        if account is not None and not _unsettled(account, told):
            return Progress.SETTLED
        person = self.people.read(user_id)
        if person is None:
            return Progress.SETTLED
        if account is None:
            return self._begin(case)
        try:
            return self._next(file, case, account, person)
        except ProviderRefused:
            return self._refuse(account, "BROKER_REFUSED")

    def _begin(self, case: Case) -> Progress:
        at = self.clock.now()
        account = BrokerAccount(case.user_id, BrokerStatus.OPENING, 0, at, at)
        self._commit([self.cases.save_broker_account(None, account, at + NET)])
        return Progress.MOVED

    def _next(self, file: CaseFile, case: Case, account: BrokerAccount, person: Person) -> Progress:
        if account.account_id is None:
            return self._apply(case, account, person)
        if not account.result_sent:
            self.broker.send_identity_result(account.account_id, person, self._result(file, case))
            return self._store(account, replace(account, result_sent=True))
        return self._take(account, self.broker.get(account.account_id))

    def _apply(self, case: Case, account: BrokerAccount, person: Person) -> Progress:
        """Look before asking: an answer may have been lost. Adopt only what is this person's."""
        view = self.broker.find(person)
        if view is None:
            if case.consent is None or case.consented_at is None:
                return self._refuse(account, "CONSENT_MISSING")
            origin = self.people.open(person, case.consent)["ip_address"]
            try:
                view = self.broker.open(Application(person, case.consented_at, origin))
            except EmailTaken:
                view = self.broker.find(person)
        if view is None:
            return self._refuse(account, "EMAIL_TAKEN")
        owner = self.owner_of_account(view.account_id)
        if owner not in (None, account.user_id):
            return self._refuse(account, "EMAIL_TAKEN")
        after = replace(account, status=BrokerStatus.SUBMITTED, account_id=view.account_id)
        claim = self.cases.claim(self.broker.name, view.account_id, account.user_id)
        copy = self.people.set_broker_account(account.user_id, view.account_id, view.word)
        return self._store(account, after, claim, copy)

    def _result(self, file: CaseFile, case: Case) -> IdentityResult:
        decided = case.decided_at or case.updated_at
        return IdentityResult(
            check_id=case.check_id or "",
            provider=self.identity_provider,
            started_at=case.submitted_at or decided,
            completed_at=decided,
            document_types=sorted({each.type.value for each in file.submitted()}),
        )

    def _take(self, account: BrokerAccount, view: AccountView) -> Progress:
        """The broker's word in one fact: our row, the profile's copy, and the event."""
        waiting = view.status is BrokerStatus.SUBMITTED
        if view.status is account.status:
            return Progress.WAITING if waiting else Progress.SETTLED
        legal(BROKER_TRANSITIONS, account.status, view.status)
        at = self.clock.now()
        after = replace(account, status=view.status, reason=view.reason, updated_at=at)
        writes = [
            self.cases.save_broker_account(account, after, at + NET if waiting else None),
            self.people.set_broker_account(account.user_id, view.account_id, view.word),
        ]
        self._commit(writes, *([] if waiting else [_event(after, view.account_id)]))
        if after.status in (BrokerStatus.ACTION_REQUIRED, BrokerStatus.REJECTED):
            broker_account_needs_review(account.user_id, after.reason or after.status.value)
        return Progress.WAITING if waiting else Progress.SETTLED

    def _refuse(self, account: BrokerAccount, reason: str) -> Progress:
        """Nothing that we can mend: say so and stop."""
        at = self.clock.now()
        after = replace(account, status=BrokerStatus.ACTION_REQUIRED, reason=reason, updated_at=at)
        if account.status is not after.status:
            legal(BROKER_TRANSITIONS, account.status, after.status)
            event = BrokerAccountRefusedV1(user_id=account.user_id, reason=reason, can_retry=False)
            self._commit([self.cases.save_broker_account(account, after, None)], event)
            broker_account_needs_review(account.user_id, reason)
        return Progress.SETTLED

    def _store(self, before: BrokerAccount, after: BrokerAccount, *more: Write) -> Progress:
        at = self.clock.now()
        changed = replace(after, updated_at=at)
        self._commit([self.cases.save_broker_account(before, changed, at + NET), *more])
        return Progress.MOVED

    def _commit(self, writes: list[Write], *events: Event) -> None:
        try:
            self.unit.commit(writes, *events)
        except ConditionFailed:
            raise LostRace from None


def _unsettled(account: BrokerAccount, told: bool) -> bool:
    if account.status is BrokerStatus.ACTIVE:
        return False
    at_work = account.status in (BrokerStatus.OPENING, BrokerStatus.SUBMITTED)
    return at_work or (told and account.account_id is not None)


def _event(account: BrokerAccount, account_id: str) -> Event:
    if account.status is BrokerStatus.ACTIVE:
        return BrokerAccountOpenedV1(user_id=account.user_id, broker_account_id=account_id)
    return BrokerAccountRefusedV1(
        user_id=account.user_id,
        reason=account.reason or account.status.value,
        can_retry=account.status is BrokerStatus.ACTION_REQUIRED,
    )
