"""Endpoints about accounts and their documents."""

import base64
import binascii
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.alpaca.account_desk import AccountDesk
from sandbox.alpaca.accounts import Account, AccountStatus
from sandbox.alpaca.exact_json import ExactResponse
from sandbox.alpaca.problems import invalid, malformed, not_found
from sandbox.alpaca.state import State
from sandbox.alpaca.wire import json_body, list_parameter, time_parameter, timestamp

CIP_PROVIDERS = frozenset({"onfido", "jumio", "trulioo", "alloy", "veriff", "getmati"})
CIP_PARTS = ("kyc", "document", "photo", "identity", "watchlist")
ENTITIES = frozenset(
    {"contact", "identity", "disclosures", "agreements", "documents", "trusted_contact"}
)


class AccountRoutes:
    """`/v1/accounts`."""

    def __init__(self, state: State, desk: AccountDesk) -> None:
        self._state = state
        self._desk = desk

    async def create(self, request: Request) -> Response:
        return JSONResponse(self._desk.open(await json_body(request)).wire())

    async def show(self, request: Request) -> Response:
        return JSONResponse(self._account(request).wire())

    async def update(self, request: Request) -> Response:
        account = self._account(request)
        self._desk.update(account, await json_body(request))
        return JSONResponse(account.wire())

    async def close(self, request: Request) -> Response:
        self._desk.close(self._account(request))
        return Response(status_code=204)

    async def search(self, request: Request) -> Response:
        """Every token of `query` must be part of number, name, phone or e-mail address."""
        tokens = request.query_params.get("query", "").casefold().split()
        statuses = set(list_parameter(request, "status"))
        unknown = statuses - set(AccountStatus)
        sort = request.query_params.get("sort", "desc")
        entities = set(list_parameter(request, "entities"))
        if sort not in {"asc", "desc"} or not entities <= ENTITIES:
            raise invalid("sort must be asc or desc, entities must be names of account parts")
        after = time_parameter(request, "created_after")
        before = time_parameter(request, "created_before")
        found = [
            account
            for account in self._state.customers()
            if account.matches(tokens)
            and (not statuses or account.status in statuses - unknown)
            and (after is None or account.created_at > after)
            and (before is None or account.created_at < before)
        ]
        if sort == "desc":
            found.reverse()
        return JSONResponse([account.wire(entities) for account in found])

    async def upload_documents(self, request: Request) -> Response:
        account = self._account(request)
        body = await json_body(request)
        _require_content(body)
        self._desk.upload(account, body)
        return Response(status_code=204)

    async def list_documents(self, request: Request) -> Response:
        """Statements and confirmations, which this sandbox does not write: always empty."""
        self._account(request)
        return JSONResponse([])

    async def upload_cip(self, request: Request) -> Response:
        account = self._account(request)
        body = await json_body(request)
        if not isinstance(body, dict):
            raise malformed("request body must be an object")
        providers = body.get("provider_name")
        known = (
            isinstance(providers, list)
            and providers
            and all(isinstance(name, str) and name in CIP_PROVIDERS for name in providers)
        )
        if not known:
            raise invalid(f"provider_name must list some of {', '.join(sorted(CIP_PROVIDERS))}")
        parts = {part: body[part] for part in CIP_PARTS if isinstance(body.get(part), dict)}
        if not parts:
            raise invalid(f"at least one of {', '.join(CIP_PARTS)} is required")
        now = timestamp(self._state.now())
        earlier = account.cip or {"id": str(uuid4()), "created_at": now}
        account.cip = {
            **earlier,
            "account_id": account.id,
            "provider_name": providers,
            **dict.fromkeys(CIP_PARTS),
            **parts,
            "updated_at": now,
        }
        return ExactResponse(account.cip)

    async def show_cip(self, request: Request) -> Response:
        account = self._account(request)
        if account.cip is None:
            raise not_found("cip")
        return ExactResponse(account.cip)

    def _account(self, request: Request) -> Account:
        return self._state.account(request.path_params["account_id"])


def _require_content(body: Any) -> None:
    """Documents carry base64, tax forms may carry their data instead."""
    for document in body if isinstance(body, list) else ():
        if not isinstance(document, dict) or document.get("content_data") is not None:
            continue
        content = document.get("content")
        try:
            decoded = isinstance(content, str) and base64.b64decode(content, validate=True)
        except (binascii.Error, ValueError):
            decoded = False
        if not decoded:
            raise invalid("content must be base64")
