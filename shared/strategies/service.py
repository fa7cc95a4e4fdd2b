"""What a person can do about goals and exclusions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from shared.kernel.clock import Clock
from shared.kernel.errors import InvalidValue, NotFound
from shared.kernel.ids import Ids, Kind
from shared.platform.contention import full_jitter
from shared.platform.idempotency import IdempotencyKeys, Intent, once
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, Write, retry_lost_race
from shared.strategies.errors import DefaultGoalStays, GoalArchived, TooManyGoals
from shared.strategies.exclusions import Exclusions, check_exclusions
from shared.strategies.goals import Goal, GoalStatus, Terms, check_terms
from shared.strategies.model import Strategy
from shared.strategies.ports import Goals, Names, Saving

OPERATION = "createGoal"
ACTIVE_MAX = 10
"""Goals of one person beside the general one that are not archived."""
KEPT_MAX = 50
"""Goals of one person in all: they are read with positions and wallets. Two that are made at the
same moment may exceed either by one."""
NAME_SHORTEST, NAME_LONGEST = 1, 60
_TRIES = 6
_RACES = {"goal", "exclusions"}


@dataclass(frozen=True, slots=True)
class Saved:
    """A goal with its name in the clear."""

    goal: Goal
    name: str | None


@dataclass(frozen=True, slots=True)
class GoalService:
    """The use cases of the API. All raise TemporarilyUnavailable when others kept interfering."""

    goals: Goals
    names: Names
    strategies: Callable[[], Mapping[str, Strategy]]
    keys: IdempotencyKeys
    facts: UnitOfWork
    clock: Clock
    ids: Ids
    pause: Callable[[int], None] = full_jitter

    def create(self, user_id: str, *, key: str, name: str, terms: Terms) -> Saved:
        """A new goal, or the one that this key made. Raises InvalidValue, TooManyGoals and
        IdempotencyKeyReused; nothing is recorded then."""
        words = _checked(name)
        intent = Intent(user_id, OPERATION, key, (words, *_content(terms)))

        def make() -> tuple[Goal, str, Sequence[Write]]:
            check_terms(terms, self.clock.now().date())
            known = [one for one in self.goals.of_person(user_id).goals if not one.general]
            active = sum(one.status is GoalStatus.ACTIVE for one in known)
            if active >= ACTIVE_MAX or len(known) >= KEPT_MAX:
                raise TooManyGoals(limit=min(active, ACTIVE_MAX) or KEPT_MAX)
            sealed = self.names.seal(user_id, words)
            goal = Goal(user_id, self.ids.new(Kind.GOAL), terms, sealed, version=1)
            return goal, goal.goal_id, [self.goals.save(None, goal)]

        made, _ = once(
            self.keys,
            self.facts,
            intent,
            make=make,
            read=lambda goal_id: self._goal(user_id, goal_id),
        )
        return self._opened(made)

    def change(self, user_id: str, goal_id: str, *, name: str | None, terms: Terms) -> Saved:
        """The goal as it is to be from now on; ``name`` None keeps its name. What is so already is
        success. Raises NotFound, GoalArchived and InvalidValue."""
        words = None if name is None else _checked(name)

        def attempt() -> Goal:
            before = self._goal(user_id, goal_id)
            if before.status is GoalStatus.ARCHIVED:
                raise GoalArchived()
            check_terms(terms, self.clock.now().date(), before=before.terms)
            same_name = words is None or words == self._opened(before).name
            if same_name and before.terms == terms:
                return before
            sealed = before.sealed
            if not same_name and words is not None:
                sealed = self.names.seal(user_id, words)
            return self._save(before, before.changed(terms, sealed))

        return self._opened(self._retried(attempt))

    def archive(self, user_id: str, goal_id: str) -> Saved:
        """Save nothing for it any more; done already is success. Raises NotFound and
        DefaultGoalStays."""

        def attempt() -> Goal:
            before = self._goal(user_id, goal_id)
            if before.general:
                raise DefaultGoalStays()
            if before.status is GoalStatus.ARCHIVED:
                return before
            return self._save(before, before.archived())

        return self._opened(self._retried(attempt))

    def exclude(self, user_id: str, symbols: frozenset[str]) -> Exclusions:
        """Invest in none of these from now on, and in everything else. Raises the errors of
        ``check_exclusions``; nothing is changed then."""
        check_exclusions(symbols, self.strategies().values())

        def attempt() -> Exclusions:
            before = self.goals.of_person(user_id).exclusions
            if before.symbols == symbols:
                return before
            after = before.changed(symbols)
            self.facts.commit([self.goals.exclude(before, after)])
            return after

        return self._retried(attempt)

    def saving(self, user_id: str) -> Saving:
        """All goals of a person and their exclusions, in one read."""
        return self.goals.of_person(user_id)

    def opened(self, goals: Sequence[Goal]) -> list[Saved]:
        """The same goals with their names."""
        return [self._opened(one) for one in goals]

    def _opened(self, goal: Goal) -> Saved:
        sealed = goal.sealed
        return Saved(goal, None if sealed is None else self.names.open(goal.user_id, sealed))

    def _goal(self, user_id: str, goal_id: str) -> Goal:
        found = self.goals.get(user_id, goal_id)
        if found is None:
            raise NotFound(what="The goal")
        return found

    def _save(self, before: Goal, after: Goal) -> Goal:
        self.facts.commit([self.goals.save(before, after)])
        return after

    def _retried[T](self, attempt: Callable[[], T]) -> T:
        def once_more() -> T:
            try:
                return attempt()
            except ConditionFailed as failure:
                if failure.found.keys() <= _RACES:
                    raise LostRace from None
                raise

        return retry_lost_race(once_more, tries=_TRIES, pause=self.pause)


def _checked(name: str) -> str:
    words = " ".join(name.split())
    if not NAME_SHORTEST <= len(words) <= NAME_LONGEST or not words.isprintable():
        raise InvalidValue(
            field="name",
            reason=f"must be {NAME_SHORTEST} to {NAME_LONGEST} characters of plain text",
        )
    return words


def _content(terms: Terms) -> tuple[str | int | None, ...]:
    return (
        None if terms.target is None else terms.target.minor,
        None if terms.until is None else terms.until.isoformat(),
        terms.path.value,
        terms.style.value,
        terms.score,
    )
