"""What the use cases of people and sessions need from outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.platform.rate_limits import Bucket
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

    def switch_off_totp(self, user_id: str) -> None:
        """Ask for no second factor any more; already off is success."""

    def change_password(self, access_token: str, old: str, new: str) -> None:
        """Raises SignInRefused for a wrong old one, PasswordTooWeak or PasswordUsedBefore."""

    def ask_reset(self, user_id: str) -> None:
        """Send a code to the address, when there is somebody to send it to; tells not whether."""

    def reset_password(self, user_id: str, code: str, new: str) -> None:
        """Raises CodeRefused, also for nobody; PasswordTooWeak or PasswordUsedBefore."""

    def disable(self, user_id: str) -> None:
        """Let nobody sign in as this person; already so is success, and so is nobody."""

    def enable(self, user_id: str) -> None:
        """Undo ``disable``."""

    def sign_out_everywhere(self, user_id: str) -> None:
        """End all sign-ins at the provider; nobody is success."""


@dataclass(frozen=True, slots=True)
class RecoveryCodes:
    """What is left of them, as keyed hashes."""

    unused: frozenset[str]
    begun: str | None = None
    """The one by which a second factor is being taken away."""


class Factors(Protocol):
    """What makes second factors count once."""

    def used(self, code_hash: str, now: datetime, until: datetime) -> Write:
        """A code of an authenticator was accepted (write name ``code``); fails when it was before,
        and may be accepted again after ``until``."""

    def reset_asked(self, account: str, until: datetime) -> Write:
        """A code for a new password was asked for an address, whoever has it; good until then."""

    def reset_until(self, account: str) -> datetime | None:
        """Until when the code is good that was asked for last."""

    def recovery(self, user_id: str) -> RecoveryCodes:
        """A person's recovery codes; none at all for somebody without."""

    def renewed(self, user_id: str, code_hashes: frozenset[str]) -> Write:
        """New recovery codes; those before work no longer."""

    def begin_recovery(self, user_id: str, code_hash: str) -> bool:
        """Take an unused recovery code for one recovery; False when it is not among them."""

    def recovered(self, user_id: str, code_hash: str) -> Write:
        """The recovery that this code began is done (write name ``recovery``): all codes go.

        Fails when it is done already, or another code has begun one since.
        """


class Rates(Protocol):
    """Limits how often somebody may try."""

    def take(self, principal: str, bucket: Bucket, cost: int = 1) -> None:
        """Count one more try; raises RateLimited."""


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

    def set_kyc_status(self, user_id: str, status: KycStatus) -> Write:
        """The copy of the identity case's status (write name ``profile``)."""

    def set_risk_score(self, user_id: str, score: int, questionnaire_version: str) -> Write:
        """The risk score, 1-5 (write name ``profile``)."""

    def set_broker_account(self, user_id: str, account_id: str, status: str) -> Write:
        """The broker's account and its state (write name ``profile``)."""

    def save_standing(self, before: User, after: User) -> Write:
        """What sign-ins depend on: status, role, second factor, live sign-ins and their version.

        The condition (write name ``profile``) fails when any of it is no longer as in ``before``.
        """


class Sessions(Protocol):
    """The rows of sessions and of sign-ins that wait for a second factor."""

    def opened(self, session: Session, expires_at: datetime) -> Write:
        """A new session (write name ``session``)."""

    def get(self, family: str) -> Session | None:
        """One session, or None when it ended."""

    def many(self, families: Sequence[str]) -> dict[str, Session]:
        """Those of these that there are, by family: one read."""

    def rotated(self, before: Session, after: Session, expires_at: datetime) -> Write:
        """Continue (write name ``session``); fails when ``before`` is not the state any more."""

    def ended(self, family: str) -> Write:
        """Remove; an absent one is success."""

    def ask(self, challenge: Challenge) -> None:
        """Remember a sign-in that waits for its second factor."""

    def attempt(self, challenge: str) -> Challenge | None:
        """Count one more answer and give the challenge; None when it is gone or used up."""

    def answered(self, challenge: str) -> bool:
        """Remove it; False when somebody else did so first."""
