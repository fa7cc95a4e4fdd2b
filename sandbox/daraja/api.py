"""The endpoints that tills and operators call, and the control of single pushes."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.context import Sandbox
from sandbox.control import parsed, refusal
from sandbox.daraja.books import VENDOR
from sandbox.daraja.errors import SYSTEM_ERROR, DarajaError, bad_field, fault_response
from sandbox.daraja.fields import check_password, checked_push
from sandbox.daraja.menu import Menu
from sandbox.daraja.orders import STATUS, Orders
from sandbox.daraja.outcomes import OUTCOMES, PENDING, SUCCESS
from sandbox.daraja.payments import NotPending, Payment, Payments
from sandbox.daraja.tokens import Tokens
from sandbox.operations import Handler, operation

PREFIX = "/daraja"
MAX_BODY = 100_000
ACK_AFTER_CALLBACK_SECONDS = 0.2

type Action = Callable[[dict[str, Any]], Awaitable[Response]]


class SettleOrder(BaseModel):
    """Body of `POST /_control/daraja/payments/{checkout}/settle`."""

    model_config = ConfigDict(extra="forbid")

    result_code: int = SUCCESS

    @field_validator("result_code")
    @classmethod
    def _known(cls, code: int) -> int:
        if code == PENDING or code not in OUTCOMES:
            raise ValueError(f"one of {sorted(OUTCOMES.keys() - {PENDING})}")
        return code


class DarajaApi:
    """Safaricom's side of the wire."""

    def __init__(
        self, sandbox: Sandbox, tokens: Tokens, payments: Payments, menu: Menu, orders: Orders
    ) -> None:
        self._sandbox = sandbox
        self._tokens = tokens
        self._payments = payments
        self._menu = menu
        self._orders = orders

    def routes(self) -> list[BaseRoute]:
        """Routes with full paths; the last one answers for every URL that is not known."""
        control = "/_control/daraja/payments"
        return [
            Route(f"{PREFIX}/oauth/v1/generate", self._faulty("token", self._token)),
            self._post("/mpesa/stkpush/v1/processrequest", "stk_push", self._push),
            self._post("/mpesa/stkpushquery/v1/query", "stk_query", self._query),
            self._post("/mpesa/c2b/v2/registerurl", "c2b_register", _told(self._menu.register)),
            self._post("/mpesa/c2b/v2/simulate", "c2b_simulate", _told(self._menu.simulate)),
            self._post("/mpesa/b2c/v3/paymentrequest", "b2c", _told(self._orders.pay)),
            self._post("/mpesa/reversal/v1/request", "reversal", _told(self._orders.reverse)),
            self._post("/mpesa/transactionstatus/v1/query", STATUS, _told(self._orders.status)),
            self._post("/mpesa/accountbalance/v1/query", "balance", _told(self._orders.balance)),
            Route(f"{PREFIX}/{{rest:path}}", _unknown, methods=["GET", "POST"]),
            Route(control, self._list_payments, methods=["GET"]),
            Route(f"{control}/{{checkout}}/settle", self._settle, methods=["POST"]),
        ]

    def _faulty(self, name: str, handler: Handler) -> Handler:
        return operation(self._sandbox, VENDOR, name, handler, fault_response)

    def _post(self, path: str, name: str, action: Action) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                self._tokens.check(request)
                return await action(await _json_body(request))
            except DarajaError as error:
                return error.response()

        return Route(PREFIX + path, self._faulty(name, endpoint), methods=["POST"])

    async def _token(self, request: Request) -> Response:
        try:
            return JSONResponse(self._tokens.issue(request))
        except DarajaError as error:
            return error.response()

    async def _push(self, body: dict[str, Any]) -> Response:
        push = checked_push(body, self._sandbox.config)
        if self._sandbox.faults.take(VENDOR, "stk_push", "subscriber_locked") is not None:
            raise DarajaError(
                500,
                SYSTEM_ERROR,
                "Unable to lock subscriber, a transaction is already in process for the current "
                "subscriber",
            )
        early = self._sandbox.faults.take(VENDOR, "stk_push", "callback_before_ack") is not None
        payment = self._payments.open(push, at_once=early)
        if early:
            await asyncio.sleep(ACK_AFTER_CALLBACK_SECONDS)
        return JSONResponse(
            {
                "MerchantRequestID": payment.merchant_request_id,
                "CheckoutRequestID": payment.checkout_request_id,
                "ResponseCode": "0",
                "ResponseDescription": "Success. Request accepted for processing",
                "CustomerMessage": "Success. Request accepted for processing",
            }
        )

    async def _query(self, body: dict[str, Any]) -> Response:
        check_password(body, self._sandbox.config)
        checkout = body.get("CheckoutRequestID")
        if not isinstance(checkout, str) or not checkout:
            raise bad_field("CheckoutRequestID")
        flap = self._sandbox.faults.take(VENDOR, "stk_query", "flapping")
        if flap is not None:
            raise DarajaError(flap.get("http_status", 500), SYSTEM_ERROR, "")
        payment = self._payments.get(checkout)
        if payment is None:
            raise DarajaError(500, SYSTEM_ERROR, "The transaction does not Exist")
        return JSONResponse(
            {
                "ResponseCode": "0",
                "ResponseDescription": "The service request has been accepted successsfully",
                "MerchantRequestID": payment.merchant_request_id,
                "CheckoutRequestID": payment.checkout_request_id,
                "ResultCode": str(payment.outcome.code),
                "ResultDesc": payment.outcome.query_text,
            }
        )

    async def _list_payments(self, _: Request) -> Response:
        return JSONResponse({"payments": [_shown(one) for one in self._payments.all()]})

    async def _settle(self, request: Request) -> Response:
        payment = self._payments.get(request.path_params["checkout"])
        if payment is None:
            return refusal(404, "no_such_payment", request.path_params["checkout"])
        order = await parsed(request, SettleOrder)
        if isinstance(order, Response):
            return order
        try:
            await self._payments.settle(payment, order.result_code)
        except NotPending as error:
            return refusal(409, "not_pending", f"the payment has ended with {error}")
        return JSONResponse(_shown(payment))


def _told(order: Callable[[dict[str, Any]], Awaitable[dict[str, str]]]) -> Action:
    async def action(body: dict[str, Any]) -> Response:
        return JSONResponse(await order(body))

    return action


def _shown(payment: Payment) -> dict[str, Any]:
    return {
        "checkout_request_id": payment.checkout_request_id,
        "merchant_request_id": payment.merchant_request_id,
        "amount": payment.push.amount,
        "phone": payment.push.phone,
        "account_reference": payment.push.account_reference,
        "result_code": payment.outcome.code,
        "receipt": payment.receipt,
    }


async def _json_body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    try:
        body = json.loads(raw) if len(raw) <= MAX_BODY else None
    except (ValueError, RecursionError) as error:
        raise bad_field("request payload") from error
    if not isinstance(body, dict):
        raise bad_field("request payload")
    return body


async def _unknown(request: Request) -> Response:
    if request.url.path.removeprefix(PREFIX).startswith(("/mpesa/stk", "/oauth/v1/generate")):
        return DarajaError(405, "405.001", "Method Not Allowed").response()
    return DarajaError(404, "404.001.01", "Resource not found").response()
