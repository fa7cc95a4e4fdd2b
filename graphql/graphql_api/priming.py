"""What the API has done before its process is frozen: everything that a first request would wait
for. It answers the first screen to somebody who does not exist, over memory, so that no secret,
token, connection or answer of a real person is in the snapshot.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, NoReturn, cast

from graphql_api.adapter import LambdaAdapter
from graphql_api.application import Application, Outside
from graphql_api.asgi import Service
from graphql_api.settings import Settings
from shared.kernel.clock import SystemClock
from shared.kernel.ids import Kind, UlidIds
from shared.platform.memory import MemoryDatabase
from shared.platform.origin import NO_EDGE
from shared.platform.outbox import Facts
from shared.platform.personal import MemoryPersonalData
from shared.platform.queues import MemoryQueue
from shared.platform.runtime import Runtime
from shared.users.model import Language, Reservation, SealedProfile, User, UserStatus
from shared.users.ports import Identities
from shared.users.sign_ins import SignIn
from shared.users.store import UserStore

SCREEN = "Screen"
"""Name of the persisted operation that is answered: the one with the most parts."""
_ORIGIN = "00000000-0000-4000-8000-000000000000"


class NotPrimed(Exception):
    """The API cannot answer its first screen: this version must not go live."""


def prime(service: Service, settings: Settings) -> None:
    """Prepare the persisted operations of the service, and answer the first screen once.

    Raises:
        NotPrimed: the answer has errors.
    """
    for endpoint in service.endpoints.values():
        for key in endpoint.persisted.texts:
            endpoint.persisted.get(key)
    app, user_id = nobody(settings)
    twin = LambdaAdapter(Service(app))
    try:
        answer = twin(_request(settings, user_id), None)
    finally:
        twin.close()
    if answer["statusCode"] != 200 or "errors" in json.loads(answer["body"]):
        raise NotPrimed


def nobody(settings: Settings) -> tuple[Application, str]:
    """The API over memory, and the id of a person in it who has just signed in."""
    clock, personal = SystemClock(), MemoryPersonalData()
    ids = UlidIds(settings.cell, clock)
    database = MemoryDatabase()
    runtime = Runtime(database, clock, ids, Facts(database, clock, ids))
    app = Application(
        settings.model_copy(update={"origin_secret": None}),
        Outside(
            runtime=runtime,
            personal=lambda: personal,
            # Composed with the parts that read a profile, and not called by them.
            identities=cast("Callable[[], Identities]", object),
            gateways=_unused,
            banks=_unused,
            vault=_unused,
            reports=_unused,
            payment_signals=MemoryQueue,
            market_requests=MemoryQueue,
            pepper=lambda: "of nobody",
            origin=lambda: NO_EDGE,
        ),
    )
    now, user_id = clock.now(), ids.new(Kind.USER)
    sealed = personal.seal({"email": "nobody@example.com"}, subject=user_id)
    profile = SealedProfile(sealed.wrapped_key, sealed.ciphertext)
    sign_in = SignIn(_ORIGIN, "family", int((now + timedelta(hours=1)).timestamp()))
    user = User(user_id, UserStatus.ACTIVE, Language.EN, profile)
    user = replace(user, sign_ins=user.sign_ins.with_new(sign_in, now))
    held = Reservation("hash", user_id, UserStatus.PENDING, Language.EN)
    users = UserStore(database)
    users.reserve(held, now + timedelta(hours=1))
    runtime.facts.commit([*users.activate(held, user, None), *app.ledger.open(user_id)])
    return app, user_id


def _unused() -> NoReturn:
    raise NotPrimed


def _request(settings: Settings, user_id: str) -> Mapping[str, Any]:
    claims = {
        "client_id": settings.user_pool_client_id,
        "origin_jti": _ORIGIN,
        "token_use": "access",
        "username": user_id,
    }
    return {
        "version": "2.0",
        "routeKey": "POST /graphql",
        "rawPath": "/graphql",
        "rawQueryString": "",
        "headers": {
            "accept": "application/graphql-response+json",
            "content-type": "application/json",
        },
        "requestContext": {
            "authorizer": {"jwt": {"claims": claims, "scopes": None}},
            "http": {
                "method": "POST",
                "path": "/graphql",
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
            },
            "requestId": "priming",
            "stage": "$default",
        },
        "body": json.dumps({"documentId": SCREEN}),
        "isBase64Encoded": False,
    }
