"""What people and vendors must keep secret is planted everywhere and found nowhere."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count, cycle
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from standardwebhooks import Webhook

from tests.journeys.canaries import (
    Hit,
    Plants,
    archives,
    card_number,
    digits,
    logs,
    queues,
    search,
    tables,
)
from tests.journeys.schema_inputs import Place, places
from tools.journey.client import wait_for
from tools.journey.person import PROFILE, Person
from tools.journey.purse import Purse
from tools.stack import Endpoints

pytestmark = pytest.mark.journey

FITTING_PLANTS = {
    "EmailAddress": "email",
    "PhoneNumber": "phone",
    "TaxId": "tax_pin",
    "Password": "password",
    "Key": "signing_secret",
    "IdempotencyKey": "api_key",
}
"""The plant that a scalar takes: it gets further than to the door."""
HEADERS = (
    "user-agent",
    "accept-language",
    "x-correlation-id",
    "x-forwarded-for",
    "authorization",
    "cookie",
    "origin",
    "referer",
    "accept",
    "x-api-key",
    "content-type",
    "if-none-match",
    "x-amzn-trace-id",
)


@dataclass
class Answers:
    """Everything that came back."""

    told: list[tuple[str, str]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def add(self, place: str, answer: httpx.Response, *, told: bool = True) -> None:
        """Remember body and headers, or only the status."""
        self.statuses.append(answer.status_code)
        if not told:
            return
        headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        self.told.append((f"answer to {place}", f"{answer.status_code} {answer.text}\n{headers}"))


def _behind(aws: Callable[[str], Any]) -> Iterator[tuple[str, str]]:
    yield from logs(aws("logs"))
    yield from tables(aws("dynamodb"))
    yield from queues(aws("sqs"))
    yield from archives(aws("events"))


def _report(hits: list[Hit]) -> list[str]:
    return sorted(f"{hit.canary} in {hit.place}: …{hit.context}…" for hit in hits)


def test_what_an_investor_tells_us_lies_nowhere_in_the_clear(
    newcomer: Callable[..., Person], aws: Callable[[str], Any]
) -> None:
    plants, card = Plants(), card_number()
    profile = {
        "givenName": f"Given{plants.letters}",
        "familyName": f"Family{plants.letters}",
        "street": f"{plants.letters} Street 7",
        "phone": plants.phone,
        "taxId": plants.tax_pin,
    }
    person = newcomer(**profile)
    first = person.client.access_token
    person.prove_identity()
    person.wait_for_kyc("APPROVED", "REJECTED", "ACTION_REQUIRED", "IN_REVIEW")
    person.add_second_factor()
    assert person.totp is not None
    enrolled = person.totp.get_provisioning_uri(person.email, "Baobab")
    secrets_of = {
        "name": plants.letters,
        "phone": plants.phone.removeprefix("+"),
        "tax": plants.tax_pin,
        "card": card,
        "password": person.password,
        "email": person.email,
        "authenticator": parse_qs(urlsplit(enrolled).query)["secret"][0],
        "first token": str(first),
        "token": str(person.client.access_token),
        **{f"cookie {name}": value for name, value in person.client.http.cookies.items()},
    }
    if person.kyc()["kycCase"]["status"] == "APPROVED":
        person.wait_for_broker()
        deposit = person.create_deposit("STRIPE", "40.00")
        person.pay_by_card(deposit, card)
        push = person.create_deposit("MPESA", "2600.00", phone=plants.phone)
        person.wait_for_deposit(push["depositId"], "FUNDED", "FAILED", "EXPIRED")
        person.sign_in()
        purse, holder = Purse(person), f"{profile['givenName']} {profile['familyName']}"
        secrets_of["bank account"] = digits(12)
        purse.add_phone(plants.phone, holder)
        purse.add_bank("USA", secrets_of["bank account"], "110000000", holder)
    assert person.screen()["user"]["secondFactor"] is True
    person.refresh()
    secrets_of["last token"] = str(person.client.access_token)
    assert _report(search(secrets_of, _behind(aws))) == []


def test_what_comes_through_any_argument_lies_nowhere_and_is_not_repeated(
    newcomer: Callable[..., Person], endpoints: Endpoints, aws: Callable[[str], Any]
) -> None:
    plants, answers = Plants(), Answers()
    people = [newcomer() for _ in range(4)]
    turns = cycle(people)
    reached: set[tuple[str, tuple[str, ...]]] = set()
    wanted: set[tuple[str, tuple[str, ...]]] = set()
    rotation = cycle(plants.all())

    def send(url: str, place: Place, name: str, value: object) -> None:
        body = {"query": place.document, "variables": place.holding(value)}
        for _ in range(2 * len(people)):
            person = next(turns)
            answer = person.client.http.post(
                url, json=body, headers={"Authorization": f"Bearer {person.client.access_token}"}
            )
            answers.add(f"{place.operation} {'.'.join(place.path)} {name}", answer)
            if answer.status_code != 429 and "RATE_LIMITED" not in answer.text:
                reached.add((place.operation, place.path))
                return
            time.sleep(min(2.0, int(answer.headers.get("retry-after", "1")) / len(people)))

    for url, schema in ((endpoints.session, "session"), (endpoints.graphql, "schema")):
        for place in places(schema):
            wanted.add((place.operation, place.path))
            fitting = FITTING_PLANTS.get(place.scalar)
            for name in {fitting or next(rotation), next(rotation)}:
                send(url, place, name, plants.all()[name])
            send(url, place, "list of all", list(plants.all().values()))
    assert reached == wanted
    assert len(wanted) > 60
    assert [status for status in answers.statuses if status >= 500] == []
    traces = plants.traces()
    assert _report(search(traces, answers.told)) == []
    time.sleep(3)
    assert _report(search(traces, _behind(aws))) == []


def test_what_comes_beside_the_arguments_lies_nowhere_and_is_not_repeated(
    newcomer: Callable[..., Person], endpoints: Endpoints, aws: Callable[[str], Any]
) -> None:
    plants, answers, person = Plants(), Answers(), newcomer()
    base = endpoints.graphql.rsplit("/", 1)[0]
    with httpx.Client(timeout=30, trust_env=False) as http:
        for name, plant in plants.all().items():
            for request in _beside(base, plant, str(person.client.access_token)):
                answer = http.request(
                    request.method, request.url, headers=request.headers, content=request.content
                )
                answers.add(f"{request.method} {name}", answer, told=not request.names)
        # A device is remembered with the sign-in, and told in a notice when it is new.
        for plant in plants.all().values():
            agent = {"user-agent": f"Browser {plant}"}
            credentials = {"email": person.email, "password": person.password}
            document = "mutation($i: SignInInput!) { signIn(input: $i) { __typename } }"
            body = {"query": document, "variables": {"i": credentials}}
            answers.add("sign-in", http.post(endpoints.session, json=body, headers=agent))
    assert [status for status in answers.statuses if status >= 500] == []
    traces = plants.traces()
    time.sleep(3)
    assert _report(search(traces, answers.told)) == []
    assert _report(search(traces, _behind(aws))) == []


@dataclass
class Request:
    """As httpx builds one."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""
    names: bool = False
    """The plant is a name in a document: who wrote it is told that there is no such field."""


