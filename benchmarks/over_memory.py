"""The API over memory, with one signed-in person, asked by events as its gateway sends them."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from benchmarks.world import World, five_years
from graphql_api.application import Application, Outside
from graphql_api.settings import Settings
from shared.platform.memory import MemoryDatabase
from shared.platform.origin import NO_EDGE
from shared.platform.queues import MemoryQueue
from shared.platform.runtime import Runtime
from shared.users.ports import Identities
from shared.users.sign_ins import SignIn
from shared.users.store import UserStore

CLIENT = "client"
ORIGIN = "11111111-2222-4333-8444-555555555555"
WIDE = json.dumps({"READ": {"capacity": 1_000_000, "per_minute": 1_000_000}})
"""The limiter runs, and refuses nobody."""
SETTINGS = Settings(
    cell="b1",
    core_table="core",
    journal_table="journal",
    outbox_table="outbox",
    audit_table="audit",
    market_table="market",
    personal_data_key="key",
    user_pool_id="pool",
    user_pool_client_id=CLIENT,
    session_secret="session",
    stripe_secret="stripe",
    daraja_secret="daraja",
    adyen_secret="adyen",
    webhook_path_secret="path",
    stripe_base_url="http://127.0.0.1:1",
    daraja_base_url="http://127.0.0.1:1",
    adyen_base_url="http://127.0.0.1:1",
    app_url="https://app.example.com",
    webhook_base_url="http://127.0.0.1:1",
    mpesa_paybill="600000",
    quarantine_bucket="quarantine",
    reports_bucket="reports",
    reports_key="key",
    payment_signals_queue="signals",
    market_queue="market",
    payout_cooling_seconds=86_400,
    payout_approval_minor=200_000,
    prefund_exposure_limit_minor=10_000_000,
    firm_float_minor=0,
    fx_position_limits="{}",
    treasury_alone_limits="{}",
    secure_cookies=True,
    introspection=False,
    rate_limits=WIDE,
)


def five_years_over_memory() -> tuple[Application, str]:
    """The API's parts over memory, and the id of a person with five years of history."""
    world = World(MemoryDatabase())
    user_id = five_years(world)
    users = UserStore(world.database)
    user = users.get(user_id)
    if user is None:
        raise LookupError(user_id)
    now = world.clock.now()
    sign_in = SignIn(ORIGIN, "family", int((now + timedelta(days=1)).timestamp()))
    signed_in = replace(user, sign_ins=user.sign_ins.with_new(sign_in, now))
    world.facts.commit([users.save_standing(user, signed_in)])
    return application(world), user_id


def application(world: World) -> Application:
    """The composition, with nothing outside but the database."""
    outside = Outside(
        runtime=Runtime(world.database, world.clock, world.ids, world.facts),
        personal=lambda: world.personal,
        identities=cast("Callable[[], Identities]", object),
        gateways=_unused,
        banks=_unused,
        vault=_unused,
        reports=_unused,
        payment_signals=MemoryQueue,
        market_requests=MemoryQueue,
        pepper=lambda: "pepper",
        origin=lambda: NO_EDGE,
    )
    return Application(SETTINGS, outside)


def _unused() -> Any:
    raise NotImplementedError("reading needs no vendor")


def event(user_id: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """A request of this person."""
    return event_of_body(user_id, json.dumps(content).encode())


def event_of_body(user_id: str, body: bytes) -> dict[str, Any]:
    """The same with any bytes, payload version 2.0, its token verified by the authorizer.

    The gateway sends in base64 what is no text to it.
    """
    try:
        text, encoded = body.decode(), False
    except UnicodeDecodeError:
        text, encoded = b64encode(body).decode(), True
    claims = {
        "client_id": CLIENT,
        "origin_jti": ORIGIN,
        "sub": user_id,
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
            "accept-language": "en-GB,en;q=0.9",
            "authorization": "Bearer token",
            "content-type": "application/json",
            "host": "api.example.com",
            "user-agent": "Mozilla/5.0 (X11; Linux x86_64)",
        },
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "baobab",
            "authorizer": {"jwt": {"claims": claims, "scopes": None}},
            "domainName": "api.example.com",
            "http": {
                "method": "POST",
                "path": "/graphql",
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "Mozilla/5.0 (X11; Linux x86_64)",
            },
            "requestId": "request-1",
            "stage": "$default",
            "time": "02/Mar/2026:15:30:00 +0000",
            "timeEpoch": 1772465400000,
        },
        "body": text,
        "isBase64Encoded": encoded,
    }
