"""A twin of the identity provider: same port, same refusals, codes that a test can know."""

import base64
import itertools
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from shared.kernel.clock import Clock
from shared.users.addresses import PASSWORD_LENGTH_MIN
from shared.users.errors import (
    ChallengeExpired,
    CodeRefused,
    NotSignedIn,
    PasswordTooWeak,
    PasswordUsedBefore,
    SessionEnded,
    SignInRefused,
)
from shared.users.ports import SecondFactorAsked, Tokens

CODE = "123456"
TOTP = "777777"
"""Authenticator apps of the tests show all codes that begin with 777, so that each is used once."""
RESET_CODE = "654321"
CLIENT = "client-1"


@dataclass
class _Identity:
    email: str
    password: str
    confirmed: bool = False
    pending_secret: str | None = None
    totp: bool = False
    enabled: bool = True
    reset_code: str | None = None
    passwords: list[str] = field(default_factory=list)


@dataclass
class TwinIdentities:
    """See Identities. ``before`` is called with the method's name and may raise."""

    clock: Clock
    people: dict[str, _Identity] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda name: None
    after: Callable[[str], None] = lambda name: None
    rotates: bool = False
    """A refresh gives another refresh token; ``forget`` ends the grace of those before."""
    _spent: set[str] = field(default_factory=set)
    _count: itertools.count = field(default_factory=itertools.count)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def _called(self, name: str) -> None:
        self.calls.append(name)
        self.before(name)

    def create(self, user_id: str, email: str, password: str) -> None:
        self._called("create")
        if len(password) < PASSWORD_LENGTH_MIN:
            raise PasswordTooWeak(length=PASSWORD_LENGTH_MIN)
        self.people.setdefault(user_id, _Identity(email, password))
        self.after("create")

    def confirm(self, user_id: str, code: str) -> None:
        self._called("confirm")
        person = self.people.get(user_id)
        if person is None:
            raise CodeRefused()
        if not person.confirmed and code != CODE:
            raise CodeRefused()
        person.confirmed = True
        self.after("confirm")

    def sign_in(self, user_id: str, password: str) -> Tokens | SecondFactorAsked:
        self._called("sign_in")
        person = self.people.get(user_id)
        if person is None or not person.confirmed or person.password != password:
            raise SignInRefused()
        if not person.enabled:
            raise SignInRefused()
        asked = person.totp
        self.after("sign_in")
        if asked:
            return SecondFactorAsked(f"provider-session-of-{user_id}")
        return self._tokens(user_id)

    def answer(self, user_id: str, provider_session: str, code: str) -> Tokens:
        self._called("answer")
        if provider_session != f"provider-session-of-{user_id}":
            raise ChallengeExpired()
        if not shown(code):
            raise CodeRefused()
        self.after("answer")
        return self._tokens(user_id)

    def refresh(self, user_id: str, refresh_token: str) -> Tokens:
        self._called("refresh")
        owner, _, rest = refresh_token.partition("|")
        origin = rest.partition("|")[0]
        person = self.people.get(user_id)
        if owner != user_id or refresh_token in self.revoked or person is None:
            raise SessionEnded()
        if not person.enabled:
            raise SessionEnded()
        if not self.rotates:
            return self._tokens(user_id, origin, refresh=False)
        self._spent.add(refresh_token)
        return self._tokens(user_id, origin, mark=f"|{len(self.calls)}")

    def forget(self) -> None:
        """The grace of refresh tokens that were used is over."""
        self.revoked |= self._spent

    def revoke(self, refresh_token: str) -> None:
        self._called("revoke")
        self.revoked.add(refresh_token)

    def begin_totp(self, access_token: str) -> str:
        self._called("begin_totp")
        person = self._owner(access_token)
        person.pending_secret = "JBSWY3DPEHPK3PXP"
        return person.pending_secret

    def finish_totp(self, access_token: str, code: str) -> None:
        self._called("finish_totp")
        person = self._owner(access_token)
        if person.pending_secret is None or not shown(code):
            raise CodeRefused()
        person.totp = True
        self.after("finish_totp")

    def switch_off_totp(self, user_id: str) -> None:
        self._called("switch_off_totp")
        if user_id in self.people:
            self.people[user_id].totp = False
        self.after("switch_off_totp")

    def change_password(self, access_token: str, old: str, new: str) -> None:
        self._called("change_password")
        person = self._owner(access_token)
        if person.password != old:
            raise SignInRefused()
        self._new_password(person, new)
        self.after("change_password")

    def ask_reset(self, user_id: str) -> None:
        self._called("ask_reset")
        person = self.people.get(user_id)
        if person is not None and person.confirmed and person.enabled:
            person.reset_code = RESET_CODE

    def reset_password(self, user_id: str, code: str, new: str) -> None:
        self._called("reset_password")
        person = self.people.get(user_id)
        if person is None or person.reset_code is None or person.reset_code != code:
            raise CodeRefused()
        self._new_password(person, new)
        person.reset_code = None
        self.after("reset_password")

    def disable(self, user_id: str) -> None:
        self._called("disable")
        if user_id in self.people:
            self.people[user_id].enabled = False

    def enable(self, user_id: str) -> None:
        self._called("enable")
        if user_id in self.people:
            self.people[user_id].enabled = True

    def sign_out_everywhere(self, user_id: str) -> None:
        self._called("sign_out_everywhere")

    @staticmethod
    def _new_password(person: _Identity, new: str) -> None:
        if len(new) < PASSWORD_LENGTH_MIN:
            raise PasswordTooWeak(length=PASSWORD_LENGTH_MIN)
        if new in [person.password, *person.passwords]:
            raise PasswordUsedBefore()
        person.passwords.append(person.password)
        person.password = new

    def _owner(self, access_token: str) -> _Identity:
        try:
            claims = claims_of(access_token)
        except (ValueError, IndexError):
            raise NotSignedIn() from None
        if access_token.split(".")[2] != "signedAA" or claims["username"] not in self.people:
            raise NotSignedIn()
        return self.people[claims["username"]]

    def _tokens(
        self, user_id: str, origin: str | None = None, refresh: bool = True, mark: str = ""
    ) -> Tokens:
        with self._lock:
            number = next(self._count)
        origin = origin or f"origin-{number}"
        access = token_of(user_id, origin, number)
        return Tokens(access, f"{user_id}|{origin}{mark}" if refresh else None, 900, origin)


def totp(number: int) -> str:
    """Another code of the authenticator app, for numbers of three digits."""
    return f"777{number:03d}"


def shown(code: str) -> bool:
    """Whether an authenticator app shows it."""
    return len(code) == 6 and code.startswith("777")


def token_of(user_id: str, origin: str, number: int = 0, **claims: str) -> str:
    """An access token whose third part says whether it is genuine."""
    content = {
        "username": user_id,
        "origin_jti": origin,
        "jti": f"jti-{number}",
        "token_use": "access",
        "client_id": CLIENT,
    } | claims
    head = _part({"alg": "RS256"})
    return f"{head}.{_part(content)}.signedAA"


def claims_of(token: str) -> dict[str, str]:
    """What a token says."""
    part = token.split(".")[1]
    claims: dict[str, str] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def _part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
