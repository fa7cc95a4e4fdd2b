"""Account numbers under which people pay from their phone's menu, and what stands on statements.

An account number is eight letters and digits, which a person types on a small keypad: Crockford's
alphabet, whose look-alikes are read as what they look like, and a check character.
"""

import re
from typing import ClassVar

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from shared.kernel.ids import Ids, Kind, ulid_of
from shared.payments.methods import Method
from shared.payments.model import Deposit
from shared.payments.ports import People
from shared.platform import keys
from shared.platform.tables import Database, Key, Put, Row, Table
from shared.platform.work import ConditionFailed, UnitOfWork, Write

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8
STATEMENT_LENGTH = 12
GUARD, PAYREF = "GUARD", "PAYREF"
_LOOK_ALIKES = str.maketrans("OIL", "011", " -.")
_TRIES = 4


def account_number(random: str) -> str:
    """The number out of seven characters of the alphabet: they and their check character."""
    if len(random) != LENGTH - 1 or not set(random) <= set(ALPHABET):
        raise ValueError("seven characters of the alphabet are needed")
    return random + ALPHABET[-_weight(f"{random}0") % len(ALPHABET)]


def read_account_number(text: str) -> str | None:
    """The number that somebody typed, or None when it is none: every single wrong character is
    found, and nearly every two that changed places."""
    typed = text.upper().translate(_LOOK_ALIKES)
    if len(typed) != LENGTH or not set(typed) <= set(ALPHABET):
        return None
    return typed if _weight(typed) % len(ALPHABET) == 0 else None


def _weight(text: str) -> int:
    """Luhn's sum in the alphabet's base: every second character doubled, digits added up."""
    total, base = 0, len(ALPHABET)
    for place, character in enumerate(reversed(text)):
        doubled = ALPHABET.index(character) * (1 + place % 2)
        total += doubled // base + doubled % base
    return total


def statement_reference(deposit_id: str) -> str:
    """What is printed on the payer's message of a push, and told again by its confirmation."""
    return deposit_id[-STATEMENT_LENGTH:]


_STATEMENT = re.compile(rf"[{ALPHABET}]{{{STATEMENT_LENGTH}}}", re.ASCII)


class PayReferenceRow(Row):
    """Whom a payment with this text belongs to: a person, or one deposit of theirs.

    ``usable`` is whether the person may pay in: told here, so that one read answers M-Pesa's
    question whether to take a payment.
    """

    KIND: ClassVar[str] = "pay_reference"

    user_id = UnicodeAttribute()
    deposit_id = UnicodeAttribute(null=True)
    usable = BooleanAttribute(default=True)


class OwnReferenceRow(Row):
    """A person's account number."""

    KIND: ClassVar[str] = "own_pay_reference"

    code = UnicodeAttribute()


def reference_key(text: str) -> Key | None:
    """Where lies what a payment's account text refers to; None for what refers to nothing."""
    code = read_account_number(text)
    if code is None and _STATEMENT.fullmatch(text.strip()):
        code = text.strip()
    return None if code is None else _key_of(code)


def _key_of(code: str) -> Key:
    return Key(Table.CORE, f"{PAYREF}#{code}", GUARD)


def named_on_statement(deposit: Deposit) -> list[Write]:
    """Part of the fact that makes a push: the confirmation of its payment will name it so.
    Nothing for other ways of paying."""
    if deposit.method is not Method.MPESA:
        return []
    where = _key_of(statement_reference(deposit.deposit_id))
    row = PayReferenceRow(
        pk=where.pk, sk=where.sk, user_id=deposit.user_id, deposit_id=deposit.deposit_id
    )
    return [Put("statement_reference", row)]


class PayReferences:
    """People's account numbers, each made when it is first asked for."""

    def __init__(self, database: Database, facts: UnitOfWork, people: People, ids: Ids) -> None:
        self._database = database
        self._facts = facts
        self._people = people
        self._ids = ids

    def pay_reference(self, user_id: str) -> str | None:
        """The person's account number, the same for ever; None until they may pay in."""
        standing = self._people.standing(user_id)
        if not (standing.identity_approved and standing.risk_assessed) or standing.broker_refused:
            return None
        for _ in range(_TRIES):
            own = self._database.get(OwnReferenceRow, keys.user(user_id), PAYREF)
            if own is not None:
                self.keep_usable(own.code, usable=True)
                return str(own.code)
            made = self._made(user_id)
            if made is not None:
                return made
        raise RuntimeError("no free account number")

    def keep_usable(self, code: str, *, usable: bool) -> None:
        """Whether the person behind this number may pay in, as it is known by now."""
        where = _key_of(code)
        row = self._database.get(PayReferenceRow, where.pk, where.sk)
        if row is None or bool(row.usable) is usable:
            return
        changed = PayReferenceRow(
            pk=where.pk, sk=where.sk, user_id=row.user_id, deposit_id=row.deposit_id, usable=usable
        )
        self._database.write(Put("pay_reference", changed))

    def _made(self, user_id: str) -> str | None:
        """None when somebody else was faster, or has this very number."""
        code = account_number(ulid_of(self._ids.new(Kind.ACCOUNT))[1 - LENGTH :])
        where = _key_of(code)
        writes: list[Write] = [
            Put.new(
                "own_pay_reference",
                OwnReferenceRow(pk=keys.user(user_id), sk=PAYREF, code=code),
            ),
            Put.new(
                "pay_reference",
                PayReferenceRow(pk=where.pk, sk=where.sk, user_id=user_id),
            ),
        ]
        try:
            self._facts.commit(writes)
        except ConditionFailed:
            return None
        return code
