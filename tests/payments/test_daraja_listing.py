"""Balances out of M-Pesa's one line, or nothing."""

import json
from datetime import UTC, datetime

import pytest

from shared.kernel.money import Currency, Money
from shared.payments.providers.daraja_listing import balances_of

LINE = (
    "Working Account|KES|700000.00|700000.00|0.00|0.00&Float Account|KES|0.00|0.00|0.00|0.00"
    "&Utility Account|KES|228037.00|228037.00|0.00|0.00"
    "&Charges Paid Account|KES|-1540.00|-1540.00|0.00|0.00"
)


def answer(line, code="0", at="20200109125710"):
    listed = [{"Key": "AccountBalance", "Value": line}, {"Key": "BOCompletedTime", "Value": at}]
    inner = {"ResultCode": code, "ResultParameters": {"ResultParameter": listed}}
    return json.dumps({"Result": inner}).encode()


@pytest.mark.parametrize("at", ["20200109125710", 20200109125710])
def test_every_account_is_told_to_the_cent(at):
    found = balances_of(answer(LINE, at=at))
    assert found.at == datetime(2020, 1, 9, 9, 57, 10, tzinfo=UTC)
    assert [(one.account, one.amount) for one in found.accounts] == [
        ("Working Account", Money(70_000_000, Currency.KES)),
        ("Float Account", Money(0, Currency.KES)),
        ("Utility Account", Money(22_803_700, Currency.KES)),
        ("Charges Paid Account", Money(-154_000, Currency.KES)),
    ]


def test_one_account_may_be_all():
    found = balances_of(answer("Working Account|KES|481000.00|481000.00|0.00|0.00"))
    assert found.of("Working Account") == Money(48_100_000, Currency.KES)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        answer(LINE, code="21"),
        answer(LINE, code=2001),
        answer(None),
        answer(""),
        answer("Working Account"),
        answer("Working Account|KES"),
        answer("Working Account|USD|1.00"),
        answer("|KES|1.00"),
        answer("Working Account|KES|x"),
        answer("Working Account|KES|1.001"),
        answer("Working Account|KES|NaN"),
        answer("Working Account|KES|Infinity"),
        answer(f"{LINE}&"),
        answer("Working Account|KES|1.00&Working Account|KES|2.00"),
    ],
)
def test_half_a_statement_is_none(body):
    assert balances_of(body) is None
