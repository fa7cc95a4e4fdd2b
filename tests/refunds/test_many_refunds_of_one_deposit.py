"""Shares of refunds are those of all refunds there are, however many and however close together."""

from unittest.mock import patch

from shared.kernel.money import Currency, Money
from shared.refunds.store import RefundStore

KES = Currency.KES


def kes(minor):
    return Money(minor, KES)


def test_more_refunds_than_one_batch_reads_take_exactly_what_was_credited(make_till):
    till = make_till()
    deposit = till.deposit(amount=kes(1_300_000), rate="0.0077")
    parts = 104
    for _ in range(parts):
        till.ask(deposit, kes(1_300_000 // 130))
    till.ask(deposit)
    refunds = till.refunds_of(deposit)
    assert len(refunds) == parts + 1
    assert sum(one.amount.minor for one in refunds) == deposit.amount.minor
    assert sum(one.debited.minor for one in refunds) == deposit.credited.minor
    assert till.purse()[:2] == (deposit.credited.minor, deposit.credited.minor)


def test_a_refund_that_begins_while_another_one_is_decided_counts_for_its_share(till):
    deposit = till.deposit(amount=kes(1_000), rate="0.0155")
    assert deposit.credited.minor == 16
    read, faster = RefundStore._ids, []

    def somebody_was_faster(store, user_id, deposit_id):
        known = read(store, user_id, deposit_id)
        if not faster:
            faster.append(deposit_id)
            till.ask(deposit, kes(500), key="the-faster-one")
        return known

    with patch.object(RefundStore, "_ids", somebody_was_faster):
        till.ask(deposit, kes(300), key="the-other-one")
    shares = sorted((one.amount.minor, one.debited.minor) for one in till.refunds_of(deposit))
    assert shares == [(300, 5), (500, 8)]
    till.ask(deposit)
    assert sum(one.debited.minor for one in till.refunds_of(deposit)) == 16
    assert till.purse()[:2] == (16, 16)
