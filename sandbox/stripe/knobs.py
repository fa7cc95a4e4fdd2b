"""What payers, banks and card networks do, over HTTP: `/_control/stripe/…`."""

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.control import parsed, refusal
from sandbox.stripe.books import Books, Movement
from sandbox.stripe.cash import Cash, intent_of
from sandbox.stripe.checkout import Checkout
from sandbox.stripe.disputing import Disputing
from sandbox.stripe.objects import Json, new_id
from sandbox.stripe.paying_out import PayingOut
from sandbox.stripe.refunding import Refunding
from sandbox.stripe.state import NotPossible, StripeState

Minor = Annotated[int, Field(gt=0, le=10**12)]
Code = Annotated[str, Field(pattern="^[a-z_]{1,60}$")]


class Order(BaseModel):
    """Refuses what is not known."""

    model_config = ConfigDict(extra="forbid")


class FinishOrder(Order):
    """A bank's answer to a debit: `failure` is a code, or null when it has paid."""

    failure: Code | None = None


class FundOrder(Order):
    """A bank transfer of a customer."""

    amount: Minor
    currency: Literal["usd", "eur"] | None = None
    reference: str | None = None


class RefundOrder(Order):
    """What becomes of a refund."""

    status: Literal["pending", "requires_action", "succeeded", "failed", "canceled"]
    reason: Code | None = None


class DisputeOrder(Order):
    """A payer's bank takes a payment back."""

    payment_intent: str
    amount: Minor | None = None
    reason: Code = "fraudulent"
    status: Literal["needs_response", "warning_needs_response", "lost"] = "needs_response"


class DisputeMove(Order):
    """What becomes of a dispute; `withdraw` takes the money of an inquiry."""

    status: (
        Literal["needs_response", "under_review", "won", "lost", "warning_under_review"]
        | Literal["warning_closed"]
        | None
    ) = None
    withdraw: bool = False


class SweepOrder(Order):
    """The platform's balance goes to the firm's bank: all of it, or so much."""

    currency: Code
    amount: Minor | None = None


class PayoutMove(Order):
    """What becomes of a payout."""

    status: Literal["in_transit", "paid", "failed", "canceled"]
    failure: Code | None = None


class TopUp(Order):
    """The firm adds money to the platform's balance."""

    currency: Code
    amount: Minor


class Knobs:
    """Answers with the object as it then is, or 404, 409, 422 and nothing changed."""

    def __init__(
        self,
        state: StripeState,
        books: Books,
        checkout: Checkout,
        cash: Cash,
        refunding: Refunding,
        disputing: Disputing,
        paying_out: PayingOut,
    ) -> None:
        self._state = state
        self._books = books
        self._checkout = checkout
        self._cash = cash
        self._refunding = refunding
        self._disputing = disputing
        self._paying_out = paying_out

    def routes(self) -> list[BaseRoute]:
        """The knobs of money."""
        base = "/_control/stripe"
        table = {
            "/payment_intents/{id}/finish": self.finish,
            "/payment_intents/{id}/fund": self.fund_intent,
            "/customers/{id}/fund": self.fund_customer,
            "/refunds/{id}": self.move_refund,
            "/disputes": self.open_dispute,
            "/disputes/{id}": self.move_dispute,
            "/payouts": self.sweep,
            "/payouts/{id}": self.move_payout,
            "/balance": self.top_up,
        }
        return [Route(base + path, knob, methods=["POST"]) for path, knob in table.items()]

    async def finish(self, request: Request) -> Response:
        """A bank answers a debit."""
        return await self._turn(
            request,
            FinishOrder,
            self._state.intents,
            lambda intent, order: self._checkout.finish_debit(intent, order.failure),
        )

    async def fund_intent(self, request: Request) -> Response:
        """A customer sends money with the reference of this intent."""

        def fund(intent: Json, order: FundOrder) -> None:
            told = intent_of(self._state, intent["id"])["next_action"]
            reference = told["display_bank_transfer_instructions"]["reference"]
            self._cash.fund(intent["customer"], intent["currency"], order.amount, reference)

        return await self._turn(request, FundOrder, self._state.intents, fund)

    async def fund_customer(self, request: Request) -> Response:
        """A customer sends money."""

        def fund(customer: Json, order: FundOrder) -> None:
            currency = order.currency or "usd"
            self._cash.fund(customer["id"], currency, order.amount, order.reference)

        return await self._turn(request, FundOrder, self._state.customers, fund)

    async def move_refund(self, request: Request) -> Response:
        """A bank answers a refund."""
        return await self._turn(
            request,
            RefundOrder,
            self._state.refunds,
            lambda refund, order: self._refunding.move(refund, order.status, order.reason),
        )

    async def open_dispute(self, request: Request) -> Response:
        """A payer disputes."""
        order = await parsed(request, DisputeOrder)
        if isinstance(order, Response):
            return order
        intent = self._state.intents.get(order.payment_intent)
        charge = self._state.charges.get(intent["latest_charge"] or "") if intent else None
        if charge is None:
            return refusal(404, "no_such_payment", order.payment_intent)
        try:
            dispute = self._disputing.open(
                charge, amount=order.amount, reason=order.reason, status=order.status
            )
        except NotPossible as error:
            return refusal(409, "not_possible", str(error))
        return JSONResponse(dispute)

    async def move_dispute(self, request: Request) -> Response:
        """A dispute goes on."""

        def move(dispute: Json, order: DisputeMove) -> None:
            if order.withdraw:
                self._disputing.withdraw(dispute)
            if order.status is not None:
                self._disputing.move(dispute, order.status)

        return await self._turn(request, DisputeMove, self._state.disputes, move)

    async def sweep(self, request: Request) -> Response:
        """An automatic payout."""
        order = await parsed(request, SweepOrder)
        if isinstance(order, Response):
            return order
        try:
            return JSONResponse(self._paying_out.sweep(order.currency, order.amount))
        except NotPossible as error:
            return refusal(409, "not_possible", str(error))

    async def move_payout(self, request: Request) -> Response:
        """A bank answers a payout."""
        return await self._turn(
            request,
            PayoutMove,
            self._state.payouts,
            lambda payout, order: self._paying_out.move(payout, order.status, order.failure),
        )

    async def top_up(self, request: Request) -> Response:
        """Available money out of nothing."""
        order = await parsed(request, TopUp)
        if isinstance(order, Response):
            return order
        self._books.enter(Movement("topup", new_id("tu"), order.currency, order.amount))
        return JSONResponse(self._books.balance())

    async def _turn[Known: Order](
        self,
        request: Request,
        kind: type[Known],
        known: dict[str, Json],
        act: Callable[[Json, Known], None],
    ) -> Response:
        subject = known.get(request.path_params["id"])
        if subject is None:
            return refusal(404, "no_such_object", request.path_params["id"])
        order = await parsed(request, kind)
        if isinstance(order, Response):
            return order
        try:
            act(subject, order)
        except NotPossible as error:
            return refusal(409, "not_possible", str(error))
        return JSONResponse(subject)
