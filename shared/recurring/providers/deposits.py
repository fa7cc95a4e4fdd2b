"""Occurrences become deposits like any others, with all their rules."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.payments.methods import Method
from shared.payments.model import Deposit
from shared.payments.ports import Deposits, PaymentGateway, StartResult
from shared.payments.requests import DepositRequest
from shared.payments.service import DepositService
from shared.platform.idempotency import IdempotencyKeys
from shared.recurring.model import Occurrence, Schedule
from shared.recurring.ports import CardKeeper, Instruments


@dataclass(frozen=True, slots=True)
class DepositCharges:
    """See Charges. The service must know no gateway that could take the card keeper's place: it
    would ask the person, who is not there."""

    service: DepositService
    deposits: Deposits
    keys: IdempotencyKeys
    instruments: Instruments
    cards: Callable[[], CardKeeper]

    def begin(self, schedule: Schedule, occurrence: Occurrence) -> Deposit:
        """See Charges."""
        secret = self.instruments.open(schedule.user_id, schedule.sealed)

        def charge(_: PaymentGateway, deposit: Deposit) -> StartResult:
            return self.cards().charge_saved(deposit, secret["customer"], secret["payment_method"])

        return self.service.create_deposit(
            schedule.user_id,
            idempotency_key=occurrence.key,
            method=schedule.method,
            amount=occurrence.amount,
            phone=secret.get("phone"),
            goal_id=occurrence.goal_id or None,
            charge=charge if schedule.method is Method.CARD else None,
        )

    def begun(self, schedule: Schedule, occurrence: Occurrence) -> Deposit | None:
        """See Charges."""
        secret = self.instruments.open(schedule.user_id, schedule.sealed)
        # As it was asked for then: limits that changed since do not hide what was begun.
        request = DepositRequest(
            schedule.user_id,
            occurrence.key,
            schedule.method,
            occurrence.amount,
            secret.get("phone"),
            goal_id=occurrence.goal_id or None,
        )
        deposit_id = self.keys.result_of(request.intent)
        return None if deposit_id is None else self.deposits.get(schedule.user_id, deposit_id)

    def deposit(self, user_id: str, deposit_id: str) -> Deposit | None:
        """See Charges."""
        return self.deposits.get(user_id, deposit_id)
