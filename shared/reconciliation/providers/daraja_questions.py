"""Safaricom's Daraja, asked for the sake of a report, and its answers read."""

from dataclasses import dataclass

from shared.payments.callbacks import Addresses, Purpose
from shared.payments.ports import Failed, Paid
from shared.payments.providers.daraja import asked_push
from shared.payments.providers.daraja_client import DarajaClient
from shared.payments.providers.daraja_listing import ask_balances, balances_of
from shared.payments.providers.daraja_status import ask_status
from shared.reconciliation.mpesa.model import By, Question
from shared.reconciliation.mpesa.ports import AccountsTold, PushAnswer

_NAMED = {By.RECEIPT: "TransactionID", By.ORDER: "OriginalConversationID"}


@dataclass(frozen=True, slots=True)
class DarajaQuestions:
    """See Inquiry."""

    client: DarajaClient
    addresses: Addresses

    def shortcodes(self) -> tuple[str, str]:
        """See Inquiry."""
        return self.client.shortcode, self.client.payout_shortcode

    def balances(self, question: Question) -> str | None:
        """See Inquiry."""
        return ask_balances(
            self.client,
            self.addresses,
            question.question_id,
            question.subject.shortcode,
            attempt=question.askings,
        )

    def transaction(self, question: Question) -> None:
        """See Inquiry."""
        subject = question.subject
        named = (question.question_id, question.askings)
        ask_status(
            self.client,
            {_NAMED[subject.by]: subject.value},
            asker=subject.shortcode,
            result_url=self._address(Purpose.STATUS, *named),
            timeout_url=self._address(Purpose.TIMEOUT, *named),
        )

    def push(self, question: Question) -> PushAnswer:
        """See Inquiry."""
        match asked_push(self.client, question.subject.value):
            case Paid():
                return PushAnswer.PAID
            case Failed():
                return PushAnswer.NOT_PAID
            case _:
                return PushAnswer.NOTHING

    def _address(self, purpose: Purpose, question_id: str, asking: int) -> str:
        return self.addresses.of(purpose, "", question_id, attempt=asking)


def accounts_told(body: bytes) -> AccountsTold | None:
    """What an answer tells of a shortcode's accounts; None when it cannot be read whole."""
    found = balances_of(body)
    if found is None:
        return None
    accounts = [(one.account, one.amount.minor) for one in found.accounts]
    return AccountsTold(accounts, found.at, found.conversation)
