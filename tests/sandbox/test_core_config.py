"""Settings from the environment and the command line, and the parts that need no server."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.clock import BusinessClock
from sandbox.config import InvalidConfig, SandboxConfig, from_command_line, from_environment
from sandbox.faults import Fault, Faults


def test_the_command_line_wins_over_the_environment():
    config = from_command_line(
        ["--port", "5000", "--webhook-backoff-ms", "1,2"],
        {"SANDBOX_PORT": "6000", "SANDBOX_STRIPE_API_KEY": "sk_test_1", "HOME": "/root"},
    )
    assert (config.port, config.stripe_api_key, config.webhook_backoff_ms) == (
        5000,
        "sk_test_1",
        (1, 2),
    )


def test_an_empty_webhook_url_means_none():
    assert from_environment({"SANDBOX_STRIPE_WEBHOOK_URL": ""}).stripe_webhook_url is None


@pytest.mark.parametrize(
    "settings",
    [
        {"SANDBOX_HOST": "0.0.0.0"},
        {"SANDBOX_PORT": "http"},
        {"SANDBOX_BROKER_WEBHOOK_URL": "https://example.com"},
        {"SANDBOX_MARKET_START": "2026-03-02T10:30:00"},
        {"SANDBOX_MARKET_START": "soon"},
        {"SANDBOX_WEBHOOK_BACKOFF_MS": "1,-2"},
    ],
)
def test_an_unusable_setting_stops_the_start(settings):
    with pytest.raises(InvalidConfig):
        from_environment(settings)


def test_the_public_passkey_makes_the_published_password():
    config = SandboxConfig()
    made = base64.b64encode(
        f"{config.daraja_shortcode}{config.daraja_passkey}20260918153000".encode()
    )
    assert made.decode() == (
        "MTc0Mzc5YmZiMjc5ZjlhYTliZGJjZjE1OGU5N2RkNzFhNDY3Y2QyZTBjODkzMDU5YjEwZjc4ZTZiNzJhZGExZWQy"
        "YzkxOTIwMjYwOTE4MTUzMDAw"
    )


def test_a_fault_is_used_as_often_as_ordered_and_only_where_it_fits():
    faults = Faults()
    faults.add(Fault("stripe", "webhook", "late", 2, {"seconds": 1}))
    faults.add(Fault("stripe", "*", "error"))
    assert faults.take("daraja", "webhook", "late") is None
    assert faults.take("stripe", "webhook", "lost") is None
    assert faults.take("stripe", "events.list", "error") == {}
    assert faults.take("stripe", "events.list", "error") is None
    assert [faults.take("stripe", "webhook", "late") for _ in range(3)] == [
        {"seconds": 1},
        {"seconds": 1},
        None,
    ]


def test_listeners_hear_of_jumps_and_never_of_flowing_time():
    ticks = iter(range(0, 10**12, 10**9))
    heard = []
    clock = BusinessClock(datetime(2026, 3, 2, tzinfo=UTC), lambda: next(ticks))
    clock.on_move(lambda: heard.append(1))
    first = clock.now()
    assert clock.now() - first == timedelta(seconds=1)
    assert heard == []
    clock.advance(timedelta(days=1))
    clock.set(datetime(2026, 4, 1, tzinfo=UTC))
    clock.reset()
    assert heard == [1, 1, 1]
    assert clock.now() == datetime(2026, 3, 2, 0, 0, 1, tzinfo=UTC)
