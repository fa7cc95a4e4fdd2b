"""The worker of the treasury: entries, ticks and ending days, and nothing else."""

import importlib
from datetime import UTC, date, datetime
from typing import Any

import pytest
from moto import mock_aws

from shared.kernel.events import Envelope
from shared.kernel.money import Currency
from shared.ledger.events import EntryPostedV1, Leg
from shared.payments.events import DepositFailedV1
from shared.platform.queues import CheckMessage, encode
from shared.treasury.events import MovementAgreedV1

ENVIRONMENT = {
    "CELL": "t1",
    "CORE_TABLE": "core",
    "JOURNAL_TABLE": "journal",
    "OUTBOX_TABLE": "outbox",
    "MARKET_TABLE": "market",
    "TREASURY_QUEUE": "http://127.0.0.1:9/1/treasury",
    "STRIPE_SECRET": "stripe",
    "STRIPE_BASE_URL": "http://127.0.0.1:9/stripe",
    "PREFUND_EXPOSURE_LIMIT_MINOR": "5000000",
    "FIRM_FLOAT_MINOR": "100",
    "FX_POSITION_LIMITS": '{"KES": 7}',
}
ENTRY = EntryPostedV1(
    owner_id="house_t1",
    chain="USD",
    seq=7,
    kind="PREFUNDED",
    reference="wire",
    at=datetime(2026, 3, 2, 15, 30, tzinfo=UTC),
    legs=(
        Leg(account="house:firm_cash_at_broker", asset="USD/2", amount=5),
        Leg(account="house:bank:USD", asset="USD/2", amount=-5),
    ),
    memo={"statement": "line 3"},
)


class Calls:
    """Stands in for a use case and remembers what it was asked."""

    def __init__(self) -> None:
        self.seen: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *args: self.seen.append((name, *args))


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The handler's module, its use cases replaced by one list of calls."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        module = importlib.reload(importlib.import_module("functions.keep_treasury.handler"))
        module.calls = Calls()
        for name in ("keeping", "limits", "books", "gateway_payouts", "posting", "queue"):
            monkeypatch.setattr(module, name, module.calls)
        monkeypatch.setattr("shared.platform.worker._set_visibility", lambda record: None)
        yield module


def deliver(module: Any, *bodies: str) -> dict[str, Any]:
    records = [
        {"messageId": str(number), "body": body, "attributes": {}}
        for number, body in enumerate(bodies)
    ]
    answer: dict[str, Any] = module.handler({"Records": records}, None)
    return answer


def body_of(event: Any) -> str:
    envelope = Envelope.seal(event, id="evt", at=ENTRY.at, correlation_id="c")
    return f'{{"source": "baobab", "detail": {envelope.model_dump_json()}}}'


def test_an_entry_arrives_as_it_was_posted(module: Any) -> None:
    assert deliver(module, body_of(ENTRY)) == {"batchItemFailures": []}
    assert module.calls.seen == [("posted", ENTRY)]


def test_a_tick_looks_at_the_limits_and_at_the_day(module: Any) -> None:
    deliver(module, encode(CheckMessage("treasury", {})))
    assert module.calls.seen == [
        ("send", CheckMessage("gateway_payouts", {})),
        ("watch",),
        ("tick",),
    ]


def test_what_gateways_pay_out_is_looked_at(module: Any) -> None:
    deliver(module, encode(CheckMessage("gateway_payouts", {})))
    assert module.calls.seen == [("look",)]


def test_an_account_closes_its_day(module: Any) -> None:
    subject = {"account": "house:bank:USD", "asset": "USD/2", "day": "2026-03-02"}
    deliver(module, encode(CheckMessage("treasury_close", subject)))
    assert module.calls.seen == [("close", "house:bank:USD", "USD/2", date(2026, 3, 2))]


def test_what_was_agreed_is_booked(module: Any) -> None:
    deliver(
        module,
        body_of(MovementAgreedV1(movement_id="mov_1")),
        encode(CheckMessage("movement", {"movement_id": "mov_2"})),
    )
    assert module.calls.seen == [("agreed", "mov_1"), ("agreed", "mov_2")]


def test_what_is_not_for_it_goes_to_the_dead_letters(module: Any) -> None:
    other = DepositFailedV1(user_id="u", deposit_id="d", gateway="STRIPE", reason="DECLINED")
    answer = deliver(module, body_of(other), encode(CheckMessage("payment", {})), "{}")
    assert [one["itemIdentifier"] for one in answer["batchItemFailures"]] == ["0", "1", "2"]
    assert module.calls.seen == []


def test_its_limits_are_those_of_its_settings(module: Any) -> None:
    module = importlib.reload(module)
    assert module.limits.settings.prefund_exposure_minor == 5_000_000
    assert module.limits.settings.firm_float_minor == 100
    assert module.limits.settings.fx_position_minor == {Currency.KES: 7}
