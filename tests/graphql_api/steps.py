"""Steps of a person through the API: what they send, and rows that others would have written."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from graphql_api.application import Application
from shared.investing.model import Order, Side
from shared.investing.plan import (
    Cause,
    Check,
    Decision,
    Inputs,
    Outcome,
    Plan,
    PlannedOrder,
    PlanOutcome,
    Rule,
    Target,
)
from shared.kernel.clock import FixedClock
from shared.kernel.money import Currency, Price
from shared.market_data.model import MarketClock, Quote
from shared.market_data.store import MarketStore
from shared.users.model import KycStatus

PROFILE = {
    "givenName": "Amina",
    "familyName": "Wanjiku",
    "dateOfBirth": "1990-02-28",
    "phone": "+254712345678",
    "street": "Moi Avenue 1",
    "city": "Nairobi",
    "postalCode": "00100",
    "country": "KEN",
    "nationality": "KEN",
    "taxIdType": "KEN_KRA_PIN",
    "taxId": "A012345678Z",
    "fundingSource": "EMPLOYMENT_INCOME",
    "employment": "EMPLOYED",
    "controlPerson": False,
    "exchangeAffiliated": False,
    "politicallyExposed": False,
    "familyExposed": False,
}


UPDATE = """mutation($i: UpdateProfileInput!) { updateProfile(input: $i) { __typename
  ... on UpdateProfilePayload { profile { givenName taxId taxCountry complete missing } }
  ... on UserError { code message advice } ... on InvalidInputError { field } } }"""


QUESTIONS = """query($l: Language) { riskQuestionnaire(language: $l) { version
  questions { key aspect text choices { key text } } } }"""


SUBMIT = """mutation($i: SubmitRiskProfileInput!) { submitRiskProfile(input: $i) { __typename
  ... on SubmitRiskProfilePayload { assessment { score allowed tolerance capacity } }
  ... on UserError { code } ... on InvalidInputError { field } } }"""


UPLOAD = """mutation($i: RequestKycUploadInput!) { requestKycUpload(input: $i) { __typename
  ... on RequestKycUploadPayload { docId url fields { name value } expiresAt }
  ... on UserError { code } } }"""


DOCUMENTS = """{ viewer { kycCase { status nextAction attemptsLeft }
  kycDocuments { docId userId documentType side s3Url verificationStatus } } }"""


CREATE = """mutation($i: CreateDepositInput!) { createDeposit(input: $i) { __typename
  ... on CreateDepositPayload { deposit { depositId status amount { amount currency }
    nextAction { redirectUrl pushSentTo } } }
  ... on UserError { code message } ... on InvalidInputError { field } } }"""


DEPOSIT = """query($d: DepositId!) { viewer { deposit(depositId: $d) { depositId status } } }"""


def update(client: Any, **fields: Any) -> Any:
    return client.graphql(UPDATE, {"i": fields}).data["updateProfile"]


def answers(client: Any, *, last: bool = False) -> dict[str, Any]:
    asked = client.graphql(QUESTIONS).data["riskQuestionnaire"]
    answers = [
        {"question": one["key"], "choice": one["choices"][-1 if last else 0]["key"]}
        for one in asked["questions"]
    ]
    return {"version": asked["version"], "answers": answers}


def approved(app: Application, client: Any) -> None:
    app.facts.commit([app.users.set_kyc_status(client.user_id, KycStatus.APPROVED)])
    app.facts.commit([app.users.set_risk_score(client.user_id, 3, "2026-1")])


def pay_in(client: Any, **changes: Any) -> Any:
    given = {"idempotencyKey": "k-1", "gateway": "STRIPE", "amount": "100.00", "currency": "USD"}
    return client.graphql(CREATE, {"i": given | changes}).data["createDeposit"]


def open_market(app: Application, clock: FixedClock) -> None:
    now = clock.now()
    market = MarketStore(app.database)
    market.keep_clock(
        MarketClock(now, True, now + timedelta(days=1), now + timedelta(hours=5), now)
    )
    market.keep_quotes(
        [
            Quote("VLUE", Price(Decimal("100.50"), Currency.USD), now, "alpaca:quote", now),
            Quote(
                "AAAB",
                Price(Decimal("50.00"), Currency.USD),
                now - timedelta(hours=1),
                "alpaca:quote",
                now,
            ),
        ]
    )


def a_plan(app: Application, user_id: str, deposit_id: str) -> tuple[Plan, Order]:
    target = Target(id="factor-3", version=1, score=3, weights={"VLUE": 6000, "AAAB": 4000})
    inputs = Inputs(
        cause_id=deposit_id,
        amount_minor=10000,
        person_active=True,
        identity_approved=True,
        score=3,
        account_active=True,
        available_minor=10000,
        open_orders=0,
        held={},
        target=target,
        prices={},
        assets={},
        breakers={},
        market_open=True,
        business_now=datetime(2026, 3, 2, tzinfo=UTC),
    )
    decision = Decision(
        outcome=PlanOutcome.PLANNED,
        orders=(PlannedOrder(symbol="VLUE", side=Side.BUY, notional_minor=6000),),
        checks=(
            Check(rule=Rule.SUITABILITY, outcome=Outcome.PASS, values={"model": "3", "score": "3"}),
        ),
        before={"VLUE": Decimal("0.1")},
        after={"VLUE": Decimal("0.598500")},
    )
    plan = Plan(
        plan_id=deposit_id.replace("dep_", "pln_"),
        user_id=user_id,
        cause=Cause.DEPOSIT,
        cause_id=deposit_id,
        created_at=app.clock.now(),
        inputs=inputs,
        inputs_hash="ab" * 32,
        decision=decision,
    )
    order = Order(
        order_id=plan.order_id("VLUE"),
        user_id=user_id,
        plan_id=plan.plan_id,
        account_id="acc",
        symbol="VLUE",
        notional_minor=6000,
    )
    return plan, order
