"""Money in suspense: credited to whose it is, or sent back, once, large sums by two people."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.sweep_pending.routes import route_of
from shared.cases.model import CaseStatus
from shared.kernel.clock import to_text
from shared.kernel.errors import IdempotencyKeyReused, NotFound
from shared.kernel.ids import Kind, is_id
from shared.kernel.money import Currency, Money
from shared.payments.errors import RateUnavailable
from shared.payments.making import new_deposit
from shared.payments.methods import Gateway, Method
from shared.payments.model import DepositStatus
from shared.payments.ports import Paid
from shared.payments.readings import StoredPeople, StoredRates
from shared.payments.reasons import Reason
from shared.payments.suspended import SuspendedPayments
from shared.payouts.making import surplus_id
from shared.payouts.store import PayoutStore
from shared.platform.idempotency import IdempotencyKeys
from shared.platform.outbox import SHARDS, OutboxRow
from shared.platform.tables import Put, Row, Table
from shared.treasury.crediting import Crediting
from shared.treasury.errors import (
    ClaimedByBank,
    MayNotBeCredited,
    PaidForAnother,
    SecondPersonNeeded,
    SuspenseDecided,
)
from shared.treasury.suspending import Suspending
from shared.treasury.suspense import DecisionStatus, Way
from shared.treasury.suspense_store import SuspenseStore
from tests.payments.menu import RECEIPT, Crash, Menu

OF = (Gateway.MPESA, RECEIPT)
WHY = "The payer showed the receipt."
CLEARING, SUSPENSE = ("house:gateway_clearing:mpesa:KES", "KES/2"), ("house:suspense", "KES/2")


class NoteRow(Row):
    KIND = "note"


class Bank:
    """A payer's bank that claims payments."""

    def __init__(self) -> None:
        self.claimed: set[str] = set()

    def against(self, user_id: str, deposit_id: str, payment: str) -> bool:
        assert is_id(user_id, Kind.USER)
        assert is_id(deposit_id, Kind.DEPOSIT)
        return payment in self.claimed


class Desk(Menu):
    """The menu's world, with the staff who look at what is nobody's."""

    def __init__(self) -> None:
        super().__init__()
        self.notes = 0
        self.disputes = Bank()
        self.decisions = SuspenseStore(self.database)
        suspended = SuspendedPayments(self.database)
        rates = StoredRates(self.database, self.clock)
        self.suspending = Suspending(
            suspended=suspended,
            decisions=self.decisions,
            deposits=self.deposits,
            people=StoredPeople(self.database),
            rates=rates,
            purses=self.ledger,
            transfers=PayoutStore(self.database),
            claims=self.disputes,
            cases=self.cases,
            keys=IdempotencyKeys(self.database),
            facts=self.facts,
            clock=self.clock,
            alone_minor={Currency.KES: 1_300_000, Currency.USD: 10_000},
            pause=lambda _: None,
        )
        self.crediting = Crediting(
            suspended=suspended,
            decisions=self.decisions,
            deposits=self.deposits,
            ledger=self.ledger,
            rates=rates,
            claims=self.disputes,
            people=StoredPeople(self.database),
            cases=self.cases,
            facts=self.facts,
            clock=self.clock,
            ids=self.ids,
            pause=lambda _: None,
        )

    def lost(self, minor: int = 1_300_000) -> None:
        """Money with an account number that nobody has."""
        money = Money(minor, Currency.KES)
        self.paybill.confirmed(self.notice(account="CHAMA", amount=money))
        self.answer(minor)

    def note(self, *_: Any) -> list[Any]:
        self.notes += 1
        return [Put.new("note", NoteRow(pk=f"NOTE#{self.notes}", sk="N"))]

    def propose(self, way=Way.MATCH, by="usr_a", key="key-1", of=OF, user_id=None):
        whose = (user_id or self.user_id) if way is Way.MATCH else None
        return self.suspending.propose(by, key, of, whose, WHY, self.note)

    def decide(self, agreed=True, by="usr_b"):
        return self.suspending.decide(by, OF, agreed, self.note)

    def credited(self) -> int:
        return self.ledger.wallet(self.user_id, Currency.USD).posted

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        rows = [
            row
            for shard in range(SHARDS)
            for row in self.database.query(Table.OUTBOX, f"OUTBOX#{shard}", "0", "~").rows(
                OutboxRow
            )
        ]
        wanted = ("treasury.", "payments.")
        return [
            (row.type, json.loads(row.envelope)["data"])
            for row in rows
            if row.type.startswith(wanted)
        ]

    def notes_kept(self) -> int:
        return sum(
            self.database.get(NoteRow, f"NOTE#{number}", "N") is not None
            for number in range(1, self.notes + 1)
        )


