"""The hosted pay page as a browser uses it."""

import re

import pytest


@pytest.fixture
def page(sandbox):
    """The address of a new session's pay page."""
    answer = sandbox.post(
        "/stripe/v1/checkout/sessions",
        content=(
            "mode=payment&line_items[0][price_data][currency]=usd"
            "&line_items[0][price_data][unit_amount]=1050"
            "&line_items[0][price_data][product_data][name]=Deposit"
            "&success_url=http://127.0.0.1/paid?s={CHECKOUT_SESSION_ID}"
            "&cancel_url=http://127.0.0.1/back?a=1%26b=%22%3E%3Cscript%3E"
        ),
        headers={
            "Authorization": "Bearer sk_test_sandbox",
            "Content-Type": "application/x-www-form-urlencoded",
        },
    )
    return answer.raise_for_status().json()["url"]


def test_the_page_names_the_amount_and_escapes_what_it_was_given(sandbox, page):
    shown = sandbox.get(page)
    assert shown.status_code == 200
    assert "USD 10.50" in shown.text
    assert "<script>" not in shown.text
    assert re.search(r"<form method=post>.*name=card", shown.text)


def test_a_good_card_leads_to_the_success_address(sandbox, page):
    paid = sandbox.post(page, data={"card": "4242 4242 4242 4242"})
    assert paid.status_code == 303
    session_id = page.rsplit("/", 1)[1]
    assert paid.headers["location"] == f"http://127.0.0.1/paid?s={session_id}"
    assert "Paid." in sandbox.get(page).text


def test_a_declined_card_says_so_and_lets_the_customer_try_again(sandbox, page):
    declined = sandbox.post(page, data={"card": "4000000000009995"})
    assert declined.status_code == 402
    assert "Your card has insufficient funds." in declined.text
    assert "name=card" in declined.text
    assert sandbox.post(page, data={"card": "4242424242424242"}).status_code == 303


def test_a_mistyped_number_is_no_attempt_to_pay(sandbox, page):
    wrong = sandbox.post(page, data={"card": "4242424242424241"})
    assert "Your card number is incorrect." in wrong.text
    events = sandbox.get("/stripe/v1/events", headers={"Authorization": "Bearer sk_test_sandbox"})
    assert events.json()["data"] == []


def test_a_real_card_is_declined(sandbox, page):
    assert "used a non test card" in sandbox.post(page, data={"card": "4111111111111111"}).text


def test_a_3ds_card_takes_a_second_click(sandbox, page):
    asked = sandbox.post(page, data={"card": "4000000000003220"})
    assert asked.status_code == 200
    assert "was it you?" in asked.text
    refused = sandbox.post(page, data={"authenticate": "fail"})
    assert "failed authentication" in refused.text
    sandbox.post(page, data={"card": "4000000000003220"})
    assert sandbox.post(page, data={"authenticate": "pass"}).status_code == 303


def test_an_expired_page_takes_no_card(sandbox, page):
    session_id = page.rsplit("/", 1)[1]
    sandbox.post(
        f"/stripe/v1/checkout/sessions/{session_id}/expire",
        headers={"Authorization": "Bearer sk_test_sandbox"},
    ).raise_for_status()
    answer = sandbox.post(page, data={"card": "4242424242424242"})
    assert answer.status_code == 200
    assert "expired" in answer.text


def test_an_unknown_page_is_not_found(sandbox):
    assert sandbox.get("/stripe/pay/cs_test_none").status_code == 404
