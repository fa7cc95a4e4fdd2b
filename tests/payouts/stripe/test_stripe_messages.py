"""Messages about refunds and payouts name an order of ours, or nobody's."""

import json

import pytest

from shared.payouts.providers.stripe_signals import PayoutNamed, stripe_payout_named
from tests.payouts.stripe.orders import refund_of

ORDER = refund_of("pi_1", 100)
NAMED = {"user_id": ORDER.user_id, "payout_id": ORDER.payout_id}


def told(**metadata):
    subject = {"id": "re_1", "object": "refund", "metadata": metadata}
    return json.dumps({"type": "refund.updated", "data": {"object": subject}}).encode()


def test_a_message_names_the_order():
    assert stripe_payout_named(told(**NAMED), "t1") == PayoutNamed(ORDER.user_id, ORDER.payout_id)


@pytest.mark.parametrize(
    "body",
    [
        told(),
        told(**(NAMED | {"user_id": ""})),
        told(**(NAMED | {"payout_id": ORDER.user_id})),
        told(**(NAMED | {"payout_id": ["x"]})),
        told(**(NAMED | {"payout_id": ORDER.payout_id.replace("_t1_", "_t2_")})),
        b'{"data": {"object": {"metadata": null}}}',
        b'{"data": []}',
        b"[" * 100_000,
        b"null",
        b"",
        b"\xff",
    ],
)
def test_a_message_about_anything_else_names_nobody(body):
    assert stripe_payout_named(body, "t1") is None


def test_an_order_of_another_cell_is_nobodys():
    assert stripe_payout_named(told(**NAMED), "t2") is None
