"""How often somebody may try to sign up, sign in, enter codes or ask for a reset.

A stranger's tries count by the account they name and by the address they come from; whether the
account exists plays no part. Who shows that they signed in with a device before has a count of
their own, so that a stranger who uses up the account's count cannot lock its owner out.
"""

from dataclasses import dataclass

from shared.platform.rate_limits import Bucket
from shared.users.keyring import Keyring
from shared.users.ports import Rates

SIGN_INS_BY_DEVICE = Bucket("sign-in-device", capacity=10, per_minute=2)
A_TRY = 16
"""Tokens of a try that a stranger makes at somebody's account: one comes back in so many minutes.

Cognito locks people out after five failures, for twice as long with each further one and for up to
fifteen minutes, and forgets them after fifteen minutes without a try. Strangers are let through to
it five times and then so seldom that it has forgotten: they lock nobody out there either.
"""
TRIES = 5
SIGN_INS_BY_ACCOUNT = Bucket("sign-in-account", capacity=TRIES * A_TRY, per_minute=1)
SIGN_INS_BY_ADDRESS = Bucket("sign-in-address", capacity=100, per_minute=30)
"""An address may be a whole town behind one operator."""
SIGN_UPS_BY_ACCOUNT = Bucket("sign-up-account", capacity=6, per_minute=1)
"""Each sends a mail."""
SIGN_UPS_BY_ADDRESS = Bucket("sign-up-address", capacity=60, per_minute=20)
RESETS_BY_ACCOUNT = Bucket("reset-account", capacity=TRIES * A_TRY, per_minute=1)
"""Each sends a mail; Cognito sends so many an hour."""
RESET_CODES_BY_ACCOUNT = Bucket("reset-code-account", capacity=TRIES * A_TRY, per_minute=1)
RESETS_BY_DEVICE = Bucket("reset-device", capacity=5, per_minute=1)
RESET_CODES_BY_DEVICE = Bucket("reset-code-device", capacity=5, per_minute=1)
RESETS_BY_ADDRESS = Bucket("reset-address", capacity=30, per_minute=10)
MAILED_CODES_BY_ACCOUNT = Bucket("mailed-code-account", capacity=10, per_minute=1)
MAILED_CODES_BY_ADDRESS = Bucket("mailed-code-address", capacity=100, per_minute=30)
CODES = Bucket("second-factor", capacity=10, per_minute=1)
"""Second factors and recovery codes of one person, over all challenges: whoever has a password
could open challenge after challenge. Of a million codes three are right at any time."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who tries, as far as a request tells."""

    address: str
    """Keyed hash of the network address."""
    device: str = ""
    """What the browser calls itself."""
    remembered: str | None = None
    """The sealed cookie of a device that somebody signed in with before."""


STRANGER = Visitor(address="unknown")


def signing_up(rates: Rates, visitor: Visitor, account: str) -> None:
    """Before each sign-up. Raises RateLimited."""
    rates.take(f"address:{visitor.address}", SIGN_UPS_BY_ADDRESS)
    rates.take(f"account:{account}", SIGN_UPS_BY_ACCOUNT)


def signing_in(rates: Rates, visitor: Visitor, account: str, device: str | None) -> None:
    """Before each check of a password. Raises RateLimited."""
    if device is not None:
        rates.take(f"device:{device}", SIGN_INS_BY_DEVICE)
        return
    rates.take(f"address:{visitor.address}", SIGN_INS_BY_ADDRESS)
    rates.take(f"account:{account}", SIGN_INS_BY_ACCOUNT, A_TRY)


def resetting(rates: Rates, visitor: Visitor, account: str, device: str | None) -> None:
    """Before each mail with a code for a new password. Raises RateLimited."""
    if device is not None:
        rates.take(f"device:{device}", RESETS_BY_DEVICE)
        return
    rates.take(f"address:{visitor.address}", RESETS_BY_ADDRESS)
    rates.take(f"account:{account}", RESETS_BY_ACCOUNT, A_TRY)


def replacing(rates: Rates, visitor: Visitor, account: str, device: str | None) -> None:
    """Before each check of a code for a new password. Raises RateLimited."""
    if device is not None:
        rates.take(f"device:{device}", RESET_CODES_BY_DEVICE)
        return
    rates.take(f"address:{visitor.address}", MAILED_CODES_BY_ADDRESS)
    rates.take(f"account:{account}", RESET_CODES_BY_ACCOUNT, A_TRY)


def confirming(rates: Rates, visitor: Visitor, account: str) -> None:
    """Before each check of a code of a sign-up. Raises RateLimited."""
    rates.take(f"address:{visitor.address}", MAILED_CODES_BY_ADDRESS)
    rates.take(f"account:{account}", MAILED_CODES_BY_ACCOUNT)


def proving(rates: Rates, user_id: str, device: str | None) -> None:
    """Before each check of a second factor or a recovery code. Raises RateLimited."""
    rates.take(f"user:{user_id}" if device is None else f"device:{device}", CODES)


def proving_again(rates: Rates, keys: Keyring, session_id: str) -> None:
    """Before each check of a password or a code in a session: one count, however often it is
    continued and whatever its tokens are called then. Raises RateLimited."""
    family, _, _ = session_id.partition(".")
    rates.take(f"session:{keys.hash('tries', family)}", CODES)
