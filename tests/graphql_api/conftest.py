"""The deployed adapter over memory: API Gateway events in, answers out."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from graphql_api.adapter import LambdaAdapter
from graphql_api.application import Application, Outside
from graphql_api.asgi import Service
from graphql_api.settings import Settings
from shared.audit.service import AuditTrail
from shared.audit.store import AuditStore
from shared.kernel.clock import FixedClock
from shared.kernel.ids import UlidIds
from shared.kyc.ports import UploadTarget
from shared.payments.model import Deposit, Gateway
from shared.payments.ports import Outcome, Started, StartResult, Waiting
from shared.platform.memory import MemoryDatabase
from shared.platform.origin import NO_EDGE, Origin
from shared.platform.outbox import Facts
from shared.platform.personal import MemoryPersonalData
from shared.platform.queues import MemoryQueue
from shared.platform.runtime import Runtime
from shared.reconciliation.reading import Safe
from shared.users.roles import Role
from tests.graphql_api.staffing import appoint
from tests.reconciliation.desk import Archive, Signer
from tests.users.twins import CLIENT, CODE, TwinIdentities, claims_of

EMAIL, PASSWORD = "amina@example.com", "Correct-horse-42"
APP = "https://app.example.com"
SETTINGS = Settings(
    cell="t1",
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
    app_url=APP,
    webhook_base_url="http://127.0.0.1:1",
    quarantine_bucket="quarantine",
    reports_bucket="reports",
    reports_key="key",
    payment_signals_queue="signals",
    market_queue="market",
    mpesa_paybill="174379",
    payout_cooling_seconds=86_400,
    payout_approval_minor=200_000,
    prefund_exposure_limit_minor=10_000_000,
    firm_float_minor=0,
    fx_position_limits='{"KES": 500000000}',
    treasury_alone_limits='{"USD": 1000000}',
    secure_cookies=True,
    introspection=False,
)


class CountingDatabase(MemoryDatabase):
    """Notes every request."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[str] = []

    def get(self, *args: Any) -> Any:
        self.requests.append(f"get {args[0].__name__}")
        quiet, self.requests = self.requests, []
        try:
            return super().get(*args)
        finally:
            self.requests = quiet

    def get_many(self, keys: Any) -> Any:
        self.requests.append(f"get_many {len(keys)}")
        return super().get_many(keys)

    def query(self, *args: Any, **kwargs: Any) -> Any:
        self.requests.append(f"query {args[2]}")
        return super().query(*args, **kwargs)

    def transact(self, changes: Any) -> None:
        self.requests.append(f"write {len(changes)}")
        super().transact(changes)


class TwinGateway:
    """A gateway that begins every payment."""

    def start(self, deposit: Deposit, phone: str | None, *, save_card: bool = False) -> StartResult:
        if deposit.gateway is Gateway.STRIPE:
            return Started("cs_1", redirect_url="https://pay.example.com/cs_1")
        return Started("ws_1", pushed_to="2547*****678")

    def look_up(self, deposit: Deposit, reference: str) -> Outcome:
        return Waiting()


class TwinBanks:
    """Takes every bank account; the same numbers of the same person are the same one."""

    def register(
        self, user_id: str, country: str, currency: str, holder: str, numbers: Mapping[str, str]
    ) -> Mapping[str, str]:
        last4 = numbers["account_number"][-4:]
        return {"stripe_account": f"acct_{last4}", "external_account": f"ba_{last4}"}


def TwinSafe() -> Safe:
    """Reports that tests put there; signed by a twin."""
    return Safe(Archive(), Signer())


class TwinVault:
    """A vault that only hands out forms."""

    def upload_target(
        self, key: str, content_type: str, smallest: int, largest: int, seconds: int
    ) -> UploadTarget:
        return UploadTarget("https://upload.example.com", {"key": key, "policy": "signed"})

    def read_new(self, key: str, etag: str) -> bytes | None:
        return None

    def keep(self, key: str, etag: str, kept_key: str, content_type: str) -> bool:
        return False

    def read_kept(self, kept_key: str) -> bytes:
        return b""


@dataclass
class Answer:
    """What came back."""

    status: int
    body: Any
    headers: dict[str, str]
    cookies: list[str]

    @property
    def data(self) -> Any:
        assert "errors" not in self.body, self.body
        return self.body["data"]

    @property
    def codes(self) -> list[str]:
        return [error["extensions"]["code"] for error in self.body["errors"]]


