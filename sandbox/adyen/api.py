"""The Checkout API, version 72."""

import asyncio
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.adyen import parameters
from sandbox.adyen.cards import find_card
from sandbox.adyen.errors import AdyenError, fault_response
from sandbox.adyen.idempotency import HEADER, IdempotentAnswers
from sandbox.adyen.notifications import VENDOR
from sandbox.adyen.objects import Account, Json, Link, new_link_id
from sandbox.adyen.paying import Paying
from sandbox.adyen.reversing import Reversing
from sandbox.context import Sandbox
from sandbox.operations import Handler, operation

PREFIX = "/adyen"
VERSION = "/v72"
MAX_BODY = 1_000_000
NEEDS_AUTHENTICATION = "Authentication required"


@dataclass(frozen=True, slots=True)
class Call:
    """One authorised API call."""

    base_url: str
    path: dict[str, str]
    params: Json


type Action = Callable[[Call], tuple[int, Json]]


class AdyenApi:
    """Authorises, parses, keeps idempotency and calls the action of an endpoint."""

    def __init__(
        self, sandbox: Sandbox, account: Account, paying: Paying, reversing: Reversing
    ) -> None:
        self._sandbox = sandbox
        self._account = account
        self._paying = paying
        self._reversing = reversing
        self._answers = IdempotentAnswers()
        sandbox.on_reset(self._answers.clear)

    def routes(self) -> list[BaseRoute]:
        """Routes with full paths; the last one answers for every URL that is not known."""
        links, payment = "/paymentLinks", "/payments/{psp}"
        return [
            self._route("POST", links, "payment_links.create", self._create_link),
            self._route("GET", links + "/{id}", "payment_links.get", self._get_link),
            self._route("PATCH", links + "/{id}", "payment_links.update", self._update_link),
            self._route("POST", "/payments", "payments", self._pay),
            self._route("POST", payment + "/refunds", "refunds", self._refund),
            self._route("POST", payment + "/cancels", "cancels", self._cancel),
            Route(f"{PREFIX}{VERSION}/{{rest:path}}", _unknown, methods=["GET", "POST", "PATCH"]),
        ]

    def _route(self, method: str, path: str, name: str, action: Action) -> Route:
        endpoint = self._endpoint(name, action)
        handler = operation(self._sandbox, VENDOR, name, endpoint, fault_response)
        return Route(PREFIX + VERSION + path, handler, methods=[method])

    def _endpoint(self, name: str, action: Action) -> Handler:
        async def endpoint(request: Request) -> Response:
            try:
                return await self._answer(name, action, request)
            except AdyenError as error:
                return error.response()

        return endpoint

    async def _answer(self, name: str, action: Action, request: Request) -> Response:
        self._authorise(request)
        body = await request.body()
        if len(body) > MAX_BODY:
            raise AdyenError(413, "000", "Request too large", kind="internal")
        params = _parsed(body) if request.method != "GET" else {}
        if request.method == "POST" and params.get("merchantAccount") != (
            self._sandbox.config.adyen_merchant_account
        ):
            raise AdyenError(403, "901", "Invalid Merchant Account", kind="security")
        base_url = f"{request.url.scheme}://{request.headers['host']}"
        call = Call(base_url, dict(request.path_params), params)

        async def execute() -> Response:
            slow = self._sandbox.faults.take(VENDOR, name, "slow")
            if slow is not None:
                await asyncio.sleep(slow.get("ms", 1000) / 1000)
            status, content = action(call)
            return JSONResponse(content, status)

        key = request.headers.get(HEADER) if request.method == "POST" else None
        if key is None:
            return await execute()
        response = await self._answers.answer(key, request.url.path, body, execute)
        response.headers[HEADER] = key
        return response

    def _authorise(self, request: Request) -> None:
        given = request.headers.get("x-api-key", "")
        known = self._sandbox.config.adyen_api_key
        if not hmac.compare_digest(given.encode(), known.encode()):
            message = "HTTP Status Response - Unauthorized"
            raise AdyenError(401, "000", message, kind="security")

    def _create_link(self, call: Call) -> tuple[int, Json]:
        parameters.known(call.params, parameters.OF_LINK, "CreatePaymentLinkRequest")
        now = self._sandbox.now()
        reference, amount = parameters.reference_of(call.params), parameters.amount_of(call.params)
        expires_at = parameters.expiry_of(call.params, now)
        metadata = parameters.metadata_of(call.params)
        link_id = new_link_id()
        answer = {
            **call.params,
            "id": link_id,
            "expiresAt": expires_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "reusable": False,
            "url": f"{call.base_url}{PREFIX}/pay/{link_id}",
        }
        return_url = call.params.get("returnUrl")
        link = Link(link_id, amount, reference, expires_at, answer, metadata, return_url)
        self._account.links[link_id] = link
        return 201, link.as_json(now)

    def _link(self, call: Call) -> Link:
        link = self._account.links.get(call.path["id"])
        if link is None:
            raise AdyenError(404, "000", "Payment link not found")
        return link

    def _get_link(self, call: Call) -> tuple[int, Json]:
        return 200, self._link(call).as_json(self._sandbox.now())

    def _update_link(self, call: Call) -> tuple[int, Json]:
        parameters.known(call.params, frozenset({"status"}), "UpdatePaymentLinkRequest")
        link, now = self._link(call), self._sandbox.now()
        if call.params.get("status") != "expired":
            raise AdyenError(422, "702", "status can only become expired")
        if link.status_at(now) != "active":
            raise AdyenError(422, "908", f"The payment link is {link.status_at(now)}")
        link.status = "expired"
        return 200, link.as_json(now)

    def _pay(self, call: Call) -> tuple[int, Json]:
        parameters.known(call.params, parameters.OF_PAYMENT, "PaymentRequest")
        reference, amount = parameters.reference_of(call.params), parameters.amount_of(call.params)
        method = call.params.get("paymentMethod")
        number = method.get("encryptedCardNumber") if isinstance(method, dict) else None
        card = find_card(str(number).removeprefix("test_"))
        if card is None:
            raise AdyenError(422, "101", "Invalid card number")
        refusal = NEEDS_AUTHENTICATION if card.authenticates else card.refusal
        metadata = parameters.metadata_of(call.params)
        more = {f"metadata.{name}": value for name, value in metadata.items()}
        return 200, self._paying.pay(amount, reference, card, refusal, more)

    def _refund(self, call: Call) -> tuple[int, Json]:
        parameters.known(call.params, parameters.OF_REFUND, "PaymentRefundRequest")
        payment = self._reversing.payment(call.path["psp"])
        amount, reference = parameters.amount_of(call.params), call.params.get("reference") or ""
        refund = self._reversing.refund(payment, amount, str(reference))
        return 201, {
            **call.params,
            "paymentPspReference": payment.psp,
            "pspReference": refund.psp,
            "status": "received",
        }

    def _cancel(self, call: Call) -> tuple[int, Json]:
        parameters.known(call.params, parameters.OF_CANCEL, "PaymentCancelRequest")
        payment = self._reversing.payment(call.path["psp"])
        psp = self._reversing.cancel(payment, str(call.params.get("reference") or ""))
        return 201, {
            **call.params,
            "paymentPspReference": payment.psp,
            "pspReference": psp,
            "status": "received",
        }


def _parsed(body: bytes) -> Json:
    try:
        params = json.loads(body)
    except (ValueError, RecursionError):
        params = None
    if not isinstance(params, dict):
        raise AdyenError(400, "702", "Required object 'Request' is not provided.")
    return params


async def _unknown(_: Request) -> Response:
    return AdyenError(404, "000", "HTTP Status Response - Not Found", kind="internal").response()