@pytest.fixture
def desk() -> Desk:
    return Desk()


def stripe_deposit(desk: Desk, paid: int = 9_900, user_id: str | None = None):
    """A deposit of 100 dollars for which another amount came."""
    deposit = new_deposit(
        user_id=user_id or desk.user_id,
        deposit_id=desk.ids.new(Kind.DEPOSIT),
        gateway=Gateway.STRIPE,
        amount=Money(10_000, Currency.USD),
        quote=None,
    ).started("cs_1", desk.clock.now(), redirect_url="https://pay.example")
    desk.facts.commit([desk.deposits.create(deposit)])
    wallet = desk.ledger.wallet(deposit.user_id, Currency.USD)
    came = Paid("pi_1", Money(paid, Currency.USD))
    desk.settlement.settling.other_amount(deposit, deposit, wallet, Gateway.STRIPE, came)
    return deposit


def test_the_owner_is_credited_at_the_rate_of_now_once_and_the_deposit_goes_on(desk):
    desk.lost()
    assert desk.books() == {CLEARING: 1_300_000, SUSPENSE: -1_300_000}
    decision = desk.propose()
    assert (decision.status, decision.way, decision.user_id) == (
        DecisionStatus.AGREED,
        Way.MATCH,
        desk.user_id,
    )
    assert desk.credited() == 0
    for _ in range(3):
        desk.crediting.agreed(*OF)
    (deposit,) = desk.all()
    assert (deposit.status, deposit.method, deposit.payment, deposit.receipt) == (
        DepositStatus.SETTLED,
        Method.PAYBILL,
        RECEIPT,
        RECEIPT,
    )
    wallet = desk.ledger.wallet(desk.user_id, Currency.USD)
    assert (wallet.posted, wallet.held) == (9860, 9860)
    assert desk.books() == {
        CLEARING: 1_300_000,
        ("house:fx_position", "KES/2"): -1_300_000,
        ("house:fx_position", "USD/2"): 9860,
        (f"customer:{desk.user_id}:cash", "USD/2"): -9860,
    }
    (entry,) = desk.ledger.entries(desk.user_id, Currency.USD).entries
    assert entry.entry.draft.kind.value == "SUSPENSE_MATCHED"
    assert entry.entry.draft.memo["rate"] == "0.0075845"
    done = desk.decisions.get(*OF)
    assert (done.status, done.result, done.due) == (
        DecisionStatus.DONE,
        deposit.deposit_id,
        None,
    )
    assert [kind for kind, _ in desk.told()].count("payments.deposit_settled.v1") == 1


def test_its_case_is_closed_with_the_words_of_who_decided_and_the_record_is_kept(desk):
    desk.lost()
    desk.propose()
    assert len(desk.cases.listed(CaseStatus.OPEN)) == 1
    desk.crediting.agreed(*OF)
    (case,) = desk.cases.listed(CaseStatus.RESOLVED)
    assert (case.kind.value, case.note, case.resolved_by) == ("UNMATCHED_MONEY", WHY, "usr_a")
    assert not desk.cases.listed(CaseStatus.OPEN)
    assert desk.notes_kept() == 1


def test_it_goes_back_by_a_payout_of_nobody_that_has_one_identity(desk):
    desk.lost()
    decision = desk.propose(Way.RETURN)
    (told,) = [data for kind, data in desk.told() if kind == "payments.surplus_received.v1"]
    assert is_id(told["user_id"], Kind.USER)
    assert told["user_id"] != desk.user_id
    assert (told["gateway"], told["payment"], told["currency"], told["amount_minor"]) == (
        "MPESA",
        RECEIPT,
        "KES",
        1_300_000,
    )
    payout = surplus_id(told["deposit_id"], Gateway.MPESA, RECEIPT)
    assert (decision.status, decision.result) == (DecisionStatus.DONE, payout)
    assert desk.ledger.wallet(told["user_id"], Currency.USD).posted == 0
    desk.crediting.agreed(*OF)
    assert (desk.credited(), desk.all()) == (0, [])


def test_a_payment_for_a_deposit_goes_back_in_its_owners_name(desk):
    deposit = stripe_deposit(desk)
    desk.propose(Way.RETURN, of=(Gateway.STRIPE, "pi_1"))
    (told,) = [data for kind, data in desk.told() if kind == "payments.surplus_received.v1"]
    assert (told["user_id"], told["deposit_id"]) == (desk.user_id, deposit.deposit_id)
    ended = desk.deposits.get(desk.user_id, deposit.deposit_id)
    assert (ended.status, ended.reason, ended.review) == (
        DepositStatus.FAILED,
        Reason.SENT_BACK,
        False,
    )


