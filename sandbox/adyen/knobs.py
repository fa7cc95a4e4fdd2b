"""What tests and people at the desk may do to the merchant account."""

from dataclasses import asdict
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.adyen.objects import Account, Dispute
from sandbox.adyen.reports import Reports
from sandbox.adyen.reversing import NotPossible, Reversing
from sandbox.context import Sandbox
from sandbox.control import parsed, refusal


class RefundOrder(BaseModel):
    """Body of `POST /_control/adyen/refunds/{psp}`."""

    model_config = ConfigDict(extra="forbid")

    outcome: Literal["paid", "failed", "failed_later", "reversed"]


class ChargebackOrder(BaseModel):
    """Body of `POST /_control/adyen/payments/{psp}/chargeback`: a new one is announced."""

    model_config = ConfigDict(extra="forbid")

    amount: Annotated[int, Field(ge=1, le=10**12)] | None = None
    code: Annotated[str, Field(min_length=1, max_length=20)] = "10.4"


class DisputeOrder(BaseModel):
    """Body of `POST /_control/adyen/disputes/{psp}`."""

    model_config = ConfigDict(extra="forbid")

    step: Literal["take", "reverse", "second"]


class Knobs:
    """The endpoints under `/_control/adyen`."""

    def __init__(
        self, sandbox: Sandbox, account: Account, reversing: Reversing, reports: Reports
    ) -> None:
        self._sandbox = sandbox
        self._account = account
        self._reversing = reversing
        self._reports = reports

    def routes(self) -> list[BaseRoute]:
        """The control endpoints."""
        base = "/_control/adyen"
        return [
            Route(base, self.show, methods=["GET"]),
            Route(base + "/refunds/{psp}", self.decide_refund, methods=["POST"]),
            Route(base + "/payments/{psp}/chargeback", self.charge_back, methods=["POST"]),
            Route(base + "/disputes/{psp}", self.move_dispute, methods=["POST"]),
            Route(base + "/batches", self.close_batch, methods=["POST"]),
        ]

    async def show(self, _: Request) -> Response:
        """Everything the account remembers."""
        now, account = self._sandbox.now(), self._account
        return JSONResponse(
            {
                "links": [one.as_json(now) for one in account.links.values()],
                "payments": [asdict(one) for one in account.payments.values()],
                "refunds": [asdict(one) for one in account.refunds.values()],
                "disputes": [asdict(one) for one in account.disputes.values()],
                "unsettled_lines": len(account.bookings),
                "reports": list(account.reports),
            }
        )

    async def decide_refund(self, request: Request) -> Response:
        refund = self._account.refunds.get(request.path_params["psp"])
        if refund is None:
            return refusal(404, "no_such_refund", request.path_params["psp"])
        order = await parsed(request, RefundOrder)
        if isinstance(order, Response):
            return order
        try:
            if order.outcome in ("paid", "failed"):
                self._reversing.finish(refund, succeeded=order.outcome == "paid")
            else:
                later = order.outcome == "failed_later"
                self._reversing.reverse(refund, "REFUND_FAILED" if later else "REFUNDED_REVERSED")
        except NotPossible as error:
            return refusal(409, "not_possible", str(error))
        return JSONResponse({"refund": refund.psp, "state": refund.state})

    async def charge_back(self, request: Request) -> Response:
        payment = self._account.payments.get(request.path_params["psp"])
        if payment is None:
            return refusal(404, "no_such_payment", request.path_params["psp"])
        order = await parsed(request, ChargebackOrder)
        if isinstance(order, Response):
            return order
        amount = order.amount or payment.amount.value
        return _dispute(self._reversing.announce(payment, amount, order.code), 201)

    async def move_dispute(self, request: Request) -> Response:
        dispute = self._account.disputes.get(request.path_params["psp"])
        if dispute is None:
            return refusal(404, "no_such_dispute", request.path_params["psp"])
        order = await parsed(request, DisputeOrder)
        if isinstance(order, Response):
            return order
        try:
            self._reversing.move(dispute, order.step)
        except NotPossible as error:
            return refusal(409, "not_possible", str(error))
        return _dispute(dispute, 200)

    async def close_batch(self, request: Request) -> Response:
        base_url = f"{request.url.scheme}://{request.headers['host']}"
        return JSONResponse({"report": self._reports.close_batch(base_url)}, 201)


def _dispute(dispute: Dispute, status: int) -> Response:
    return JSONResponse({"dispute": dispute.psp, "state": dispute.state}, status)
