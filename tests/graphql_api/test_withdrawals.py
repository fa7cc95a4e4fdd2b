"""Payout accounts and withdrawals through the endpoint: whose they are, and what they say."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from graphql_api.application import Application
from shared.kernel.clock import FixedClock
from shared.kernel.money import Currency
from shared.payouts.model import PayoutStatus
from shared.platform.tables import as_changes
from shared.users.roles import Role
from tests.graphql_api.money_out import NAME, PHONE, cash, named, rate, ready, stepped_up, withdrawn

ACCOUNT = "payoutAccount { payoutAccountId kind status currency country shownAs usableAt }"
ERRORS = "... on UserError { code message retry } ... on InvalidInputError { field }"
ADD = f"""mutation($i: AddPayoutAccountInput!) {{ addPayoutAccount(input: $i) {{ __typename
  ... on PayoutAccountPayload {{ {ACCOUNT} }} {ERRORS} }} }}"""
REMOVE = f"""mutation($i: RemovePayoutAccountInput!) {{ removePayoutAccount(input: $i) {{ __typename
  ... on PayoutAccountPayload {{ {ACCOUNT} }} {ERRORS} }} }}"""
WITHDRAWAL = """payoutId status reason reasonText debited { amount currency }
  amount { amount currency } quote { midRate rate spreadBasisPoints source } paidTo notBefore
  timeline { status at } createdAt paidAt canCancel payoutAccount { shownAs status }"""
REQUEST = f"""mutation($i: RequestWithdrawalInput!) {{ requestWithdrawal(input: $i) {{ __typename
  ... on WithdrawalPayload {{ withdrawal {{ {WITHDRAWAL} }} }} {ERRORS} }} }}"""
CANCEL = f"""mutation($i: CancelWithdrawalInput!) {{ cancelWithdrawal(input: $i) {{ __typename
  ... on WithdrawalPayload {{ withdrawal {{ {WITHDRAWAL} }} }} {ERRORS} }} }}"""
PREVIEW = f"""query($a: PayoutAccountId!, $m: Amount!) {{ viewer {{
  withdrawalPreview(payoutAccountId: $a, amount: $m) {{ __typename
  ... on WithdrawalPreview {{ debited {{ amount currency }} amount {{ amount currency }}
    fee {{ amount currency }} quote {{ midRate rate spreadBasisPoints }} notBefore }}
  {ERRORS} }} }} }}"""
PHONE_WISH = {"idempotencyKey": "a-1", "holderName": NAME, "phone": PHONE}
BANK_WISH = {
    "idempotencyKey": "b-1",
    "holderName": NAME,
    "bank": {"country": "DEU", "accountNumber": "DE89 3704 0044 0532 0130 00"},
}


def add(client: Any, wish: dict[str, Any], **changes: Any) -> Any:
    return client.graphql(ADD, {"i": wish | changes}).data["addPayoutAccount"]


def ask(client: Any, account: str, amount: str = "10.00", key: str = "w-1") -> Any:
    wish = {"idempotencyKey": key, "payoutAccountId": account, "amount": amount}
    return client.graphql(REQUEST, {"i": wish}).data["requestWithdrawal"]


def held(app: Application, client: Any) -> int:
    return app.ledger.wallet(client.user_id, Currency.USD).held


def test_an_account_is_added_and_listed_masked(
    app: Application, amina: Any, clock: FixedClock
) -> None:
    named(app, amina)
    phone = add(amina, PHONE_WISH)["payoutAccount"]
    assert phone["shownAs"] == "2547*****678"
    assert (phone["kind"], phone["currency"], phone["country"]) == ("MPESA", "KES", None)
    clock.advance(timedelta(seconds=1))
    bank = add(amina, BANK_WISH)["payoutAccount"]
    assert bank["shownAs"] == "DE **** 3000"
    answer = amina.graphql(f"{{ viewer {{ payoutAccounts {{ {ACCOUNT[16:-2]} }} }} }}")
    assert answer.data["viewer"]["payoutAccounts"] == [phone, bank]
    assert "254712345678" not in json.dumps(answer.body)
    assert "370400440532013000" not in json.dumps(answer.body)


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (PHONE_WISH | {"holderName": "Juma Kamau"}, "PAYOUTS_NAME_MISMATCH"),
        (PHONE_WISH | {"phone": "+12025550123"}, "INVALID_VALUE"),
        (PHONE_WISH | {"bank": BANK_WISH["bank"]}, "INVALID_VALUE"),
        ({"idempotencyKey": "k", "holderName": NAME}, "INVALID_VALUE"),
        (BANK_WISH | {"bank": {"country": "GBR", "accountNumber": "12345678"}}, "INVALID_VALUE"),
        (
            BANK_WISH
            | {
                "bank": {
                    "country": "USA",
                    "accountNumber": "000123456789",
                    "routingNumber": "110000001",
                }
            },
            "INVALID_VALUE",
        ),
    ],
)
def test_what_is_no_account_of_ones_own_is_refused_as_data(
    app: Application, amina: Any, wish: dict[str, Any], code: str
) -> None:
    named(app, amina)
    refused = add(amina, wish)
    assert refused["code"] == code
    assert "Otieno" not in json.dumps(refused)
    assert app.paying_out.accounts.book(amina.user_id).accounts == ()


def test_a_card_number_is_no_account(app: Application, amina: Any) -> None:
    named(app, amina)
    bank = {"country": "USA", "accountNumber": "4111111111111111", "routingNumber": "110000000"}
    answer = amina.graphql(ADD, {"i": BANK_WISH | {"bank": bank}})
    assert answer.codes == ["CARD_NUMBER_REFUSED"]
    assert "4111" not in json.dumps(answer.body)


@pytest.mark.parametrize("name", ["add", "remove", "request"])
def test_without_a_fresh_second_factor_nothing_is_changed(
    app: Application, amina: Any, clock: FixedClock, name: str
) -> None:
    account = ready(app, amina)
    clock.advance(timedelta(minutes=6))
    documents: dict[str, tuple[str, dict[str, Any]]] = {
        "add": (ADD, BANK_WISH),
        "remove": (REMOVE, {"payoutAccountId": account.account_id}),
        "request": (
            REQUEST,
            {"idempotencyKey": "k", "payoutAccountId": account.account_id, "amount": "10.00"},
        ),
    }
    document, wish = documents[name]
    assert amina.graphql(document, {"i": wish}).codes == ["STEP_UP_REQUIRED"]
    assert app.paying_out.accounts.book(amina.user_id).accounts == (account,)
    assert held(app, amina) == 0
    stepped_up(app, amina)
    assert "errors" not in amina.graphql(document, {"i": wish}).body


def test_a_withdrawal_is_previewed_asked_for_shown_and_taken_back(
    app: Application, amina: Any
) -> None:
    account = ready(app, amina)
    seen = amina.graphql(PREVIEW, {"a": account.account_id, "m": "10.00"}).data
    preview = seen["viewer"]["withdrawalPreview"]
    # 10 / 0.0077 less 1.5 % are 1279.2 shillings; 1279 of them cost 9.9984 dollars.
    assert preview["amount"] == {"amount": "1279.00", "currency": "KES"}
    assert preview["debited"] == {"amount": "10.00", "currency": "USD"}
    assert preview["fee"] == {"amount": "19.70", "currency": "KES"}
    assert preview["quote"]["spreadBasisPoints"] == 150
    assert held(app, amina) == 0
    made = ask(amina, account.account_id)["withdrawal"]
    assert (made["amount"], made["debited"]) == (preview["amount"], preview["debited"])
    assert (made["status"], made["reason"]) == ("COOLING", "NEW_ACCOUNT")
    assert made["notBefore"] == preview["notBefore"]
    assert made["paidTo"] == "2547*****678"
    assert made["payoutAccount"] == {"shownAs": "2547*****678", "status": "ACTIVE"}
    assert [one["status"] for one in made["timeline"]] == ["COOLING"]
    assert made["canCancel"] is True
    assert held(app, amina) == 1_000
    one = f"query($p: PayoutId!) {{ viewer {{ withdrawal(payoutId: $p) {{ {WITHDRAWAL} }} }} }}"
    assert amina.graphql(one, {"p": made["payoutId"]}).data["viewer"]["withdrawal"] == made
    listed = amina.graphql(f"{{ viewer {{ withdrawals {{ nodes {{ {WITHDRAWAL} }} }} }} }}")
    assert listed.data["viewer"]["withdrawals"]["nodes"] == [made]
    wish = {"idempotencyKey": "c-1", "payoutId": made["payoutId"]}
    back = amina.graphql(CANCEL, {"i": wish}).data["cancelWithdrawal"]["withdrawal"]
    assert (back["status"], back["reason"], back["canCancel"]) == ("CANCELLED", "CANCELLED", False)
    assert held(app, amina) == 0


TRANSACTIONS = """{ viewer { transactions { nodes { type status amount { amount } transactionId }
  } } }"""


def test_a_withdrawal_is_a_movement_of_the_account(app: Application, amina: Any) -> None:
    payout = withdrawn(app, amina, ready(app, amina))
    expected = {
        "type": "WITHDRAWAL",
        "status": "PENDING",
        "amount": {"amount": "10.00"},
        "transactionId": payout.payout_id,
    }
    moved = [payout]
    for status, shown in (
        (PayoutStatus.COOLING, "PENDING"),
        (PayoutStatus.READY, "PENDING"),
        (PayoutStatus.RECALLED, "PENDING"),
        (PayoutStatus.SENDING, "PENDING"),
        (PayoutStatus.PAID, "COMPLETED"),
        (PayoutStatus.RETURNED, "FAILED"),
    ):
        if status is not moved[-1].status:
            after = moved[-1].moved(status, app.clock.now())
            save = app.paying_out.payouts.save(moved[-1], after)
            app.database.transact(as_changes([save]))
            moved.append(after)
        (node,) = amina.graphql(TRANSACTIONS).data["viewer"]["transactions"]["nodes"]
        assert node == expected | {"status": shown}


def test_helpers_see_withdrawals_as_the_person_does(
    app: Application, amina: Any, staff: Callable[..., Any]
) -> None:
    account = ready(app, amina)
    made = ask(amina, account.account_id)["withdrawal"]
    look = f"""query($u: UserId!) {{ staff {{ person(userId: $u) {{
      withdrawals {{ nodes {{ {WITHDRAWAL} }} }} }} }} }}"""
    for role in (Role.SUPPORT, Role.COMPLIANCE):
        answer = staff(role).graphql(look, {"u": amina.user_id})
        assert answer.data["staff"]["person"]["withdrawals"]["nodes"] == [made]
    assert staff(Role.ADMIN).graphql(look, {"u": amina.user_id}).codes == ["FORBIDDEN"]


def test_what_is_refused_is_told_as_data_and_holds_nothing(app: Application, amina: Any) -> None:
    account = ready(app, amina, 5_000)
    for amount, code in (
        ("50.01", "PAYOUTS_NOT_ENOUGH_MONEY"),
        ("0.50", "PAYOUTS_AMOUNT_OUT_OF_RANGE"),
        ("-5.00", "PAYOUTS_AMOUNT_OUT_OF_RANGE"),
        ("10.001", "INVALID_VALUE"),
    ):
        assert ask(amina, account.account_id, amount)["code"] == code
        seen = amina.graphql(PREVIEW, {"a": account.account_id, "m": amount}).data
        assert seen["viewer"]["withdrawalPreview"]["code"] == code
    app.database.transact(
        as_changes([app.ledger.block(app.ledger.wallet(amina.user_id, Currency.USD), 1)])
    )
    assert ask(amina, account.account_id)["code"] == "PAYOUTS_BLOCKED"
    assert held(app, amina) == 0


def test_refusals_speak_swahili(app: Application, amina: Any) -> None:
    account = ready(app, amina, 5_000)
    language = "mutation { updateProfile(input: {language: SW}) { __typename } }"
    assert "errors" not in amina.graphql(language).body
    assert ask(amina, account.account_id, "50.01")["message"] == "Una 50.00 USD zinazopatikana."


def test_a_removed_account_is_shown_with_its_withdrawals_and_takes_no_more(
    app: Application, amina: Any
) -> None:
    account = ready(app, amina)
    made = ask(amina, account.account_id)["withdrawal"]
    wish = {"payoutAccountId": account.account_id}
    refused = amina.graphql(REMOVE, {"i": wish}).data["removePayoutAccount"]
    assert refused["code"] == "PAYOUTS_ACCOUNT_IN_USE"
    amina.graphql(CANCEL, {"i": {"idempotencyKey": "c", "payoutId": made["payoutId"]}})
    gone = amina.graphql(REMOVE, {"i": wish}).data["removePayoutAccount"]["payoutAccount"]
    assert gone["status"] == "REMOVED"
    assert amina.graphql("{ viewer { payoutAccounts { status } } }").data["viewer"] == {
        "payoutAccounts": []
    }
    listed = amina.graphql("{ viewer { withdrawals { nodes { payoutAccount { status } } } } }")
    (node,) = listed.data["viewer"]["withdrawals"]["nodes"]
    assert node["payoutAccount"] == {"status": "REMOVED"}
    assert ask(amina, account.account_id, key="w-2")["code"] == "NOT_FOUND"


def test_nothing_that_a_person_can_read_tells_that_a_rule_hit(
    app: Application, amina: Any, join: Callable[[str], Any]
) -> None:
    """A large amount and a suspicious one of the same size read alike, in every field."""
    zuri = join("zuri@example.com")
    shown = []
    for client, minor in ((amina, 210_000), (zuri, 2_000_000)):
        named(app, client)
        cash(app, client.user_id, minor)
        rate(app)
        bank = BANK_WISH["bank"] | {"country": "USA"}
        bank |= {"accountNumber": "000123456789", "routingNumber": "110000000"}
        account = add(client, BANK_WISH, bank=bank)["payoutAccount"]["payoutAccountId"]
        made = ask(client, account, "2000.00")["withdrawal"]
        assert (made["status"], made["reason"]) == ("IN_REVIEW", "UNDER_REVIEW")
        everything = client.graphql(
            f"{{ viewer {{ withdrawals {{ nodes {{ {WITHDRAWAL} }} }}"
            " accounts { held { amount } } notifications { nodes { subject body } } } }"
        ).body
        text = json.dumps(everything).replace(made["payoutId"], "ID")
        assert not any(word in text for word in ("RULE", "NEW_ACCOUNT_EMPTIED", "CASE", "rules"))
        shown.append(text)
    assert shown[0] == shown[1]
    (first, second) = app.paying_out.reader.page(10).entries
    rules = {held.payout.user_id: held.rules for _, held in (first, second)}
    assert rules == {amina.user_id: ("NEW_ACCOUNT_EMPTIED",), zuri.user_id: ()}