@pytest.mark.parametrize("paid", [9_900, 10_000 - 1, 1])
def test_another_amount_settles_its_own_deposit_with_what_came(desk, paid):
    deposit, of = stripe_deposit(desk, paid), (Gateway.STRIPE, "pi_1")
    desk.propose(of=of)
    desk.crediting.agreed(*of)
    (after,) = desk.all()
    assert (after.deposit_id, after.status, after.amount.minor, after.credited.minor) == (
        deposit.deposit_id,
        DepositStatus.SETTLED,
        paid,
        paid,
    )
    assert (after.review, after.reason, after.payment) == (False, None, "pi_1")
    assert desk.credited() == paid
    assert not desk.cases.listed(CaseStatus.OPEN)


@pytest.mark.parametrize("way", list(Way))
@pytest.mark.parametrize("second", list(Way))
def test_what_is_decided_is_not_decided_again_in_either_way(desk, way, second):
    desk.lost()
    first = desk.propose(way)
    with pytest.raises(SuspenseDecided):
        desk.propose(second, key="key-2", by="usr_c")
    desk.crediting.agreed(*OF)
    with pytest.raises(SuspenseDecided):
        desk.propose(second, key="key-3")
    told = [kind for kind, _ in desk.told()]
    assert told.count("payments.surplus_received.v1") == (way is Way.RETURN)
    assert desk.credited() == (9860 if way is Way.MATCH else 0)
    assert desk.decisions.get(*OF).way is first.way
    assert desk.notes_kept() == 1


def test_the_same_key_is_the_same_decision_and_never_another_one(desk):
    desk.lost()
    first = desk.propose()
    assert desk.propose() == first
    with pytest.raises(IdempotencyKeyReused):
        desk.suspending.propose("usr_a", "key-1", OF, desk.user_id, WHY + " Twice.", desk.note)
    assert desk.notes_kept() == 1


@pytest.mark.parametrize("way", list(Way))
def test_a_large_sum_takes_somebody_else(desk, way):
    desk.lost(1_300_001)
    assert desk.propose(way).status is DecisionStatus.PROPOSED
    desk.crediting.agreed(*OF)
    with pytest.raises(SecondPersonNeeded):
        desk.decide(by="usr_a")
    assert (desk.all(), desk.credited()) == ([], 0)
    assert [kind for kind, _ in desk.told() if "surplus" in kind or "match" in kind] == []
    assert len(desk.cases.listed(CaseStatus.OPEN)) == 1
    agreed = desk.decide()
    assert desk.decide() == agreed
    with pytest.raises(SuspenseDecided):
        desk.decide(agreed=False)
    desk.crediting.agreed(*OF)
    assert desk.decisions.get(*OF).status is DecisionStatus.DONE
    assert len(desk.all()) == (way is Way.MATCH)
    (case,) = desk.cases.listed(CaseStatus.RESOLVED)
    assert case.resolved_by == "usr_b"
    assert desk.notes_kept() == 2


def test_what_somebody_did_not_agree_to_may_be_decided_anew(desk):
    desk.lost(1_300_001)
    desk.propose(Way.RETURN)
    rejected = desk.decide(agreed=False)
    assert (rejected.status, rejected.decided_by) == (DecisionStatus.REJECTED, "usr_b")
    assert len(desk.cases.listed(CaseStatus.OPEN)) == 1
    anew = desk.propose(key="key-2", by="usr_b")
    assert (anew.status, anew.way) == (DecisionStatus.PROPOSED, Way.MATCH)
    desk.decide(by="usr_a")
    desk.crediting.agreed(*OF)
    assert len(desk.all()) == 1
    assert [kind for kind, _ in desk.told()].count("payments.surplus_received.v1") == 0


def test_what_was_paid_for_a_deposit_is_credited_to_nobody_else(desk):
    stripe_deposit(desk)
    other = desk.ids.new(Kind.USER)
    desk.person(other)
    of = (Gateway.STRIPE, "pi_1")
    with pytest.raises(PaidForAnother):
        desk.propose(of=of, user_id=other)
    assert desk.decisions.get(*of) is None