def _beside(base: str, plant: str, token: str) -> Iterator[Request]:
    """The plant in headers, paths, queries, and in the envelope of a GraphQL request."""
    json_type = {"content-type": "application/json"}
    ask = json.dumps({"query": "{ viewer { user { userId } } }"}).encode()
    for path in ("/graphql", "/session", "/webhooks/stripe"):
        for name in HEADERS:
            headers = {**json_type, "authorization": f"Bearer {token}"}
            value = {"authorization": f"Bearer {plant}", "cookie": f"__Host-session={plant}"}
            yield Request("POST", base + path, {**headers, name: value.get(name, plant)}, ask)
        yield Request("POST", f"{base}{path}?token={plant}", json_type, ask)
        yield Request("POST", base + path, json_type, plant.encode())
        yield Request("POST", base + path, json_type, json.dumps(plant).encode())
    safe = "".join(char for char in plant if char.isalnum() or char in "-_.@+=")
    for path in (f"/{safe}", f"/graphql/{safe}", f"/webhooks/{safe}", f"/webhooks/daraja/{safe}"):
        for method in ("POST", "GET", "DELETE"):
            yield Request(method, base + path, json_type, ask)
    word = "f" + "".join(char for char in plant if char.isalnum())
    for envelope in (
        {"query": f"query {word} {{ viewer {{ user {{ userId }} }} }}", "operationName": plant},
        {"query": f"query {word} {{ viewer {{ user {{ userId }} }} }}", "operationName": word},
        {"query": f"{{ viewer {{ {word}: user {{ {word} }} }} }}"},
        {"query": f"{{ viewer {{ user {{ userId }} }} }} # {plant}"},
        {"query": f'{{ asset(symbol: "{plant}") {{ name }} }}'},
        {"query": f"{{ viewer {{ deposit(depositId: {json.dumps(plant)}) {{ status }} }} }}"},
        {"query": plant},
        {"documentId": plant},
        {"documentId": f"sha256:{plant}"},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": plant}}},
        {"query": "{ viewer { user { userId } } }", "variables": plant},
        {"query": "{ viewer { user { userId } } }", "variables": {word: plant}},
        {"query": "{ viewer { user { userId } } }", plant: plant},
    ):
        for path in ("/graphql", "/session"):
            signed = {**json_type, "authorization": f"Bearer {token}"}
            named = word in str(envelope.get("query"))
            yield Request("POST", base + path, signed, json.dumps(envelope).encode(), named)


