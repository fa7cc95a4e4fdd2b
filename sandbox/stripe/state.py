"""Everything this Stripe remembers, and how it tells of changes and lets time pass."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

from sandbox.context import Sandbox
from sandbox.stripe.cards import TestCard
from sandbox.stripe.errors import StripeError, no_such
from sandbox.stripe.objects import Json

PLATFORM = ""
"""The owner of the objects that belong to no connected account."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The API request behind a change; empty when a customer, a bank or time did it."""

    request_id: str | None = None
    idempotency_key: str | None = None


NOBODY = Origin()

type Publish = Callable[[str, Json, Origin, str], None]


class NotPossible(Exception):
    """What a knob asked for does not fit the state of things; nothing was changed."""


@dataclass(slots=True)
class StripeState:
    """Objects by id, oldest first. ``owners`` names the connected account of what has one."""

    sandbox: Sandbox
    publish: Publish
    sessions: dict[str, Json] = field(default_factory=dict)
    intents: dict[str, Json] = field(default_factory=dict)
    charges: dict[str, Json] = field(default_factory=dict)
    balance_transactions: dict[str, Json] = field(default_factory=dict)
    methods: dict[str, Json] = field(default_factory=dict)
    line_items: dict[str, Json] = field(default_factory=dict)
    customers: dict[str, Json] = field(default_factory=dict)
    cash: dict[str, Json] = field(default_factory=dict)
    refunds: dict[str, Json] = field(default_factory=dict)
    disputes: dict[str, Json] = field(default_factory=dict)
    accounts: dict[str, Json] = field(default_factory=dict)
    bank_accounts: dict[str, Json] = field(default_factory=dict)
    transfers: dict[str, Json] = field(default_factory=dict)
    payouts: dict[str, Json] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    cards: dict[str, TestCard] = field(default_factory=dict)
    """By payment method: Stripe knows the number, its objects do not show it."""
    numbers: dict[str, str] = field(default_factory=dict)
    """Account numbers by bank account, charge or payment method."""

    def clear(self) -> None:
        """Forgets everything."""
        for one in fields(self):
            kept = getattr(self, one.name)
            if isinstance(kept, dict):
                kept.clear()

    @property
    def sources(self) -> dict[str, Json]:
        """What a balance transaction can stem from."""
        made = self.charges | self.refunds | self.disputes | self.transfers | self.payouts
        listed = [one for each in self.transfers.values() for one in each["reversals"]["data"]]
        return made | {one["id"]: one for one in listed}

    def now(self) -> int:
        """Wall time in Unix seconds."""
        return int(self.sandbox.now().timestamp())

    def later(self, delay_ms: int, action: Callable[[], None]) -> None:
        """Lets something happen in the background, unless the sandbox is emptied first."""

        async def act() -> None:
            action()

        self.sandbox.background.after(delay_ms, act())

    def tell(self, event_type: str, subject: Json, origin: Origin = NOBODY) -> None:
        """Publishes an event with the object as it is now."""
        owner = self.owners.get(subject["id"], PLATFORM)
        self.publish(event_type, copy.deepcopy(subject), origin, owner)

    def owned(self, known: dict[str, Json], kind: str, object_id: Any, account: str) -> Json:
        """An object of this account.

        Raises:
            StripeError: 404, there is none, or it belongs to another account.
        """
        found = known.get(object_id) if isinstance(object_id, str) else None
        if found is None or self.owners.get(found["id"], PLATFORM) != account:
            raise no_such(kind, object_id)
        return found

    def account(self, account_id: str) -> Json:
        """A connected account.

        Raises:
            StripeError: 403, there is none of this name.
        """
        found = self.accounts.get(account_id)
        if found is None:
            raise StripeError(
                403,
                f"The provided key does not have access to account '{account_id}' (or that account "
                "does not exist).",
                code="account_invalid",
            )
        return found
