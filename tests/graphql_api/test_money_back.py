"""Refunds, disputes, debts and cases through the endpoint: who sees and does what."""

from dataclasses import replace
from typing import Any

import pytest

from shared.audit.model import Action
from shared.cases.model import CaseKind, new_case
from shared.disputes.model import DisputeStatus
from shared.kernel.money import Currency
from shared.ledger import accounts
from shared.ledger.model import Draft, EntryKind, Posting
from shared.payments.methods import Gateway, Method
from shared.payments.model import DepositStatus
from shared.payments.reasons import Reason
from shared.platform.tables import as_changes
from shared.users.roles import Role
from tests.graphql_api.money_in import carried_out, disputed, funded
from tests.graphql_api.money_out import stepped_up
from tests.graphql_api.staffing import REASON, acts, appoint
from tests.graphql_api.unlimited import unlimited

DEPOSIT = """query($d: DepositId!) { viewer { accounts { currency receivable { amount } }
  deposit(depositId: $d) { status refunds { status amount { amount } debited { amount } }
  dispute { disputeId status reason reasonText amount { amount currency } setAside { amount }
  short { amount } evidenceDue } } } }"""
CASES = """query($s: MoneyCaseStatus!) { staff { moneyCases(status: $s) { caseId kind subject status
  userId resolvedBy note facts { name text } person { userId } } } }"""
FAILURE = "... on UserError { code } ... on InvalidInputError { field }"
REFUSED_REASON = {"code": "INVALID_VALUE", "field": "reason"}
ACTS = {
    "refundDeposit": "refund { amount { amount } }",
    "releaseDeposit": "deposit { status reason }",
    "settleReceivable": "settled { amount }",
    "concedeDispute": "dispute { status }",
    "resolveMoneyCase": "case { status note resolvedBy }",
}


def act(client: Any, name: str, **given: Any) -> Any:
    upper = name[0].upper() + name[1:]
    document = f"""mutation($i: {upper}Input!) {{ {name}(input: $i) {{
      ... on {upper}Payload {{ {ACTS[name]} }} {FAILURE} }} }}"""
    return client.graphql(document, {"i": given})


def done(client: Any, name: str, **given: Any) -> Any:
    return act(client, name, **given).data[name]


def spend(app: Any, user_id: str, minor: int) -> None:
    """Cash that becomes shares; negative, shares that become cash."""
    legs = (
        Posting(accounts.customer_cash(user_id), "USD/2", minor),
        Posting(accounts.customers_cash_at_broker(), "USD/2", -minor),
    )
    draft = Draft(EntryKind.BUY, "order", app.clock.now(), legs)
    wallet = app.ledger.wallet(user_id, Currency.USD)
    app.database.transact(as_changes(app.ledger.post(wallet, draft, posted=-minor)))


@pytest.fixture
def officer(app: Any, join: Any) -> Any:
    unlimited(app)
    return appoint(app, join("officer@example.com"), Role.COMPLIANCE)


def test_a_person_sees_the_dispute_and_what_they_owe(amina: Any, app: Any) -> None:
    deposit = funded(app, amina.user_id)
    spend(app, amina.user_id, 7_000)
    disputed(app, deposit)
    viewer = amina.graphql(DEPOSIT, {"d": deposit.deposit_id}).data["viewer"]
    assert viewer["accounts"] == [
        {"currency": "USD", "receivable": {"amount": "-70.00"}},
        {"currency": "KES", "receivable": {"amount": "0.00"}},
    ]
    assert viewer["deposit"]["status"] == "DISPUTED"
    dispute = viewer["deposit"]["dispute"]
    assert dispute | {"disputeId": ""} == {
        "disputeId": "",
        "status": "OPEN",
        "reason": "FRAUD",
        "reasonText": "The card holder says that somebody else made the payment.",
        "amount": {"amount": "100.00", "currency": "USD"},
        "setAside": {"amount": "30.00"},
        "short": {"amount": "70.00"},
        "evidenceDue": None,
    }
    assert viewer["deposit"]["refunds"] == []


