"""monitor_money: events of desks become movements, with what their rows and profiles tell."""

import importlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from moto import mock_aws

from shared.cases.model import CaseKind, CaseStatus
from shared.cases.store import CaseStore
from shared.kernel.clock import FixedClock
from shared.kernel.events import Envelope
from shared.kernel.ids import Kind, SequentialIds
from shared.kernel.money import Currency, Money
from shared.ledger.model import Wallet
from shared.ledger.store import WalletRow
from shared.money_monitoring.hearing import LISTENS_TO
from shared.money_monitoring.readings import StoredMovements
from shared.money_monitoring.store import AlertStore, WindowStore
from shared.money_monitoring.table import rule_table
from shared.money_monitoring.watching import Watch
from shared.money_monitoring.window import Payer
from shared.payments.events import DepositSettledV1
from shared.payments.methods import Gateway, Method
from shared.payments.model import Deposit
from shared.payments.states import DepositStatus
from shared.payments.store import DepositStore
from shared.payouts.events import PayoutReleasedV1, PayoutReturnedV1
from shared.payouts.everything import Everything
from shared.payouts.model import Payout, PayoutStatus, Purpose, Rail
from shared.payouts.store import PayoutStore
from shared.platform import keys
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.personal import MemoryPersonalData
from shared.platform.queues import CheckMessage, EventMessage
from shared.platform.tables import Put
from shared.users.store import ProfileRow
from shared.withdrawals.events import PayoutAccountAddedV1, WithdrawalRequestedV1
from shared.withdrawals.model import AccountKind, PayoutAccount
from shared.withdrawals.rows import account_row
from tests.functions.investing_workers import batch

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
USD = Currency.USD
ENVIRONMENT = {
    "CELL": "t1",
    "CORE_TABLE": "core",
    "JOURNAL_TABLE": "journal",
    "OUTBOX_TABLE": "outbox",
    "PERSONAL_DATA_KEY": "arn:aws:kms:us-east-1:000000000000:key/1",
    "AWS_DEFAULT_REGION": "us-east-1",
}


class World:
    """A person with rows of their own, and the function over them."""

    def __init__(self, handler, monkeypatch):
        self.handler, self.database, self.clock = handler, MemoryDatabase(), FixedClock(NOW)
        self.ids = SequentialIds("t1", self.clock)
        self.facts = Facts(self.database, self.clock, self.ids)
        self.user_id = self.ids.new(Kind.USER)
        self.personal = MemoryPersonalData()
        self.windows, self.alerts = WindowStore(self.database), AlertStore(self.database)
        self.cases = CaseStore(self.database)
        watch = Watch(
            movements=StoredMovements(self.database, self.personal),
            windows=self.windows,
            alerts=self.alerts,
            cases=self.cases,
            facts=self.facts,
            clock=self.clock,
            table=rule_table(),
        )
        monkeypatch.setattr(handler, "watch", watch)

    def profile(self, **data: str) -> None:
        sealed = self.personal.seal({"email": "a@example.com", **data}, subject=self.user_id)
        row = ProfileRow(
            pk=keys.user(self.user_id),
            sk=keys.PROFILE,
            status="ACTIVE",
            language="en",
            kyc_status="APPROVED",
            wrapped_key=sealed.wrapped_key,
            personal=sealed.ciphertext,
        )
        self.facts.commit([Put("profile", row)])

    def deposit(self, minor: int, pushed_to: str | None = None) -> str:
        deposit = Deposit(
            user_id=self.user_id,
            deposit_id=self.ids.new(Kind.DEPOSIT),
            gateway=Gateway.MPESA,
            method=Method.MPESA,
            amount=Money(minor, USD),
            credited=Money(minor, USD),
            status=DepositStatus.SETTLED,
            lapses_at=NOW,
            settled_at=self.clock.now(),
            pushed_to=pushed_to,
        )
        self.facts.commit([DepositStore(self.database).create(deposit)])
        self.tell(
            DepositSettledV1(
                user_id=self.user_id,
                deposit_id=deposit.deposit_id,
                gateway="MPESA",
                currency="USD",
                amount_minor=minor,
                credited_currency="USD",
                credited_minor=minor,
            )
        )
        return deposit.deposit_id

    def account(self, country: str | None = None) -> str:
        account = PayoutAccount(
            user_id=self.user_id,
            account_id=self.ids.new(Kind.PAYOUT_ACCOUNT),
            kind=AccountKind.BANK,
            currency=USD,
            shown_as="**** 3000",
            fingerprint="f",
            usable_at=NOW,
            sealed=b"s",
            country=country,
        )
        self.facts.commit([Put("account", account_row(account))])
        self.tell(
            PayoutAccountAddedV1(
                user_id=self.user_id,
                account_id=account.account_id,
                kind="BANK",
                usable_at=NOW,
            )
        )
        return account.account_id

    def withdrawal(self, minor: int, account_id: str, **more: Any) -> str:
        payout = Payout(
            user_id=self.user_id,
            payout_id=self.ids.new(Kind.PAYOUT),
            purpose=Purpose.WITHDRAWAL,
            rail=Rail.STRIPE_PAYOUT,
            debited=Money(minor, USD),
            amount=Money(minor, USD),
            status=PayoutStatus.IN_REVIEW,
            account_id=account_id,
            **more,
        )
        self.facts.commit([PayoutStore(self.database).create(payout)])
        self.tell(
            WithdrawalRequestedV1(
                user_id=self.user_id,
                payout_id=payout.payout_id,
                debited_minor=minor,
                currency="USD",
                amount_minor=minor,
            )
        )
        return payout.payout_id

    def tell(self, event, times: int = 2) -> None:
        """Delivered twice: a duplicate is success."""
        sealed = Envelope.seal(
            event, id=self.ids.new(Kind.EVENT), at=self.clock.now(), correlation_id="c"
        )
        for _ in range(times):
            self.handler.handle(EventMessage(sealed))

    def names(self) -> list[str]:
        listed = self.alerts.page(waiting=True, limit=20).entries
        return sorted(one.rule.value for _, one in listed)


