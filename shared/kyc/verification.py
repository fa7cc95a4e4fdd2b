"""Carry a submitted case through the provider, one stored step after the other.

Every step reads the case, does at most one thing that the provider remembers, and stores its id
before the next step begins. So a crash between any two lines leaves a state from which the next
run continues; a call whose answer was lost is looked up before it is made again.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum

from shared.kernel.clock import Clock
from shared.kernel.events import Event
from shared.kernel.states import advance as legal
from shared.kyc.attention import identity_needs_review
from shared.kyc.deciding import decided, events_of, writes_of
from shared.kyc.decisions import Decision, decide
from shared.kyc.errors import ProviderRefused, ProviderUnavailable
from shared.kyc.model import (
    CASE_TRANSITIONS,
    OVERDUE,
    Case,
    CaseFile,
    CaseStatus,
    Document,
)
from shared.kyc.ports import (
    Cases,
    DocumentVault,
    IdentityProvider,
    People,
    Person,
)
from shared.kyc.reasons import Reason
from shared.kyc.service import quarantine_key
from shared.kyc.uploads import NET
from shared.platform.work import (
    ConditionFailed,
    LostRace,
    UnitOfWork,
    Write,
    retry_lost_race,
)

MAX_STEPS = 20
LEASE = timedelta(seconds=90)
"""Longer than a worker may run; a case that a crash left is free again after it."""
_TRIES = 5


class Progress(Enum):
    """What a run came to."""

    SETTLED = "SETTLED"
    """Nothing is to be done by us: decided, or waiting for the person or for staff."""
    WAITING = "WAITING"
    """The provider works on it: look again later."""
    MOVED = "MOVED"
    """One step was stored; more may follow at once."""


@dataclass(slots=True)
class Run:
    """What one worker holds while it hands a case over."""

    lease: int | None = None


def kept_key(document: Document) -> str:
    """Where an inspected file is kept."""
    return f"identity/{document.user_id}/{document.id}"


@dataclass(frozen=True, slots=True)
class Verification:
    """The ports of this use case."""

    cases: Cases
    people: People
    vault: DocumentVault
    provider: IdentityProvider
    unit: UnitOfWork
    clock: Clock

    def advance(self, user_id: str) -> Progress:
        """Do what can be done now. Raises ProviderUnavailable when the provider does not answer
        (nothing is lost), and never approves anything on an error."""
        run = Run()
        for _ in range(MAX_STEPS):
            progress = retry_lost_race(
                lambda: self._step(user_id, run), tries=_TRIES, pause=lambda _: None
            )
            if progress is not Progress.MOVED:
                return progress
        return Progress.WAITING

    def owner_of_check(self, check_id: str) -> str | None:
        """The person whose check this is; the provider is asked, its delivery is not trusted."""
        result = self.provider.check(check_id)
        return self.cases.claimed_by(self.provider.name, result.applicant_id)

    def _step(self, user_id: str, run: Run) -> Progress:
        file = self.cases.read(user_id)
        if file.case is None or not file.case.open:
            return Progress.SETTLED
        person = self.people.read(user_id)
        if person is None:
            return Progress.SETTLED
        handing_over = file.case.check_id is None
        if handing_over and not (run.lease and run.lease == file.case.lease):
            return self._take_over(file.case, run)
        try:
            return self._next(file, file.case, person)
        except ProviderRefused:
            return self._decide(file, file.case, _review(Reason.PROVIDER_REFUSED))
        except ProviderUnavailable:
            if self._overdue(file.case) and file.case.status is CaseStatus.PROCESSING:
                self._decide(file, file.case, _review(Reason.CHECK_OVERDUE))
                return Progress.WAITING
            if handing_over:
                self._let_go(user_id, run)
            raise

    def _take_over(self, case: Case, run: Run) -> Progress:
        """One worker hands over at a time, as the provider would make everything twice."""
        now = self.clock.now()
        if case.lease_until is not None and case.lease_until > now:
            return Progress.WAITING
        lease = case.version + 1
        progress = self._store(case, replace(case, lease=lease, lease_until=now + LEASE))
        run.lease = lease
        return progress

    def _let_go(self, user_id: str, run: Run) -> None:
        """After an outage the next delivery need not wait for the lease to end."""
        case = self.cases.read(user_id).case
        if case is not None and case.lease == run.lease:
            self._store(case, replace(case, lease=None, lease_until=None))

    def _next(self, file: CaseFile, case: Case, person: Person) -> Progress:
        if case.status is CaseStatus.SUBMITTED:
            return self._keep_files(file, case)
        if case.applicant_id is None:
            return self._introduce(case, person)
        if not case.applicant_current:
            self.provider.update_applicant(case.applicant_id, person)
            return self._store(case, replace(case, applicant_current=True))
        for document in file.submitted():
            if document.provider_id is None:
                return self._hand_over(file, case, case.applicant_id, document, person)
        if case.check_id is None:
            return self._start(file, case, case.applicant_id)
        return self._look(file, case, case.check_id)

    def _keep_files(self, file: CaseFile, case: Case) -> Progress:
        """Copy out of quarantine exactly the bytes that were scanned."""
        for document in file.submitted():
            source = quarantine_key(document.user_id, document.id)
            etag = document.etag or ""
            if not self.vault.keep(source, etag, kept_key(document), document.content_type):
                return self._send_back(file, case, document, Reason.FILE_CHANGED)
        return self._store(case, replace(case, status=CaseStatus.PROCESSING))

    def _introduce(self, case: Case, person: Person) -> Progress:
        applicant = None
        if case.applicant_begun:
            applicant = self.provider.find_applicant(person, case.submitted_at or case.created_at)
        else:
            self._store(case, replace(case, applicant_begun=True))
            case = replace(case, applicant_begun=True, version=case.version + 1)
        if applicant is None:
            applicant = self.provider.create_applicant(person)
        after = replace(case, applicant_id=applicant, applicant_current=True)
        claim = self.cases.claim(self.provider.name, applicant, case.user_id)
        return self._store(case, after, claim)

    def _hand_over(
        self, file: CaseFile, case: Case, applicant: str, document: Document, person: Person
    ) -> Progress:
        provider_id = self.provider.uploads(applicant).get(document.id)
        if provider_id is None:
            content = self.vault.read_kept(kept_key(document))
            try:
                provider_id = self.provider.upload(applicant, document, person, content)
            except ProviderRefused:
                return self._send_back(file, case, document, Reason.FILE_REFUSED)
        known = self.cases.save_document(replace(document, provider_id=provider_id))
        return self._store(case, case, known)

    def _start(self, file: CaseFile, case: Case, applicant: str) -> Progress:
        begun = [each for each in self.provider.checks(applicant) if each not in case.past_checks]
        check = begun[0] if begun else self.provider.start_check(applicant, file.submitted())
        return self._store(case, replace(case, check_id=check, lease=None, lease_until=None))

    def _look(self, file: CaseFile, case: Case, check_id: str) -> Progress:
        result = self.provider.check(check_id)
        if result.complete:
            return self._decide(file, case, decide(file, result.findings))
        if self._overdue(case) and case.status is CaseStatus.PROCESSING:
            self._decide(file, case, _review(Reason.CHECK_OVERDUE))
        return Progress.WAITING

    def _overdue(self, case: Case) -> bool:
        since = case.submitted_at or case.created_at
        return self.clock.now() - since > OVERDUE

    def _send_back(
        self, file: CaseFile, case: Case, document: Document, reason: Reason
    ) -> Progress:
        """One file cannot be used: ask for it again; no attempt, as nothing was checked."""
        decision = Decision(CaseStatus.ACTION_REQUIRED, reason, {document.id: reason})
        return self._decide(file, replace(case, attempts=max(0, case.attempts - 1)), decision)

    def _store(self, before: Case, after: Case, *more: Write) -> Progress:
        at = self.clock.now()
        writes = [self.cases.save_case(before, replace(after, updated_at=at), at + NET), *more]
        if after.status is not before.status:
            legal(CASE_TRANSITIONS, before.status, after.status)
            writes.append(self.people.set_kyc_status(before.user_id, after.status))
        self._commit(writes)
        return Progress.MOVED

    def _decide(self, file: CaseFile, case: Case, decision: Decision) -> Progress:
        """Case, documents, profile and event in one fact."""
        after = decided(case, decision, self.clock.now())
        writes = writes_of(self.cases, self.people, file, case, after, decision)
        self._commit(writes, *events_of(case.user_id, decision, self.provider.name))
        if after.status is CaseStatus.IN_REVIEW and case.status is not after.status:
            reason = decision.reason or Reason.RESULT_UNCLEAR
            identity_needs_review(case.user_id, reason.value)
        return Progress.SETTLED

    def _commit(self, writes: list[Write], *events: Event) -> None:
        try:
            self.unit.commit(writes, *events)
        except ConditionFailed:
            raise LostRace from None


def _review(reason: Reason) -> Decision:
    return Decision(CaseStatus.IN_REVIEW, reason)
