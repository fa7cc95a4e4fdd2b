"""What one request knows: who asks, and what was read for them so far."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql_api.application import Application
from graphql_api.cookies import Cookies
from graphql_api.limits import EXTRA_READS_MAX
from shared.investing.plan import Plan
from shared.kernel.errors import InvalidValue
from shared.kernel.ids import Kind, is_id
from shared.platform.rate_limits import network_of
from shared.platform.tables import Item
from shared.portfolio.model import FeedPage, State
from shared.users.errors import NotSignedIn
from shared.users.model import PersonalProfile, User
from shared.users.service import profile_of
from shared.users.sessions import is_live
from shared.users.store import user_from
from shared.users.throttles import Visitor

FEED_PAGE = 50


@dataclass(frozen=True, slots=True)
class Caller:
    """What a verified access token says."""

    user_id: str
    origin: str
    access_token: str


def caller_from(claims: Mapping[str, Any], client_id: str, access_token: str) -> Caller | None:
    """The caller behind claims whose signature was verified; None when they are not for us.

    An id token or another client's token has a valid signature too.
    """
    user_id, origin = claims.get("username"), claims.get("origin_jti")
    mine = claims.get("token_use") == "access" and claims.get("client_id") == client_id
    if not mine or not isinstance(user_id, str) or not isinstance(origin, str):
        return None
    return Caller(user_id, origin, access_token) if is_id(user_id, Kind.USER) else None


class Context:
    """Reads at most once per request: the bounded state, and the newest page of the feed."""

    def __init__(
        self,
        app: Application,
        *,
        cookies: Cookies,
        caller: Caller | None = None,
        language: str = "en",
        ip_address: str = "",
        device: str = "",
    ) -> None:
        self.app = app
        self.caller = caller
        self.session_id = cookies.session_id
        self.ip_address = ip_address
        self.device = device
        self.cookies = cookies
        self.plans: dict[str, Plan | None] = {}
        """Plans read so far by id; None for one that does not exist."""
        self.authorized: frozenset[Hashable] = frozenset()
        """The rules that were judged for this request and hold."""
        self._language = language
        self._user: User | None = None
        self._profile: PersonalProfile | None = None
        self._state: State[Item] | None = None
        self._feed: FeedPage[Item] | None = None
        self._extra_reads = 0

    @property
    def user_id(self) -> str:
        """Whose data this request is about; NotSignedIn when nobody's."""
        if self.caller is None:
            raise NotSignedIn()
        return self.caller.user_id

    @property
    def language(self) -> str:
        """The person's language; before it is known, the browser's."""
        return self._language if self._user is None else self._user.language.value

    def state(self) -> State[Item]:
        """The person's bounded state: one read per request."""
        if self._state is None:
            if self.caller is None:
                raise NotSignedIn()
            self._state = self.app.states.state(self.caller.user_id)
            profile = self._state.profile
            self._user = None if profile is None else user_from(profile)
        return self._state

    def feed(self) -> FeedPage[Item]:
        """The newest page of the person's feed: one read per request."""
        if self._feed is None:
            self._feed = self.app.states.feed(self.user_id, FEED_PAGE)
        return self._feed

    def count_read(self) -> None:
        """Before each read that other fields of the request do not share.

        InvalidValue when the request asks for too many of them.
        """
        self._extra_reads += 1
        if self._extra_reads > EXTRA_READS_MAX:
            raise InvalidValue(field="query", reason="asks for too much at once; ask in parts")

    def user(self) -> User:
        """Who is asking."""
        if self._user is None:
            self._user = self.app.users.get(self.user_id)
        if self._user is None:
            raise NotSignedIn()
        return self._user

    def profile(self) -> PersonalProfile:
        """Their personal data in the clear, opened once per request."""
        if self._profile is None:
            self._profile = profile_of(self.app.people, self.user())
        return self._profile

    def is_active(self) -> bool:
        """Whether the caller may act: known, active, and with a sign-in of ours that lives."""
        if self.caller is None:
            return False
        try:
            user = self.user()
        except NotSignedIn:
            return False
        return is_live(user, self.caller.origin, self.app.clock.now())

    def stepped_up(self) -> bool:
        """Whether a second factor was proved minutes ago in the session behind the token."""
        if self.caller is None or not self.is_active():
            return False
        return self.user().sign_ins.stepped_up(self.caller.origin, self.app.clock.now())

    def visitor(self) -> Visitor:
        """Who tries to sign up or in, as far as the request tells."""
        address = self.app.keyring.hash("address", network_of(self.ip_address))
        return Visitor(address=address, device=self.device, remembered=self.cookies.device)

    def forget(self) -> None:
        """After a change: what was read is no longer the truth."""
        self._user = self._profile = self._state = self._feed = None
