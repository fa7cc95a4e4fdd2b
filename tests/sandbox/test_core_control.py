"""The knobs over HTTP: faults, clock, settings, reset."""

from datetime import datetime, timedelta

import pytest


def business_time(sandbox):
    return datetime.fromisoformat(sandbox.get("/_control/clock").json()["now"])


def test_the_index_lists_every_vendor_with_its_address_and_magic_values(sandbox):
    page = sandbox.get("/").text
    assert "http://127.0.0.1:4580/stripe" in page
    assert "4000000000000002" in page
    assert "254700000032" in page
    assert sandbox.get("/health").json()["status"] == "ok"


def test_faults_are_listed_and_cleared(sandbox, fault):
    fault("stripe", "webhook", "late", times=2, seconds=1)
    (listed,) = sandbox.get("/_control/faults").json()["faults"]
    assert listed == {
        "vendor": "stripe",
        "operation": "webhook",
        "kind": "late",
        "times": 2,
        "params": {"seconds": 1},
    }
    assert sandbox.delete("/_control/faults").json() == {"faults": []}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        '{"vendor":"stripe"}',
        '{"vendor":"s","operation":"o","kind":"k","times":0}',
        '{"vendor":"s","operation":"o","kind":"k","params":{"seconds":-1}}',
        '{"vendor":"s","operation":"o","kind":"k","params":{"seconds":NaN}}',
        '{"vendor":"s","operation":"o","kind":"k","params":{"other":Infinity}}',
        '{"vendor":"s","operation":"o","kind":"k","params":{"status":200}}',
        '{"vendor":"s","operation":"o","kind":"k","nonsense":1}',
    ],
)
def test_a_bad_fault_is_refused_and_not_ordered(sandbox, body):
    answer = sandbox.post("/_control/faults", content=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid_body"
    assert sandbox.get("/_control/faults").json() == {"faults": []}


def test_business_time_flows_and_can_be_moved_forward(sandbox):
    start = business_time(sandbox)
    assert timedelta(0) <= start - datetime.fromisoformat("2026-03-02T10:30:00-05:00")
    moved = sandbox.post("/_control/clock", json={"advance_seconds": 86_400})
    assert moved.status_code == 200
    assert timedelta(days=1) <= business_time(sandbox) - start < timedelta(days=1, seconds=30)
    sandbox.post("/_control/clock", json={"now": "2026-04-01T09:30:00-04:00"}).raise_for_status()
    assert business_time(sandbox).isoformat().startswith("2026-04-01T13:30:0")


@pytest.mark.parametrize(
    "order",
    [
        {"now": "2020-01-01T00:00:00Z"},
        {"now": "9999-12-31T23:59:59Z"},
        {"now": "2027-01-01T00:00:00"},
        {"advance_seconds": -1},
        {"advance_seconds": 10**12},
        {"advance_seconds": 1, "now": "2027-01-01T00:00:00Z"},
        {},
    ],
)
def test_a_bad_clock_order_does_not_move_the_clock(sandbox, order):
    before = business_time(sandbox)
    assert sandbox.post("/_control/clock", json=order).status_code == 422
    assert timedelta(0) <= business_time(sandbox) - before < timedelta(seconds=30)


@pytest.mark.parametrize(
    "change",
    [
        {"stripe_webhook_url": "http://example.com/hooks"},
        {"stripe_webhook_url": "http://127.0.0.1.example.com/hooks"},
        {"stripe_webhook_url": "http://127.0.0.1@example.com/hooks"},
        {"stripe_webhook_url": "file:///etc/passwd"},
        {"stripe_webhook_url": "http://[::1"},
        {"stripe_webhook_url": "http://169.254.169.254/latest"},
        {"daraja_callback_delay_ms": -1},
        {"stripe_api_key": "sk_live_1"},
    ],
)
def test_a_target_off_this_machine_or_a_bad_setting_is_refused(sandbox, change):
    before = sandbox.get("/_control/config").json()
    assert sandbox.post("/_control/config", json=change).status_code == 422
    assert sandbox.get("/_control/config").json() == before


def test_a_foreign_host_name_does_not_reach_the_knobs(sandbox):
    answer = sandbox.post("/_control/reset", headers={"Host": "attacker.example"})
    assert answer.status_code == 400


def test_reset_forgets_faults_deliveries_state_and_moved_time_but_no_setting(sandbox, fault):
    sandbox.post(
        "/_control/config", json={"stripe_webhook_url": "http://127.0.0.1:9/x"}
    ).raise_for_status()
    fault("stripe", "webhook", "late")
    sandbox.post("/_control/clock", json={"advance_seconds": 999_999}).raise_for_status()
    assert sandbox.post("/_control/reset").json() == {"reset": True}
    assert sandbox.get("/_control/faults").json() == {"faults": []}
    assert sandbox.get("/_control/deliveries").json() == {"deliveries": []}
    assert business_time(sandbox).isoformat().startswith("2026-03-02T15:30:")
    kept = sandbox.get("/_control/config").json()["stripe_webhook_url"]
    assert kept == "http://127.0.0.1:9/x"
