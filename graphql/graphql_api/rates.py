"""How often clients may ask, by class of operation: the buckets, who fills them, what one costs.

Finer limits, such as sign-ins per account, belong to the use cases; these stand in front of all.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from shared.platform.rate_limits import Bucket, network_of
from shared.users.keyring import Keyring

if TYPE_CHECKING:
    from graphql_api.context import Context

COST_PER_TOKEN = 1_000
"""A request takes one token, and one more for each full thousand of its document's cost."""


class OperationClass(StrEnum):
    """What an operation is, as far as its rate matters."""

    READ = "READ"
    """A query of a signed-in person."""
    CHANGE = "CHANGE"
    """A mutation that moves no money."""
    MONEY = "MONEY"
    """A mutation that moves money; takes an idempotency key."""
    SESSION = "SESSION"
    """Keeping or ending a session, and what else ``/session`` answers."""
    SIGN_IN = "SIGN_IN"
    """A try at a credential, or a message to an address."""


DEFAULTS: Mapping[OperationClass, Bucket] = {
    OperationClass.READ: Bucket("READ", 240, 240, lease=20, fail_open=True),
    OperationClass.CHANGE: Bucket("CHANGE", 60, 60),
    OperationClass.MONEY: Bucket("MONEY", 20, 10),
    OperationClass.SESSION: Bucket("SESSION", 300, 300, lease=20, fail_open=True),
    OperationClass.SIGN_IN: Bucket("SIGN_IN", 60, 60),
}
"""Per person for the first three, per address for the others. Whole streets of mobile phones
share one address, so that those are wide; the account's own limit is the narrow one."""

MONEY_MUTATIONS = frozenset(
    {
        "acceptWithdrawalOffer",
        "addPayoutAccount",
        "cancelRecurringDeposit",
        "cancelWithdrawal",
        "changeRecurringDeposit",
        "changeRoundUps",
        "createDeposit",
        "createGoal",
        "createRecurringDeposit",
        "matchSuspense",
        "pauseRecurringDeposit",
        "pauseRoundUps",
        "proposeStrategy",
        "recordPurchases",
        "recordTreasuryMovement",
        "refundDeposit",
        "refundPurchase",
        "requestRefund",
        "requestWithdrawal",
        "resumeRecurringDeposit",
        "resumeRoundUps",
        "returnSuspense",
        "runReconciliation",
        "skipRecurringDeposit",
        "startRoundUps",
        "stopRoundUps",
    }
)
"""Those of ``/graphql`` that move money; a test finds one that is missing here."""
SESSION_MUTATIONS = frozenset({"refreshSession", "signOut"})
"""Those of ``/session`` that try no credential: every other one counts as a try."""


class Numbers(BaseModel):
    """A stage's own numbers of one bucket."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    capacity: int = Field(gt=0)
    per_minute: int = Field(gt=0)


_NUMBERS = TypeAdapter(Mapping[OperationClass, Numbers])


def buckets(text: str = "{}") -> Mapping[OperationClass, Bucket]:
    """The buckets with a stage's own numbers, ``{"READ": {"capacity": 9, "per_minute": 9}}``.

    Raises pydantic's ValidationError for classes and numbers that do not exist.
    """
    own = _NUMBERS.validate_json(text or "{}")
    return {**DEFAULTS, **{kind: _with(DEFAULTS[kind], numbers) for kind, numbers in own.items()}}


def _with(bucket: Bucket, own: Numbers) -> Bucket:
    return Bucket(
        bucket.name,
        own.capacity,
        own.per_minute,
        lease=max(1, min(bucket.lease, own.capacity // 2)),
        fail_open=bucket.fail_open,
    )


def class_of(*, session: bool, mutation: bool, fields: Iterable[str]) -> OperationClass:
    """The class of an operation by its endpoint, its type and its root fields' names."""
    names = frozenset(fields)
    if session:
        harmless = not mutation or names <= SESSION_MUTATIONS
        return OperationClass.SESSION if harmless else OperationClass.SIGN_IN
    if not mutation:
        return OperationClass.READ
    return OperationClass.MONEY if names & MONEY_MUTATIONS else OperationClass.CHANGE


def tokens(cost: int) -> int:
    """What a request with a document of this cost takes."""
    return 1 + max(cost, 0) // COST_PER_TOKEN


def charge(context: "Context", kind: OperationClass, cost: int, *, session: bool) -> None:
    """Count a request against its bucket, before anything is read or done for it.

    Raises RateLimited, or TemporarilyUnavailable where limits cannot be checked.
    """
    app = context.app
    principal = principal_of(context, app.keyring, session=session)
    app.rates.take(principal, app.buckets[kind], tokens(cost))


def principal_of(context: "Context", keyring: Keyring, *, session: bool) -> str:
    """Whose bucket it is: the signed-in person's, else that of the address.

    Nobody has verified the token that ``/session`` is shown, so there it is always the address.
    """
    if context.caller is not None and not session:
        return f"user:{context.caller.user_id}"
    return f"address:{keyring.hash('address', network_of(context.ip_address))}"
