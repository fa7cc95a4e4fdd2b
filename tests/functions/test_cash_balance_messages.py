"""News of customers' cash balances, as settle_deposit takes them from its queue."""

import pytest
from moto import mock_aws

from shared.payments.errors import GatewayUnavailable
from tests.functions.test_settle_and_fund import (
    ALL_WELL,
    DEPOSIT,
    USER,
    Calls,
    check,
    module,
    records,
    stripe_event,
    webhook,
)

__all__ = ["module"]

KIND = "customer_cash_balance_transaction"


@pytest.fixture
def worker(module, monkeypatch):
    handler, payments, cash = module("settle_deposit"), Calls(), Calls()
    monkeypatch.setattr(handler, "settlement", payments)
    monkeypatch.setattr(handler, "left_behind", cash)
    return handler.handler, payments, cash


def moved(**subject):
    content = {"id": "ccsbtxn_1", "object": KIND, **subject}
    return webhook("stripe", {"type": f"{KIND}.created", "data": {"object": content}})


def test_a_cash_balance_is_looked_at_and_no_deposit(worker):
    handler, payments, cash = worker
    batch = records(
        moved(customer="cus_1"),
        check("cash_balance", 2, customer="cus_1"),
        check("cash_balance", 0, payment="pi_1"),
    )
    assert handler(batch, None) == ALL_WELL
    assert cash.seen == [
        ("heard", "cus_1"),
        ("checked", {"customer": "cus_1"}, 2),
        ("checked", {"payment": "pi_1"}, 0),
    ]
    assert payments.seen == []


@mock_aws
def test_a_payment_is_no_cash_balance_and_a_customer_of_no_form_is_nobody(worker):
    handler, payments, cash = worker
    deposit = webhook("stripe", stripe_event(user_id=USER, deposit_id=DEPOSIT))
    assert handler(records(deposit, moved(customer="../cus_1"), moved()), None) == ALL_WELL
    assert cash.seen == []
    assert [call[0] for call in payments.seen] == ["signalled"]


@mock_aws
def test_a_look_that_fails_is_delivered_again(worker):
    handler, _, cash = worker
    cash.error = GatewayUnavailable()
    failed = {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert handler(records(moved(customer="cus_1")), None) == failed
