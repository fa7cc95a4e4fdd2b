"""E-mail addresses and passwords as people type them."""

import re
import string
import unicodedata
from dataclasses import dataclass

from shared.kernel.errors import InvalidValue
from shared.users.errors import PasswordTooWeak

PASSWORD_LENGTH_MIN = 12
_PASSWORD_LENGTH_MAX = 128
_EMAIL_LENGTH_MAX = 254
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An address to write to; ``unique`` is the same for all spellings of one mailbox."""

    text: str

    @classmethod
    def parse(cls, text: str) -> "EmailAddress":
        """NFKC first, so that look-alike spellings meet; what is left must be ASCII."""
        address = unicodedata.normalize("NFKC", text[: 2 * _EMAIL_LENGTH_MAX]).strip()
        local, _, domain = address.rpartition("@")
        dotted = local.startswith(".") or local.endswith(".") or ".." in local
        if len(address) > _EMAIL_LENGTH_MAX or dotted or not _EMAIL.fullmatch(address):
            raise InvalidValue(field="email", reason="must be an e-mail address")
        return cls(f"{local}@{domain.casefold()}")

    @property
    def unique(self) -> str:
        """By this text two addresses are one."""
        return self.text.casefold()


def check_password(password: str) -> None:
    """The pool's policy, checked before anything is looked up so that it tells nothing."""
    kinds = (
        string.ascii_uppercase,
        string.ascii_lowercase,
        string.digits,
        string.punctuation + " ",
    )
    short = len(password) < PASSWORD_LENGTH_MIN
    if short or not all(any(char in kind for char in password) for kind in kinds):
        raise PasswordTooWeak(length=PASSWORD_LENGTH_MIN)
    if len(password) > _PASSWORD_LENGTH_MAX or password != password.strip():
        raise InvalidValue(
            field="password",
            reason=f"must have at most {_PASSWORD_LENGTH_MAX} characters and no space at its ends",
        )
