"""Payments to phones, reversals and questions: acknowledged at once, ended by a message."""

import httpx
import pytest

from tests.sandbox.daraja.operator_desk import (
    INITIATOR,
    PAYBILL,
    PAYOUTS,
    result_of,
    sealed,
    values_of,
)
from tests.sandbox.daraja.till import new_token

PHONE = "254708374149"


@pytest.fixture
def certificate(sandbox):
    return sandbox.get("/_control/daraja/certificate").json()["certificate"]


@pytest.fixture
def call(sandbox):
    token = new_token(sandbox)
    return lambda path, body: sandbox.post(
        f"/daraja{path}", json=body, headers={"Authorization": f"Bearer {token}"}
    )


@pytest.fixture
def ordered(call, certificate, receiver):
    """Sends an order; fields may be changed, or left out with None."""

    def send(path, body, changes):
        whole = {
            "Initiator": INITIATOR,
            "SecurityCredential": sealed(certificate),
            "ResultURL": f"{receiver.url}/result",
            "QueueTimeOutURL": f"{receiver.url}/timeout",
            "Remarks": "ok",
            **body,
            **changes,
        }
        return call(path, {name: value for name, value in whole.items() if value is not None})

    return send


@pytest.fixture
def pay(ordered):
    def order(name="payout-1", phone=PHONE, amount="1300", **changes):
        body = {
            "OriginatorConversationID": name,
            "InitiatorName": INITIATOR,
            "CommandID": "BusinessPayment",
            "PartyA": PAYOUTS,
            "PartyB": phone,
            "Amount": amount,
        }
        return ordered("/mpesa/b2c/v3/paymentrequest", body, changes)

    return order


@pytest.fixture
def reverse(ordered):
    def order(receipt, amount="500", **changes):
        body = {
            "CommandID": "TransactionReversal",
            "TransactionID": receipt,
            "Amount": amount,
            "ReceiverParty": PAYBILL,
            "RecieverIdentifierType": "11",
        }
        return ordered("/mpesa/reversal/v1/request", body, changes)

    return order


@pytest.fixture
def ask(ordered):
    def order(**changes):
        body = {"CommandID": "TransactionStatusQuery", "PartyA": PAYOUTS, "IdentifierType": "4"}
        return ordered("/mpesa/transactionstatus/v1/query", body, changes)

    return order


def statement(sandbox):
    return sandbox.get("/_control/daraja/statement").json()


def test_a_payment_to_a_phone_moves_the_money_and_tells_of_it(sandbox, pay, receiver):
    sandbox.post("/_control/daraja/subscribers", json={"phone": PHONE, "name": "AMINA WANJIKU"})
    ack = pay().json()
    assert (ack["ResponseCode"], ack["OriginatorConversationID"]) == ("0", "payout-1")
    (received,) = receiver.wait_for(1)
    result, values = result_of(received), values_of(received)
    assert received.path == "/hooks/result"
    assert (result["ResultCode"], result["ConversationID"]) == (0, ack["ConversationID"])
    assert values["TransactionReceipt"] == result["TransactionID"]
    assert values["TransactionAmount"] == 1300
    assert values["ReceiverPartyPublicName"] == f"{PHONE} - AMINA WANJIKU"
    assert values["B2CUtilityAccountAvailableFunds"] == 9_998_700
    assert statement(sandbox)["totals"] == {
        "customers": 1300,
        f"{PAYOUTS}:Utility Account": -1300,
        f"{PAYOUTS}:Charges Paid Account": -33,
        "safaricom": 33,
    }


def test_a_key_is_taken_once(sandbox, pay, receiver):
    pay()
    again = pay()
    assert (again.status_code, again.json()["errorCode"]) == (500, "500.002.1001")
    receiver.wait_for(1)
    assert pay(name="payout-2").json()["ResponseCode"] == "0"
    receiver.wait_for(2)
    assert statement(sandbox)["totals"]["customers"] == 2600


@pytest.mark.parametrize(
    ("phone", "amount", "code"),
    [
        ("254700000001", "1300", 1),
        ("254700000002", "1300", 2),
        ("254700000008", "1300", 8),
        ("254700002040", "1300", 2040),
        ("254700000026", "1300", 26),
        (PHONE, "9", 2),
        (PHONE, "250001", 3),
    ],
)
def test_a_payment_that_fails_moves_nothing(sandbox, pay, receiver, phone, amount, code):
    assert pay(phone=phone, amount=amount).json()["ResponseCode"] == "0"
    (received,) = receiver.wait_for(1)
    assert result_of(received)["ResultCode"] == code
    assert "ResultParameters" not in result_of(received)
    assert statement(sandbox)["totals"] == {}


