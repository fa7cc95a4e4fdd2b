"""A person who signs in: what the tests of sessions, factors and passwords have in common."""

import json
from dataclasses import dataclass

from shared.platform.tables import Database, Table
from shared.users import devices
from shared.users.model import Language, User
from shared.users.second_factor import begin_totp, finish_totp
from shared.users.service import People, confirm_sign_up, sign_up
from shared.users.session_store import SessionStore
from shared.users.sessions import SignedIn, is_live, refresh
from shared.users.signing_in import MfaAsked, answer_mfa, sign_in
from shared.users.throttles import Visitor
from tests.users.twins import CODE, TwinIdentities

EMAIL, PASSWORD = "amina@example.com", "Correct-horse-42"


@dataclass
class Amina:
    """Signed up, with one address, a password and a browser that she used before."""

    people: People
    sessions: SessionStore
    identities: TwinIdentities
    email: str = EMAIL
    password: str = PASSWORD
    user_id: str = ""

    def join(self) -> "Amina":
        sign_up(self.people, email=self.email, password=self.password, language=Language.EN)
        confirm_sign_up(self.people, email=self.email, code=CODE)
        held = self.people.users.reservation(self.people.keyring.hash("email", self.email))
        assert held is not None
        self.user_id = held.user_id
        return self

    @property
    def browser(self) -> Visitor:
        keys = self.people.keyring
        return Visitor("here", "Firefox", devices.remember(keys, None, self.user_id))

    def begin(self, visitor: Visitor | None = None) -> SignedIn | MfaAsked:
        return sign_in(
            self.people,
            self.sessions,
            email=self.email,
            password=self.password,
            visitor=visitor or self.browser,
        )

    def in_(self, visitor: Visitor | None = None) -> SignedIn:
        result = self.begin(visitor)
        assert isinstance(result, SignedIn)
        return result

    def asked(self, visitor: Visitor | None = None) -> str:
        result = self.begin(visitor)
        assert isinstance(result, MfaAsked)
        return result.challenge_id

    def answers(self, challenge_id: str, code: str) -> SignedIn:
        return answer_mfa(
            self.people, self.sessions, challenge_id=challenge_id, code=code, visitor=self.browser
        )

    def with_code(self, code: str) -> SignedIn:
        return self.answers(self.asked(), code)

    def enrols(self, code: str, acting: SignedIn | None = None) -> list[str]:
        acting = acting or self.in_()
        begin_totp(self.people, acting)
        return finish_totp(self.people, acting, code)

    def goes_on(self, signed_in: SignedIn) -> SignedIn:
        return refresh(self.people, self.sessions, signed_in.session_id)

    @property
    def row(self) -> User:
        user = self.people.users.get(self.user_id)
        assert user is not None
        return user

    def counts(self, signed_in: SignedIn) -> bool:
        """Whether its access tokens are accepted."""
        return is_live(self.row, signed_in.origin, self.people.clock.now())


def told(database: Database) -> list[tuple[str, str]]:
    """Events in the outbox about credentials and devices, sorted: type and what changed."""
    found = []
    for shard in range(8):
        for item in database.query(Table.OUTBOX, f"OUTBOX#{shard}", "0", "~").items:
            envelope = json.loads(item.attributes["envelope"]["S"])
            if envelope["type"] in (
                "users.credentials_changed.v1",
                "users.signed_in_from_new_device.v1",
            ):
                found.append((envelope["type"], envelope["data"].get("change", "")))
    return sorted(found)
