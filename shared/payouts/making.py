"""New payouts. Pure."""

from collections.abc import Iterable
from datetime import datetime

from shared.kernel.ids import Kind, derived
from shared.kernel.money import Currency, Money
from shared.payments.methods import Gateway
from shared.payments.model import Deposit, DepositStatus
from shared.payments.quoting import FxQuote
from shared.payouts.everything import Everything
from shared.payouts.model import Payout, Purpose, Rail
from shared.payouts.remedies import follower_id
from shared.payouts.states import NOT_PAID, PayoutMove, PayoutStatus

REFUND_RAIL = {
    Gateway.STRIPE: Rail.STRIPE_REFUND,
    Gateway.ADYEN: Rail.ADYEN_REFUND,
    Gateway.MPESA: Rail.MPESA_REVERSAL,
    Gateway.BANK: Rail.BY_HAND,
}
"""How a payment goes back to where it came from."""
_S = PayoutStatus
_STARTS = frozenset({_S.READY, _S.COOLING, _S.IN_REVIEW, _S.RAISING})


def new_withdrawal(
    *,
    user_id: str,
    payout_id: str,
    rail: Rail,
    debited: Money,
    amount: Money,
    quote: FxQuote | None,
    account_id: str,
    shown_as: str,
    at: datetime,
    status: PayoutStatus = PayoutStatus.READY,
    not_before: datetime | None = None,
    lacks_minor: int = 0,
    goal_id: str = "",
    everything: Everything | None = None,
    trace: str = "",
) -> Payout:
    """A person's own money out: IN_REVIEW, RAISING while cash ``lacks_minor`` cents or it is of
    ``everything``, COOLING until ``not_before``, or READY. ValueError for amounts that do not fit
    the quote's currencies, or, without one, each other."""
    if status not in _STARTS or (status is PayoutStatus.COOLING) > (not_before is not None):
        raise ValueError("a withdrawal does not begin like this")
    raised = lacks_minor > 0 or (everything is not None and not everything.exact)
    if not 0 <= lacks_minor <= debited.minor or not _may_lack(status, raised):
        raise ValueError("what cash does not cover is raised first")
    if debited.currency is not Currency.USD or min(debited.minor, amount.minor) <= 0:
        raise ValueError("dollars leave the wallet, and something arrives")
    if quote is None and amount != debited:
        raise ValueError("without a quote what leaves is what arrives")
    if quote is not None and not _fits(quote, debited, amount):
        raise ValueError("the quote is of other currencies")
    return Payout(
        user_id=user_id,
        payout_id=payout_id,
        purpose=Purpose.WITHDRAWAL,
        rail=rail,
        debited=debited,
        amount=amount,
        status=status,
        moves=(PayoutMove(status, at),),
        quote=quote,
        account_id=account_id,
        shown_as=shown_as,
        not_before=not_before,
        lacks_minor=lacks_minor,
        goal_id=goal_id,
        everything=everything,
        trace=trace,
    )


def _fits(quote: FxQuote, debited: Money, amount: Money) -> bool:
    return (quote.mid.base, quote.mid.quote) == (debited.currency, amount.currency)


def _may_lack(status: PayoutStatus, raised: bool) -> bool:
    return status is PayoutStatus.IN_REVIEW or (status is PayoutStatus.RAISING) == raised


def share_of(deposit: Deposit, minor: int, live: Iterable[Payout]) -> Money:
    """What the wallet loses when ``minor`` more of ``deposit.amount`` goes back.

    ``live`` are the deposit's other refunds. Shares are rounded half to even over all that goes
    back so far, less what the others take: together the refunds of a whole deposit take exactly
    ``credited``.
    """
    others = [
        one
        for one in live
        if one.purpose is Purpose.REFUND
        and one.deposit_id == deposit.deposit_id
        and one.status not in NOT_PAID
        and one.ending is None
    ]
    back = sum(one.amount.minor for one in others) + minor
    exact = deposit.credited.minor * back
    whole, rest = divmod(exact, deposit.amount.minor)
    double = 2 * rest
    up = double > deposit.amount.minor or (double == deposit.amount.minor and whole % 2 == 1)
    taken = sum(one.debited.minor for one in others)
    return Money(whole + up - taken, Currency.USD)


