"""What strategies and goals ask of where they are kept, and of contexts above them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.platform.work import Write
from shared.strategies.exclusions import Exclusions
from shared.strategies.goals import Goal
from shared.strategies.model import Strategy
from shared.strategies.proposals import Proposal


class Strategies(Protocol):
    """Published strategies: they are added and read, never changed or removed."""

    def versions(self) -> tuple[Strategy, ...]:
        """Every version of every strategy, in one request."""

    def in_force(self) -> dict[str, Strategy]:
        """By id, those in force, in one request."""

    def publish(self, strategy: Strategy) -> Write:
        """A new version (write name ``strategy``); it fails when there is one of this number."""


@dataclass(frozen=True, slots=True)
class ProposalPage:
    """Proposals newest first, each with its place; ``after`` continues when not None."""

    entries: tuple[tuple[str, Proposal], ...]
    after: str | None


class Proposals(Protocol):
    """What was proposed, and what became of it."""

    def get(self, proposal_id: str) -> Proposal | None:
        """One proposal."""

    def page(self, *, limit: int, after: str | None = None) -> ProposalPage:
        """The newest, or those older than the place ``after``."""

    def create(self, proposal: Proposal) -> Write:
        """The write ``proposal``; it must be new."""

    def save(self, before: Proposal, after: Proposal) -> Write:
        """The write ``proposal``, under the condition that nobody changed it since."""


class Names(Protocol):
    """What people call their goals, sealed with their own key."""

    def seal(self, user_id: str, name: str) -> bytes:
        """As ciphertext; NotFound when there is no such person."""

    def open(self, user_id: str, sealed: bytes) -> str:
        """As it was sealed; NotFound when there is no such person."""


class Saving(Protocol):
    """A person's goals and what they exclude, in one read."""

    @property
    def goals(self) -> Sequence[Goal]:
        """All goals, the general one first, then the oldest first."""

    @property
    def exclusions(self) -> Exclusions:
        """What the person does not want; nothing before they ever said so."""


class Goals(Protocol):
    """What people save for. Writes are committed by the use case."""

    def get(self, user_id: str, goal_id: str) -> Goal | None:
        """One of a person's goals; the general one is there before it was ever written."""

    def of_person(self, user_id: str) -> Saving:
        """All of a person's, in one request."""

    def save(self, before: Goal | None, after: Goal) -> Write:
        """The write ``goal``: a new one, or under the condition that nobody changed it since."""

    def exclude(self, before: Exclusions, after: Exclusions) -> Write:
        """The write ``exclusions``, under the condition that nobody changed them since."""
