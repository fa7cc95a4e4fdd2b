"""From messages to the opening of broker accounts."""

import json
from dataclasses import dataclass

from shared.kyc.account_opening import AccountOpening
from shared.kyc.errors import ProviderUnavailable
from shared.kyc.events import IdentityApprovedV1
from shared.kyc.verification import Progress
from shared.platform.observability import metric
from shared.platform.queues import (
    CheckMessage,
    Checks,
    EventMessage,
    MalformedMessage,
    Message,
    WebhookMessage,
)

CHECK = "broker_account"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where every message about a broker account arrives."""

    opening: AccountOpening
    checks: Checks

    def handle(self, message: Message) -> None:
        """One message; any exception means "again later"."""
        match message:
            case EventMessage():
                event = message.envelope.open()
                if not isinstance(event, IdentityApprovedV1):
                    raise MalformedMessage("not for this queue")
                self.checks.schedule(CHECK, {"user_id": event.user_id})
                self.opening.advance(event.user_id)
            case CheckMessage(check=check) if check == CHECK:
                self._checked(message)
            case WebhookMessage(vendor="broker", body=body):
                self._changed(_account_in(body))
            case CheckMessage(check="account_status", subject=subject):
                self._changed(subject["account_id"])
            case _:
                raise MalformedMessage("not for this queue")

    def _checked(self, message: CheckMessage) -> None:
        try:
            settled = self.opening.advance(message.subject["user_id"]) is Progress.SETTLED
        except ProviderUnavailable:
            metric("BrokerUnavailable")
            settled = False
        if not settled:
            self.checks.schedule(CHECK, message.subject, message.attempt + 1)

    def _changed(self, account_id: str) -> None:
        """The broker says that an account changed; how it stands is asked of the broker.

        Its event can be faster than our own storing of the account's id: then nobody is found,
        and the chain of checks that began with the account sees the change.
        """
        user_id = self.opening.owner_of_account(account_id)
        if user_id is None:
            metric("AccountEventIgnored")
            return
        self.opening.advance(user_id, told=True)


def _account_in(body: bytes) -> str:
    try:
        return str(json.loads(body)["data"]["account_id"])
    except (ValueError, KeyError, TypeError) as error:
        raise MalformedMessage(type(error).__name__) from error