def test_a_shortcode_pays_no_more_than_it_has(sandbox, pay, receiver):
    for number in range(41):
        assert pay(name=f"p{number}", amount="250000").json()["ResponseCode"] == "0"
    codes = sorted(result_of(one)["ResultCode"] for one in receiver.wait_for(41))
    assert codes == [0] * 40 + [1]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"InitiatorName": "somebody"}, "InitiatorName"),
        ({"SecurityCredential": "x"}, "SecurityCredential"),
        ({"SecurityCredential": "eA=="}, "SecurityCredential"),
        ({"CommandID": "Pay"}, "CommandID"),
        ({"PartyA": PAYBILL}, "PartyA"),
        ({"PartyB": "0708374149"}, "PartyB"),
        ({"Amount": "0"}, "Amount"),
        ({"Amount": "1.5"}, "Amount"),
        ({"ResultURL": None}, "ResultURL"),
        ({"QueueTimeOutURL": "http://127.0.0.1/mpesa"}, "QueueTimeOutURL"),
        ({"OriginatorConversationID": None}, "OriginatorConversationID"),
    ],
)
def test_an_order_keeps_its_rules(sandbox, pay, receiver, changes, field):
    refused = pay(**changes)
    assert refused.status_code == 400
    assert refused.json()["errorMessage"] == f"Bad Request - Invalid {field}"
    assert statement(sandbox)["transactions"] == []


def test_a_credential_of_another_password_is_refused(pay, certificate):
    wrong = sealed(certificate, "Safaricom999!*")
    assert pay(SecurityCredential=wrong).json()["errorCode"] == "400.002.02"


def test_an_order_that_times_out_in_the_queue_is_carried_out_all_the_same(
    sandbox, pay, ask, receiver, fault
):
    fault("daraja", "b2c", "queue_timeout")
    pay()
    (received,) = receiver.wait_for(1)
    assert (received.path, result_of(received)["ResultType"]) == ("/hooks/timeout", 1)
    assert statement(sandbox)["totals"]["customers"] == 1300
    ask(OriginalConversationID="payout-1")
    assert values_of(receiver.wait_for(2)[1])["TransactionStatus"] == "Completed"


@pytest.mark.parametrize("params", [{"close": True}, {"status": 504}])
def test_an_order_whose_acknowledgement_is_lost_is_carried_out(
    sandbox, pay, receiver, fault, params
):
    fault("daraja", "b2c", "timeout_after_effect", **params)
    if "close" in params:
        with pytest.raises(httpx.TransportError):
            pay()
    else:
        assert pay().status_code == 504
    receiver.wait_for(1)
    assert statement(sandbox)["totals"]["customers"] == 1300


def test_a_transaction_is_found_by_each_of_its_names(pay, ask, receiver):
    ack = pay().json()
    receipt = result_of(receiver.wait_for(1)[0])["TransactionID"]
    ask(TransactionID=receipt)
    ask(OriginalConversationID="payout-1")
    ask(OriginalConversationID=ack["ConversationID"])
    for received in receiver.wait_for(4)[1:]:
        values = values_of(received)
        assert result_of(received)["ResultCode"] == 0
        assert (values["ReceiptNo"], values["Amount"]) == (receipt, 1300)
        assert values["TransactionStatus"] == "Completed"
        assert values["Originator Conversation ID"] == "payout-1"
        assert values["DebitPartyCharges"].endswith("|KES|33.00")
        assert values["CreditPartyName"] == f"{PHONE} - JOHN DOE"
        assert values["DebitPartyName"] == f"{PAYOUTS} - Baobab"


def test_what_nobody_knows_is_not_found(ask, receiver):
    ask(TransactionID="QQQQQQQQQQ")
    (received,) = receiver.wait_for(1)
    assert result_of(received)["ResultCode"] == "SFC_IC0003"
    assert "ResultParameters" not in result_of(received)


@pytest.mark.parametrize("kind", ["pending", "unknown", "queue_timeout"])
def test_an_answer_may_say_nothing(pay, ask, receiver, fault, kind):
    pay()
    receiver.wait_for(1)
    fault("daraja", "transaction_status", kind)
    ask(OriginalConversationID="payout-1")
    received = receiver.wait_for(2)[1]
    if kind == "pending":
        assert values_of(received)["TransactionStatus"] == "Pending"
    else:
        assert "ResultParameters" not in result_of(received)
    ask(OriginalConversationID="payout-1")
    assert values_of(receiver.wait_for(3)[2])["TransactionStatus"] == "Completed"


