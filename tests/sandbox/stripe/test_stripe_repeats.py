"""Repeated, concurrent and interrupted requests."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import stripe

from tests.sandbox.stripe.shop import SESSION, client_of, events


def test_the_same_key_and_body_give_the_first_answer_again(client):
    first = client.v1.checkout.sessions.create(SESSION, {"idempotency_key": "k1"})
    second = client.v1.checkout.sessions.create(SESSION, {"idempotency_key": "k1"})
    assert second.id == first.id
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.last_response.headers
    other = client.v1.checkout.sessions.create(SESSION, {"idempotency_key": "k2"})
    assert other.id != first.id


def test_the_same_key_with_another_body_is_refused(client):
    client.v1.checkout.sessions.create(SESSION, {"idempotency_key": "k1"})
    with pytest.raises(stripe.IdempotencyError) as caught:
        client.v1.checkout.sessions.create(
            {**SESSION, "client_reference_id": "usr_2"}, {"idempotency_key": "k1"}
        )
    assert caught.value.http_status == 400


def test_a_key_in_use_is_a_conflict_and_makes_no_second_session(sandbox, fault):
    fault("stripe", "checkout_sessions.create", "slow", ms=300)
    client = client_of(sandbox)
    barrier = threading.Barrier(2)

    def create(_):
        barrier.wait()
        try:
            return client.v1.checkout.sessions.create(SESSION, {"idempotency_key": "k1"})
        except stripe.APIError as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        conflict, session = sorted(pool.map(create, range(2)), key=lambda one: hasattr(one, "id"))
    assert (conflict.http_status, conflict.error.code) == (409, "idempotency_key_in_use")
    again = client.v1.checkout.sessions.create(SESSION, {"idempotency_key": "k1"})
    assert again.id == session.id


def test_a_refused_request_does_not_use_up_its_key(client):
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.create(
            {**SESSION, "success_url": "nowhere"}, {"idempotency_key": "k1"}
        )
    assert client.v1.checkout.sessions.create(SESSION, {"idempotency_key": "k1"}).status == "open"


def test_an_answer_lost_after_the_effect_is_found_again_by_its_key(sandbox, client, fault):
    fault("stripe", "checkout_sessions.create", "timeout_after_effect", close=True)
    with pytest.raises(stripe.APIConnectionError):
        client.v1.checkout.sessions.create(SESSION, {"idempotency_key": "k1"})
    again = client.v1.checkout.sessions.create(SESSION, {"idempotency_key": "k1"})
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.status == "open"


def test_the_sdk_repairs_a_server_error_by_itself(sandbox, fault):
    fault("stripe", "checkout_sessions.create", "error", status=503)
    session = client_of(sandbox, retries=1).v1.checkout.sessions.create(SESSION)
    assert session.status == "open"


def test_a_rate_limit_is_an_error_of_its_own(client, fault):
    fault("stripe", "*", "rate_limited")
    with pytest.raises(stripe.RateLimitError):
        client.v1.checkout.sessions.create(SESSION)
    assert client.v1.checkout.sessions.create(SESSION).status == "open"


def test_latency_delays_the_answer_and_nothing_else(client, fault):
    fault("stripe", "events.list", "latency", ms=80)
    before = time.monotonic()
    assert events(client) == []
    assert time.monotonic() - before >= 0.08


def test_concurrent_payments_of_one_session_take_the_money_once(sandbox, client):
    session = client.v1.checkout.sessions.create(SESSION)
    barrier = threading.Barrier(4)

    def attempt(_):
        barrier.wait()
        return httpx.post(
            f"{sandbox.base_url}/_control/stripe/sessions/{session.id}/pay", json={}
        ).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == [200, 409, 409, 409]
    assert events(client, type="charge.succeeded") == ["charge.succeeded"]