@dataclass
class Client:
    """One browser: keeps its cookie and its access token."""

    api: LambdaAdapter
    token: str | None = None
    cookie: str | None = None
    sign_up: str | None = None
    device: str | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    query: str = ""
    """The query string of what is sent."""

    def post(
        self,
        path: str,
        query: str,
        variables: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        body = json.dumps({"query": query, "variables": dict(variables or {})})
        return self.send(path, body, headers=headers)

    def send(
        self,
        path: str,
        body: str | None,
        *,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        base64: bool = False,
        claims: Mapping[str, Any] | None = None,
    ) -> Answer:
        sent = {"content-type": "application/json"} | dict(headers or {})
        kept = [each for each in (self.cookie, self.sign_up, self.device) if each is not None]
        if kept:
            sent.setdefault("cookie", "; ".join(["other=1", *kept]))
        authorizer: dict[str, Any] = {}
        if self.token is not None:
            sent.setdefault("authorization", f"Bearer {self.token}")
            verified = claims_of(self.token) if claims is None else claims
            if path == "/graphql":
                authorizer = {"authorizer": {"jwt": {"claims": verified, "scopes": None}}}
        event = {
            "version": "2.0",
            "routeKey": f"{method} {path}",
            "rawPath": path,
            "rawQueryString": self.query,
            "headers": sent,
            "requestContext": {
                "accountId": "000000000000",
                "apiId": "baobab",
                "domainName": "api.example.com",
                "http": {
                    "method": method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "203.0.113.7",
                    "userAgent": "test",
                },
                "requestId": "request-1",
                "stage": "$default",
                "time": "02/Mar/2026:15:30:00 +0000",
                "timeEpoch": 1772465400000,
                **authorizer,
            },
            "body": body,
            "isBase64Encoded": base64,
        }
        raw = self.api(event, None)
        cookies = raw.get("cookies", [])
        for cookie in cookies:
            pair, *attributes = cookie.split("; ")
            left = None if "Max-Age=0" in attributes else pair
            if pair.partition("=")[0].endswith("-sign-up"):
                self.sign_up = left
            elif pair.partition("=")[0].endswith("-device"):
                self.device = left
            else:
                self.cookie = left
        return Answer(raw["statusCode"], json.loads(raw["body"]), raw["headers"], cookies)

    def graphql(self, query: str, variables: Mapping[str, Any] | None = None) -> Answer:
        return self.post("/graphql", query, variables)

    def session(self, query: str, variables: Mapping[str, Any] | None = None) -> Answer:
        return self.post("/session", query, variables)

    @property
    def user_id(self) -> str:
        assert self.token is not None
        return claims_of(self.token)["username"]


@pytest.fixture
def database() -> CountingDatabase:
    """Memory that counts."""
    return CountingDatabase()


@pytest.fixture
def identities(clock: FixedClock) -> TwinIdentities:
    """The identity provider."""
    return TwinIdentities(clock)


@pytest.fixture
def signals() -> MemoryQueue:
    """Where checks of payments go."""
    return MemoryQueue()


@pytest.fixture
def wishes() -> MemoryQueue:
    """Where wishes for newer prices go."""
    return MemoryQueue()


@pytest.fixture
def settings() -> Settings:
    """Of a stage without an edge."""
    return SETTINGS


@pytest.fixture
def origin() -> Origin:
    """There is no edge."""
    return NO_EDGE


@pytest.fixture
def app(
    database: CountingDatabase,
    clock: FixedClock,
    identities: TwinIdentities,
    signals: MemoryQueue,
    wishes: MemoryQueue,
    origin: Origin,
    settings: Settings,
) -> Application:
    """The composition over twins."""
    ids = UlidIds("t1", clock)
    personal = MemoryPersonalData()
    gateways = dict.fromkeys(Gateway, TwinGateway())
    outside = Outside(
        runtime=Runtime(database, clock, ids, Facts(database, clock, ids)),
        personal=lambda: personal,
        identities=lambda: identities,
        gateways=lambda: gateways,
        banks=TwinBanks,
        vault=TwinVault,
        reports=TwinSafe,
        payment_signals=lambda: signals,
        market_requests=lambda: wishes,
        pepper=lambda: "pepper",
        origin=lambda: origin,
    )
    return Application(settings, outside)


@pytest.fixture
def browser(app: Application) -> Iterator[Callable[[], Client]]:
    """New browsers."""
    api = LambdaAdapter(Service(app))
    yield lambda: Client(api)
    api.close()


@pytest.fixture
def join(browser: Callable[[], Client]) -> Callable[[str], Client]:
    """A signed-in person with this address."""

    def make(email: str) -> Client:
        client = browser()
        client.session(
            "mutation($i: SignUpInput!) { signUp(input: $i) { __typename } }",
            {"i": {"email": email, "password": PASSWORD, "language": "EN"}},
        )
        client.session(
            "mutation($i: ConfirmSignUpInput!) { confirmSignUp(input: $i) { __typename } }",
            {"i": {"email": email, "code": CODE}},
        )
        signed_in = client.session(
            "mutation($i: SignInInput!) { signIn(input: $i) { ... on SignedIn { accessToken } } }",
            {"i": {"email": email, "password": PASSWORD}},
        )
        client.token = signed_in.data["signIn"]["accessToken"]
        return client

    return make


@pytest.fixture
def amina(join: Callable[[str], Client]) -> Client:
    """A signed-in person."""
    return join(EMAIL)


@pytest.fixture
def staff(app: Application, join: Callable[[str], Client]) -> Callable[..., Client]:
    """Makes a signed-in member of staff, ready for step-up; see ``appoint``."""

    def make(role: Role, name: str = "", **more: bool) -> Client:
        client = join(f"{name or role.value.lower()}@company.example")
        appoint(app, client, role, **more)
        return client

    return make


@pytest.fixture
def trail(app: Application) -> AuditTrail:
    """What was recorded of acts of staff."""
    return AuditTrail(AuditStore(app.database), app.clock, app.ids)
