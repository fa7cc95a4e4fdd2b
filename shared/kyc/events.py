"""What happened to a person's identity and to their account at the broker."""

from typing import ClassVar

from shared.kernel.events import Event


class IdentitySubmittedV1(Event):
    """All documents are here, and the profile is complete."""

    type: ClassVar[str] = "kyc.identity_submitted"

    user_id: str


class IdentityApprovedV1(Event):
    """The person is who they say; ``provider`` vouches for it."""

    type: ClassVar[str] = "kyc.identity_approved"

    user_id: str
    provider: str


class IdentityRejectedV1(Event):
    """The check failed. ``reason`` is a code that the person may see; with ``can_retry`` the
    named part can be sent again."""

    type: ClassVar[str] = "kyc.identity_rejected"

    user_id: str
    reason: str
    can_retry: bool


class BrokerAccountOpenedV1(Event):
    """The person's own account at the broker may hold money and trade."""

    type: ClassVar[str] = "investing.broker_account_opened"

    user_id: str
    broker_account_id: str


class BrokerAccountRefusedV1(Event):
    """The broker does not open the account, or not without help: ``reason`` is a code."""

    type: ClassVar[str] = "investing.broker_account_refused"

    user_id: str
    reason: str
    can_retry: bool