def test_a_person_sees_their_refunds(amina: Any, app: Any) -> None:
    unlimited(app)
    stepped_up(app, amina)
    deposit = funded(app, amina.user_id)
    made = amina.graphql(
        """mutation($i: RequestRefundInput!) { requestRefund(input: $i) {
          ... on RequestRefundPayload { refund { refundId } } ... on UserError { code } } }""",
        {"i": {"idempotencyKey": "k", "depositId": deposit.deposit_id, "amount": "12.34"}},
    )
    assert "refundId" in made.data["requestRefund"]["refund"]
    shown = amina.graphql(DEPOSIT, {"d": deposit.deposit_id}).data["viewer"]["deposit"]
    assert shown["refunds"] == [
        {"status": "READY", "amount": {"amount": "12.34"}, "debited": {"amount": "12.34"}}
    ]
    assert shown["dispute"] is None


def test_staff_give_a_deposit_back_on_record(
    amina: Any, app: Any, officer: Any, trail: Any
) -> None:
    deposit = funded(app, amina.user_id)
    wish = {
        "idempotencyKey": "k",
        "userId": amina.user_id,
        "depositId": deposit.deposit_id,
        "reason": REASON,
    }
    assert done(officer, "refundDeposit", **wish) == {"refund": {"amount": {"amount": "100.00"}}}
    assert done(officer, "refundDeposit", **wish) == {"refund": {"amount": {"amount": "100.00"}}}
    assert acts(trail, amina.user_id) == [Action.DEPOSIT_REFUNDED]
    (refund,) = app.money_back.index.of_deposit(amina.user_id, deposit.deposit_id)
    assert refund.asked_by == officer.user_id
    entry = next(trail.whole(amina.user_id)).entry
    assert dict(entry.after) == {
        "deposit": deposit.deposit_id,
        "refund": refund.payout_id,
        "amount_minor": "10000",
        "currency": "USD",
    }


def test_staff_let_a_held_deposit_go_on(amina: Any, app: Any, officer: Any, trail: Any) -> None:
    deposit = funded(app, amina.user_id)
    held = replace(deposit.held_for_review(Reason.BROKER_REJECTED), status=DepositStatus.SETTLED)
    app.database.transact(as_changes([app.deposit_store.save(deposit, held)]))
    given = {"userId": amina.user_id, "depositId": deposit.deposit_id, "reason": REASON}
    for _ in range(2):
        answer = done(officer, "releaseDeposit", **given)
        assert answer == {"deposit": {"status": "SETTLED", "reason": None}}
    now = app.deposit_store.get(amina.user_id, deposit.deposit_id)
    assert (now.review, now.due is not None) == (False, True)
    assert acts(trail, amina.user_id) == [Action.DEPOSIT_REVIEWED]


def test_staff_collect_what_is_owed(amina: Any, app: Any, officer: Any, trail: Any) -> None:
    deposit = funded(app, amina.user_id)
    spend(app, amina.user_id, 10_000)
    disputed(app, deposit, DisputeStatus.LOST)
    given = {"userId": amina.user_id, "reason": REASON}
    assert done(officer, "settleReceivable", **given) == {"code": "DISPUTES_NOTHING_TO_COLLECT"}
    spend(app, amina.user_id, -2_500)
    assert done(officer, "settleReceivable", **given) == {"settled": {"amount": "25.00"}}
    carried_out(app)
    wallet = app.ledger.wallet(amina.user_id, Currency.USD)
    assert (wallet.posted, wallet.owed) == (0, 7_500)
    assert acts(trail, amina.user_id) == [Action.RECEIVABLE_COLLECTED]


def test_staff_give_up_only_disputes_whose_gateway_is_silent(
    amina: Any, app: Any, officer: Any, trail: Any
) -> None:
    asked = funded(app, amina.user_id)
    disputed(app, asked)
    silent = replace(funded(app, amina.user_id, payment="PSP1"), gateway=Gateway.ADYEN)
    app.database.transact(
        as_changes(
            [
                app.deposit_store.save(silent, replace(silent, method=Method.CARD)),
                *app.deposit_store.claim_payment(silent, "PSP1"),
            ]
        )
    )
    disputed(app, silent, gateway=Gateway.ADYEN)

    def concede(deposit: Any) -> Any:
        (one,) = app.money_back.disputes.of_deposit(amina.user_id, deposit.deposit_id)
        return done(
            officer,
            "concedeDispute",
            userId=amina.user_id,
            depositId=deposit.deposit_id,
            disputeId=one.dispute_id,
            reason=REASON,
        )

    assert concede(asked) == {"code": "DISPUTES_GATEWAY_DECIDES"}
    assert concede(silent) == {"dispute": {"status": "OPEN"}}
    carried_out(app)
    assert concede(silent) == {"dispute": {"status": "LOST"}}
    assert acts(trail, amina.user_id) == [Action.DISPUTE_CONCEDED]
    wallet = app.ledger.wallet(amina.user_id, Currency.USD)
    assert (wallet.posted, wallet.held, wallet.blocks) == (10_000, 10_000, 1)


