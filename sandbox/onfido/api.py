"""The `/v3.6` endpoints."""

import hmac
import uuid
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.control import parsed as parsed_control
from sandbox.control import refusal
from sandbox.onfido.bodies import ApplicantBody, ApplicantChange, CheckBody, parsed
from sandbox.onfido.errors import OnfidoError, fault_response, not_found
from sandbox.onfido.outcomes import BY_LAST_NAME, CLEAR
from sandbox.onfido.registry import VENDOR, NotInProgress, Registry
from sandbox.onfido.uploads import Uploads
from sandbox.operations import operation

type Json = dict[str, Any]
type Action = Callable[[Request], Awaitable[Response]]

PREFIX = "/onfido/v3.6"
MAX_PAGE = 500


class CompleteOrder(BaseModel):
    """Body of `POST /_control/onfido/checks/{id}/complete`; `outcome` is `clear` or one of the
    last names that have an effect."""

    model_config = ConfigDict(extra="forbid")

    outcome: Literal[
        "clear", "consider", "suspected", "caution", "blurred", "expired", "mismatch", "faceless"
    ] = "clear"


class Page(BaseModel):
    """`page` counts from 1."""

    page: Annotated[int, Field(ge=1, le=10**6)] = 1
    per_page: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 20


class OnfidoApi:
    """Authorises, and answers in Onfido's shapes."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._uploads = Uploads(registry)

    def routes(self) -> list[BaseRoute]:
        """Routes with full paths; the last ones answer for URLs that are not known."""
        one = "/applicants/{id}"
        return [
            self._route("POST", "/applicants", "applicants.create", self._create_applicant),
            self._route("GET", "/applicants", "applicants.list", self._list_applicants),
            self._route("GET", one, "applicants.retrieve", self._one_of("applicants")),
            self._route("PUT", one, "applicants.update", self._update_applicant),
            self._route("DELETE", one, "applicants.delete", self._delete_applicant),
            *self._media_routes("documents", self._uploads.document),
            *self._media_routes("live_photos", self._uploads.live_photo),
            self._route("POST", "/checks", "checks.create", self._create_check),
            self._route("GET", "/checks", "checks.list", self._list_by("checks", "applicant_id")),
            self._route("GET", "/checks/{id}", "checks.retrieve", self._one_of("checks")),
            self._route("GET", "/reports", "reports.list", self._list_by("reports", "check_id")),
            self._route("GET", "/reports/{id}", "reports.retrieve", self._one_of("reports")),
            Route(
                "/_control/onfido/checks/{id}/complete", self._complete_by_order, methods=["POST"]
            ),
            Route(
                "/onfido/{rest:path}", _unknown, methods=["GET", "POST", "PUT", "DELETE", "PATCH"]
            ),
        ]

    def _media_routes(self, kind: str, upload: Action) -> list[BaseRoute]:
        return [
            self._route("POST", f"/{kind}", f"{kind}.create", upload),
            self._route("GET", f"/{kind}", f"{kind}.list", self._list_by(kind, "applicant_id")),
            self._route("GET", f"/{kind}/{{id}}", f"{kind}.retrieve", self._one_of(kind)),
            self._route(
                "GET", f"/{kind}/{{id}}/download", f"{kind}.download", self._uploads.download(kind)
            ),
        ]

    def _route(self, method: str, path: str, name: str, action: Action) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                self._authorise(request)
                return await action(request)
            except OnfidoError as error:
                return error.response()

        handler = operation(self._registry.sandbox, VENDOR, name, endpoint, fault_response)
        return Route(PREFIX + path, handler, methods=[method])

    def _authorise(self, request: Request) -> None:
        expected = f"Token token={self._registry.sandbox.config.onfido_api_token}"
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise OnfidoError(401, "authorization_error", "The token is invalid.")

    async def _create_applicant(self, request: Request) -> Response:
        body = await parsed(request, ApplicantBody)
        applicant_id = str(uuid.uuid4())
        applicant = {
            "id": applicant_id,
            "created_at": self._registry.now(),
            "delete_at": None,
            "href": f"{base_of(request)}/applicants/{applicant_id}",
            "sandbox": True,
            **_shown(body),
        }
        self._registry.applicants[applicant_id] = applicant
        return JSONResponse(applicant, status_code=201)

    async def _update_applicant(self, request: Request) -> Response:
        applicant = self._registry.applicants.get(request.path_params["id"])
        if applicant is None:
            raise not_found()
        applicant.update(_shown(await parsed(request, ApplicantChange)))
        return JSONResponse(applicant)

    async def _delete_applicant(self, request: Request) -> Response:
        self._registry.forget_applicant(request.path_params["id"])
        return Response(status_code=204)

    async def _list_applicants(self, request: Request) -> Response:
        try:
            page = Page.model_validate(dict(request.query_params))
        except ValueError as error:
            raise OnfidoError(400, "bad_request", "Invalid page") from error
        newest_first = list(self._registry.applicants.values())[::-1]
        start = (page.page - 1) * page.per_page
        return JSONResponse({"applicants": newest_first[start : start + page.per_page]})

    async def _create_check(self, request: Request) -> Response:
        body = await parsed(request, CheckBody)
        return JSONResponse(self._registry.start_check(body, base_of(request)), status_code=201)

    def _one_of(self, kind: str) -> Action:
        async def retrieve(request: Request) -> Response:
            found = _kept(self._registry, kind).get(request.path_params["id"])
            if found is None:
                raise not_found()
            return JSONResponse(found)

        return retrieve

    def _list_by(self, kind: str, owner: str) -> Action:
        async def listing(request: Request) -> Response:
            wanted = request.query_params.get(owner)
            if wanted is None:
                raise OnfidoError(400, "bad_request", f"{owner} is required")
            newest_first = reversed(_kept(self._registry, kind).values())
            return JSONResponse({kind: [one for one in newest_first if one[owner] == wanted]})

        return listing

    async def _complete_by_order(self, request: Request) -> Response:
        check = self._registry.checks.get(request.path_params["id"])
        if check is None:
            return refusal(404, "no_such_check", request.path_params["id"])
        order = await parsed_control(request, CompleteOrder)
        if isinstance(order, Response):
            return order
        try:
            await self._registry.complete(check, BY_LAST_NAME.get(order.outcome, CLEAR))
        except NotInProgress as error:
            return refusal(409, "not_in_progress", f"the check is {error}")
        return JSONResponse(check)


def base_of(request: Request) -> str:
    """The address under which the client reached this API."""
    return f"{request.url.scheme}://{request.headers['host']}{PREFIX}"


def _kept(registry: Registry, kind: str) -> dict[str, Json]:
    kept: dict[str, Json] = getattr(registry, kind)
    return kept


def _shown(body: ApplicantBody) -> Json:
    given = body.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    given.pop("consents", None)
    return given


async def _unknown(_: Request) -> Response:
    return not_found().response()
