"""What the use cases of people and sessions need from outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.platform.work import Write
from shared.users.model import (
    Challenge,
    KycStatus,
    Language,
    Reservation,
    SealedProfile,
    Session,
    User,
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a completed sign-in gives. ``refresh_token`` is None when the old one stays valid."""

    access_token: str
    refresh_token: str | None
    expires_in_seconds: int
    origin: str
    """``origin_jti`` claim: the same for all access tokens of one sign-in."""


@dataclass(frozen=True, slots=True)
class SecondFactorAsked:
    """The password was right; a code of the authenticator app is missing."""

    provider_session: str


class Identities(Protocol):
    """Keeps passwords and second factors; knows people by our user id only.

    Every method raises TemporarilyUnavailable when the provider does not answer or throttles.
    """

    def create(self, user_id: str, email: str, password: str) -> None:
        """A new, unconfirmed identity; sends a code to the address. Raises PasswordTooWeak.

        Creating it again is success.
        """

    def confirm(self, user_id: str, code: str) -> None:
        """Prove the address. Raises CodeRefused; already confirmed is success."""

    def sign_in(self, user_id: str, password: str) -> Tokens | SecondFactorAsked:
        """Raises SignInRefused for anything wrong, also for an unconfirmed identity."""

    def answer(self, user_id: str, provider_session: str, code: str) -> Tokens:
        """The second factor. Raises CodeRefused, or ChallengeExpired when it is too late."""

    def refresh(self, user_id: str, refresh_token: str) -> Tokens:
        """A new access token. Raises SessionEnded when the refresh token is no longer good."""

    def revoke(self, refresh_token: str) -> None:
        """End a sign-in; already ended is success."""

    def begin_totp(self, access_token: str) -> str:
        """A new secret (base32) for an authenticator app. Raises NotSignedIn."""

    def finish_totp(self, access_token: str, code: str) -> None:
        """Switch the second factor on. Raises CodeRefused or NotSignedIn."""


class Wallets(Protocol):
    """Opens a person's cash accounts."""

    def open(self, user_id: str) -> list[Write]:
        """The empty wallets, to be written with the registration."""


class ProfileSafe(Protocol):
    """Seals and opens a person's data with their own key."""

    def seal(
        self, data: Mapping[str, str], *, user_id: str, wrapped_key: bytes | None
    ) -> SealedProfile:
        """Encrypt; makes a new key for the person when there is none yet."""

    def open(self, sealed: SealedProfile, *, user_id: str) -> dict[str, str]:
        """Decrypt; fails when the data was sealed for somebody else."""


class Users(Protocol):
    """The rows of people."""

    def get(self, user_id: str) -> User | None:
        """One person, or None."""

    def reservation(self, email_hash: str) -> Reservation | None:
        """Who holds an address."""

    def reserve(self, reservation: Reservation, expires_at: datetime) -> None:
        """Take an address that nobody has proved yet; the newest sign-up wins until then.

        Raises ConditionFailed when somebody has proved it.
        """

    def activate(self, reservation: Reservation, user: User, code_hash: str | None) -> list[Write]:
        """The profile (``profile``) and the address for good (``email``), for this holder only.

        ``code_hash`` is kept so that a repeated confirmation is known as such.
        """

    def save_profile(
        self, user: User, sealed: SealedProfile, *, complete: bool, language: Language
    ) -> Write:
        """New sealed data; the condition fails when the profile or the KYC status changed."""

    def set_mfa(self, user_id: str) -> Write:
        """The second factor is on."""

    def set_kyc_status(self, user_id: str, status: KycStatus) -> Write:
        """The copy of the identity case's status (write name ``profile``)."""

    def set_risk_score(self, user_id: str, score: int, questionnaire_version: str) -> Write:
        """The risk score, 1-5 (write name ``profile``)."""

    def set_broker_account(self, user_id: str, account_id: str, status: str) -> Write:
        """The broker's account and its state (write name ``profile``)."""

    def save_sign_outs(self, user: User, entries: frozenset[str]) -> None:
        """Replace the ended origins; raises ConditionFailed when they changed meanwhile."""


class Sessions(Protocol):
    """The rows of sessions and of sign-ins that wait for a second factor."""

    def open(self, session: Session, expires_at: datetime) -> None:
        """A new session."""

    def get(self, family: str) -> Session | None:
        """One session, or None when it ended."""

    def rotate(self, before: Session, after: Session, expires_at: datetime) -> None:
        """Continue; raises ConditionFailed when ``before`` is not the state any more."""

    def end(self, family: str) -> None:
        """Remove; an absent one is success."""

    def ask(self, challenge: Challenge) -> None:
        """Remember a sign-in that waits for its second factor."""

    def attempt(self, challenge: str) -> Challenge | None:
        """Count one more answer and give the challenge; None when it is gone or used up."""

    def guess(self, user_id: str, now: datetime) -> bool:
        """Count one more code for this person, whatever its challenge; False when there were
        too many in a while."""

    def forget_guesses(self, user_id: str) -> None:
        """A code was right: count from nothing again."""

    def answered(self, challenge: str) -> bool:
        """Remove it; False when somebody else did so first."""
