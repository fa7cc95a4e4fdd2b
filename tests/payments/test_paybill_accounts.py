"""Account numbers that people type, what M-Pesa's messages say, and which payments are taken."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.money import Currency, Money
from shared.payments.paybill_accounts import (
    ALPHABET,
    OwnReferenceRow,
    PayReferenceRow,
    account_number,
    read_account_number,
    reference_key,
)
from shared.payments.paybill_notices import read_notice
from shared.payments.paybill_validation import PaybillValidation
from tests.payments.menu import Menu

RANDOM = st.text(ALPHABET, min_size=7, max_size=7)


@given(RANDOM)
def test_a_number_is_read_however_it_is_typed(random):
    number = account_number(random)
    assert len(number) == 8
    assert number.startswith(random)
    half, rest = number[:4], number[4:]
    for typed in (number, number.lower(), f" {half} {rest} ", f"{half}-{rest}"):
        assert read_account_number(typed) == number
    for one, other in ("0O", "1I", "1L"):
        assert read_account_number(number.replace(one, other)) == number


@given(RANDOM, st.integers(0, 7), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_found(random, place, character):
    number = account_number(random)
    typed = number[:place] + character + number[place + 1 :]
    assert (read_account_number(typed) is not None) == (typed == number)


@pytest.mark.parametrize("text", ["", "0", "U" * 8, "é" * 8, "00000000 0", "0712345678", "ß" * 8])
def test_what_is_no_number_is_none(text):
    assert read_account_number(text) is None


@pytest.mark.parametrize("random", ["", "AAAAAA", "AAAAAAAA", "AAAAAAU", "aaaaaaa"])
def test_a_number_is_only_made_of_the_alphabet(random):
    with pytest.raises(ValueError, match="seven characters"):
        account_number(random)


def test_a_person_has_one_number_for_ever():
    menu = Menu()
    assert read_account_number(menu.account) == menu.account
    assert menu.references.pay_reference(menu.user_id) == menu.account
    row = menu.database.get(PayReferenceRow, f"PAYREF#{menu.account}", "GUARD")
    assert (row.user_id, row.deposit_id, row.usable) == (menu.user_id, None, True)


def test_two_who_ask_at_once_get_the_same_number():
    menu = Menu()
    other = f"{menu.user_id[:-1]}9"
    menu.person(other)
    commit, faster = menu.facts.commit, []

    def overtaken(writes, *events):
        menu.facts.commit = commit
        faster.append(menu.references.pay_reference(other))
        commit(writes, *events)

    menu.facts.commit = overtaken
    assert menu.references.pay_reference(other) == faster[0]
    assert faster[0] not in (None, menu.account)


@pytest.mark.parametrize(
    "changes",
    [{"kyc_status": "REJECTED"}, {"risk_score": None}, {"broker_status": "REJECTED"}],
)
def test_nobody_gets_a_number_before_they_may_pay_in(changes):
    menu = Menu()
    other = f"{menu.user_id[:-1]}9"
    menu.person(other, **changes)
    assert menu.references.pay_reference(other) is None
    assert menu.database.get(OwnReferenceRow, f"USER#{other}", "PAYREF") is None


def test_a_number_that_was_closed_opens_when_its_person_asks_again():
    menu = Menu()
    menu.references.keep_usable(menu.account, usable=False)
    assert menu.references.pay_reference(menu.user_id) == menu.account
    assert menu.database.get(PayReferenceRow, f"PAYREF#{menu.account}", "GUARD").usable


def test_a_statement_names_a_push_by_twelve_characters():
    assert reference_key("0123456789AB").pk == "PAYREF#0123456789AB"
    for text in ("0123456789A", "0123456789ABC", "0123456789aU", "0123456789A!", "é" * 12):
        assert reference_key(text) is None


def body(**changes):
    return {
        "TransactionType": "Pay Bill",
        "TransID": "RKL51ZDR4F",
        "TransTime": "20231121121325",
        "TransAmount": "5.00",
        "BusinessShortCode": "600966",
        "BillRefNumber": "Sample Transaction",
        "InvoiceNumber": "",
        "OrgAccountBalance": "25.00",
        "ThirdPartyTransID": "",
        "MSISDN": "2547 ***** 126",
        "FirstName": "NICHOLAS",
    } | changes


def read(**changes):
    return read_notice(json.dumps(body(**changes)).encode())


def test_a_notice_says_receipt_amount_account_and_time():
    notice = read()
    assert (notice.receipt, notice.amount) == ("RKL51ZDR4F", Money(500, Currency.KES))
    assert (notice.shortcode, notice.account) == ("600966", "Sample Transaction")
    assert notice.paid_at == datetime(2023, 11, 21, 9, 13, 25, tzinfo=UTC)
    assert notice.shown_account == ""


@pytest.mark.parametrize(
    "amount", ["", "x", "-5.00", "0", "0.00", None, True, "1e30", "5.001", "NaN", "Infinity", [5]]
)
def test_an_amount_that_makes_no_sense_is_none(amount):
    assert read(TransAmount=amount).amount is None


@pytest.mark.parametrize("receipt", ["", "abc", "RKL51ZDR4F;", None, 5, "É" * 10])
def test_a_receipt_that_makes_no_sense_is_none(receipt):
    assert read(TransID=receipt).receipt is None


@pytest.mark.parametrize("text", [b"", b"null", b"[1]", b"\xff", b"[" * 100_000])
def test_what_is_no_message_is_no_notice(text):
    assert read_notice(text) is None


@pytest.mark.parametrize(
    ("account", "shown"),
    [
        ("ABCD 1234", "ABCD1234"),
        ("abc1234", "ABC1234"),
        ("Jane Wanjiku", ""),
        ("0712345678", ""),
        ("254712345678", ""),
        ("jane@example.com", ""),
    ],
)
def test_only_what_looks_like_a_mistyped_number_is_kept(account, shown):
    assert read(BillRefNumber=account).shown_account == shown


def validation(menu, database=None):
    return PaybillValidation(lambda: database or menu.database, "174379")


def asked(menu, **changes):
    given = {"BusinessShortCode": "174379", "BillRefNumber": menu.account, "TransAmount": "500.00"}
    return body(**(given | changes))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "0"),
        ({"BillRefNumber": "Jane Doe"}, "C2B00012"),
        ({"BillRefNumber": account_number("ZZZZZZZ")}, "C2B00012"),
        ({"BillRefNumber": ""}, "C2B00012"),
        ({"TransAmount": "9.00"}, "C2B00013"),
        ({"TransAmount": "10.00"}, "0"),
        ({"TransAmount": "250000.00"}, "0"),
        ({"TransAmount": "250001.00"}, "C2B00013"),
        ({"TransAmount": "500.50"}, "C2B00013"),
        ({"TransAmount": "x"}, "C2B00013"),
        ({"BusinessShortCode": "600966"}, "C2B00015"),
        ({"BusinessShortCode": 174379}, "0"),
    ],
)
def test_a_payment_is_taken_or_refused_with_m_pesas_own_code(changes, code):
    menu = Menu()
    answer = validation(menu).answer(asked(menu, **changes))
    assert answer == {"ResultCode": code, "ResultDesc": "Accepted" if code == "0" else "Rejected"}


def test_a_payment_for_somebody_who_may_not_pay_in_is_refused():
    menu = Menu()
    menu.references.keep_usable(menu.account, usable=False)
    assert validation(menu).answer(asked(menu))["ResultCode"] == "C2B00014"


def test_a_first_payment_that_comes_too_late_closes_the_number_for_the_next():
    menu = Menu()
    menu.person(status="SUSPENDED")
    assert validation(menu).answer(asked(menu))["ResultCode"] == "0"
    menu.paybill.confirmed(menu.notice())
    assert validation(menu).answer(asked(menu))["ResultCode"] == "C2B00014"


def test_the_payment_of_a_push_is_taken_whatever_its_size():
    menu = Menu()
    deposit = menu.push("ws_CO_1")
    asks = asked(menu, BillRefNumber=deposit.deposit_id[-12:], TransAmount="1.00")
    assert validation(menu).answer(asks)["ResultCode"] == "0"


def test_an_answer_costs_one_read_at_most(monkeypatch):
    menu = Menu()
    calls = []
    for name in ("get", "get_many", "query", "write", "transact"):
        original = getattr(menu.database, name)

        def counted(*args, _name=name, _original=original, **kwargs):
            calls.append(_name)
            return _original(*args, **kwargs)

        monkeypatch.setattr(menu.database, name, counted)
    validation(menu).answer(asked(menu))
    assert calls == ["get_many"]
    validation(menu).answer(asked(menu, BillRefNumber="Jane"))
    assert calls == ["get_many"]


def test_a_table_that_does_not_answer_refuses_nobodys_money():
    class Down:
        def get_many(self, keys):
            raise ConnectionError

    menu = Menu()
    assert validation(menu, Down()).answer(asked(menu))["ResultCode"] == "0"
