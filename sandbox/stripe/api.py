"""The `/v1` endpoints."""

import asyncio
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.context import Sandbox
from sandbox.operations import Handler, operation
from sandbox.stripe import objects
from sandbox.stripe.errors import StripeError, fault_response, no_such
from sandbox.stripe.events import VENDOR, Events
from sandbox.stripe.expansion import expand_paths, expanded
from sandbox.stripe.forms import MalformedForm, parse_form
from sandbox.stripe.idempotency import IdempotentAnswers
from sandbox.stripe.ledger import Origin, StripeLedger
from sandbox.stripe.objects import Json
from sandbox.stripe.parameters import session_parameters

PREFIX = "/stripe"
MAX_BODY = 1_000_000


@dataclass(frozen=True, slots=True)
class Call:
    """One authorised API call."""

    origin: Origin
    base_url: str
    path: dict[str, str]
    params: Json


type Action = Callable[[Call], Json]


class StripeApi:
    """Authorises, parses, keeps idempotency and calls the action of an endpoint."""

    def __init__(self, sandbox: Sandbox, ledger: StripeLedger, events: Events) -> None:
        self._sandbox = sandbox
        self._ledger = ledger
        self._events = events
        self._answers = IdempotentAnswers()
        sandbox.on_reset(self._answers.clear)

    def routes(self) -> list[BaseRoute]:
        """Routes with full paths; the last one answers for every URL that is not known."""
        sessions = "/v1/checkout/sessions"
        return [
            self._route("POST", sessions, "checkout_sessions.create", self._create_session),
            self._route(
                "GET", f"{sessions}/{{id}}", "checkout_sessions.retrieve", self._get_session
            ),
            self._route(
                "POST", f"{sessions}/{{id}}/expire", "checkout_sessions.expire", self._expire
            ),
            self._route(
                "GET", "/v1/payment_intents/{id}", "payment_intents.retrieve", self._get_intent
            ),
            self._route("GET", "/v1/charges/{id}", "charges.retrieve", self._get_charge),
            self._route(
                "GET",
                "/v1/balance_transactions/{id}",
                "balance_transactions.retrieve",
                self._get_balance_transaction,
            ),
            self._route("GET", "/v1/events", "events.list", self._list_events),
            self._route("GET", "/v1/events/{id}", "events.retrieve", self._get_event),
            Route(PREFIX + "/v1/{rest:path}", _unrecognized, methods=["GET", "POST", "DELETE"]),
        ]

    def _route(self, method: str, path: str, name: str, action: Action) -> Route:
        handler = operation(
            self._sandbox, VENDOR, name, self._endpoint(name, action), fault_response
        )
        return Route(PREFIX + path, handler, methods=[method])

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
        call = Call(
            Origin(request_id, key),
            f"{request.url.scheme}://{request.headers['host']}",
            dict(request.path_params),
            params,
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
        response = await self._answers.answer(key, request.url.path, body, execute)
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

    def _create_session(self, call: Call) -> Json:
        params = dict(call.params)
        paths = expand_paths("checkout.session", params.pop("expand", []))
        now = int(self._sandbox.now().timestamp())
        parameters = session_parameters(params, now)
        session = self._ledger.create_session(parameters, f"{call.base_url}{PREFIX}/pay/")
        lapses_ms = (session["expires_at"] - now) * 1000
        self._sandbox.background.after(lapses_ms, self._lapse(session))
        return expanded(session, paths, self._ledger)

    async def _lapse(self, session: Json) -> None:
        if session["status"] == "open":
            self._ledger.expire(session)

    def _get_session(self, call: Call) -> Json:
        return self._found(self._ledger.sessions, "checkout.session", call)

    def _expire(self, call: Call) -> Json:
        session = self._ledger.sessions.get(call.path["id"])
        if session is None:
            raise no_such("checkout.session", call.path["id"])
        paths = expand_paths("checkout.session", call.params.get("expand", []))
        self._ledger.expire(session, call.origin)
        return expanded(session, paths, self._ledger)

    def _get_intent(self, call: Call) -> Json:
        return self._found(self._ledger.intents, "payment_intent", call)

    def _get_charge(self, call: Call) -> Json:
        return self._found(self._ledger.charges, "charge", call)

    def _get_balance_transaction(self, call: Call) -> Json:
        return self._found(self._ledger.balance_transactions, "balance_transaction", call)

    def _list_events(self, call: Call) -> Json:
        return self._events.page(call.params)

    def _get_event(self, call: Call) -> Json:
        return self._events.get(call.path["id"])

    def _found(self, known: dict[str, Json], kind: str, call: Call) -> Json:
        found = known.get(call.path["id"])
        if found is None:
            raise no_such(kind, call.path["id"])
        return expanded(found, expand_paths(kind, call.params.get("expand", [])), self._ledger)


async def _unrecognized(request: Request) -> Response:
    path = request.url.path.removeprefix(PREFIX)
    return StripeError(404, f"Unrecognized request URL ({request.method}: {path}).").response()
