"""What M-Pesa says about payouts: results are hints, statuses count, all else is silence."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, SequentialIds
from shared.kernel.money import Currency, Money
from shared.payments.callbacks import Purpose, make_token
from shared.payments.providers.daraja_results import read_result
from shared.payouts.model import Payout, PayoutStatus, Rail
from shared.payouts.model import Purpose as Why
from shared.payouts.ports import NotPaid, PaidOut, Silence
from shared.payouts.providers.daraja_answers import (
    REASONS,
    Named,
    ResultHint,
    named_payout,
    result_hint,
    status_of,
)
from shared.payouts.reasons import PayoutReason

IDS = SequentialIds("t1", FixedClock(datetime(2026, 3, 2, 15, 30, tzinfo=UTC)))
PAYOUT = Payout(
    user_id=IDS.new(Kind.USER),
    payout_id=IDS.new(Kind.PAYOUT),
    purpose=Why.WITHDRAWAL,
    rail=Rail.MPESA_B2C,
    debited=Money(1_000, Currency.USD),
    amount=Money(130_000, Currency.KES),
    status=PayoutStatus.SENT,
    reference="AG_20191219_00004e48cf7e3533f581",
)
REVERSAL = replace(
    PAYOUT, rail=Rail.MPESA_REVERSAL, source="MJ551H6X5D", reference="71840-27539181-07"
)


def message(code=0, values=None, item=None, **more):
    inner = {
        "ResultType": 0,
        "ResultCode": code,
        "ResultDesc": "whatever it says",
        "OriginatorConversationID": PAYOUT.payout_id,
        "ConversationID": "AG_20191219_00004e48cf7e3533f581",
        "TransactionID": "NLJ41HAY6Q",
        "ReferenceData": {
            "ReferenceItem": item or {"Key": "QueueTimeoutURL", "Value": "https://x"}
        },
    } | more
    if values is not None:
        listed = [
            {"Key": key} | ({} if value is ... else {"Value": value}) for key, value in values
        ]
        inner["ResultParameters"] = {"ResultParameter": listed}
    return json.dumps({"Result": inner}).encode()


PAID = [
    ("TransactionAmount", 1300),
    ("TransactionReceipt", "NLJ41HAY6Q"),
    ("B2CRecipientIsRegisteredCustomer", "Y"),
    ("B2CChargesPaidAccountAvailableFunds", -4510.0),
    ("ReceiverPartyPublicName", "254708374149 - John Doe"),
    ("TransactionCompletedDateTime", "19.12.2019 11:45:50"),
]


def status(state="Completed", **changes):
    values = {
        "ReceiptNo": "NLJ41HAY6Q",
        "Conversation ID": "AG_20191219_00004e48cf7e3533f581",
        "FinalisedTime": 20170727101415,
        "Amount": 1300,
        "TransactionStatus": state,
        "ReasonType": "Business Payment to Customer via API",
        "TransactionReason": ...,
        "DebitPartyCharges": "Fee For B2C Payment|KES|33.00",
        "Originator Conversation ID": PAYOUT.payout_id,
        "CreditPartyName": "254708374149 - John Doe",
        "DebitPartyName": "600996 - Baobab",
    } | {name.replace("_", " "): value for name, value in changes.items()}
    return message(0, [(key, value) for key, value in values.items() if value is not None])


def test_the_status_of_a_payment_to_a_phone_says_what_and_to_whom():
    assert status_of(PAYOUT, status()) == PaidOut(
        reference="AG_20191219_00004e48cf7e3533f581",
        amount=Money(130_000, Currency.KES),
        receipt="NLJ41HAY6Q",
        fee_minor=3300,
        receiver="John Doe",
    )


@pytest.mark.parametrize(
    ("charges", "fee"),
    [
        (None, None),
        (..., None),
        ("", None),
        ("Fee|KES|33.00&Duty|KES|1.50", 3450),
        ("Fee|USD|33.00", None),
        ("Fee|KES|x", None),
        ("33.00", None),
    ],
)
def test_a_fee_is_told_only_where_it_is_certain(charges, fee):
    assert status_of(PAYOUT, status(DebitPartyCharges=charges)).fee_minor == fee


@pytest.mark.parametrize("amount", [1299, "1299.00", 1300.5])
def test_another_amount_is_told_as_it_is(amount):
    paid = status_of(PAYOUT, status(Amount=amount))
    assert paid.amount is not None
    assert paid.amount != PAYOUT.amount


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"Result": null}',
        b'{"Result": {"ResultCode": true}}',
        b"[" * 100_000,
        message(0),
        message(0, []),
        message("0", [("TransactionStatus", "Completed")]),
        message(26, PAID),
        message("SFC_IC0003"),
        message(2001),
        message("R000001"),
        status("Authorized"),
        status(""),
        status(None),
        status("Pending"),
        status("Reversed"),
        status(ReceiptNo=None),
        status(ReceiptNo="x"),
        status(Amount=None),
        status(Amount="NaN"),
        status(Amount=-5),
        status(Amount=True),
        status(Originator_Conversation_ID=f"{PAYOUT.payout_id}.1"),
    ],
)
def test_what_is_not_certain_is_silence(body):
    assert status_of(PAYOUT, body) == Silence()


@pytest.mark.parametrize("state", ["Cancelled", "DECLINED", "Expired", "failed", "Rejected"])
def test_a_transaction_that_was_given_up_was_not_paid(state):
    refused = status_of(PAYOUT, status(state))
    assert refused == NotPaid(PayoutReason.GATEWAY_REFUSED)
    hinted = status_of(PAYOUT, status(state), PayoutReason.LIMIT_EXCEEDED)
    assert hinted == NotPaid(PayoutReason.LIMIT_EXCEEDED)


def test_an_order_that_was_refused_leaves_no_transaction():
    unknown = message(2001)
    assert status_of(PAYOUT, unknown) == Silence()
    known = status_of(PAYOUT, unknown, PayoutReason.RECEIVER_NOT_ABLE)
    assert known == NotPaid(PayoutReason.RECEIVER_NOT_ABLE)
    assert isinstance(status_of(PAYOUT, status(), PayoutReason.RECEIVER_NOT_ABLE), PaidOut)


def test_a_result_that_worked_hints_at_the_receipt():
    assert result_hint(message(0, PAID)) == ResultHint(
        conversation="AG_20191219_00004e48cf7e3533f581", receipt="NLJ41HAY6Q"
    )


@pytest.mark.parametrize("code", REASONS)
def test_a_result_with_a_certain_code_hints_at_its_reason(code):
    assert result_hint(message(code)).reason is REASONS[code]
    if code.isdigit():
        assert result_hint(message(int(code))).reason is REASONS[code]


@pytest.mark.parametrize("code", [15, 21, 26, 31337, "E3008", "SFC_IC0003", "R000001", "", "a b"])
def test_a_result_with_any_other_code_hints_at_nothing(code):
    assert result_hint(message(code)).reason is None
    assert result_hint(message(code)).receipt is None


@pytest.mark.parametrize("item", [[{"Key": "a", "Value": 1}, {"Key": "b"}], {"Key": "a"}, [], None])
def test_reference_data_comes_in_any_form(item):
    assert result_hint(message(0, PAID, item)).receipt == "NLJ41HAY6Q"


def test_a_single_parameter_comes_without_its_list():
    body = json.loads(message(0, PAID))
    body["Result"]["ResultParameters"] = {"ResultParameter": {"Key": "Amount", "Value": "190.00"}}
    result = read_result(json.dumps(body).encode())
    assert result.money("Amount") == Money(19_000, Currency.KES)


def test_moments_are_told_in_two_forms_of_nairobi_time():
    result = read_result(
        message(0, [*PAID, ("FinalisedTime", 20170727101415), ("Odd", "27/07/2017")])
    )
    assert result.moment("TransactionCompletedDateTime") == datetime(
        2019, 12, 19, 8, 45, 50, tzinfo=UTC
    )
    assert result.moment("FinalisedTime") == datetime(2017, 7, 27, 7, 14, 15, tzinfo=UTC)
    assert (result.moment("Odd"), result.moment("Absent")) == (None, None)


REVERSED = [
    ("DebitAccountBalance", "Utility Account|KES|51661.00|51661.00|0.00|0.00"),
    ("Amount", "1300"),
    ("TransCompletedTime", "20181005153225"),
    ("OriginalTransactionID", "MJ551H6X5D"),
    ("Charge", "0"),
    ("CreditPartyPublicName", "254708374149 - John Doe"),
]


def test_a_reversal_that_worked_is_told_with_code_21():
    hint = result_hint(message("21", REVERSED, TransactionID="MJ561H6X5O"))
    assert hint == ResultHint(conversation="AG_20191219_00004e48cf7e3533f581", receipt="MJ561H6X5O")
    assert result_hint(message("21")).receipt is None


def reversal(state="Completed", **changes):
    given = {"ReceiptNo": "MJ561H6X5O", "Originator_Conversation_ID": REVERSAL.reference}
    return status(state, **(given | changes))


def of_source(state):
    return status(state, ReceiptNo="MJ551H6X5D", Originator_Conversation_ID="5-6-7")


def test_the_status_of_a_reversal_says_that_it_went_back():
    paid = status_of(REVERSAL, reversal(DebitPartyCharges=None))
    assert (paid.receipt, paid.amount) == ("MJ561H6X5O", REVERSAL.amount)
    assert status_of(REVERSAL, of_source("Reversed")) == PaidOut(
        "71840-27539181-07", REVERSAL.amount
    )


@pytest.mark.parametrize(
    "body",
    [
        message("R000001"),
        of_source("Completed"),
        of_source("Declined"),
        reversal("Declined"),
        reversal("Pending"),
        reversal(Originator_Conversation_ID="another", Conversation_ID="another"),
        reversal(ReceiptNo=None),
    ],
)
def test_a_reversal_of_which_nothing_is_certain_stays_unknown(body):
    assert status_of(REVERSAL, body) == Silence()


def test_a_reversal_failed_when_its_result_says_so_and_the_money_is_where_it_was():
    reason = PayoutReason.GATEWAY_REFUSED
    assert status_of(REVERSAL, of_source("Completed"), reason) == NotPaid(reason)
    for body in (of_source("Reversed"), reversal()):
        assert isinstance(status_of(REVERSAL, body, reason), PaidOut)
    assert status_of(REVERSAL, reversal("Declined"), reason) == Silence()


def test_a_path_names_the_payout_and_its_order():
    token = make_token(b"k", PAYOUT.user_id, PAYOUT.payout_id, Purpose.RESULT, attempt=3)
    named = named_payout(token, "t1", Purpose.RESULT)
    assert named == Named(PAYOUT.user_id, PAYOUT.payout_id, 3)
    other = make_token(b"k", PAYOUT.user_id, IDS.new(Kind.DEPOSIT), Purpose.STATUS)
    assert named_payout(other, "t1", Purpose.STATUS) is None