@pytest.fixture
def world(monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        handler = importlib.import_module("functions.monitor_money.handler")
    return World(handler, monkeypatch)


def test_deposits_just_below_the_threshold_reach_staff_once(world):
    for _ in range(3):
        world.deposit(900_000)
        world.clock.advance(timedelta(hours=30))
    assert world.names() == ["STRUCTURING"]
    (case,) = world.cases.listed(CaseStatus.OPEN)
    assert (case.kind, case.user_id) == (CaseKind.MONEY_ALERT, world.user_id)


def test_what_is_told_of_people_decides_and_is_kept_nowhere(world):
    world.profile(phone="+254712345678", country="PRK", nationality="KEN")
    world.deposit(60_000, "2547*****678")
    world.deposit(60_000, "2547*****999")
    window = world.windows.get(world.user_id)
    assert [one.payer for one in window.movements] == [Payer.OWN, Payer.OTHER]
    assert {one.countries for one in window.movements} == {frozenset({"RESIDENCE"})}
    assert world.names() == ["COUNTRY", "THIRD_PARTY_PAYER"]
    assert "PRK" not in repr(window)


def test_what_comes_is_held_against_the_income_that_the_person_declares(world):
    world.profile(annual_income="UP_TO_10000")
    world.deposit(500_000)
    assert world.names() == []
    world.deposit(1)
    assert world.names() == ["VELOCITY"]
    alert = world.alerts.get(f"{world.user_id}.VELOCITY.1")
    assert alert.numbers == {"period": "DAY", "income": "DECLARED", "limit_percent": "50"}


def test_what_came_and_leaves_to_a_new_account_is_told_with_its_numbers(world):
    world.deposit(100_000)
    world.clock.advance(timedelta(hours=1))
    account = world.account("DEU")
    world.facts.commit([_wallet(world, 8_000)])
    world.withdrawal(92_000, account)
    assert world.names() == ["IN_AND_OUT", "NEW_ACCOUNT_FULL_OUT"]
    alert = world.alerts.get(f"{world.user_id}.NEW_ACCOUNT_FULL_OUT.1")
    assert alert.numbers == {"left_minor": "8000", "account_hours": "0"}
    flow = world.alerts.get(f"{world.user_id}.IN_AND_OUT.1")
    assert flow.numbers == {"in_minor": "100000", "out_minor": "92000", "bought_minor": "0"}


@pytest.mark.parametrize(("goal_id", "left"), [("", "0"), ("gol_t1_1", None)])
def test_everything_leaves_nothing_and_a_goals_leaves_the_rest(world, goal_id, left):
    account = world.account("DEU")
    world.facts.commit([_wallet(world, 50_000)])
    everything = Everything(world.clock.now().date())
    world.withdrawal(60_000, account, everything=everything, goal_id=goal_id)
    alert = world.alerts.get(f"{world.user_id}.NEW_ACCOUNT_FULL_OUT.1")
    assert (None if alert is None else alert.numbers["left_minor"]) == left


def _wallet(world, posted: int):
    row = WalletRow(
        pk=keys.user(world.user_id),
        sk=keys.wallet(USD),
        currency=USD.value,
        posted=posted,
        available=posted,
        held=0,
        seq=0,
        head=Wallet(world.user_id, USD).head,
    )
    return Put("wallet", row)


@pytest.mark.parametrize("undone", [PayoutReleasedV1, PayoutReturnedV1])
def test_what_was_undone_is_no_withdrawal_and_a_refund_is_none_of_ours(world, undone):
    given = {"user_id": world.user_id, "payout_id": world.ids.new(Kind.PAYOUT)}
    more = {"reason": "NOT_PAID", "currency": "USD", "amount_minor": 1, "status": "RETURNED"}
    fields = {name: more[name] for name in more if name in undone.model_fields}
    world.tell(undone(**given, **fields, purpose="REFUND", debited_minor=5))
    assert world.windows.get(world.user_id).version == 0
    world.tell(undone(**given, **fields, purpose="WITHDRAWAL", debited_minor=5))
    (one,) = world.windows.get(world.user_id).movements
    assert (one.void, one.minor) == (True, 5)


def test_the_rule_of_the_bus_brings_exactly_what_is_listened_to():
    functions = importlib.import_module("infra.functions_of_monitoring")
    assert functions.MONITORING_WORKERS[0].trigger.events == LISTENS_TO


def test_what_is_no_event_of_ours_goes_to_the_dead_letters(world, monkeypatch):
    with pytest.raises(TypeError, match="monitor_money takes events"):
        world.handler.handle(CheckMessage("treasury", {}))
    hidden = []
    worker = importlib.import_module("shared.platform.worker")
    monkeypatch.setattr(worker, "_set_visibility", hidden.append)
    answer = world.handler.handler(batch(CheckMessage("treasury", {})), None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert len(hidden) == 1