def test_cases_are_listed_and_closed_by_staff(
    amina: Any, app: Any, officer: Any, trail: Any
) -> None:
    deposit = funded(app, amina.user_id)
    disputed(app, deposit)
    nobodys = new_case(CaseKind.UNMATCHED_MONEY, "LHG31AA5TX", app.clock.now(), amount="5.00 KES")
    app.database.transact(as_changes([app.money_back.cases.open(nobodys)]))
    listed = officer.graphql(CASES, {"s": "OPEN"}).data["staff"]["moneyCases"]
    assert [(one["kind"], one["userId"]) for one in listed] == [
        ("DISPUTE", amina.user_id),
        ("UNMATCHED_MONEY", None),
    ]
    assert listed[0]["person"] == {"userId": amina.user_id}
    for case in listed:
        for note in (REASON, "Some other words of somebody"):
            answer = done(officer, "resolveMoneyCase", caseId=case["caseId"], note=note)
            assert answer["case"] == {
                "status": "RESOLVED",
                "note": REASON,
                "resolvedBy": officer.user_id,
            }
    assert officer.graphql(CASES, {"s": "OPEN"}).data["staff"]["moneyCases"] == []
    assert len(officer.graphql(CASES, {"s": "RESOLVED"}).data["staff"]["moneyCases"]) == 2
    assert acts(trail, amina.user_id) == [Action.CASE_RESOLVED]
    assert acts(trail, nobodys.case_id) == [Action.CASE_RESOLVED]
    single = "query($c: MoneyCaseId!) { staff { moneyCase(caseId: $c) { note } } }"
    found = officer.graphql(single, {"c": listed[0]["caseId"]}).data["staff"]
    assert found == {"moneyCase": {"note": REASON}}
    none = officer.graphql(single, {"c": "DISPUTE:none"}).data["staff"]
    assert none == {"moneyCase": None}
    absent = done(officer, "resolveMoneyCase", caseId="DISPUTE:none", note=REASON)
    assert absent == {"code": "NOT_FOUND"}


def test_nobody_acts_on_their_own_money_or_that_of_colleagues(
    app: Any, officer: Any, join: Any
) -> None:
    colleague = appoint(app, join("colleague@example.com"), Role.SUPPORT)
    for client, code in ((officer, "STAFF_OWN_ACCOUNT"), (colleague, "STAFF_PROTECTED")):
        deposit = funded(app, client.user_id, payment=f"pi_{code}")
        disputed(app, deposit)
        (one,) = app.money_back.disputes.of_deposit(client.user_id, deposit.deposit_id)
        whose = {"userId": client.user_id, "reason": REASON}
        which = whose | {"depositId": deposit.deposit_id}
        before = app.ledger.wallet(client.user_id, Currency.USD)
        answers = [
            done(officer, "refundDeposit", idempotencyKey="k", **which),
            done(officer, "releaseDeposit", **which),
            done(officer, "settleReceivable", **whose),
            done(officer, "concedeDispute", **which, disputeId=one.dispute_id),
            done(officer, "resolveMoneyCase", caseId=f"DISPUTE:{one.dispute_id}", note=REASON),
        ]
        assert answers == [{"code": code}] * 5
        assert app.ledger.wallet(client.user_id, Currency.USD) == before


def test_reasons_have_a_form(amina: Any, app: Any, officer: Any) -> None:
    deposit = funded(app, amina.user_id)
    given = {"userId": amina.user_id, "depositId": deposit.deposit_id, "reason": "short"}
    assert done(officer, "releaseDeposit", **given) == REFUSED_REASON
    assert done(officer, "refundDeposit", idempotencyKey="k", **given) == REFUSED_REASON


@pytest.mark.parametrize("role", [None, Role.SUPPORT])
def test_cases_are_for_those_who_judge_alone(amina: Any, app: Any, role: Role | None) -> None:
    if role is not None:
        appoint(app, amina, role)
    assert amina.graphql(CASES, {"s": "OPEN"}).codes == ["FORBIDDEN"]
    answer = act(amina, "settleReceivable", userId=amina.user_id, reason=REASON)
    assert answer.codes == ["FORBIDDEN"]
