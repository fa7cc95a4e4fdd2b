"""Recovery codes: ten of sixty random bits each, readable, kept as keyed hashes only."""

import re
import secrets

from shared.users.errors import CodeRefused
from shared.users.service import People

COUNT = 10
_LENGTH, _GROUP = 12, 4
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no letter looks like another or like a digit."""
_FORM = re.compile(rf"[{_ALPHABET}]{{{_LENGTH}}}", re.ASCII)
_LOOKS_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def new_codes() -> list[str]:
    """Fresh codes such as ``7K2M-9XQ4-B0TZ``."""
    return [
        _written("".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))) for _ in range(COUNT)
    ]


def hash_of(people: People, user_id: str, code: str) -> str:
    """Under which a code is kept, however it was typed. Raises CodeRefused for another form."""
    plain = code[:64].upper().translate(_LOOKS_LIKE)
    if not _FORM.fullmatch(plain):
        raise CodeRefused()
    return people.keyring.hash("recovery", f"{user_id} {plain}")


def hashes_of(people: People, user_id: str, codes: list[str]) -> frozenset[str]:
    """Of several."""
    return frozenset(hash_of(people, user_id, code) for code in codes)


def _written(code: str) -> str:
    return "-".join(code[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))
