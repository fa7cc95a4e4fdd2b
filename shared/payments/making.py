"""A new deposit. Pure."""

from shared.kernel.ids import created_at
from shared.kernel.money import Currency, Money
from shared.payments.methods import GATEWAYS, LIFETIME, METHOD_OF, UNREPEATABLE, Gateway, Method
from shared.payments.model import Deposit, DepositStatus, Move
from shared.payments.quoting import FxQuote


def new_deposit(
    *,
    user_id: str,
    deposit_id: str,
    gateway: Gateway,
    amount: Money,
    quote: FxQuote | None,
    method: Method | None = None,
    trace: str = "",
    goal_id: str = "",
) -> Deposit:
    """A deposit that only we know of. With a gateway that keeps no idempotency it starts as
    UNKNOWN: the one who records it is the one who asks."""
    credited = amount if quote is None else quote.convert(amount)
    if credited.currency is not Currency.USD:
        raise ValueError("only the USD wallet is credited")
    way, at = method or METHOD_OF[gateway], created_at(deposit_id)
    if gateway not in GATEWAYS[way]:
        raise ValueError(f"{gateway} does not carry out {way}")
    status = DepositStatus.UNKNOWN if way in UNREPEATABLE else DepositStatus.CREATED
    return Deposit(
        user_id=user_id,
        deposit_id=deposit_id,
        gateway=gateway,
        method=way,
        amount=amount,
        credited=credited,
        status=status,
        moves=(Move(status, at),),
        lapses_at=at + LIFETIME[way],
        quote=quote,
        trace=trace,
        goal_id=goal_id,
    )
