"""What members of staff do to people; each act and its audit entry are one fact."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.audit.acting import Acting, authorised, checked_reason, not_above, not_oneself
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.kernel.errors import NotFound
from shared.kyc.model import Case
from shared.kyc.review import Review, Verdict
from shared.platform.contention import full_jitter
from shared.platform.work import Write, retry_lost_race
from shared.users import standing
from shared.users.model import PersonalProfile, User
from shared.users.roles import Role
from shared.users.service import People, profile_of

_TRIES = 4


@dataclass(frozen=True, slots=True)
class Duties:
    """Everything here raises NotFound for nobody, OwnAccount, StaffProtected, Forbidden when the
    actor's role was lost meanwhile, InvalidValue for a reason that is none, and
    TemporarilyUnavailable; in each case nothing was changed and nothing recorded.

    What is so already is success, and is not recorded again.
    """

    people: People
    review: Review
    trail: AuditTrail

    def suspend(self, by: Acting, user_id: str, reason: str) -> User:
        """Stop a person. Raises IllegalTransition for one who left."""
        return self._change(
            by,
            user_id,
            lambda user: standing.suspend(
                self.people,
                user,
                extra=self._recorded(
                    by, Action.PERSON_SUSPENDED, user, reason, status=(user.status, "SUSPENDED")
                ),
            ),
        )

    def reinstate(self, by: Acting, user_id: str, reason: str) -> User:
        """Let a suspended person in again. Raises IllegalTransition for one who left."""
        return self._change(
            by,
            user_id,
            lambda user: standing.reinstate(
                self.people,
                user,
                extra=self._recorded(
                    by, Action.PERSON_REINSTATED, user, reason, status=(user.status, "ACTIVE")
                ),
            ),
        )

    def end_sessions(self, by: Acting, user_id: str, reason: str) -> User:
        """End all of a person's sessions, and sign-ins under way; recorded each time."""
        return self._change(
            by,
            user_id,
            lambda user: standing.end_all_sessions(
                self.people,
                user,
                extra=self._recorded(
                    by, Action.SESSIONS_ENDED, user, reason, live=(len(user.sign_ins.all), 0)
                ),
            ),
        )

    def set_role(self, by: Acting, user_id: str, role: Role, reason: str) -> User:
        """Give a role. Raises InvalidValue for SYSTEM, SecondFactorNeeded for a role of staff
        without one, IllegalTransition for somebody who is not active.

        An administrator always remains: nobody takes their own role, and whoever takes another's
        is an administrator at that very instant.
        """
        return self._change(
            by,
            user_id,
            lambda user: standing.set_role(
                self.people,
                user,
                role,
                extra=self._recorded(by, Action.ROLE_CHANGED, user, reason, role=(user.role, role)),
            ),
        )

    def decide_case(self, by: Acting, user_id: str, verdict: Verdict, reason: str) -> None:
        """Decide an identity case in review. Raises CaseNotInReview."""

        def record(before: Case, after: Case) -> Sequence[Write]:
            why = "NONE" if before.reason is None else before.reason.value
            entry = self.trail.entry(
                by.actor,
                Action.IDENTITY_CASE_DECIDED,
                user_id,
                checked_reason(reason),
                before={"status": before.status.value, "reason": why},
                after={"status": after.status.value},
            )
            return [entry, *by.conditions]

        checked_reason(reason)
        not_oneself(by, user_id)
        authorised(lambda: self.review.decide(user_id, verdict, record))

    def see_identity(self, by: Acting, user_id: str, reason: str) -> PersonalProfile:
        """A person's data in the clear, once it is on record that it was looked at."""
        checked_reason(reason)
        not_oneself(by, user_id)
        user = self._person(user_id)
        writes = self._recorded(by, Action.IDENTITY_SEEN, user, reason)
        authorised(lambda: self.people.facts.commit(writes))
        return profile_of(self.people, user)

    def _change(self, by: Acting, user_id: str, change: Callable[[User], User]) -> User:
        not_oneself(by, user_id)

        def attempt() -> User:
            user = self._person(user_id)
            not_above(by, user)
            return change(user)

        return authorised(lambda: retry_lost_race(attempt, tries=_TRIES, pause=full_jitter))

    def _person(self, user_id: str) -> User:
        user = self.people.users.get(user_id)
        if user is None:
            raise NotFound(what="The person")
        return user

    def _recorded(
        self, by: Acting, action: Action, user: User, reason: str, **changed: tuple[object, object]
    ) -> list[Write]:
        entry = self.trail.entry(
            by.actor,
            action,
            user.user_id,
            checked_reason(reason),
            before={name: str(before) for name, (before, _) in changed.items()},
            after={name: str(after) for name, (_, after) in changed.items()},
        )
        return [entry, *by.conditions]
