"""What a signed-in person does, through the deployed adapter, and what others see of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from graphql_api.application import Application
from shared.investing.model import Ending, Execution, Order, OrderStatus
from shared.investing.plan import Check, Decision, Inputs, Outcome, Plan, PlanOutcome, Rule, Target
from shared.investing.service import orders_of
from shared.investing.store import InvestingStore
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Price
from shared.ledger import accounts
from shared.ledger.model import Draft, EntryKind, Posting
from shared.market_data.model import MarketClock, Quote
from shared.market_data.store import MarketStore
from shared.notifications.model import Notice
from shared.platform.queues import CheckMessage, MemoryQueue
from shared.portfolio.model import Position
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


def _update(client: Any, **fields: Any) -> Any:
    return client.graphql(UPDATE, {"i": fields}).data["updateProfile"]


def _answers(client: Any, *, last: bool = False) -> dict[str, Any]:
    asked = client.graphql(QUESTIONS).data["riskQuestionnaire"]
    answers = [
        {"question": one["key"], "choice": one["choices"][-1 if last else 0]["key"]}
        for one in asked["questions"]
    ]
    return {"version": asked["version"], "answers": answers}


def _approved(app: Application, client: Any) -> None:
    app.facts.commit([app.users.set_kyc_status(client.user_id, KycStatus.APPROVED)])
    app.facts.commit([app.users.set_risk_score(client.user_id, 3, "2026-1")])


def _deposit(client: Any, **changes: Any) -> Any:
    given = {"idempotencyKey": "k-1", "gateway": "STRIPE", "amount": "100.00", "currency": "USD"}
    return client.graphql(CREATE, {"i": given | changes}).data["createDeposit"]


def test_a_profile_is_filled_in_and_shown_masked(amina: Any) -> None:
    assert _update(amina, **PROFILE)["profile"] == {
        "givenName": "Amina",
        "taxId": "***78Z",
        "taxCountry": "KEN",
        "complete": True,
        "missing": [],
    }
    steps = amina.graphql("{ viewer { nextSteps } }").data["viewer"]["nextSteps"]
    assert "COMPLETE_PROFILE" not in steps


def test_what_is_wrong_with_a_profile_is_named(amina: Any) -> None:
    answer = _update(amina, givenName="4mina")
    assert (answer["__typename"], answer["field"]) == ("InvalidInputError", "givenName")
    assert _update(amina, dateOfBirth="2020-01-01")["code"] == "TOO_YOUNG"
    for bad in ("1990-2-28", "19900228", "1990-W01-1", "28.02.1990", "1990-02-30"):
        refused = amina.graphql(UPDATE, {"i": {"dateOfBirth": bad}})
        assert refused.codes == ["BAD_USER_INPUT"], bad
    assert amina.graphql(UPDATE, {"i": {"kycStatus": "APPROVED"}}).codes == ["BAD_USER_INPUT"]


def test_failures_speak_swahili_to_those_who_do(amina: Any) -> None:
    _update(amina, language="SW")
    answer = _update(amina, dateOfBirth="2020-01-01")
    assert answer["message"] == "Lazima uwe na umri wa angalau miaka 18."


def test_the_questionnaire_is_asked_and_answered_in_either_language(amina: Any) -> None:
    english = amina.graphql(QUESTIONS, {"l": "EN"}).data["riskQuestionnaire"]
    swahili = amina.graphql(QUESTIONS, {"l": "SW"}).data["riskQuestionnaire"]
    assert english["version"] == swahili["version"]
    assert english["questions"][0]["text"] != swahili["questions"][0]["text"]
    low = amina.graphql(SUBMIT, {"i": _answers(amina)}).data["submitRiskProfile"]
    high = amina.graphql(SUBMIT, {"i": _answers(amina, last=True)}).data["submitRiskProfile"]
    assert low["assessment"]["score"] < high["assessment"]["score"]
    shown = amina.graphql("{ viewer { user { riskProfile { score } } } }").data["viewer"]
    assert shown["user"]["riskProfile"]["score"] == high["assessment"]["score"]


def test_answers_that_do_not_fit_are_refused_and_change_nothing(amina: Any) -> None:
    whole = _answers(amina)
    cases = {
        "RISK_ANSWER_MISSING": whole | {"answers": whole["answers"][:-1]},
        "RISK_QUESTIONNAIRE_UNKNOWN": whole | {"version": "1900-1"},
        "INVALID_VALUE": whole | {"answers": whole["answers"] + whole["answers"][:1]},
        "RISK_TOO_HIGH": whole | {"chosen": 5},
    }
    for code, variables in cases.items():
        answer = amina.graphql(SUBMIT, {"i": variables}).data["submitRiskProfile"]
        assert answer["code"] == code
    shown = amina.graphql("{ viewer { user { riskProfile { score } } } }").data["viewer"]
    assert shown["user"]["riskProfile"] is None


def test_an_upload_is_asked_for_and_never_shows_where_files_lie(
    amina: Any, clock: FixedClock
) -> None:
    asked = {"documentType": "PASSPORT", "contentType": "image/jpeg", "sizeBytes": 200_000}
    upload = amina.graphql(UPLOAD, {"i": asked}).data["requestKycUpload"]
    assert upload["url"] == "https://upload.example.com"
    assert {"name": "policy", "value": "signed"} in upload["fields"]
    shown = amina.graphql(DOCUMENTS).data["viewer"]
    assert shown["kycCase"]["status"] == "IN_PROGRESS"
    assert shown["kycDocuments"] == [
        {
            "docId": upload["docId"],
            "userId": amina.user_id,
            "documentType": "PASSPORT",
            "side": "FRONT",
            "s3Url": None,
            "verificationStatus": "REQUESTED",
        }
    ]
    assert amina.graphql(UPLOAD, {"i": asked | {"side": "BACK"}}).data["requestKycUpload"] == {
        "__typename": "RefusedError",
        "code": "KYC_DOCUMENT_KIND_INVALID",
    }
    huge = amina.graphql(UPLOAD, {"i": asked | {"sizeBytes": 20_000_000}})
    assert huge.data["requestKycUpload"]["code"] == "KYC_FILE_SIZE_REFUSED"


def test_nobody_pays_in_before_identity_and_risk_are_known(
    amina: Any, app: Application, signals: MemoryQueue
) -> None:
    assert _deposit(amina)["code"] == "PAYMENTS_IDENTITY_NOT_APPROVED"
    app.facts.commit([app.users.set_kyc_status(amina.user_id, KycStatus.APPROVED)])
    assert _deposit(amina)["code"] == "PAYMENTS_RISK_PROFILE_MISSING"
    assert amina.graphql("{ viewer { deposits { nodes { depositId } } } }").data == {
        "viewer": {"deposits": {"nodes": []}}
    }
    assert signals.sent == []


def test_a_deposit_by_card_is_made_once_per_key(
    amina: Any, app: Application, signals: MemoryQueue
) -> None:
    _approved(app, amina)
    first = _deposit(amina)
    assert first == _deposit(amina)
    deposit = first["deposit"]
    assert deposit["status"] == "ACTION_REQUIRED"
    assert deposit["amount"] == {"amount": "100.00", "currency": "USD"}
    assert deposit["nextAction"] == {
        "redirectUrl": "https://pay.example.com/cs_1",
        "pushSentTo": None,
    }
    other = _deposit(amina, amount="100.01")
    assert (other["__typename"], other["code"]) == ("ConflictError", "IDEMPOTENCY_KEY_REUSED")
    assert [message for message, _ in signals.sent] == [
        CheckMessage("payment", {"user_id": amina.user_id, "deposit_id": deposit["depositId"]}, 0)
    ]


@pytest.mark.parametrize(
    "amount",
    [
        "NaN",
        "Infinity",
        "1e3",
        "1_000",
        " 1",
        "\uff11",
        "+1",
        "01",
        ".5",
        "1.",
        "",
        "-0",
        "00",
        "9" * 18,
        "9" * 200,
        100,
        True,
        1.5,
    ],
)
def test_amounts_are_plain_decimal_text(amina: Any, app: Application, amount: Any) -> None:
    _approved(app, amina)
    given = {"idempotencyKey": "k", "gateway": "STRIPE", "amount": amount, "currency": "USD"}
    assert amina.graphql(CREATE, {"i": given}).codes == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("amount", ["0", "-5.00", "0.99", "10000.01", "1.001", "9" * 15])
def test_amounts_have_limits(amina: Any, app: Application, amount: str) -> None:
    _approved(app, amina)
    assert _deposit(amina, amount=amount)["code"] in (
        "PAYMENTS_AMOUNT_OUT_OF_RANGE",
        "INVALID_VALUE",
    )


@pytest.mark.parametrize("key", ["", " ", "a b", "\u00e9", "x" * 256, "a\n"])
def test_idempotency_keys_have_a_form(amina: Any, app: Application, key: str) -> None:
    _approved(app, amina)
    given = {"idempotencyKey": key, "gateway": "STRIPE", "amount": "5.00", "currency": "USD"}
    assert amina.graphql(CREATE, {"i": given}).codes == ["BAD_USER_INPUT"]


def test_what_is_one_persons_does_not_exist_for_another(
    amina: Any, app: Application, join: Callable[[str], Any]
) -> None:
    _approved(app, amina)
    deposit = _deposit(amina)["deposit"]["depositId"]
    notice = app.ids.new(Kind.NOTICE)
    app.notices.add(Notice(notice, amina.user_id, "users.user_registered", {}, app.clock.now()))
    juma = join("juma@example.com")
    _approved(app, juma)
    assert amina.graphql(DEPOSIT, {"d": deposit}).data["viewer"]["deposit"] is not None
    assert juma.graphql(DEPOSIT, {"d": deposit}).data["viewer"]["deposit"] is None
    nothing = "dep_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"
    assert juma.graphql(DEPOSIT, {"d": nothing}).data["viewer"]["deposit"] is None
    for malformed in ("", "x", notice):
        assert juma.graphql(DEPOSIT, {"d": malformed}).codes == ["BAD_USER_INPUT"]
    mark = """mutation($i: MarkNotificationsReadInput!) { markNotificationsRead(input: $i) {
      ... on MarkNotificationsReadPayload { marked } ... on UserError { code } } }"""
    ids = {"i": {"notificationIds": [notice]}}
    assert juma.graphql(mark, ids).data["markNotificationsRead"]["marked"] == 0
    assert amina.graphql(mark, ids).data["markNotificationsRead"]["marked"] == 1
    assert amina.graphql(mark, ids).data["markNotificationsRead"]["marked"] == 0
    other = _deposit(juma)["deposit"]["depositId"]
    assert other != deposit, "the same key of another person is another key"
    feed = (
        "{ viewer { deposits { nodes { depositId } } transactions { nodes { transactionId } } } }"
    )
    assert juma.graphql(feed).data["viewer"] == {
        "deposits": {"nodes": [{"depositId": other}]},
        "transactions": {"nodes": [{"transactionId": other}]},
    }


def _market(app: Application, clock: FixedClock) -> None:
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


def _plan(app: Application, user_id: str, deposit_id: str) -> tuple[Plan, Order]:
    target = Target(id="factor-3", version=1, score=3, weights={"VLUE": 6000, "AAAB": 4000})
    inputs = Inputs(
        deposit_id=deposit_id,
        deposit_minor=10000,
        deposit_funded=True,
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
        orders={"VLUE": 6000},
        checks=(
            Check(rule=Rule.SUITABILITY, outcome=Outcome.PASS, values={"model": "3", "score": "3"}),
        ),
        before={"VLUE": Decimal("0.1")},
        after={"VLUE": Decimal("0.598500")},
    )
    plan = Plan(
        plan_id=deposit_id.replace("dep_", "pln_"),
        user_id=user_id,
        deposit_id=deposit_id,
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


def test_the_portfolio_shows_worth_target_and_the_age_of_prices(
    amina: Any, app: Application, clock: FixedClock
) -> None:
    _approved(app, amina)
    _market(app, clock)
    held = Position(amina.user_id, "VLUE").buy(
        app.ids.new(Kind.ORDER), clock.now().date(), 500_000_000, 5000
    )
    app.facts.commit([app.states.save(held)])
    query = """{ viewer { portfolio { value { amount } netDeposits { amount } gain { amount } model
      stale asOf holdings { asset { symbol name type currentPrice { amount stale } }
        quantity purchasePrice { amount } value { amount } weight target }
      targets { asset { symbol } weight } } } }"""
    shown = amina.graphql(query).data["viewer"]["portfolio"]
    assert shown["holdings"] == [
        {
            "asset": {
                "symbol": "VLUE",
                "name": "US value factor ETF",
                "type": "ETF",
                "currentPrice": {"amount": "100.50", "stale": False},
            },
            "quantity": "0.500000000",
            "purchasePrice": {"amount": "100.00"},
            "value": {"amount": "50.25"},
            "weight": "1.000000",
            "target": "0.120000",
        }
    ]
    assert (shown["value"], shown["netDeposits"]) == ({"amount": "50.25"}, {"amount": "50.00"})
    assert shown["gain"] == {"amount": "0.25"}
    assert shown["model"] == "factor-3 v1"
    assert sum(Decimal(one["weight"]) for one in shown["targets"]) == 1
    assert shown["stale"] is False
    clock.advance(timedelta(minutes=16))
    assert amina.graphql(query).data["viewer"]["portfolio"]["stale"] is True


def test_without_prices_nothing_is_made_up(amina: Any, app: Application, clock: FixedClock) -> None:
    held = Position(amina.user_id, "VLUE").buy(
        app.ids.new(Kind.ORDER), clock.now().date(), 500_000_000, 5000
    )
    app.facts.commit([app.states.save(held)])
    query = """{ viewer { portfolio { value { amount } gain { amount } drift asOf stale
      holdings { value { amount } weight asset { currentPrice { amount } } } } }
      marketStatus { known isOpen now } }"""
    data = amina.graphql(query).data
    assert data["viewer"]["portfolio"] == {
        "value": None,
        "gain": None,
        "drift": None,
        "asOf": None,
        "stale": True,
        "holdings": [{"value": None, "weight": None, "asset": {"currentPrice": None}}],
    }
    assert data["marketStatus"] == {"known": False, "isOpen": False, "now": None}


def test_an_order_says_why_it_was_made_without_a_further_read(
    amina: Any, app: Application, database: Any
) -> None:
    deposit_id = app.ids.new(Kind.DEPOSIT)
    plan, order = _plan(app, amina.user_id, deposit_id)
    app.facts.commit(InvestingStore(app.database).add(plan, [order]))
    query = """{ viewer { orders { nodes { orderId symbol side status notional { amount }
      filledQuantity filledAmount { amount }
      why { summary target actual planned model depositId inputsHash
        checks { rule outcome text detail { name value } } } } }
      plans { nodes { planId outcome summary invested { amount } orderIds } } } }"""
    amina.graphql("{ viewer { nextSteps } }")  # the first request takes tokens for the next ones
    database.requests.clear()
    viewer = amina.graphql(query).data["viewer"]
    (shown,) = viewer["orders"]["nodes"]
    assert database.requests == ["query POSITION#", "query FEED#"]
    assert shown["why"]["target"] == "0.6"
    assert shown["why"]["actual"] == "0.1"
    assert shown["why"]["planned"] == "0.598500"
    assert shown["why"]["depositId"] == deposit_id
    assert shown["why"]["checks"] == [
        {
            "rule": "SUITABILITY",
            "outcome": "PASS",
            "text": "The model's risk level (3) is not above yours (3).",
            "detail": [{"name": "model", "value": "3"}, {"name": "score", "value": "3"}],
        }
    ]
    (decided,) = viewer["plans"]["nodes"]
    assert decided["outcome"] == "PLANNED"
    assert decided["invested"] == {"amount": "60.00"}
    assert decided["orderIds"] == [shown["orderId"]]
    assert "60.00 USD" in decided["summary"]
    assert "VLUE" in shown["why"]["summary"]
    assert shown["notional"] == {"amount": "60.00"}
    assert shown["filledQuantity"] == "0.000000000"


def test_transactions_tell_what_happened_and_what_is_pending(
    amina: Any, app: Application, clock: FixedClock
) -> None:
    _approved(app, amina)
    deposit = _deposit(amina)["deposit"]["depositId"]
    plan, order = _plan(app, amina.user_id, deposit)
    filled = order.executed(
        Execution("x1", 500_000_000, Decimal("100.50"), clock.now()), clock.now()
    ).ended(Ending(OrderStatus.FILLED, 500_000_000), clock.now())
    app.facts.commit(InvestingStore(app.database).add(plan, [filled]))
    query = """{ viewer { transactions { nodes {
      transactionId accountId type amount { amount currency } status symbol timestamp } }
      accounts { accountId currency } } }"""
    data = amina.graphql(query).data["viewer"]
    usd = next(one["accountId"] for one in data["accounts"] if one["currency"] == "USD")
    # Both carry the deposit's moment in their place, so either may come first.
    assert {
        one["type"]: (one["amount"]["amount"], one["status"], one["symbol"])
        for one in data["transactions"]["nodes"]
    } == {"DEPOSIT": ("100.00", "PENDING", None), "BUY": ("50.25", "COMPLETED", "VLUE")}
    assert {one["accountId"] for one in data["transactions"]["nodes"]} == {usd}


def test_orders_and_trades_carry_their_own_times_not_that_of_the_deposit(
    amina: Any, app: Application, clock: FixedClock
) -> None:
    deposit_id = app.ids.new(Kind.DEPOSIT)
    clock.advance(timedelta(hours=20))
    planned_at = clock.now()
    plan, _ = _plan(app, amina.user_id, deposit_id)
    (order,) = orders_of(plan, "acc")
    bought_at = planned_at + timedelta(seconds=7)
    sent = order.submitted("b-1", planned_at + timedelta(seconds=2))
    partly = sent.executed(Execution("x1", 500_000_000, Decimal("100.50"), bought_at), bought_at)
    filled = partly.ended(Ending(OrderStatus.FILLED, 500_000_000), bought_at)
    query = """{ viewer { orders { nodes { createdAt } }
      transactions { nodes { type timestamp } } } }"""
    orders = InvestingStore(app.database)
    app.facts.commit(orders.add(plan, [order]))
    for version, stored, at in ((1, partly, planned_at), (2, filled, bought_at)):
        app.facts.commit([orders.save(replace(stored, version=version))])
        viewer = amina.graphql(query).data["viewer"]
        (shown,), (trade,) = viewer["orders"]["nodes"], viewer["transactions"]["nodes"]
        assert datetime.fromisoformat(shown["createdAt"]) == planned_at
        assert (trade["type"], datetime.fromisoformat(trade["timestamp"])) == ("BUY", at)


def test_long_lists_are_paged_to_the_end_without_gaps_or_doubles(
    amina: Any, app: Application, clock: FixedClock
) -> None:
    _approved(app, amina)
    wanted = []
    for number in range(70):
        clock.advance(timedelta(seconds=1))
        if number % 7 == 0:
            wanted.append(_deposit(amina, idempotencyKey=f"k{number}")["deposit"]["depositId"])
        else:
            notice = app.ids.new(Kind.NOTICE)
            app.notices.add(Notice(notice, amina.user_id, "users.user_registered", {}, clock.now()))
    query = """query($a: Cursor) { viewer { deposits(first: 3, after: $a) {
      nodes { depositId } edges { cursor } pageInfo { hasNextPage endCursor } } } }"""
    found: list[str] = []
    after = None
    for _ in range(20):
        page = amina.graphql(query, {"a": after}).data["viewer"]["deposits"]
        assert len(page["nodes"]) <= 3
        found += [one["depositId"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == wanted[::-1]


def test_the_journal_shows_balanced_chained_entries(amina: Any, app: Application) -> None:
    for number in range(3):
        wallet = app.ledger.wallet(amina.user_id, Currency.USD)
        legs = (
            Posting(accounts.gateway_clearing("stripe", Currency.USD), "USD/2", 1000),
            Posting(accounts.customer_cash(amina.user_id), "USD/2", -1000),
        )
        draft = Draft(EntryKind.DEPOSIT_SETTLED, f"dep-{number}", app.clock.now(), legs)
        app.facts.commit(app.ledger.post(wallet, draft, posted=1000, held=1000))
    query = """query($a: Cursor) { viewer { journal(first: 2, after: $a) { nodes { seq reference
      hash previousHash postings { asset amount } } pageInfo { hasNextPage endCursor } }
      accounts { currency balance { amount } available { amount } held { amount } } } }"""
    first = amina.graphql(query).data["viewer"]
    second = amina.graphql(query, {"a": first["journal"]["pageInfo"]["endCursor"]}).data["viewer"]
    entries = first["journal"]["nodes"] + second["journal"]["nodes"]
    assert [one["seq"] for one in entries] == [3, 2, 1]
    assert [one["previousHash"] for one in entries[:2]] == [one["hash"] for one in entries[1:]]
    assert second["journal"]["pageInfo"]["hasNextPage"] is False
    for one in entries:
        assert sorted(leg["amount"] for leg in one["postings"]) == ["-10.00", "10.00"]
    assert first["accounts"][0] == {
        "currency": "USD",
        "balance": {"amount": "30.00"},
        "available": {"amount": "0.00"},
        "held": {"amount": "30.00"},
    }


def test_assets_can_be_looked_at_one_by_one_and_in_pages(
    amina: Any, app: Application, clock: FixedClock
) -> None:
    _market(app, clock)
    query = """query($a: Cursor) { assets(first: 4, after: $a) { nodes { assetId symbol }
      pageInfo { hasNextPage endCursor } } asset(symbol: "AAAB") { type currentPrice {
        amount currency source stale } } unknown: asset(symbol: "NOPE") { symbol } }"""
    data = amina.graphql(query).data
    assert data["asset"]["currentPrice"] == {
        "amount": "50.00",
        "currency": "USD",
        "source": "alpaca:quote",
        "stale": True,
    }
    assert data["unknown"] is None
    rest = amina.graphql(query, {"a": data["assets"]["pageInfo"]["endCursor"]}).data
    symbols = [one["symbol"] for page in (data, rest) for one in page["assets"]["nodes"]]
    assert symbols == ["AAAB", "MTUM", "QUAL", "SIZE", "USMV", "VLUE"]
    assert rest["assets"]["pageInfo"]["hasNextPage"] is False


def test_newer_prices_are_wished_for_when_the_schedule_is_behind_and_only_then(
    amina: Any, app: Application, clock: FixedClock, wishes: MemoryQueue
) -> None:
    query = "{ marketStatus { known } }"
    _market(app, clock)
    amina.graphql(query)
    assert wishes.sent == []
    clock.advance(timedelta(seconds=91))
    for _ in range(3):
        amina.graphql(query)
    assert wishes.sent == [(CheckMessage("market", {}), 0)]
    clock.advance(timedelta(seconds=60))
    amina.graphql(query)
    assert len(wishes.sent) == 2


def test_a_queue_that_is_down_spoils_no_screen(
    amina: Any, app: Application, monkeypatch: pytest.MonkeyPatch, wishes: MemoryQueue
) -> None:
    def down(*_: Any) -> None:
        raise ConnectionError("queue")

    monkeypatch.setattr(wishes, "send", down)
    assert amina.graphql("{ marketStatus { known } }").data["marketStatus"]["known"] is False
