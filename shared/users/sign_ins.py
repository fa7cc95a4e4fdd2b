"""The live sign-ins of a person: an access token counts only while its sign-in is among them.

Kept on the profile, which every request reads anyway, so that ending a sign-in holds for access
tokens that live on for minutes, and so that what was proved lately is known without the session.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

SIGN_INS_MAX = 10
"""Devices at once; one more ends the oldest."""
STEP_UP = timedelta(minutes=5)
"""For so long a proved second factor counts as fresh."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in: its tokens, its session, and until when it proved a second factor."""

    origin: str
    """``origin_jti`` of its access tokens."""
    family: str
    """Key of its session row."""
    ends_at: int
    """Unix seconds."""
    step_up_until: int = 0
    """Unix seconds; 0 when no second factor was proved."""

    def to_text(self) -> str:
        """For the profile row."""
        return f"{self.ends_at}:{self.step_up_until}:{self.family}:{self.origin}"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read what ``to_text`` wrote."""
        ends_at, step_up_until, family, origin = text.split(":", 3)
        return cls(origin, family, int(ends_at), int(step_up_until))


@dataclass(frozen=True, slots=True)
class SignIns:
    """A bounded set of them; every change is a new value."""

    all: frozenset[SignIn] = frozenset()

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """From the profile row."""
        return cls(frozenset(SignIn.from_text(text) for text in texts))

    def to_texts(self) -> set[str]:
        """For the profile row."""
        return {each.to_text() for each in self.all}

    def live(self, origin: str, now: datetime) -> SignIn | None:
        """The sign-in behind an access token, or None when it ended or never was."""
        seconds = now.timestamp()
        found = (each for each in self.all if each.origin == origin and seconds < each.ends_at)
        return next(found, None)

    def of_session(self, family: str, now: datetime) -> SignIn | None:
        """The sign-in of this session, or None when it ended."""
        return next((each for each in self.newest_first(now) if each.family == family), None)

    def stepped_up(self, origin: str, now: datetime) -> bool:
        """Whether a second factor was proved in it within the last minutes."""
        sign_in = self.live(origin, now)
        return sign_in is not None and now.timestamp() < sign_in.step_up_until

    def newest_first(self, now: datetime) -> list[SignIn]:
        """Those that have not ended."""
        seconds = now.timestamp()
        alive = [each for each in self.all if seconds < each.ends_at]
        return sorted(alive, key=lambda each: (-each.ends_at, each.origin))

    def with_new(self, sign_in: SignIn, now: datetime) -> "SignIns":
        """One more; what ended is forgotten, and the oldest makes room."""
        return SignIns(frozenset([sign_in, *self.newest_first(now)[: SIGN_INS_MAX - 1]]))

    def without(self, family: str) -> "SignIns":
        """Without the sign-in of this session."""
        return SignIns(frozenset(each for each in self.all if each.family != family))

    def only(self, origin: str) -> "SignIns":
        """This one alone, or none at all when it is not among them."""
        return SignIns(frozenset(each for each in self.all if each.origin == origin))

    def proved(self, origin: str, now: datetime) -> "SignIns":
        """This one has just proved a second factor."""
        until = int((now + STEP_UP).timestamp())
        return SignIns(
            frozenset(
                replace(each, step_up_until=until) if each.origin == origin else each
                for each in self.all
            )
        )

    def moved(self, family: str, origin: str) -> "SignIns":
        """The provider gave the session's tokens another origin."""
        return SignIns(
            frozenset(
                replace(each, origin=origin) if each.family == family else each for each in self.all
            )
        )


NONE = SignIns()
