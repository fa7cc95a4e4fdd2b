"""What a withdrawal that waited would be worth to its payee now."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.kernel.clock import Clock
from shared.payments.errors import RateUnavailable
from shared.payments.ports import ExchangeRates
from shared.payouts.model import Payout, Rail
from shared.payouts.ports import NotPaid, Requote
from shared.payouts.reasons import PayoutReason
from shared.withdrawals.conversion import STEPS, arriving, quoted
from shared.withdrawals.limits import PAID_OUT
from shared.withdrawals.model import RAILS, AccountKind

KINDS: Mapping[Rail, AccountKind] = {rail: kind for kind, rail in RAILS.items()}


@dataclass(frozen=True, slots=True)
class FreshWithdrawals:
    """See FreshRates of payouts."""

    rates: ExchangeRates
    clock: Clock

    def fresh(self, payout: Payout) -> Requote | NotPaid | None:
        """See FreshRates. One read. A rate that makes less of the money than can be paid at all
        is wrong, and counts as none."""
        kind, currency = KINDS[payout.rail], payout.amount.currency
        try:
            quote = quoted(self.rates, currency, self.clock.now())
        except RateUnavailable:
            return None
        if quote is None:
            return None
        amount = arriving(payout.debited, currency, STEPS[kind], quote)
        takes = PAID_OUT.get(kind)
        least = 1 if takes is None else takes.minimum.minor
        if amount.minor < least:
            return None
        if takes is not None and amount > takes.maximum:
            return NotPaid(PayoutReason.LIMIT_EXCEEDED)
        return Requote(quote, amount)
