"""What is charged while its owner is away: a phone number, or a card that was kept."""

from collections.abc import Callable

from shared.payments.methods import Gateway, Method
from shared.payments.ports import Deposits
from shared.payments.requests import DepositRequest, masked
from shared.payments.states import CREDITED
from shared.recurring.errors import CardNotKept
from shared.recurring.ports import CardKeeper


def instrument(
    request: DepositRequest,
    card_of: str | None,
    deposits: Deposits,
    cards: Callable[[], CardKeeper],
) -> tuple[dict[str, str], str]:
    """What is charged, to be sealed, and how it is shown. ``card_of`` is the deposit with which
    the card was kept; CardNotKept when none was, GatewayUnavailable when nobody can say."""
    if request.phone is not None:
        return {"phone": request.phone}, masked(request.phone)
    deposit = None if card_of is None else deposits.get(request.user_id, card_of)
    if (
        deposit is None
        or deposit.method is not Method.CARD
        or deposit.gateway is not Gateway.STRIPE
        or deposit.status not in CREDITED
        or deposit.reference is None
    ):
        raise CardNotKept()
    card = cards().saved_method(deposit.reference)
    if card is None:
        raise CardNotKept()
    secret = {"customer": card.customer, "payment_method": card.payment_method}
    return secret, f"**** {card.last4}"