def test_a_payment_that_failed_is_declined_and_a_blocked_one_unknown(pay, ask, receiver):
    pay(name="a", phone="254700000008")
    pay(name="b", phone="254700000026")
    receiver.wait_for(2)
    ask(OriginalConversationID="a")
    assert values_of(receiver.wait_for(3)[2])["TransactionStatus"] == "Declined"
    ask(OriginalConversationID="b")
    assert result_of(receiver.wait_for(4)[3])["ResultCode"] == "SFC_IC0003"


def customer_paid(sandbox):
    order = {"account": "01234567", "amount": 500}
    return sandbox.post("/_control/daraja/c2b", json=order).json()["receipt"]


def test_a_payment_goes_back_once(sandbox, reverse, ask, receiver):
    receipt = customer_paid(sandbox)
    reverse(receipt)
    (received,) = receiver.wait_for(1)
    assert result_of(received)["ResultCode"] == "21"
    assert values_of(received)["OriginalTransactionID"] == receipt
    assert statement(sandbox)["totals"] == {"customers": 0, f"{PAYBILL}:Utility Account": 0}
    reverse(receipt)
    assert result_of(receiver.wait_for(2)[1])["ResultCode"] == "R000001"
    ask(TransactionID=receipt)
    assert values_of(receiver.wait_for(3)[2])["TransactionStatus"] == "Reversed"
    assert statement(sandbox)["totals"]["customers"] == 0


@pytest.mark.parametrize(("receipt", "amount"), [("QQQQQQQQQQ", "500"), (None, "501")])
def test_what_cannot_go_back_does_not(sandbox, reverse, receiver, receipt, amount):
    reverse(receipt or customer_paid(sandbox), amount)
    (received,) = receiver.wait_for(1)
    assert result_of(received)["ResultCode"] == "R000002"


def test_balances_are_those_of_the_books(sandbox, ordered, pay, receiver):
    customer_paid(sandbox)
    pay()
    receiver.wait_for(1)
    body = {"CommandID": "AccountBalance", "IdentifierType": "4"}
    for number, (shortcode, utility) in enumerate([(PAYBILL, 500), (PAYOUTS, 9_998_700)]):
        ordered("/mpesa/accountbalance/v1/query", body | {"PartyA": shortcode}, {})
        told = values_of(receiver.wait_for(2 + number)[1 + number])["AccountBalance"]
        lines = {line.split("|")[0]: line.split("|")[2] for line in told.split("&")}
        assert lines["Utility Account"] == f"{utility}.00"
        # What is charged stands there until it is taken from another account.
        assert lines["Charges Paid Account"] == ("-33.00" if shortcode == PAYOUTS else "0.00")


def test_money_that_no_order_tells_of_is_in_the_balance(sandbox, ordered, receiver):
    for order in ({"amount": 70}, {"account": "Charges Paid Account", "amount": -15}):
        assert sandbox.post("/_control/daraja/accounts", json=order).status_code == 200
    body = {"CommandID": "AccountBalance", "IdentifierType": "4", "PartyA": PAYBILL}
    ordered("/mpesa/accountbalance/v1/query", body, {})
    told = values_of(receiver.wait_for(1)[0])["AccountBalance"]
    lines = {line.split("|")[0]: line.split("|")[2] for line in told.split("&")}
    assert (lines["Utility Account"], lines["Charges Paid Account"]) == ("70.00", "-15.00")
    assert statement(sandbox)["totals"] == {
        f"{PAYBILL}:Utility Account": 70,
        f"{PAYBILL}:Charges Paid Account": -15,
        "outside": -70,
        "safaricom": 15,
    }
    assert statement(sandbox)["transactions"] == []
    wrong = {"account": "Savings", "amount": 1}
    assert sandbox.post("/_control/daraja/accounts", json=wrong).status_code == 422


def test_every_receipt_of_the_books_sums_to_zero(sandbox, pay, reverse, receiver):
    reverse(customer_paid(sandbox))
    for number in range(3):
        pay(name=f"p{number}")
    receiver.wait_for(4)
    sums = {}
    for posting in statement(sandbox)["postings"]:
        sums[posting["receipt"]] = sums.get(posting["receipt"], 0) + posting["amount"]
    assert set(sums.values()) == {0}
    assert len(sums) == 5
