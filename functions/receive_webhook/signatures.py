"""How vendors sign: what their headers state, and whether one of our secrets made it."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

LATE_SECONDS = 300
EARLY_SECONDS = 60
"""A signature from the future would stay good for longer than one of now; clocks differ a bit."""
SIGNATURES_MAX = 16
"""More than ever come while secrets are rolled, few enough to compare."""
STANDARD_KEY_BYTES_MIN = 16

_STRIPE_PART = re.compile(r"([a-z][a-z0-9]{0,7})=([0-9a-f]{1,128})", re.ASCII)
_SECONDS = re.compile(r"[1-9][0-9]{8,10}", re.ASCII)
_HEX_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_BASE64_SHA256 = re.compile(r"v1,([A-Za-z0-9+/]{43}=)", re.ASCII)
_MESSAGE_ID = re.compile(r"[A-Za-z0-9_:+/=-]{1,200}", re.ASCII)
"""Without a dot, which separates the parts that are signed, and without a comma, which joins
headers that came twice."""

type Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stated:
    """What the headers of a delivery claim: these HMAC-SHA256, over ``prefix`` and the body."""

    signatures: tuple[bytes, ...]
    prefix: bytes = b""
    signed_at: int | None = None
    """Seconds since 1970; None where the vendor signs no time."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way to sign. ``read`` gives None for headers of any other form than the vendor's own;
    ``key_of`` gives None for a secret that is no key."""

    read: Callable[[Headers], Stated | None]
    key_of: Callable[[str], bytes | None]

    def proves(self, headers: Headers, body: bytes, secrets: Iterable[str], now: datetime) -> bool:
        """Whether one of the secrets signed these exact bytes, within the tolerance of now.

        Every secret is compared with every signature, so that the time tells nothing of them.
        """
        stated = self.read(headers)
        if stated is None:
            return False
        age = 0 if stated.signed_at is None else int(now.timestamp()) - stated.signed_at
        fresh = -EARLY_SECONDS <= age <= LATE_SECONDS
        keys = [key for secret in secrets if (key := self.key_of(secret))]
        made = [_mac(key, stated.prefix, body) for key in keys]
        equal = [hmac.compare_digest(ours, one) for ours in made for one in stated.signatures]
        return any(equal) and fresh


def _mac(key: bytes, prefix: bytes, body: bytes) -> bytes:
    mac = hmac.new(key, prefix, hashlib.sha256)
    mac.update(body)
    return mac.digest()


def _stripe(headers: Headers) -> Stated | None:
    """``t=<seconds>,v1=<hex>``, with one ``v1`` for each secret that is being rolled.

    Other schemes, such as the ``v0`` of test clocks, prove nothing. The time has to be there
    once: with two of them, one would be signed and the other one judged.
    """
    parts = [
        _STRIPE_PART.fullmatch(part) for part in headers.get("stripe-signature", "").split(",")
    ]
    if len(parts) > SIGNATURES_MAX or not all(parts):
        return None
    pairs = [part.groups() for part in parts if part]
    times = [value for name, value in pairs if name == "t"]
    signatures = [value for name, value in pairs if name == "v1"]
    if len(times) != 1 or not _SECONDS.fullmatch(times[0]):
        return None
    if not signatures or not all(map(_HEX_SHA256.fullmatch, signatures)):
        return None
    return Stated(
        tuple(map(bytes.fromhex, signatures)), f"{times[0]}.".encode(), signed_at=int(times[0])
    )


def _standard(headers: Headers) -> Stated | None:
    """Standard Webhooks: id, time and body are signed; signatures are separated by spaces."""
    message_id = headers.get("webhook-id", "")
    seconds = headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "").split(" ")
    if not (_MESSAGE_ID.fullmatch(message_id) and _SECONDS.fullmatch(seconds)):
        return None
    if len(given) > SIGNATURES_MAX:
        return None
    # Signatures of other versions, such as asymmetric ones, may stand beside ours.
    ours = [found.group(1) for one in given if (found := _BASE64_SHA256.fullmatch(one))]
    prefix = f"{message_id}.{seconds}.".encode()
    return Stated(tuple(map(base64.b64decode, ours)), prefix, signed_at=int(seconds))


def _standard_key(secret: str) -> bytes | None:
    text = secret.removeprefix("whsec_").rstrip("=")
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) >= STANDARD_KEY_BYTES_MIN else None


def _text_key(secret: str) -> bytes | None:
    return secret.encode("utf-8", "surrogatepass") or None


def body_alone(header: str) -> Scheme:
    """The lower-case hex HMAC of the body in a header, and no time."""

    def read(headers: Headers) -> Stated | None:
        given = headers.get(header, "")
        return Stated((bytes.fromhex(given),)) if _HEX_SHA256.fullmatch(given) else None

    return Scheme(read, _text_key)


STRIPE = Scheme(_stripe, _text_key)
STANDARD_WEBHOOKS = Scheme(_standard, _standard_key)