def new_refund(
    deposit: Deposit,
    minor: int,
    debited: Money,
    *,
    payout_id: str,
    source: str,
    at: datetime,
    asked_by: str | None = None,
    trace: str = "",
) -> Payout:
    """``minor`` of what was paid goes back, at the deposit's own quote. ``source`` is the name
    under which the gateway takes it back: its payment, or M-Pesa's receipt. ValueError when
    nothing would leave the wallet."""
    if debited.minor <= 0 or not 0 < minor <= deposit.amount.minor:
        raise ValueError("something has to go back")
    return Payout(
        user_id=deposit.user_id,
        payout_id=payout_id,
        purpose=Purpose.REFUND,
        rail=REFUND_RAIL[deposit.gateway],
        debited=debited,
        amount=Money(minor, deposit.amount.currency),
        status=PayoutStatus.READY,
        moves=(PayoutMove(PayoutStatus.READY, at),),
        at_broker=deposit.status is not DepositStatus.SETTLED,
        quote=deposit.quote,
        deposit_id=deposit.deposit_id,
        source=source,
        asked_by=asked_by,
        trace=trace or deposit.trace,
    )


def surplus_id(deposit_id: str, gateway: Gateway, payment: str) -> str:
    """The one payout by which a second payment goes back."""
    return derived(Kind.PAYOUT, deposit_id, "surplus", gateway.value, payment)


def new_surplus(
    *,
    user_id: str,
    deposit_id: str,
    gateway: Gateway,
    payment: str,
    amount: Money,
    at: datetime,
    transfer: str | None = None,
    trace: str = "",
) -> Payout:
    """A payment that is not wanted goes back whole. It never was in a wallet. ``transfer`` is the
    bank's name of one by which people have sent it back already."""
    if amount.minor <= 0:
        raise ValueError("something has to go back")
    return Payout(
        user_id=user_id,
        payout_id=surplus_id(deposit_id, gateway, payment),
        purpose=Purpose.SURPLUS,
        rail=REFUND_RAIL[gateway] if transfer is None else Rail.BY_HAND,
        debited=Money(0, Currency.USD),
        amount=amount,
        status=PayoutStatus.READY,
        moves=(PayoutMove(PayoutStatus.READY, at),),
        at_broker=False,
        deposit_id=deposit_id,
        source=payment,
        reference=transfer,
        trace=trace,
    )


def new_follower(
    failed: Payout,
    at: datetime,
    *,
    rail: Rail | None = None,
    account_id: str | None = None,
    shown_as: str | None = None,
    reference: str | None = None,
) -> Payout:
    """What pays in the place of a surplus that could not go back: the same way, unless another
    ``rail`` is named."""
    same = rail is None
    return Payout(
        user_id=failed.user_id,
        payout_id=follower_id(failed.payout_id),
        purpose=Purpose.SURPLUS,
        rail=failed.rail if rail is None else rail,
        debited=failed.debited,
        amount=failed.amount,
        status=PayoutStatus.READY,
        moves=(PayoutMove(PayoutStatus.READY, at),),
        at_broker=False,
        account_id=failed.account_id if same else account_id,
        shown_as=failed.shown_as if same else shown_as,
        deposit_id=failed.deposit_id,
        source=failed.source,
        reference=reference,
        trace=failed.trace,
    )


def new_claim(*, user_id: str, payout_id: str, minor: int, at: datetime, trace: str = "") -> Payout:
    """``minor`` US cents that the books took from the person come to the firm at the broker."""
    if minor <= 0:
        raise ValueError("something has to be claimed")
    amount = Money(minor, Currency.USD)
    return Payout(
        user_id=user_id,
        payout_id=payout_id,
        purpose=Purpose.CLAIM,
        rail=Rail.TO_FIRM,
        debited=amount,
        amount=amount,
        status=PayoutStatus.READY,
        moves=(PayoutMove(PayoutStatus.READY, at),),
        trace=trace,
    )