@pytest.mark.parametrize("way", list(Way))
def test_what_the_payers_bank_claims_is_neither_credited_nor_sent_back(desk, way):
    stripe_deposit(desk)
    desk.disputes.claimed.add("pi_1")
    of = (Gateway.STRIPE, "pi_1")
    with pytest.raises(ClaimedByBank):
        desk.propose(way, of=of)
    assert desk.decisions.get(*of) is None
    desk.disputes.claimed.clear()
    assert desk.propose(way, of=of).status is not DecisionStatus.PROPOSED


def test_a_bank_that_is_faster_than_the_worker_stops_it_and_it_may_be_decided_anew(desk):
    stripe_deposit(desk)
    of = (Gateway.STRIPE, "pi_1")
    desk.propose(of=of)
    desk.disputes.claimed.add("pi_1")
    desk.crediting.agreed(*of)
    desk.crediting.agreed(*of)
    assert (desk.credited(), desk.decisions.get(*of).status) == (0, DecisionStatus.REJECTED)
    desk.disputes.claimed.clear()
    desk.propose(of=of, key="key-2")
    desk.crediting.agreed(*of)
    assert desk.credited() == 9_900


def test_who_may_not_pay_in_is_not_credited_and_nobody_unknown(desk):
    desk.lost()
    desk.person(kyc_status="REJECTED")
    with pytest.raises(MayNotBeCredited):
        desk.propose()
    desk.person(broker_status="REJECTED")
    with pytest.raises(MayNotBeCredited):
        desk.propose()
    with pytest.raises(NotFound):
        desk.propose(user_id=desk.ids.new(Kind.USER))
    assert desk.decisions.get(*OF) is None
    assert len(desk.cases.listed(CaseStatus.OPEN)) == 1


def test_a_deposit_that_another_payment_settled_is_not_settled_again(desk):
    deposit = stripe_deposit(desk)
    held = desk.deposits.get(desk.user_id, deposit.deposit_id)
    settled = held.reviewed().settled(desk.clock.now(), payment="pi_2")
    desk.facts.commit([desk.deposits.save(held, replace(settled, version=held.version + 1))])
    with pytest.raises(MayNotBeCredited):
        desk.propose(of=(Gateway.STRIPE, "pi_1"))


@pytest.mark.parametrize("of", [(Gateway.MPESA, "NOSUCH"), (Gateway.STRIPE, RECEIPT)])
def test_what_is_not_in_suspense_is_not_found(desk, of):
    desk.lost()
    with pytest.raises(NotFound):
        desk.propose(of=of)


def test_a_payment_that_was_credited_as_usual_is_not_found(desk):
    desk.paybill.confirmed(desk.notice())
    desk.answer()
    with pytest.raises(NotFound):
        desk.propose()
    assert desk.credited() == 9860


def test_without_a_rate_it_waits(desk):
    desk.lost()
    agreed = desk.propose()
    desk.clock.advance(timedelta(days=60))
    late = replace(agreed, proposed_at=desk.clock.now(), version=agreed.version + 1)
    desk.facts.commit([desk.decisions.save(agreed, late)])
    with pytest.raises(RateUnavailable):
        desk.crediting.agreed(*OF)
    assert (desk.credited(), desk.decisions.get(*OF).status) == (0, DecisionStatus.AGREED)
    desk.rate()
    desk.crediting.agreed(*OF)
    assert desk.credited() == 9860


@pytest.mark.parametrize("way", list(Way))
@pytest.mark.parametrize("step", ["before", "after"])
def test_a_crash_anywhere_credits_or_returns_once(desk, way, step):
    desk.lost()
    for act in (lambda: desk.propose(way), lambda: desk.crediting.agreed(*OF)):
        desk.facts.script = [step]
        with suppress(Crash):
            act()
        desk.facts.script = []
        act()
    told = [kind for kind, _ in desk.told()]
    assert told.count("payments.surplus_received.v1") == (way is Way.RETURN)
    assert len(desk.all()) == (way is Way.MATCH)
    assert desk.credited() == (9860 if way is Way.MATCH else 0)


def test_the_sweep_finds_a_match_whose_event_was_lost(desk):
    desk.lost()
    desk.propose()
    due = to_text(desk.clock.now() + timedelta(minutes=5))
    waiting = [item for n in range(16) for item in desk.database.pending(n, due, 5).items]
    (item,) = [item for item in waiting if item.kind == "suspense"]
    route = route_of(item)
    assert (route.queue, route.check) == ("payment-signals", "suspense")
    assert route.subject(item) == {"gateway": "MPESA", "payment": RECEIPT}
    desk.crediting.agreed(*OF)
    waiting = [item for n in range(16) for item in desk.database.pending(n, due, 5).items]
    assert [item for item in waiting if item.kind == "suspense"] == []
