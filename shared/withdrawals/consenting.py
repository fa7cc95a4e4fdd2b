"""A withdrawal whose rate got much worse while it waited: its owner agrees, and it goes on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.kernel.events import Event
from shared.kernel.money import Money
from shared.payments.races import on_fresh_state
from shared.payouts import telling
from shared.payouts.model import Payout, Purpose
from shared.payouts.ports import Payouts
from shared.payouts.requoting import agreed
from shared.platform.contention import full_jitter
from shared.platform.idempotency import IdempotencyKeys, Intent, once
from shared.platform.work import UnitOfWork, Write
from shared.withdrawals.errors import NothingToAgreeTo, OfferChanged


@dataclass(frozen=True, slots=True)
class Consenting:
    """The ports of this use case."""

    payouts: Payouts
    keys: IdempotencyKeys
    facts: UnitOfWork
    clock: Clock
    pause: Callable[[int], None] = full_jitter

    def agree(self, user_id: str, *, idempotency_key: str, payout_id: str, amount: str) -> Payout:
        """The person agrees that ``amount`` arrives, in the currency of what arrives, as they were
        shown. Later it is sent at the rate of that moment, if that is about as good.

        What was agreed to before is success. Raises NotFound for somebody else's, InvalidValue for
        what is no amount of money, OfferChanged for another amount than the one on offer,
        NothingToAgreeTo when nobody was asked or the time is over, and IdempotencyKeyReused.
        Nothing is recorded then, and the key is free.
        """
        wanted = Money.parse(amount, self._own(user_id, payout_id).amount.currency)
        content = (payout_id, wanted.minor)
        intent = Intent(user_id, "acceptWithdrawalOffer", idempotency_key, content)

        def attempt() -> Payout:
            told: list[Event] = []
            payout, _ = once(
                self.keys,
                self.facts,
                intent,
                make=lambda: self._agreed(user_id, payout_id, wanted, told),
                read=lambda known: self._own(user_id, known),
                tell=lambda _: told,
            )
            return payout

        return on_fresh_state(attempt, self.pause)

    def _agreed(
        self, user_id: str, payout_id: str, wanted: Money, told: list[Event]
    ) -> tuple[Payout, str, Sequence[Write]]:
        before, now = self._own(user_id, payout_id), self.clock.now()
        offer = before.offer
        if offer is None and before.earlier and before.amount == wanted:
            return before, payout_id, []
        if offer is None or now >= offer.ends_at:
            raise NothingToAgreeTo(status=before.status.value)
        if wanted != offer.amount:
            raise OfferChanged(amount=str(offer.amount))
        after = agreed(before, now)
        told.append(telling.requested(after))
        return after, payout_id, [self.payouts.save(before, after)]

    def _own(self, user_id: str, payout_id: str) -> Payout:
        found = self.payouts.get(user_id, payout_id)
        if found is None or found.purpose is not Purpose.WITHDRAWAL:
            raise NotFound(what="The withdrawal")
        return found
