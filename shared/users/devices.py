"""Devices that people signed in with before, as a sealed cookie that each of them keeps.

It opens nothing: it only tells a device that is known from one that is not.
"""

import re

from shared.users import keyring
from shared.users.keyring import Keyring

PEOPLE_MAX = 5
"""Who signed in with one device lately."""
_PURPOSE = "device"
_CONTENT = re.compile(r"[A-Za-z0-9_-]{22}(?: usr_[a-z0-9]+_[0-9A-Z]{26}){1,5}", re.ASCII)


def known_to(keys: Keyring, remembered: str | None, user_id: str) -> str | None:
    """The keyed hash of this person on this device, or None when they never signed in here."""
    device, people = _read(keys, remembered)
    return keys.hash(_PURPOSE, f"{device} {user_id}") if user_id in people else None


def remember(keys: Keyring, remembered: str | None, user_id: str) -> str:
    """The cookie of a device that this person has just signed in with."""
    device, people = _read(keys, remembered)
    others = [each for each in people if each != user_id][: PEOPLE_MAX - 1]
    content = " ".join([device or keyring.new_family(), user_id, *others])
    return keys.seal_text(_PURPOSE, "", content)


def _read(keys: Keyring, remembered: str | None) -> tuple[str, list[str]]:
    content = keys.open_text(_PURPOSE, "", (remembered or "")[:1024])
    if content is None or not _CONTENT.fullmatch(content):
        return "", []
    device, *people = content.split(" ")
    return device, people