_NUMBERS = count(1)


def test_what_vendors_tell_beyond_the_needed_lies_nowhere(
    endpoints: Endpoints, aws: Callable[[str], Any]
) -> None:
    plants, answers = Plants(), Answers()
    base = endpoints.webhooks.rstrip("/")
    told = {"note": list(plants.all().values()), "phone": plants.phone, "card": plants.card}
    bodies = {
        "stripe": {
            "id": "evt_1",
            "object": "event",
            "type": "payment_intent.succeeded",
            "livemode": False,
            "data": {
                "object": {"id": "pi_1", "object": "payment_intent", "metadata": told, **told}
            },
            **told,
        },
        "onfido": {
            "payload": {
                "resource_type": "check",
                "action": "check.completed",
                "object": {"id": "chk_unknown", **told},
                **told,
            }
        },
        "broker": {
            "type": "journal_status",
            "data": {"journal_id": "00000000-0000-4000-8000-000000000001", **told},
            **told,
        },
        # Of an order that nobody knows: tried again and again, then a dead letter.
        "broker trade": {
            "type": "trade_updates",
            "data": {
                "event": "fill",
                "account_id": "00000000-0000-4000-8000-000000000002",
                "timestamp": "2026-03-02T15:30:00Z",
                "execution_id": "00000000-0000-4000-8000-000000000003",
                "price": "10",
                "qty": "1",
                "order": {
                    "id": "00000000-0000-4000-8000-000000000004",
                    "client_order_id": "ke1.01ARZ3NDEKTSV4RRFFQ69G5FAV.01ARZ3NDEKTSV4RRFFQ69G5FAV",
                    "symbol": "VTI",
                    "side": "buy",
                    "filled_qty": "1",
                    **told,
                },
                **told,
            },
            **told,
        },
        # Ours by its form, and unknown: a deposit that was never made.
        "stripe session": {
            "id": "evt_2",
            "object": "event",
            "type": "checkout.session.completed",
            "livemode": False,
            "data": {
                "object": {
                    "id": "cs_1",
                    "object": "checkout.session",
                    "metadata": {
                        "user_id": "usr_ke1_01ARZ3NDEKTSV4RRFFQ69G5FAV",
                        "deposit_id": "dep_ke1_01ARZ3NDEKTSV4RRFFQ69G5FAV",
                        **told,
                    },
                    "customer_details": {"email": plants.email, "phone": plants.phone},
                }
            },
        },
    }
    genuine = []
    with httpx.Client(timeout=30, trust_env=False) as http:
        for sample, content in bodies.items():
            vendor = sample.split(" ")[0]
            body = json.dumps(content).encode()
            forged = http.post(
                f"{base}/{vendor}", content=body, headers={"content-type": "application/json"}
            )
            answers.add(f"forged {vendor}", forged)
            assert forged.status_code == 401
            headers = _signed(vendor, body, endpoints, aws) | {"content-type": "application/json"}
            answer = http.post(f"{base}/{vendor}", content=body, headers=headers)
            answers.add(f"genuine {vendor}", answer)
            genuine.append((sample, answer.status_code))
        odd = http.post(
            f"{base}/daraja/{plants.mark}",
            content=json.dumps(told).encode(),
            headers={"content-type": "application/json"},
        )
        answers.add("daraja", odd)
    assert genuine == [(sample, 200) for sample in bodies]
    assert odd.status_code == 404
    traces = plants.traces()
    assert _report(search(traces, answers.told)) == []
    # While they wait in queues, and after they were handled or given up.
    hits: list[Hit] = []
    for _ in range(20):
        hits += search(traces, queues(aws("sqs")))
        time.sleep(0.2)
    assert _report(hits + search(traces, _behind(aws))) == []


