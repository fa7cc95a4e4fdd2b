"""A withdrawal that cash does not cover sells, waits for the settlement, and is paid by itself."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from shared.platform.queues import CheckMessage, encode
from tests.journeys.money_books import cash_of
from tests.journeys.test_market_hours import Market, market
from tests.journeys.test_money_withdrawals import payments_to, phone
from tools.journey import operations as op
from tools.journey.client import Refused, wait_for
from tools.journey.person import Person
from tools.journey.purse import Purse

__all__ = ["market", "phone"]
pytestmark = pytest.mark.journey


def invested(investor: Callable[..., Person], dollars: str) -> tuple[Person, Purse]:
    """Somebody whose money is in shares, with a second factor."""
    person = investor()
    person.add_second_factor()
    person.sign_in()
    deposit = person.create_deposit("STRIPE", dollars)
    person.pay_by_card(deposit).raise_for_status()
    person.wait_until_invested([deposit["depositId"]])
    return person, Purse(person)


def swept(aws: Callable[[str], Any], person: Person, payout_id: str) -> None:
    """What the sweep of unfinished things sends on the day of settlement."""
    sqs = aws("sqs")
    url = sqs.get_queue_url(QueueName="baobab-local-raises")["QueueUrl"]
    subject = {"user_id": person.user_id, "payout_id": payout_id}
    sqs.send_message(QueueUrl=url, MessageBody=encode(CheckMessage("raise", subject)))


def sells_of(person: Person) -> list[Any]:
    return [one for one in person.screen()["orders"]["nodes"] if one["side"] == "SELL"]


def test_what_is_invested_is_sold_settles_and_is_paid_to_the_phone(
    investor: Callable[..., Person],
    sandbox: Any,
    phone: str,
    market: Market,
    aws: Callable[[str], Any],
    assert_books_agree: Callable[[Person], Any],
) -> None:
    person, purse = invested(investor, "1000.00")
    account = purse.add_phone(f"+{phone}")["payoutAccountId"]
    with pytest.raises(Refused) as much:
        purse.withdraw(account, "1100.00")
    assert much.value.code == "PAYOUTS_NOT_ENOUGH_MONEY"
    seen = person.client.graphql(op.WITHDRAWAL_PREVIEW, payoutAccountId=account, amount="300.00")
    preview = seen["withdrawalPreview"]
    cash = cash_of(person)["available"]
    debited = Decimal(preview["debited"]["amount"])
    assert Decimal(preview["toBeRaised"]["amount"]) == debited - cash > 200
    assert Decimal(preview["sold"]["amount"]) > debited - cash
    assert sells_of(person) == []

    asked = purse.withdraw(account, "300.00")
    assert (asked["status"], asked["reason"]) == ("RAISING", "CASH_RAISED")
    assert (asked["nextAction"], asked["canCancel"]) == ("SALE", True)
    assert asked["toBeRaised"] == preview["toBeRaised"]
    assert asked["amount"] == preview["amount"]

    def settles() -> Any:
        now = purse.withdrawal(asked["payoutId"])
        return now if now["nextAction"] == "SETTLEMENT" else None

    waits = wait_for("the sale", settles, seconds=60)
    assert waits["status"] == "RAISING"
    assert waits["expectedOn"] > market.hours()["timestamp"][:10]
    sold = sum(Decimal(one["filledAmount"]["amount"]) for one in sells_of(person))
    assert sold >= debited - cash
    assert payments_to(sandbox, phone) == []

    market.close()
    market.open()

    def settled() -> bool:
        # The platform's clock follows the market's a moment later, and the sweep comes again.
        swept(aws, person, asked["payoutId"])
        return bool(purse.withdrawal(asked["payoutId"])["status"] != "RAISING")

    wait_for("the settlement", settled, seconds=60, every=3_000)
    done = purse.wait_for_withdrawal(asked["payoutId"], "PAID", "FAILED", seconds=90)
    assert (done["status"], done["nextAction"]) == ("PAID", None)
    (moved,) = payments_to(sandbox, phone)
    assert moved["amount"] == Decimal(done["amount"]["amount"])
    left = cash_of(person)
    assert (left["held"], left["available"]) == (0, cash + sold - debited)
    assert_books_agree(person)


def test_who_takes_it_back_while_it_is_sold_for_keeps_everything(
    investor: Callable[..., Person],
    sandbox: Any,
    phone: str,
    market: Market,
    assert_books_agree: Callable[[Person], Any],
) -> None:
    person, purse = invested(investor, "500.00")
    account = purse.add_phone(f"+{phone}")["payoutAccountId"]
    asked = purse.withdraw(account, "200.00")
    assert asked["status"] == "RAISING"
    back = purse.take_back(asked["payoutId"])
    assert (back["status"], back["canCancel"], back["nextAction"]) == ("CANCELLED", False, None)

    def ended() -> bool:
        orders = sells_of(person)
        open_ = {"FILLED", "CANCELED", "REJECTED", "EXPIRED"}
        return {one["status"] for one in orders} <= open_

    wait_for("no open sale", ended, seconds=60)
    assert cash_of(person)["held"] == 0
    assert payments_to(sandbox, phone) == []
    assert purse.withdrawal(asked["payoutId"])["status"] == "CANCELLED"
    assert_books_agree(person)
