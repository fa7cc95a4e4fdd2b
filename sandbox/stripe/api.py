"""The way of every `/v1` request: authorised, parsed, kept under its key, answered."""

import asyncio
import hmac
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.context import Sandbox
from sandbox.operations import Handler, operation
from sandbox.stripe import objects
from sandbox.stripe.calls import Action, Call, Endpoint
from sandbox.stripe.errors import StripeError, fault_response
from sandbox.stripe.events import VENDOR
from sandbox.stripe.forms import MalformedForm, parse_form
from sandbox.stripe.idempotency import IdempotentAnswers
from sandbox.stripe.state import PLATFORM, Origin, StripeState

PREFIX = "/stripe"
MAX_BODY = 1_000_000


class StripeApi:
    """Authorises, parses, keeps idempotency and calls the action of an endpoint."""

    def __init__(self, sandbox: Sandbox, state: StripeState) -> None:
        self._sandbox = sandbox
        self._state = state
        self._answers = IdempotentAnswers()
        sandbox.on_reset(self._answers.clear)

    def routes(self, endpoints: Sequence[Endpoint]) -> list[BaseRoute]:
        """Routes with full paths; the last one answers for every URL that is not known."""
        return [
            *(self._route(one) for one in endpoints),
            Route("/_control/stripe/keys", self.forget_keys, methods=["DELETE"]),
            Route(PREFIX + "/v1/{rest:path}", _unrecognized, methods=["GET", "POST", "DELETE"]),
        ]

    async def forget_keys(self, _: Request) -> Response:
        """A day has passed: idempotency keys are gone, what they made is not."""
        self._answers.clear()
        return JSONResponse({"forgotten": True})

    def _route(self, one: Endpoint) -> Route:
        handler = operation(
            self._sandbox,
            VENDOR,
            one.name,
            self._endpoint(one.name, one.action),
            fault_response,
        )
        return Route(PREFIX + one.path, handler, methods=[one.method])

    def _endpoint(self, name: str, action: Action) -> Handler:
        async def endpoint(request: Request) -> Response:
            request_id = objects.new_id("req", 14)
            try:
                response = await self._answer(name, action, request, request_id)
            except StripeError as error:
                response = error.response()
            response.headers["Request-Id"] = request_id
            response.headers["Stripe-Version"] = objects.API_VERSION
            return response

        return endpoint

    async def _answer(
        self, name: str, action: Action, request: Request, request_id: str
    ) -> Response:
        self._authorise(request)
        body = await request.body()
        if len(body) > MAX_BODY:
            raise StripeError(413, "Request too large.")
        try:
            params = parse_form(request.url.query if request.method == "GET" else body.decode())
        except (MalformedForm, UnicodeDecodeError) as error:
            raise StripeError(400, str(error)) from error
        key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        account = request.headers.get("Stripe-Account", PLATFORM)
        if account != PLATFORM:
            self._state.account(account)
        call = Call(
            Origin(request_id, key),
            f"{request.url.scheme}://{request.headers['host']}",
            dict(request.path_params),
            params,
            account,
        )

        async def execute() -> Response:
            slow = self._sandbox.faults.take(VENDOR, name, "slow")
            if slow is not None:
                await asyncio.sleep(slow.get("ms", 1000) / 1000)
            response = JSONResponse(action(call))
            response.headers["Request-Id"] = request_id
            return response

        if key is None:
            return await execute()
        kept_as = f"{account}{request.url.path}"
        response = await self._answers.answer(key, kept_as, body, execute)
        response.headers["Idempotency-Key"] = key
        return response

    def _authorise(self, request: Request) -> None:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            raise StripeError(
                401,
                "You did not provide an API key. You need to provide your API key in the "
                "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer KEY').",
            )
        if not hmac.compare_digest(key.encode(), self._sandbox.config.stripe_api_key.encode()):
            raise StripeError(401, f"Invalid API Key provided: {'*' * 8}{key[-4:]}")


async def _unrecognized(request: Request) -> Response:
    path = request.url.path.removeprefix(PREFIX)
    return StripeError(404, f"Unrecognized request URL ({request.method}: {path}).").response()
