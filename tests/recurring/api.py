"""The deployed API over memory, with a person who may pay in and gateways that fail as told."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import cast

from graphql_api.adapter import LambdaAdapter
from graphql_api.application import Application, Outside
from graphql_api.asgi import Service
from shared.kernel.clock import FixedClock
from shared.kernel.ids import UlidIds
from shared.kernel.money import Currency
from shared.market_data.model import FxQuote
from shared.market_data.store import MarketStore
from shared.payments.methods import Gateway
from shared.payments.model import Deposit
from shared.platform.memory import MemoryDatabase
from shared.platform.origin import NO_EDGE
from shared.platform.outbox import Facts
from shared.platform.personal import MemoryPersonalData
from shared.platform.queues import MemoryQueue
from shared.platform.runtime import Runtime
from shared.platform.tables import Put
from shared.users.model import KycStatus
from shared.users.store import ProfileRow
from tests.conftest import NOW
from tests.graphql_api.conftest import PASSWORD, SETTINGS, Client, TwinSafe, TwinVault
from tests.payments.twins import CrashingFacts, FakeGateway
from tests.payments.world import ACCOUNT
from tests.users.twins import CODE, TwinIdentities
from tests.withdrawals.conftest import FakeBanks

WIDE = '{"MONEY": {"capacity": 1000, "per_minute": 1000}}'


@dataclass
class Api:
    """One process of it."""

    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    database: MemoryDatabase = field(default_factory=MemoryDatabase)
    card: FakeGateway = field(default_factory=lambda: FakeGateway(idempotent=True))
    push: FakeGateway = field(default_factory=lambda: FakeGateway(idempotent=False))
    adapters: list[LambdaAdapter] = field(default_factory=list)

    def __post_init__(self) -> None:
        ids = UlidIds("t1", self.clock)
        self.facts = CrashingFacts(Facts(self.database, self.clock, ids))
        identities, personal = TwinIdentities(self.clock), MemoryPersonalData()
        outside = Outside(
            runtime=Runtime(self.database, self.clock, ids, cast("Facts", self.facts)),
            personal=lambda: personal,
            identities=lambda: identities,
            gateways=lambda: {Gateway.STRIPE: self.card, Gateway.MPESA: self.push},
            banks=FakeBanks,
            vault=TwinVault,
            reports=TwinSafe,
            payment_signals=MemoryQueue,
            market_requests=MemoryQueue,
            pepper=lambda: "pepper",
            origin=lambda: NO_EDGE,
        )
        self.app = Application(SETTINGS.model_copy(update={"rate_limits": WIDE}), outside)

    def rate(self, quote: Currency, rate: str) -> None:
        now = self.clock.now()
        found = FxQuote(Currency.USD, quote, Decimal(rate), now, "bank", now)
        MarketStore(self.database).keep_rate(found)

    def browser(self) -> Client:
        self.adapters.append(LambdaAdapter(Service(self.app)))
        return Client(self.adapters[-1])

    def sign_in(self, client: Client, email: str) -> None:
        answer = client.session(
            "mutation($i: SignInInput!) { signIn(input: $i) { ... on SignedIn { accessToken } } }",
            {"i": {"email": email, "password": PASSWORD}},
        )
        client.token = answer.data["signIn"]["accessToken"]

    def join(self, email: str) -> Client:
        client = self.browser()
        client.session(
            "mutation($i: SignUpInput!) { signUp(input: $i) { __typename } }",
            {"i": {"email": email, "password": PASSWORD, "language": "EN"}},
        )
        client.session(
            "mutation($i: ConfirmSignUpInput!) { confirmSignUp(input: $i) { __typename } }",
            {"i": {"email": email, "code": CODE}},
        )
        self.sign_in(client, email)
        self.approve(client.user_id)
        return client

    def approve(self, user_id: str) -> None:
        users = self.app.users
        self.facts.commit([users.set_kyc_status(user_id, KycStatus.APPROVED)])
        self.facts.commit([users.set_risk_score(user_id, 3, "2026-1")])
        profile = self.database.get(ProfileRow, f"USER#{user_id}", "PROFILE")
        assert profile is not None
        profile.broker_account_id, profile.broker_status = ACCOUNT, "ACTIVE"
        self.database.write(Put("profile", profile))

    def stored(self, client: Client) -> list[Deposit]:
        return list(self.app.deposits.page(client.user_id, limit=50).deposits)

    def close(self) -> None:
        for adapter in self.adapters:
            adapter.close()