def _signed(
    vendor: str, body: bytes, endpoints: Endpoints, aws: Callable[[str], Any]
) -> dict[str, str]:
    output = {"stripe": "Stripe", "onfido": "Onfido", "broker": "Broker"}[vendor] + "SecretName"
    answer = aws("secretsmanager").get_secret_value(SecretId=endpoints.outputs[output])
    secret = json.loads(answer["SecretString"])
    now = int(time.time())
    if vendor == "stripe":
        key = secret["webhook_secrets"][0].encode()
        proof = hmac.new(key, f"{now}.".encode() + body, hashlib.sha256).hexdigest()
        return {"stripe-signature": f"t={now},v1={proof}"}
    if vendor == "onfido":
        key = secret["webhook_token"].encode()
        return {"x-sha2-signature": hmac.new(key, body, hashlib.sha256).hexdigest()}
    number = f"msg_{next(_NUMBERS)}"
    hook = Webhook(secret["webhook_secrets"][0])
    return {
        "webhook-id": number,
        "webhook-timestamp": str(now),
        "webhook-signature": hook.sign(number, datetime.fromtimestamp(now, UTC), body.decode()),
    }


def test_secrets_of_the_platform_lie_in_the_vault_only(
    endpoints: Endpoints, aws: Callable[[str], Any], veteran: Person
) -> None:
    veteran.screen()
    vault, found = aws("secretsmanager"), {}
    for page in vault.get_paginator("list_secrets").paginate():
        for secret in page["SecretList"]:
            text = vault.get_secret_value(SecretId=secret["ARN"]).get("SecretString", "")
            for name, value in json.loads(text).items() if text.startswith("{") else []:
                values = value if isinstance(value, list) else [value]
                for number, one in enumerate(values):
                    if isinstance(one, str) and len(one) >= 12:
                        found[f"{secret['Name']} {name} {number}"] = one
    pool = aws("cognito-idp").describe_user_pool_client(
        UserPoolId=endpoints.user_pool_id, ClientId=endpoints.user_pool_client_id
    )["UserPoolClient"]
    found["client secret"] = pool["ClientSecret"]
    assert len(found) >= 8
    assert _report(search(found, _behind(aws))) == []
    variables = [
        (f"variables of {function['FunctionName']}", json.dumps(function.get("Environment", {})))
        for function in aws("lambda").list_functions()["Functions"]
    ]
    assert _report(search(found, variables)) == []


def test_the_search_finds_what_is_there() -> None:
    """A search that finds nothing must be able to find something."""
    plants = Plants()
    for name, plant in plants.all().items():
        hidden = base64.b64encode(f'{{"a": "{plant}"}}'.encode()).decode()
        for text in (f"x {plant} y", json.dumps({"a": [plant]}), hidden):
            seen = {hit.canary for hit in search(plants.traces(), [("here", text)])}
            assert name in seen, text
    assert search(plants.traces(), [("here", "nothing of it 4242")]) == []
    assert PROFILE["phone"] not in plants.all().values()
    assert wait_for("nothing", lambda: True)
